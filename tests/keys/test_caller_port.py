"""The caller port's conformance: what every dialect must do, from its driver to its simulated far end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from devices.caller import Caller, Face, Move
from devices.errors import DeviceMissing
from devices.keypad import Press
from firmware.agents.caller import opened
from firmware.config import NodeConfig, NodeIdentity
from hallware.simulated import Simulation
from tests.keys.place import CALLERS

FIRST = {"keypad": "KEY_KPENTER", "ff68": "0C", "four-key": "31"}
SHOWN: dict[str, dict[str, Any]] = {
    "keypad": {"plugged": True},
    "ff68": {"digits": "   037"},
    "four-key": {"lamp": "blink-red"},
}
SECOND = {"keypad": "KEY_KP0", "ff68": "06 0F", "four-key": "34"}


class Wired:
    """One caller of a dialect: how to open it, and its far end."""

    def __init__(self, dialect: str, simulation: Simulation) -> None:
        self.dialect, self.bench = dialect, simulation.bench
        self.open: Callable[[], AbstractAsyncContextManager[Caller]] = lambda: opened(CALLERS[dialect], simulation.wires)

    async def press(self, key: str) -> None:
        """Press a key by what it sends."""
        await self.bench.do("caller", "press", key=key)


@pytest.fixture(params=CALLERS)
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Wired]:
    """Each dialect in turn."""
    config = NodeConfig(node=NodeIdentity(id="node-3", hall="hall", data=tmp_path), device=(CALLERS[request.param],))
    async with Simulation(config) as simulation:
        yield Wired(request.param, simulation)


async def presses(moves: AsyncIterator[Move], count: int) -> list[Press]:
    """The next presses."""
    found: list[Press] = []
    async with asyncio.timeout(5):
        async for move in moves:
            if isinstance(move, Press):
                found.append(move)
            if len(found) == count:
                break
    return found


async def test_a_key_is_told_once_with_its_time(wired: Wired) -> None:
    began = time.monotonic()
    async with wired.open() as caller:
        moves = caller.moves()
        await wired.press(FIRST[wired.dialect])
        await wired.press(SECOND[wired.dialect])
        told = await presses(moves, 2)
        assert [press.key for press in told] == [FIRST[wired.dialect], SECOND[wired.dialect]]
        assert began <= told[0].at <= told[1].at <= time.monotonic()


async def test_a_pulled_cable_is_missing_and_works_when_it_is_back(wired: Wired) -> None:
    async with wired.open() as caller:
        await wired.bench.do("caller", "unplug")
        with pytest.raises(DeviceMissing):
            await presses(caller.moves(), 1)
    with pytest.raises(DeviceMissing):
        async with wired.open():
            pass
    await wired.bench.do("caller", "plug")
    async with wired.open() as caller:
        moves = caller.moves()
        await wired.press(FIRST[wired.dialect])
        assert len(await presses(moves, 1)) == 1


async def test_of_many_faces_the_newest_is_shown(wired: Wired) -> None:
    async with wired.open() as caller:
        for waiting in range(100):
            caller.show(Face("idle", waiting=waiting))
        caller.show(Face("called", "A037", 12))
        wanted = SHOWN[wired.dialect]
        async with asyncio.timeout(5):
            while not wanted.items() <= wired.bench.view("caller").items():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert caller.shows == (wired.dialect != "keypad")


async def test_nothing_is_counted_while_nothing_is_wrong(wired: Wired) -> None:
    async with wired.open() as caller:
        caller.show(Face("idle", waiting=3))
        caller.beep()
        moves = caller.moves()
        await wired.press(FIRST[wired.dialect])
        await presses(moves, 1)
        assert caller.take_counts() == {}


async def test_leaving_twice_in_a_row_leaves_the_wire_free(wired: Wired) -> None:
    for _ in range(2):
        async with wired.open() as caller:
            caller.show(Face("serving", "A012"))
