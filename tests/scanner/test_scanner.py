"""One suite for both kinds of scanner: what is held before it, its answer on the lamps, every fault in words, and its healing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from contract.commands import Identify, PrintSlip, SelfTest
from contract.scanning import ScanReply, ScanRequest
from contract.topics import COMMAND, SCAN_REPLY
from contract.values import Text
from firmware.agents.scanner import build
from firmware.agents.scanner_rules import NOISY
from firmware.agents.stuck import HELD
from firmware.config import NodeConfig, NodeIdentity, ScannerConfig
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from tests.keys.running import command, running
from tests.keys.station import HeldStation

SCANNER = "scanner-1"
WIRES = {"keys": "/dev/input/by-id/usb-scanner-event-kbd", "serial": "/dev/serial/by-id/usb-scanner"}
TICKET = "0123456789abcdef"
LINK = f"https://hall.example/t/{TICKET}"


class Corner:
    """A scanner with hands, and its agent's station."""

    def __init__(self, bench: Bench, station: HeldStation) -> None:
        self.bench, self.station = bench, station

    async def do(self, hand: str, **given: object) -> None:
        """Move a hand."""
        await self.bench.do(SCANNER, hand, **given)

    @property
    def asked(self) -> list[ScanRequest]:
        """What the controller was asked."""
        return [each for each in self.station.said if isinstance(each, ScanRequest)]

    @property
    def lamps(self) -> str:
        """The lamps that are lit."""
        view = self.bench.view(SCANNER)
        return " ".join(lamp for lamp in ("green", "red") if view[lamp])

    def reply(self, outcome: Literal["found", "returned", "refused"]) -> None:
        """The controller answers the last question."""
        reply = ScanReply(request=self.asked[-1].id, outcome=outcome, what=Text(zh="答复", en="Answer"))
        self.station.tell(SCAN_REPLY, reply)

    async def until(self, seen: Any) -> None:
        """Wait until something is seen."""
        await self.station.until(seen)

    async def says(self, code: str) -> tuple[str, str, str]:
        """What staff read in both languages, and what they should touch, once the state has this code."""
        await self.until(lambda: self.station.code == code)
        _, _, what, touch = self.station.states[-1]
        return what.zh, what.en, touch.zh if touch else ""


@asynccontextmanager
async def a_scanner(data: Path, speaks: Literal["keys", "serial"], **settings: Any) -> AsyncIterator[Corner]:
    config = ScannerConfig(id=SCANNER, wire=WIRES[speaks], speaks=speaks, green=16, red=17, **settings)
    node = NodeConfig(node=NodeIdentity(id="node-1", hall="hall", data=data), device=(config,))
    station = HeldStation(SCANNER, data)
    async with Simulation(node) as simulation, running(build(config, simulation.wires, station)):
        await station.until(lambda: station.code == "ok")
        yield Corner(simulation.bench, station)


@pytest.fixture(params=WIRES)
def speaks(request: pytest.FixtureRequest) -> Literal["keys", "serial"]:
    """Both kinds."""
    kind: Literal["keys", "serial"] = request.param
    return kind


async def test_a_tickets_code_is_asked_for_and_a_good_answer_is_green(tmp_path: Path, speaks: Literal["keys", "serial"]) -> None:
    async with a_scanner(tmp_path, speaks, show=0.2, slip="kiosk-1") as corner:
        await corner.do("scan", code=LINK)
        await corner.until(lambda: corner.asked)
        (asked,) = corner.asked
        assert (asked.scanner, asked.kind, asked.code, asked.slip, asked.returns) == (SCANNER, "ticket", TICKET, "kiosk-1", True)
        assert asked.not_after > datetime.now(UTC)
        corner.reply("returned")
        await corner.until(lambda: corner.lamps == "green")
        assert corner.station.states[-1][2].en == "Answer"
        await corner.until(lambda: corner.lamps == "")
        await corner.until(lambda: corner.station.states[-1][2].en == "The scanner is ready")


async def test_what_it_was_answered_is_told_to_the_screen_beside_it(tmp_path: Path, speaks: Literal["keys", "serial"]) -> None:
    async with a_scanner(tmp_path, speaks) as corner:
        told = corner.station.hear_neighbours(ScanReply, SCANNER)
        heard = asyncio.ensure_future(anext(aiter(told)))
        await corner.do("scan", code=LINK)
        await corner.until(lambda: corner.asked)
        corner.reply("found")
        assert (await asyncio.wait_for(heard, 5)).request == corner.asked[0].id


async def test_a_refusal_is_red(tmp_path: Path, speaks: Literal["keys", "serial"]) -> None:
    async with a_scanner(tmp_path, speaks) as corner:
        await corner.do("scan", code="A012")
        await corner.until(lambda: corner.asked)
        corner.reply("refused")
        await corner.until(lambda: corner.lamps == "red")


async def test_an_identity_card_is_red_and_stands_in_no_message(tmp_path: Path, speaks: Literal["keys", "serial"]) -> None:
    async with a_scanner(tmp_path, speaks) as corner:
        await corner.do("scan", code="11010119900307425X")
        await corner.until(lambda: corner.lamps == "red")
        assert corner.station.counts == {"foreign-code": 1}
        assert corner.station.said == []


