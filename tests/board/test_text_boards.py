"""One suite for the port of text boards, over every dialect and its simulated sign: what is encoded is read, on any board."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import DeviceBroken, DeviceMissing
from devices.text_board import Look, TextBoard
from devices.text_dialects import DIALECTS
from devices.udp_line import open_udp
from firmware.config import StripConfig
from hallware.simulated import Simulation
from hardware_sim.bench_sign import SimulatedStrip
from hardware_sim.sign import Sign
from tests.board.strips import CARD, node_of, strip_config
from tests.runtime.waiting import until

WORDED = sorted(set(DIALECTS) - {"digits", "digits-colour"})


def pair(config: StripConfig) -> tuple[TextBoard, Sign]:
    """A driver and the sign that it is for."""
    board = TextBoard(
        config.dialect, config.wire, config.first, columns=config.cells, stacked=config.stacked, missing=lambda character: None
    )
    return board, Sign(config.dialect, config.first, columns=config.cells, rows=config.rows, stacked=config.stacked)


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("dialect", WORDED)
@given(text=st.text(st.characters(codec="gbk") | st.characters(), max_size=40), row=st.integers(0, 3))
def test_what_is_encoded_is_read(dialect: str, stacked: bool, text: str, row: int) -> None:
    board, sign = pair(strip_config(dialect, rows=4, columns=100, stacked=stacked and DIALECTS[dialect].stacks))
    sign.hear(board.frame(row, Look(text)), 1.0)
    expected = board.characters.encode(text).decode("gbk").rstrip()
    assert sign.texts() == [expected if here == row else "" for here in range(4)]
    assert sign.counts["taken"] == 1
    assert len(sign.counts) == 1


@pytest.mark.parametrize("dialect", ["digits", "digits-colour"])
@given(number=st.integers(0, 9999), columns=st.integers(3, 5))
def test_a_number_is_read_or_shown_as_none_and_never_cut(dialect: str, number: int, columns: int) -> None:
    board, sign = pair(strip_config(dialect, columns=columns))
    sign.hear(board.frame(0, Look(f"A{number:03d}")), 1.0)
    assert sign.texts() == [f"{number:0{columns}d}" if number < 10**columns else "-" * columns]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(cuts=st.lists(st.integers(0, 60), max_size=6), before=st.binary(max_size=6))
def test_a_frame_is_read_however_it_is_cut_and_whatever_noise_came_long_before(
    dialect: str, cuts: list[int], before: bytes
) -> None:
    board, sign = pair(strip_config(dialect))
    sign.hear(before, 1.0)
    frame, now = board.frame(0, Look("A012")), 2.0
    edges = [0, *sorted(cuts), len(frame)] if dialect != "udp-card" else [0, len(frame)]
    for begin, end in pairwise(edges):
        if frame[begin:end]:
            sign.hear(frame[begin:end], now)
            now += 0.005
    assert sign.texts()[0] in ("A012", "012")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_frames_reach_the_sign_through_its_wire(dialect: str) -> None:
    config = strip_config(dialect)
    async with Simulation(node_of(config)) as simulation:
        board, _ = pair(config)
        async with board.line(simulation.wires) as line:
            await line.send(board.frame(0, Look("A012")))
        strip = simulation.bench.peripherals["board-1"]
        assert isinstance(strip, SimulatedStrip)
        await until(lambda: strip.sign.counts["taken"] == 1)
        assert strip.view()["rows"][0]["text"].endswith("012")


async def test_zones_of_one_card_are_told_apart() -> None:
    zones = [strip_config("udp-card", id=f"zone-{zone}", address=zone) for zone in (0, 5)]
    async with Simulation(node_of(*zones)) as simulation:
        board = TextBoard("udp-card", CARD, 5, columns=16, missing=print)
        async with board.line(simulation.wires) as line:
            await line.send(board.frame(0, Look("请到窗口")))
        fifth = simulation.bench.peripherals["zone-5"]
        await until(lambda: fifth.view()["rows"][0]["text"] == "请到窗口")
        assert simulation.bench.peripherals["zone-0"].view()["rows"][0]["text"] == ""


@pytest.mark.parametrize("wire", ["udp://no.such.host.invalid:8453", "udp://127.0.0.1:99999999", "tcp://1.2.3.4:8453"])
async def test_a_card_that_cannot_be_is_refused_in_words(wire: str) -> None:
    with pytest.raises((DeviceMissing, DeviceBroken), match=r"there is no host|is no text card"):
        async with open_udp(wire, wire, 0.0):
            raise AssertionError("opened")


async def test_a_card_that_has_gone_is_noticed_by_whoever_listens() -> None:
    async with open_udp("udp://card:8453", "udp://127.0.0.1:9", 0.0) as line:
        await line.send(b"hello")
        with pytest.raises(DeviceMissing, match=r"udp://card:8453: nobody takes the text there .*network cable"):
            await anext(line.received())


async def test_every_hand_of_a_sign_is_there_and_what_it_does_is_seen() -> None:
    for dialect, damage in (("strip-fe", {"hand": "kill_column", "x": 3}), ("digits", {"hand": "kill_segment", "segment": "0a"})):
        async with Simulation(node_of(strip_config(dialect))) as simulation:
            bench = simulation.bench
            hand = str(damage.pop("hand"))
            await bench.do("board-1", hand, **damage)
            for name in ("unplug", "block", "slow", "lose", "truncate", "garble"):
                await bench.do("board-1", name)
            shown = bench.view("board-1")
            assert shown["kind"] == "strip"
            assert {word.split()[0] for word in shown["faults"]} == {
                "unplug",
                "block",
                "slow",
                "lose",
                "truncate",
                "garble",
                "dead",
            }
            for name in ("plug", "unblock", "full_speed", "noise", "power_cut", "mend"):
                await bench.do("board-1", name)
            assert {word.split()[0] for word in bench.view("board-1")["faults"]} <= {"lose", "truncate", "garble"}
