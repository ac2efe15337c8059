"""A scenario is played step by step against a real bench: what comes true passes at once, what does not is named."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from contract.calling import Call, CallAnswer
from contract.health import ControllerStatus
from contract.values import Text
from hardware_sim.scenario.play import Performance, Player
from tests.demo.bench_hall import NOON, bench_hall, until
from tests.scenarios.story import BenchWorld, script
from tests.sim.paper import CUT

LATE = NOON.replace(year=2036)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[BenchWorld]:
    async with bench_hall(tmp_path) as bench:
        yield BenchWorld(bench)


async def play(world: BenchWorld, folder: Path, *steps: dict[str, Any]) -> Performance:
    return await Player(world).play(script(folder, *steps))


def found(performance: Performance) -> list[tuple[str, str]]:
    return [(done.outcome, done.found) for done in performance.done]


async def test_hand_moves_and_what_it_does_is_seen(world: BenchWorld, tmp_path: Path) -> None:
    performance = await play(
        world,
        tmp_path,
        {"do": "move", "device": "room-1", "hand": "close_door", "with": {"cubicle": "left"}},
        {"do": "expect-view", "device": "room-1", "shows": {"cubicles.left.door": "closed"}},
        {"do": "move", "device": "kiosk-1", "hand": "open_cover"},
        {"do": "expect-view", "device": "kiosk-1", "shows": {"printer.cover": "open", "printer.powered": True}},
        {"do": "move", "device": "kiosk-1", "hand": "jam"},
        {"do": "expect-view", "device": "kiosk-1", "shows": {"printer.faults": "jam"}},
    )
    assert performance.outcome == "passed", found(performance)


async def test_expectation_that_does_not_come_true_ends_the_scenario_and_says_what_is_there(
    world: BenchWorld, tmp_path: Path
) -> None:
    performance = await play(
        world,
        tmp_path,
        {"do": "expect-view", "device": "kiosk-1", "shows": {"printer.paper": "out"}, "within": 0.2},
        {"do": "move", "device": "kiosk-1", "hand": "run_out"},
    )
    assert performance.outcome == "failed"
    assert len(performance.done) == 1
    assert performance.done[0].found == "printer.paper = 'ok'"
    assert 0.2 <= performance.done[0].took < 2


async def test_what_cannot_be_done_breaks_the_scenario_in_words(world: BenchWorld, tmp_path: Path) -> None:
    performance = await play(world, tmp_path, {"do": "move", "device": "room-1", "hand": "help", "with": {"cubicle": "left"}})
    assert found(performance) == [("broken", "cubicle `left` has no help button")]
    performance = await play(world, tmp_path, {"do": "expect-view", "device": "kiosk-1", "shows": {"printer.papr": 1}})
    assert "at `papr` there are paper, cover" in performance.done[0].found


async def test_never_means_that_it_is_not_so_all_the_time(world: BenchWorld, tmp_path: Path) -> None:
    never = {"do": "expect-view", "device": "caller-1", "shows": {"plugged": False}, "never": True, "lasting": 0.1}
    assert (await play(world, tmp_path, never)).outcome == "passed"
    unplug = {"do": "move", "device": "caller-1", "hand": "unplug"}
    gone = {"do": "expect-view", "device": "caller-1", "shows": {"plugged": False}}
    assert (await play(world, tmp_path, unplug, gone, never)).outcome == "failed"


async def test_state_is_compared_in_the_words_that_staff_read(world: BenchWorld, tmp_path: Path) -> None:
    state = world.hall.states["kiosk-1"]
    what, touch = Text(zh="缺纸", en="paper is out"), Text(zh="装入新纸卷", en="load a roll")
    world.hall.heard(msgspec.structs.replace(state, condition="fault", code="paper-out", what=what, touch=touch))
    said = {"do": "expect-state", "device": "kiosk-1", "code": "paper-out", "condition": "fault"}
    assert (await play(world, tmp_path, said | {"says": "缺纸", "touch": "a roll"})).outcome == "passed"
    performance = await play(world, tmp_path, said | {"says": "jam", "within": 0.1})
    assert performance.outcome == "failed"
    assert "fault paper-out: 缺纸 / paper is out → 装入新纸卷 / load a roll" in performance.done[0].found


async def test_call_counts_the_devices_that_showed_it(world: BenchWorld, tmp_path: Path) -> None:
    read = script(tmp_path, {"do": "expect-call", "number": "A012", "by": 2})
    player = Player(world)

    def answer(device: str) -> None:
        world.hall.heard(CallAnswer(call="call-0001", node="corner", device=device, at=NOON, outcome="shown"))

    async def speak() -> None:
        await until(lambda: world.hall.callers)
        name = Text(zh="1号窗口", en="Window 1")
        world.hall.heard(
            Call(id="call-0001", at=NOON, not_after=LATE, ticket="ticket-A012", number="A012", window="window-1",
                 window_name=name, zone="zone-a", times=1)
        )  # fmt: skip
        for device in ("strip-1", "strip-1", "main-board"):
            answer(device)

    import asyncio

    performance, _ = await asyncio.gather(player.play(read), speak())
    assert performance.outcome == "passed", found(performance)
    assert world.hall.callers == []


async def test_refusal_can_be_what_is_wanted(world: BenchWorld, tmp_path: Path) -> None:
    ask = {"do": "ask", "ask": "call-next", "with": {"window": "window-1"}}
    assert (await play(world, tmp_path, ask | {"refused": "nobody-waits"})).outcome == "passed"
    performance = await play(world, tmp_path, ask)
    assert performance.outcome == "broken"
    assert "nobody waits" in performance.done[0].found
    assert world.asked == [{"type": "call-next", "window": "window-1"}] * 2


async def test_store_is_asked_again_until_it_is_so(world: BenchWorld, tmp_path: Path) -> None:
    world.rows["ratings"] = 1
    assert (await play(world, tmp_path, {"do": "expect-stored", "table": "ratings"})).outcome == "passed"
    two = {"do": "expect-stored", "table": "ratings", "count": 2, "within": 0.1}
    assert found(await play(world, tmp_path, two)) == [("failed", "1 rows")]


class PrintingWorld(BenchWorld):
    """Whoever presses a key finds a ticket in the kiosk's slot."""

    async def move(self, device: str, hand: str, how: Mapping[str, Any]) -> None:
        await super().move(device, hand, how)
        address = urlsplit(self.bench.simulation.wires.address("tcp://printer:9100"))
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(b"A007\n" + CUT + b"\x1dr\x01")
        await reader.readexactly(1)
        writer.close()