async def test_a_code_read_many_times_is_asked_for_once(tmp_path: Path, speaks: Literal["keys", "serial"]) -> None:
    async with a_scanner(tmp_path, speaks) as corner:
        await corner.do("scan_twice", code="A012", times=30)
        await corner.until(lambda: corner.station.counts["repeated-scan"] == 29)
        assert len(corner.asked) == 1


async def test_garbage_and_a_code_cut_off_are_counted_and_the_next_code_is_read(
    tmp_path: Path, speaks: Literal["keys", "serial"]
) -> None:
    async with a_scanner(tmp_path, speaks) as corner:
        await corner.do("scan", code="7" * 1500)
        await corner.until(lambda: corner.station.counts["too-long"] == 1)
        await corner.do("scan_cut", code="A01234567")
        await asyncio.sleep(0.6)  # a scanner's own silence: what is cut off is over then
        await corner.do("scan", code="A012")
        await corner.until(lambda: corner.asked)
        assert corner.asked[0].code == "A012"
        assert corner.station.counts["unfinished"] == 1


async def test_a_scanner_pulled_out_and_put_back_reads_again(tmp_path: Path, speaks: Literal["keys", "serial"]) -> None:
    async with a_scanner(tmp_path, speaks) as corner:
        await corner.do("unplug")
        assert await corner.says("scanner-unplugged") == ("扫码器未连接", "The scanner is unplugged", "将扫码器插回，检查线缆")
        corner.station.tell(COMMAND, command(SCANNER, SelfTest()))
        await corner.until(lambda: [answer.outcome for answer in corner.station.answers] == ["failed"])
        await corner.do("plug")
        await corner.says("ok")
        await corner.do("scan", code="A012")
        await corner.until(lambda: corner.asked)


async def test_a_controller_that_keeps_silent_is_said_until_it_answers(tmp_path: Path, speaks: Literal["keys", "serial"]) -> None:
    async with a_scanner(tmp_path, speaks, patience=0.1) as corner:
        await corner.do("scan", code="A012")
        assert await corner.says("no-answer") == (
            "扫码无人应答，控制器不在线", "Scans are not answered: the controller is out of reach",
            "请持票人到服务台；检查网络和控制器",
        )  # fmt: skip
        assert corner.lamps == "red"
        assert corner.station.counts["unanswered-scan"] == 1
    async with a_scanner(tmp_path, speaks, patience=5) as corner:
        await corner.do("scan", code="A012")
        await corner.until(lambda: corner.asked)
        corner.reply("found")
        await corner.says("ok")


async def test_the_self_test_flashes_both_lamps_and_anything_else_is_refused(
    tmp_path: Path, speaks: Literal["keys", "serial"]
) -> None:
    async with a_scanner(tmp_path, speaks) as corner:
        for do in (SelfTest(), Identify(seconds=1), PrintSlip(slip="slip-0001", title=Text(zh="单", en="Slip"))):
            corner.station.tell(COMMAND, command(SCANNER, do))
        await corner.until(lambda: corner.lamps == "green red")
        await corner.until(lambda: [answer.outcome for answer in corner.station.answers] == ["done", "done", "refused"])
        await corner.until(lambda: corner.lamps == "")


async def test_noise_on_the_line_is_named_until_a_code_is_read(tmp_path: Path) -> None:
    async with a_scanner(tmp_path, "serial") as corner:
        for _ in range(NOISY):
            await corner.do("garble_code")
        assert await corner.says("scanner-noisy") == (
            "扫码器发来乱码", "The scanner sends garbage", "检查串口线、接地和波特率；擦净扫码窗"
        )  # fmt: skip
        assert corner.station.counts["not-text"] == NOISY
        await corner.do("noise", count=2000)
        await asyncio.sleep(0.6)  # the silence after which noise is over
        await corner.do("scan", code="A012")
        await corner.says("ok")
        assert corner.asked[-1].code == "A012"


async def test_a_silent_scanner_asks_nothing_and_reads_again_when_it_speaks(tmp_path: Path) -> None:
    async with a_scanner(tmp_path, "serial") as corner:
        await corner.do("silence")
        await corner.do("scan", code="A012")
        assert corner.bench.view(SCANNER)["silent"]
        await corner.do("answer")
        await corner.do("scan", code="A013")
        await corner.until(lambda: corner.asked)
        assert [asked.code for asked in corner.asked] == ["A013"]


async def test_a_scanner_that_holds_a_key_down_is_named_until_it_lets_go(tmp_path: Path) -> None:
    async with a_scanner(tmp_path, "keys") as corner:
        await corner.do("stick")
        corner.station.clock.skip(HELD + 1)
        corner.station.tell(COMMAND, command(SCANNER, SelfTest()))
        assert await corner.says("key-stuck") == (
            "扫码器一直发送同一个键", "The scanner holds a key down all the time", "拔下扫码器，等三秒再插回"
        )  # fmt: skip
        await corner.do("free")
        await corner.says("ok")


def test_a_wire_that_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="speaks = "):
        ScannerConfig(id=SCANNER, wire="/dev/serial/by-id/usb-scanner")
