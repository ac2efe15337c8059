"""The help button on simulated lines: its press, its lamp, and every fault of button and cable with the words staff see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from contract.commands import Identify, PrintSlip, SelfTest
from contract.events import HelpAsked
from contract.helping import HelpSpot, HelpState
from contract.topics import COMMAND, HELP_STATE
from contract.values import Text
from firmware.agents.help import build
from firmware.agents.stuck import HELD
from firmware.config import HelpConfig, NodeConfig, NodeIdentity
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from tests.keys.running import command, running
from tests.keys.station import HeldStation

DESK = "help-desk"


class Corner:
    """A help button with hands, and its agent's station."""

    def __init__(self, bench: Bench, station: HeldStation) -> None:
        self.bench, self.station = bench, station

    async def do(self, hand: str, **given: object) -> None:
        """Move a hand."""
        await self.bench.do(DESK, hand, **given)

    @property
    def lit(self) -> bool:
        """Whether the lamp is lit."""
        return bool(self.bench.view(DESK)["lamp"])

    def staff(self, asked: datetime | None = None, answered: datetime | None = None) -> None:
        """The controller says how it is at the desk."""
        spot = HelpSpot(asked=asked, answered=answered)
        state = HelpState(place="window-1", at=datetime.now(UTC), spots=(spot,))
        self.station.tell(HELP_STATE, state)

    async def says(self, code: str) -> tuple[str, str, str, str]:
        """The state with this code, in the words that staff read: what, then what to touch."""
        await self.station.until(lambda: self.station.code == code)
        _, _, what, touch = self.station.states[-1]
        return what.zh, what.en, touch.zh if touch else "", touch.en if touch else ""


@asynccontextmanager
async def a_button(data: Path, contact: Literal["opens", "closes"] = "closes", coming: float = 0.2) -> AsyncIterator[Corner]:
    config = HelpConfig(id=DESK, place="window-1", line=5, lamp=16, contact=contact, coming=coming, debounce=0.02)
    node = NodeConfig(node=NodeIdentity(id="node-1", hall="hall", data=data), device=(config,))
    station = HeldStation(DESK, data)
    async with Simulation(node) as simulation, running(build(config, simulation.wires, station)):
        await station.until(lambda: station.code == "ok")
        yield Corner(simulation.bench, station)


async def test_a_press_reaches_staff_once_and_its_lamp_blinks_until_they_answer(tmp_path: Path) -> None:
    async with a_button(tmp_path) as corner:
        await corner.do("press")
        assert await corner.says("help-asked") == (
            "有人求助，等待响应", "Somebody asks for help and waits for an answer",
            "请立即去看，并在页面上响应求助", "Go and see at once, and answer the call on the page",
        )  # fmt: skip
        assert corner.station.facts == [HelpAsked(place="window-1")]
        await corner.station.until(lambda: corner.lit)
        await corner.station.until(lambda: not corner.lit)
        now = datetime.now(UTC)
        corner.staff(asked=now)
        corner.staff(answered=now + timedelta(seconds=5))
        assert (await corner.says("ok"))[1] == "Staff have said that they come"
        await corner.station.until(lambda: corner.lit)
        await corner.station.until(lambda: corner.station.states[-1][2].en == "The help button is ready" and not corner.lit)


async def test_a_button_whose_contact_opens_works_the_same(tmp_path: Path) -> None:
    async with a_button(tmp_path, "opens") as corner:
        await corner.do("press")
        await corner.station.until(lambda: corner.station.facts)
        assert corner.station.facts == [HelpAsked(place="window-1")]


async def test_a_button_that_sticks_asked_once_and_is_named_until_it_is_free(tmp_path: Path) -> None:
    async with a_button(tmp_path) as corner:
        await corner.do("stick")
        await corner.says("help-asked")
        corner.staff(answered=datetime.now(UTC) + timedelta(seconds=5))
        corner.station.clock.skip(HELD + 1)
        corner.staff()
        assert await corner.says("key-stuck") == (
            "求助按钮一直处于按下状态", "The help button is held down all the time",
            "请检查该按钮和接线", "Check the button and its cable",
        )  # fmt: skip
        assert len(corner.station.facts) == 1
        await corner.do("free")
        await corner.says("ok")
        await corner.do("press")
        await corner.station.until(lambda: len(corner.station.facts) == 2)


async def test_a_cable_that_is_cut_calls_staff_and_is_named_until_it_is_put_back(tmp_path: Path) -> None:
    async with a_button(tmp_path, "opens") as corner:
        await corner.do("cut")
        await corner.says("help-asked")
        corner.staff(answered=datetime.now(UTC) + timedelta(seconds=5))
        corner.station.clock.skip(HELD + 1)
        corner.staff()
        assert (await corner.says("key-stuck"))[1:] == (
            "The help button is held down all the time, or its cable is cut",
            "请检查按钮是否卡住、线缆是否接好", "Check whether the button is stuck and its cable in place",
        )  # fmt: skip
        await corner.do("mend")
        await corner.says("ok")
        await corner.do("press")
        await corner.station.until(lambda: len(corner.station.facts) == 2)


async def test_a_chattering_contact_is_counted_and_calls_once_at_most_and_the_next_press_does(tmp_path: Path) -> None:
    async with a_button(tmp_path) as corner:
        await corner.do("chatter", times=100)
        await corner.station.until(lambda: corner.station.counts["chatter"])
        called = len(corner.station.facts)
        assert called <= 1
        await corner.do("press")
        await corner.station.until(lambda: len(corner.station.facts) > called)


async def test_a_press_that_cannot_be_kept_is_said_and_told_as_soon_as_it_can(tmp_path: Path) -> None:
    async with a_button(tmp_path) as corner:
        corner.station.full = True
        await corner.do("press")
        assert (await corner.says("not-kept"))[:2] == (
            "求助按钮被按下，但无法保存和上报", "The help button was pressed, and the press cannot be kept and sent"
        )  # fmt: skip
        assert not corner.lit
        corner.station.full = False
        await corner.says("help-asked")
        assert corner.station.facts == [HelpAsked(place="window-1")]


async def test_a_button_held_while_the_node_starts_is_heard(tmp_path: Path) -> None:
    config = HelpConfig(id=DESK, place="window-1", line=5)
    node = NodeConfig(node=NodeIdentity(id="node-1", hall="hall", data=tmp_path), device=(config,))
    station = HeldStation(DESK, tmp_path)
    async with Simulation(node) as simulation:
        await simulation.bench.do(DESK, "stick")
        async with running(build(config, simulation.wires, station)):
            await station.until(lambda: station.facts == [HelpAsked(place="window-1")])


async def test_the_self_test_and_identify_flash_the_lamp_and_anything_else_is_refused(tmp_path: Path) -> None:
    async with a_button(tmp_path) as corner:
        for do in (SelfTest(), Identify(seconds=1), PrintSlip(slip="slip-0001", title=Text(zh="单", en="Slip"))):
            corner.station.tell(COMMAND, command(DESK, do))
        await corner.station.until(lambda: corner.lit)
        await corner.station.until(lambda: len(corner.station.answers) == 3)
        assert [answer.outcome for answer in corner.station.answers] == ["done", "done", "refused"]
        await corner.station.until(lambda: not corner.lit)
