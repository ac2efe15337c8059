"""A caller that loses its controller: which presses are orders, which are carried out here, and what survives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contract.allotment import Allotment, AllotmentHeld, AllottedTicket
from contract.events import CallerKey, KeyPressed, TicketCalledAway, VisitAway
from contract.topics import ALLOTMENT
from contract.values import Text
from firmware.agents.caller import build
from firmware.config_keys import CallerConfig
from firmware.intercom import Standing
from hardware_sim.keypad import Keypad
from tests.keys.running import PadWires, running
from tests.keys.station import HeldStation

KEYS: dict[str, CallerKey] = {"KEY_KPENTER": "next", "KEY_KP5": "next", "KEY_KP0": "recall", "KEY_KP1": "start"}
CONFIG = CallerConfig(id="caller-3", window="w3", wire="/dev/input/by-id/usb-pad-event-kbd", keys=KEYS)
NEXT, NEXT_TOO, RECALL, START = "KEY_KPENTER", "KEY_KP5", "KEY_KP0", "KEY_KP1"
"""The same key pressed again at once would be the same press."""


class Desk:
    """A window whose controller comes and goes."""

    def __init__(self, pad: Keypad, station: HeldStation) -> None:
        self.pad, self.station = pad, station
        self.shown: list[Standing] = []

    def tap(self, key: str) -> None:
        """Press and release a key."""
        self.pad.down(key)
        self.pad.up(key)

    @property
    def held(self) -> list[AllotmentHeld]:
        """What it said that it goes by."""
        return [said for said in self.station.said if isinstance(said, AllotmentHeld)]

    @property
    def kinds(self) -> list[str]:
        """What was recorded."""
        return [type(fact).__name__ for fact in self.station.facts]

    async def allot(self, *numbers: str, version: int = 1) -> None:
        """The controller gives it a list."""
        await self.station.until(lambda: self.held)
        self.station.tell(ALLOTMENT, Allotment(
            window="w3", window_name=Text(zh="3号窗口", en="Window 3"), zone="east", node="node", device="caller-3",
            version=version, at=self.station.clock.now(), stamp=self.held[-1].stamp, lasts=600.0,
            day=self.station.clock.now().astimezone(self.station.timezone).date(),
            tickets=tuple(AllottedTicket(ticket=f"ticket-{n}", number=n, service="social") for n in numbers),
        ))  # fmt: skip
        await self.station.until(lambda: self.held[-1].version == version)

    async def lose_controller(self) -> None:
        """It goes, and every order it could still find is over."""
        self.station.controller(there=False)
        await asyncio.sleep(0.05)
        self.station.clock.skip(20.0)

    @property
    def number(self) -> str | None:
        """What its strip shows by the window's own doing."""
        call = self.shown[-1].call if self.shown else None
        return None if call is None else call.number


@asynccontextmanager
async def desk(data: Path, station: HeldStation | None = None) -> AsyncIterator[Desk]:
    """A keypad whose agent runs."""
    pad, station = Keypad(keys=tuple(CONFIG.keys)), station or HeldStation("caller-3", data)
    there = Desk(pad, station)

    async def watch() -> None:
        async for standing in station.hear_neighbours(Standing, "w3"):
            there.shown.append(standing)

    watching = asyncio.create_task(watch())
    try:
        async with running(build(CONFIG, PadWires(pad), station)):
            await station.until(lambda: station.code in ("ok", "controller-away", "list-used-up"))
            yield there
    finally:
        watching.cancel()


async def test_a_press_is_an_order_while_the_controller_is_there_and_a_call_once_it_is_gone(tmp_path: Path) -> None:
    async with desk(tmp_path) as window:
        await window.allot("A001", "A002")
        window.tap(RECALL)
        await window.station.until(lambda: window.kinds == ["KeyPressed"])
        await window.lose_controller()
        window.tap(NEXT)
        await window.station.until(lambda: window.number == "A001")
        assert window.kinds == ["KeyPressed", "TicketCalledAway"]
        window.tap(START)
        await window.station.until(lambda: len(window.kinds) == 3)
        assert isinstance(window.station.facts[-1], VisitAway)
        await window.station.until(lambda: window.station.code == "controller-away")
        assert "serving A001; 1 left on its list" in window.station.states[-1][2].en


async def test_a_press_in_between_waits_and_is_one_or_the_other(tmp_path: Path) -> None:
    async with desk(tmp_path) as window:
        await window.allot("A001")
        window.tap(START)
        await window.station.until(lambda: window.kinds == ["KeyPressed"])
        window.station.controller(there=False)
        window.tap(NEXT)
        await asyncio.sleep(0.05)
        assert window.kinds == ["KeyPressed"]
        window.station.clock.skip(4.0)
        window.station.controller(there=True)
        await window.station.until(lambda: window.kinds == ["KeyPressed", "KeyPressed"])
        order = window.station.facts[-1]
        assert isinstance(order, KeyPressed)
        assert order.key == "next"


async def test_what_cannot_be_kept_calls_nobody(tmp_path: Path) -> None:
    async with desk(tmp_path) as window:
        await window.allot("A001")
        await window.lose_controller()
        window.station.full = True
        window.tap(NEXT)
        await window.station.until(lambda: window.station.code == "not-kept")
        assert window.number is None
        window.station.full = False
        window.tap(NEXT_TOO)
        await window.station.until(lambda: window.number == "A001")


async def test_a_restarted_node_goes_on_where_it_was(tmp_path: Path) -> None:
    async with desk(tmp_path) as window:
        await window.allot("A001", "A002")
        await window.lose_controller()
        window.tap(NEXT)
        await window.station.until(lambda: window.number == "A001")
    again = HeldStation("caller-3", tmp_path)
    again.controller_present = False
    again.clock.skip(40.0)
    async with desk(tmp_path, again) as window:
        again.clock.skip(20.0)
        await again.until(lambda: window.number == "A001")
        await again.until(lambda: again.code == "controller-away")
        window.tap(NEXT)
        await again.until(lambda: again.counts["refused-order"] == 1)  # A001 is called and has not come
        assert "TicketCalledAway" not in window.kinds[1:]


async def test_an_empty_list_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as window:
        await window.lose_controller()
        window.tap(NEXT)
        await window.station.until(lambda: window.station.code == "key-refused")
        window.station.clock.skip(10.0)
        window.pad.unplug()
        window.pad.plug()
        await window.station.until(lambda: window.station.code == "list-used-up")
        _, _, what, touch = window.station.states[-1]
        assert "please ask at the desk" in what.en
        assert touch is not None


async def test_the_controllers_word_counts_again_once_everything_is_stored(tmp_path: Path) -> None:
    async with desk(tmp_path) as window:
        await window.allot("A001")
        await window.lose_controller()
        window.tap(NEXT)
        await window.station.until(lambda: window.number == "A001")
        assert isinstance(window.station.facts[-1], TicketCalledAway)
        window.station.controller(there=True)
        await window.station.until(lambda: window.held[-1].newest == 1)
        assert window.shown[-1].own
        window.station.stored = 1
        await window.station.until(lambda: not window.shown[-1].own)
