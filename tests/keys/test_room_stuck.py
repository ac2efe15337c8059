"""Stuck sensors of a room on simulated lines: the words staff see for each, and how it heals; the lamp beside its help button."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from contract.commands import SelfTest
from contract.events import HelpAsked
from contract.helping import HelpSpot, HelpState
from contract.topics import COMMAND, HELP_STATE
from firmware.agents.room import build
from firmware.agents.room_sensors import CLOSINGS, SPELLS
from firmware.config import CubicleConfig, NodeConfig, NodeIdentity, RoomConfig
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from tests.keys.running import command, running
from tests.keys.station import HeldStation

HOUR = 3600.0
CONFIG = RoomConfig(
    id="room-1",
    room="mother-room",
    cubicles=(CubicleConfig(id="c1", door=5, motion=6, lamp=20, help=7, help_lamp=21),),
    check=12,
    stillness=0.05,
    debounce=0.005,
    coming=0.3,
)


class Room:
    """Hands in the room's one cubicle, and its agent's station."""

    def __init__(self, bench: Bench, station: HeldStation) -> None:
        self.bench, self.station = bench, station

    async def do(self, hand: str, **given: object) -> None:
        """Move a hand."""
        await self.bench.do("room-1", hand, cubicle="c1", **given)

    async def visit(self) -> None:
        """Go in, move, come out, and leave the room still."""
        await self.do("close_door")
        await self.settle()
        await self.do("move", seconds=0.02)
        await self.do("open_door")
        await self.settle()

    async def settle(self) -> None:
        """Let the agent take in what happened."""
        beats = self.station.beats
        await self.bench.do("room-1", "check")
        await self.station.until(lambda: self.station.beats >= beats + 2)

    async def says(self, code: str) -> tuple[str, str]:
        """What staff read in Chinese, and what they should touch in English, once the state has this code."""
        await self.settle()
        await self.station.until(lambda: self.station.code == code)
        _, _, what, touch = self.station.states[-1]
        return what.zh, touch.en if touch else ""


@asynccontextmanager
async def a_room(data: Path) -> AsyncIterator[Room]:
    node = NodeConfig(node=NodeIdentity(id="node-1", hall="hall", data=data), device=(CONFIG,))
    station = HeldStation("room-1", data)
    async with Simulation(node) as simulation, running(build(CONFIG, simulation.wires, station)):
        await station.until(lambda: station.code == "ok")
        yield Room(simulation.bench, station)


async def test_a_door_contact_that_never_closes_is_named_until_it_does(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.do("stick_door")
        for _ in range(SPELLS + 1):
            await room.visit()
        room.station.clock.skip(5 * HOUR)
        assert await room.says("door-never-closed") == (
            "隔间 c1 的门 5 小时没有关过，却一直有人进出",
            "Close the door once to see; check the contact, its magnet (within 10 mm) and its cable",
        )
        await room.do("mend_sensors")
        await room.visit()
        await room.says("ok")


async def test_a_door_closed_for_hours_without_motion_sends_staff_to_look(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.do("close_door")
        await room.settle()
        room.station.clock.skip(4 * HOUR)
        assert await room.says("door-never-opened") == (
            "隔间 c1 的门已关 4 小时，里面没有任何动静",
            "Knock and see whether somebody is inside; if nobody is, open the door and check contact and motion sensor",
        )
        await room.do("open_door")
        await room.says("ok")


async def test_a_motion_sensor_whose_cable_is_off_is_named_until_it_sees_again(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.do("blind_motion")
        for _ in range(CLOSINGS):
            await room.visit()
        assert await room.says("motion-silent") == (
            f"隔间 c1 关门 {CLOSINGS} 次，人体感应都没有反应",
            "Check the motion sensor's supply, its cable, and where it looks",
        )
        await room.do("mend_sensors")
        await room.visit()
        await room.says("ok")


async def test_a_motion_sensor_that_never_rests_is_named_until_it_does(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.do("stick_motion")
        await room.settle()
        room.station.clock.skip(CONFIG.limit)
        assert await room.says("motion-stuck") == (
            "隔间 c1 的人体感应一直有信号", "Check whether the sensor faces something warm, or is broken"
        )  # fmt: skip
        await room.do("mend_sensors")
        await room.says("ok")


async def test_the_lamp_beside_a_help_button_blinks_until_staff_answer(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:

        def lit() -> bool:
            return bool(room.bench.view("room-1")["cubicles"][0]["help_lamp"])

        await room.do("help")
        await room.station.until(lambda: room.station.facts == [HelpAsked(place="mother-room", cubicle="c1")])
        await room.station.until(lit)
        await room.station.until(lambda: not lit())
        now = datetime.now(UTC)
        for spot in (HelpSpot(cubicle="c1", asked=now), HelpSpot(cubicle="c1", answered=now)):
            room.station.tell(HELP_STATE, HelpState(place="mother-room", at=now, spots=(spot,)))
        await room.station.until(lit)
        await room.station.until(lambda: not lit())


async def test_the_self_test_flashes_the_lamp_beside_the_help_button_too(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        room.station.tell(COMMAND, command("room-1", SelfTest()))
        await room.station.until(lambda: all(room.bench.view("room-1")["cubicles"][0][lamp] for lamp in ("lamp", "help_lamp")))
