"""The rater port's conformance: what every dialect must do, from its driver to its simulated far end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from devices.errors import DeviceMissing
from devices.keypad import Press
from devices.rater import RaterKeys
from firmware.agents.rater import opened
from firmware.config import NodeConfig, NodeIdentity
from hallware.simulated import Simulation
from tests.keys.place import RATERS
from tests.keys.test_caller_port import presses


class Wired:
    """One rater of a dialect: how to open it, and its far end."""

    def __init__(self, dialect: str, simulation: Simulation) -> None:
        self.dialect, self.bench = dialect, simulation.bench
        self.names = {means: name for name, means in RATERS[dialect].words.items()}
        self.open: Callable[[], AbstractAsyncContextManager[RaterKeys]] = lambda: opened(RATERS[dialect], simulation.wires)

    def lit(self) -> set[str]:
        """What the lit lamps mean."""
        return {key["key"] for key in self.bench.view("rater")["keys"] if key["lamp"]}

    async def until_lit(self, keys: set[str]) -> None:
        """Wait until exactly these lamps are lit."""
        async with asyncio.timeout(5):
            while self.lit() != keys:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture(params=RATERS)
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Wired]:
    """Each dialect in turn."""
    config = NodeConfig(node=NodeIdentity(id="node-3", hall="hall", data=tmp_path), device=(RATERS[request.param],))
    async with Simulation(config) as simulation:
        yield Wired(request.param, simulation)


async def test_every_key_is_told_by_its_name(wired: Wired) -> None:
    async with wired.open() as keys:
        moves = keys.moves()
        for means, name in wired.names.items():
            pressing = asyncio.create_task(wired.bench.do("rater", "press", key=means))
            (press,) = await presses(moves, 1)
            assert press == Press(name, press.at)
            await pressing


async def test_lamps_ask_when_invited(wired: Wired) -> None:
    if wired.dialect == "keypad":
        pytest.skip("a keypad has no lamps")
    levels = {means for means in wired.names if means.isdigit()}
    lamps = {means for means in wired.names if wired.dialect != "gpio" or means in levels}
    async with wired.open() as keys:
        keys.show({wired.names[level] for level in levels}, "rating-1")
        await wired.until_lit(lamps)


async def test_an_invitation_opens_a_serial_rater_once_and_a_new_one_again(wired: Wired) -> None:
    if wired.dialect in ("keypad", "gpio"):
        pytest.skip("it has no lamps of its own")
    async with wired.open() as keys:
        for _ in range(20):
            keys.show((), "rating-1")
        await wired.until_lit(set(wired.names))
        await wired.bench.do("rater", "press", key="5")
        await wired.until_lit({"5"})
        keys.show((), "rating-1")
        keys.show((), "rating-2")
        await wired.until_lit(set(wired.names))


async def test_a_pulled_cable_is_missing_and_works_when_it_is_back(wired: Wired) -> None:
    if wired.dialect == "gpio":
        pytest.skip("a cut GPIO cable reads as a key at rest")
    async with wired.open() as keys:
        await wired.bench.do("rater", "unplug")
        with pytest.raises(DeviceMissing):
            await presses(keys.moves(), 1)
    await wired.bench.do("rater", "plug")
    async with wired.open() as keys:
        moves = keys.moves()
        await wired.bench.do("rater", "press", key="4")
        assert [press.key for press in await presses(moves, 1)] == [wired.names["4"]]


async def test_nothing_is_counted_while_nothing_is_wrong(wired: Wired) -> None:
    async with wired.open() as keys:
        keys.show((), "rating-1")
        keys.flash()
        moves = keys.moves()
        await wired.bench.do("rater", "press", key="5")
        await presses(moves, 1)
        keys.reread()
        assert keys.take_counts() == {}