@pytest.fixture
def printing(world: BenchWorld) -> BenchWorld:
    """The bench with such a kiosk, and a controller that is there and knows of no ticket."""
    world.hall.heard(ControllerStatus(session="controller-1", state="online", at=NOON, version="1"))
    return PrintingWorld(world.bench, rows={"tickets": 0})


ARRIVE = {"do": "arrive", "kiosk": "kiosk-1", "key": "tax", "name": "an"}


async def test_who_arrives_can_be_called_once_the_controller_knows_the_ticket(printing: BenchWorld, tmp_path: Path) -> None:
    playing = asyncio.create_task(play(printing, tmp_path, ARRIVE))
    await until(lambda: printing.hall.views["kiosk-1"]["pages"])
    await until(lambda: printing.looks["tickets"] > 1)
    assert not playing.done()
    printing.rows["tickets"] = 1
    assert found(await playing) == [("passed", "A007")]


async def test_ticket_of_which_the_controller_never_hears_breaks_the_scenario(printing: BenchWorld, tmp_path: Path) -> None:
    ((outcome, said),) = found(await play(printing, tmp_path, ARRIVE | {"within": 1.0}))
    assert (outcome, said) == ("broken", "A007 came out, and the controller did not hear of it within 1 s")


async def test_without_a_controller_the_paper_is_enough(printing: BenchWorld, tmp_path: Path) -> None:
    printing.hall.heard(ControllerStatus(session="controller-1", state="lost", at=NOON, version="1"))
    assert found(await play(printing, tmp_path, ARRIVE)) == [("passed", "A007")]


async def test_steps_do_not_wait_for_time_that_nobody_needs(world: BenchWorld, tmp_path: Path) -> None:
    began = time.monotonic()
    holds = {"do": "expect-view", "device": "caller-1", "shows": {"plugged": True}, "within": 30.0}
    assert (await play(world, tmp_path, *[holds] * 50)).outcome == "passed"
    assert time.monotonic() - began < 5


async def test_what_the_hall_says_meanwhile_is_written_down(world: BenchWorld, tmp_path: Path) -> None:
    state = world.hall.states["kiosk-1"]

    async def speak() -> None:
        await until(lambda: len(world.hall.listeners) > 1)
        world.hall.heard(msgspec.structs.replace(state, condition="fault", code="jammed"))

    wait = script(tmp_path, {"do": "expect-state", "device": "kiosk-1", "code": "jammed"})
    performance, _ = await asyncio.gather(Player(world).play(wait), speak())
    assert [(said.who, said.what.partition(":")[0]) for said in performance.happenings] == [("kiosk-1", "fault jammed")]
