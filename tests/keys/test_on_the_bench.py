"""The three agents on simulated wires, moved by the hands that the page and the simulated people use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.events import HelpAsked, KeyPressed, RatingGiven, RoomChecked, StayEnded, StayStarted
from contract.rating import RatingInvite
from contract.topics import RATING_INVITE
from firmware.agents import caller, rater, room
from firmware.config import (
    CallerConfig,
    CubicleConfig,
    NodeConfig,
    NodeIdentity,
    RaterConfig,
    RatingKey,
    RoomConfig,
)
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from tests.keys.running import running
from tests.keys.station import HeldStation

RATER = RaterConfig(
    id="rater-3",
    window="w3",
    keys=tuple(RatingKey(level=level, line=level + 3, lamp=level + 19) for level in (1, 2, 3, 4, 5)),
)
ROOM = RoomConfig(
    id="room-1",
    room="mother-room",
    cubicles=(CubicleConfig(id="c1", door=10, motion=11, lamp=12, help=13),),
    check=14,
    stillness=0.2,
)
CALLER = CallerConfig(id="caller-3", window="w3", wire="/dev/input/by-id/usb-pad-event-kbd")


class Corner:
    """A corner of the hall: hands on the bench, and what each agent's station has."""

    def __init__(self, bench: Bench, stations: dict[str, HeldStation]) -> None:
        self.bench = bench
        self.rater = stations["rater-3"]
        self.room = stations["room-1"]
        self.caller = stations["caller-3"]

    def lit(self) -> set[int]:
        """The rater's lit lamps."""
        return {key["level"] for key in self.bench.view("rater-3")["keys"] if key["lamp"]}

    def occupied(self) -> bool:
        """The cubicle's lamp."""
        return bool(self.bench.view("room-1")["cubicles"][0]["lamp"])

    async def invite(self) -> None:
        """The controller invites a rating."""
        now = datetime.now(UTC)
        invitation = RatingInvite(rating="rating-1", window="w3", at=now, not_after=now + timedelta(seconds=60))
        self.rater.tell(RATING_INVITE, invitation)
        await self.rater.until(lambda: self.lit() == {1, 2, 3, 4, 5})


@asynccontextmanager
async def a_corner(data: Path) -> AsyncIterator[Corner]:
    config = NodeConfig(node=NodeIdentity(id="node-3", hall="hall", data=data), device=(RATER, ROOM, CALLER))
    stations = {device.id: HeldStation(device.id, data) for device in config.device}
    async with Simulation(config) as simulation, AsyncExitStack() as agents:
        wires = simulation.wires
        for agent in (
            rater.build(RATER, wires, stations["rater-3"]),
            room.build(ROOM, wires, stations["room-1"]),
            caller.build(CALLER, wires, stations["caller-3"]),
        ):
            await agents.enter_async_context(running(agent))
        await stations["room-1"].until(lambda: all(station.code == "ok" for station in stations.values()))
        yield Corner(simulation.bench, stations)
        assert simulation.lines.failed_callbacks == 0


@pytest.fixture
async def corner(tmp_path: Path) -> AsyncIterator[Corner]:
    """A rater, a room and a caller at work."""
    async with a_corner(tmp_path) as there:
        yield there


async def test_a_bouncing_key_is_one_rating_and_its_lamp_thanks(corner: Corner) -> None:
    await corner.invite()
    await corner.bench.do("rater-3", "press", key="4")
    await corner.rater.until(lambda: corner.lit() == {4})
    assert [fact.level for fact in corner.rater.facts if isinstance(fact, RatingGiven)] == [4]
    assert corner.rater.counts == {}


async def test_a_visit_to_the_cubicle(corner: Corner) -> None:
    await corner.bench.do("room-1", "close_door", cubicle="c1")
    await corner.bench.do("room-1", "move", cubicle="c1", seconds=0.1)
    await corner.room.until(corner.occupied)
    await corner.bench.do("room-1", "help", cubicle="c1")
    await corner.bench.do("room-1", "open_door", cubicle="c1")
    await corner.room.until(lambda: not corner.occupied())
    await corner.bench.do("room-1", "check")
    await corner.room.until(lambda: len(corner.room.facts) == 4)
    assert [type(fact) for fact in corner.room.facts] == [StayStarted, HelpAsked, StayEnded, RoomChecked]


async def test_a_stay_goes_on_under_its_own_name_after_a_restart_of_the_node(tmp_path: Path) -> None:
    async with a_corner(tmp_path) as corner:
        await corner.bench.do("room-1", "close_door", cubicle="c1")
        await corner.bench.do("room-1", "move", cubicle="c1", seconds=0.1)
        await corner.room.until(corner.occupied)
        (started,) = corner.room.facts
    async with a_corner(tmp_path) as corner:
        await corner.room.until(lambda: corner.room.facts)
        assert corner.room.facts[0] == started


async def test_orders_of_the_keypad_through_an_unplugging(corner: Corner) -> None:
    await corner.bench.do("caller-3", "press", key="next")
    await corner.bench.do("caller-3", "unplug")
    await corner.caller.until(lambda: corner.caller.code == "keypad-unplugged")
    await corner.bench.do("caller-3", "plug")
    await corner.caller.until(lambda: corner.caller.code == "ok")
    await corner.bench.do("caller-3", "press", key="KEY_KP0")
    await corner.caller.until(lambda: len(corner.caller.facts) == 2)
    assert [fact.key for fact in corner.caller.facts if isinstance(fact, KeyPressed)] == ["next", "recall"]


async def test_a_hundred_presses_a_second_on_everything_at_once_stop_nobody(corner: Corner) -> None:
    await corner.invite()

    async def drum(device: str, hand: str, **given: object) -> None:
        for _ in range(100):
            await corner.bench.do(device, hand, **given)

    await asyncio.gather(
        drum("rater-3", "press", key="5", seconds=0.01),
        drum("room-1", "move", cubicle="c1", seconds=0.01),
        drum("caller-3", "press", key="next"),
    )
    await corner.bench.do("rater-3", "press", key="4")
    await corner.rater.until(lambda: corner.rater.facts)
    await corner.bench.do("room-1", "help", cubicle="c1")
    await corner.room.until(lambda: corner.room.facts)
    await corner.bench.do("caller-3", "press", key="recall")
    await corner.caller.until(lambda: any(isinstance(f, KeyPressed) and f.key == "recall" for f in corner.caller.facts))
    assert len(corner.caller.facts) == 2
