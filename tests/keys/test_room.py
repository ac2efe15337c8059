"""The room agent, from the pins of its contacts to its facts, lamps and memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

from contract.commands import SelfTest
from contract.events import HelpAsked, RoomChecked, StayEnded, StayLong, StayStarted
from contract.topics import COMMAND
from firmware.agents.room import build
from firmware.agents.room_memory import load
from firmware.agents.stuck import HELD
from firmware.config import CubicleConfig, RoomConfig
from tests.keys.running import PinWires, command, running
from tests.keys.station import HeldStation

DOOR, MOTION, LAMP, HELP, CHECK = 5, 6, 20, 7, 12
CONFIG = RoomConfig(
    id="room-1",
    room="mother-room",
    cubicles=(
        CubicleConfig(id="c1", door=DOOR, motion=MOTION, lamp=LAMP, help=HELP),
        CubicleConfig(id="c2", door=16, motion=17, lamp=21),
    ),
    check=CHECK,
    limit=30.0,
    stillness=0.1,
    debounce=0.005,
)


class Room:
    """Hands and eyes in the room's first cubicle."""

    def __init__(self, pins: Any, station: HeldStation) -> None:
        self.pins = pins
        self.station = station

    def close_door(self) -> None:
        """The contact closes to ground."""
        self.pins.pin(DOOR).drive_low()

    def open_door(self) -> None:
        """The contact opens."""
        self.pins.pin(DOOR).drive_high()

    def pulse(self) -> None:
        """Somebody moves for an instant."""
        self.pins.pin(MOTION).drive_high()
        self.pins.pin(MOTION).drive_low()

    async def press(self, line: int) -> None:
        """Press a button and let it go."""
        self.pins.pin(line).drive_low()
        await asyncio.sleep(0.02)
        self.pins.pin(line).drive_high()
        await asyncio.sleep(0.02)

    async def go_in(self) -> StayStarted:
        """Close the door and move; returns the stay."""
        self.close_door()
        await asyncio.sleep(0.02)
        self.pulse()
        await self.station.until(lambda: self.lamp)
        fact = self.station.facts[-1]
        assert isinstance(fact, StayStarted)
        return fact

    @property
    def lamp(self) -> bool:
        """Whether the occupied lamp is lit."""
        return bool(self.pins.pin(LAMP).state)


class HeldPin(MockPin):  # type: ignore[misc]
    """A pin whose contact to ground is closed already when it is opened."""

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self.drive_low()


def held(line: int) -> Any:
    """A pin factory on which one contact is closed before anybody looks."""
    pins = MockFactory()
    pins.pin(line, pin_class=HeldPin)
    return pins


@asynccontextmanager
async def the_room(pins: Any, data: Path, config: RoomConfig = CONFIG) -> AsyncIterator[Room]:
    station = HeldStation("room-1", data)
    async with running(build(config, PinWires(pins), station)):
        await station.until(lambda: station.code == "ok")
        yield Room(pins, station)


async def test_a_stay_from_the_closed_door_to_the_stillness_after_it_opens(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        started = await room.go_in()
        assert (started.room, started.cubicle) == ("mother-room", "c1")
        assert room.station.states[-1][2].en == "1 free, 1 occupied"
        room.open_door()
        await room.station.until(lambda: not room.lamp)
        ended = room.station.facts[-1]
        assert isinstance(ended, StayEnded)
        assert (ended.stay, ended.cubicle) == (started.stay, "c1")
        assert 0.1 <= ended.lasted < 5
        assert room.station.states[-1][2].en == "2 free, 0 occupied"


async def test_a_pulse_of_motion_too_short_for_a_key_is_still_motion(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        room.close_door()
        await asyncio.sleep(0.02)
        room.pulse()
        await room.station.until(lambda: room.lamp)


async def test_a_still_sleeper_keeps_the_cubicle(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        await room.go_in()
        await asyncio.sleep(3 * CONFIG.stillness)
        assert room.lamp
        assert len(room.station.facts) == 1


async def test_a_long_stay_is_told_once(pins: Any, tmp_path: Path) -> None:
    config = RoomConfig(id="room-1", room="mother-room", cubicles=CONFIG.cubicles, limit=0.1, debounce=0.005)
    async with the_room(pins, tmp_path, config) as room:
        started = await room.go_in()
        await room.station.until(lambda: len(room.station.facts) == 2)
        long = room.station.facts[-1]
        assert isinstance(long, StayLong)
        assert long.stay == started.stay
        await asyncio.sleep(1.5 * config.limit)
        assert len(room.station.facts) == 2


async def test_a_help_button_is_told_once_for_each_press(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        await room.press(HELP)
        await room.press(HELP)
        await room.station.until(lambda: len(room.station.facts) == 2)
        assert room.station.facts == [HelpAsked(place="mother-room", cubicle="c1")] * 2


async def test_a_help_button_held_while_the_node_starts_is_heard(tmp_path: Path) -> None:
    station = HeldStation("room-1", tmp_path)
    async with running(build(CONFIG, PinWires(held(HELP)), station)):
        await station.until(lambda: station.facts)
        assert station.facts == [HelpAsked(place="mother-room", cubicle="c1")]


async def test_the_check_key_confirms_the_check(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        await room.press(CHECK)
        await room.station.until(lambda: room.station.facts)
        assert room.station.facts == [RoomChecked(room="mother-room")]


async def test_a_restarted_agent_goes_on_with_a_sleepers_stay(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        started = await room.go_in()
    async with the_room(held(DOOR), tmp_path) as room:
        await asyncio.sleep(3 * CONFIG.stillness)
        assert room.lamp
        assert room.station.facts == [started]
        room.open_door()
        await room.station.until(lambda: len(room.station.facts) == 2)
        ended = room.station.facts[-1]
        assert isinstance(ended, StayEnded)
        assert ended.stay == started.stay
        await room.station.until(lambda: not load(tmp_path / "room-1-stays.json"))
    async with the_room(pins, tmp_path) as room:
        assert room.station.facts == []


async def test_a_damaged_memory_is_an_empty_one(pins: Any, tmp_path: Path) -> None:
    (tmp_path / "room-1-stays.json").write_text('{"c1": {"stay":')
    async with the_room(pins, tmp_path) as room:
        await room.go_in()


async def test_a_memory_that_cannot_be_written_stops_nothing(pins: Any, tmp_path: Path) -> None:
    (tmp_path / "room-1-stays.new").mkdir()
    async with the_room(pins, tmp_path) as room:
        await room.go_in()
        assert room.station.counts["unsaved-stay"] == 1


async def test_ten_thousand_pulses_of_motion_leave_the_room_at_work(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        for _ in range(5_000):
            room.pulse()
        await room.station.until(lambda: room.station.counts["lost-edge"] > 8_000)
        await room.press(HELP)
        await room.station.until(lambda: room.station.facts)


async def test_the_self_test_flashes_the_lamps_and_is_answered(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        room.station.tell(COMMAND, command("room-1", SelfTest()))
        await room.station.until(lambda: room.lamp)
        await room.station.until(lambda: not room.lamp)
        assert [answer.outcome for answer in room.station.answers] == ["done"]


async def test_motion_that_never_rests_is_named(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        pins.pin(MOTION).drive_high()
        await asyncio.sleep(0.02)
        room.station.clock.skip(CONFIG.limit)
        await room.press(CHECK)
        await room.station.until(lambda: room.station.code == "motion-stuck")
        assert room.station.states[-1][2].en == "The motion sensor of cubicle c1 never rests"


async def test_a_help_button_that_stays_pressed_is_named(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        pins.pin(HELP).drive_low()
        await room.station.until(lambda: room.station.facts)
        room.station.clock.skip(HELD)
        await room.press(CHECK)
        await room.station.until(lambda: room.station.code == "key-stuck")
        assert room.station.states[-1][2].en == "The help button of cubicle c1 is held down all the time"


async def test_stays_that_cannot_be_recorded_are_a_fault_until_one_can(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        room.station.full = True
        await room.press(CHECK)
        await room.station.until(lambda: room.station.code == "not-kept")
        room.station.full = False
        await room.press(CHECK)
        await room.station.until(lambda: room.station.code == "ok")


async def test_the_end_of_a_stay_waits_for_a_disk_that_takes_it(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        started = await room.go_in()
        room.station.full = True
        room.open_door()
        await room.station.until(lambda: not room.lamp and room.station.code == "not-kept")
        room.station.full = False
        await room.press(CHECK)
        await room.station.until(lambda: any(isinstance(fact, StayEnded) for fact in room.station.facts))
        ended = next(fact for fact in room.station.facts if isinstance(fact, StayEnded))
        assert ended.stay == started.stay


async def test_a_stay_that_ended_while_its_file_could_not_be_written_is_forgotten_when_it_can(pins: Any, tmp_path: Path) -> None:
    async with the_room(pins, tmp_path) as room:
        await room.go_in()
        file = tmp_path / "room-1-stays.json"
        assert load(file)
        file.with_suffix(".new").mkdir()
        room.open_door()
        await room.station.until(lambda: not room.lamp and room.station.counts["unsaved-stay"])
        assert load(file)
        file.with_suffix(".new").rmdir()
        await room.press(CHECK)
        await room.station.until(lambda: not load(file))
