"""The mother-and-baby room: cubicles with door, motion sensor, lamp and help button, and the key for check and cleaning."""

import asyncio
import logging
import secrets
from collections import deque
from contextlib import ExitStack
from typing import Literal

from contract.commands import Command
from contract.events import HelpAsked, RoomChecked, StayEnded
from contract.helping import HelpState
from contract.topics import COMMAND, HELP_STATE
from devices.errors import DeviceTimeout
from devices.gpio import Edge, Inputs, Lamps, Line, to_ground, to_supply
from devices.wires import Wires
from firmware.agents import room_words as words
from firmware.agents.flashing import Flashing, flash_on
from firmware.agents.help_rules import HelpRules, spot_of
from firmware.agents.keeping import TOUCH, Keeping
from firmware.agents.mailbox import Mailbox
from firmware.agents.opening import saying_why
from firmware.agents.room_memory import freeze, load, save, thaw
from firmware.agents.room_rules import Cubicle, CubicleRules, StayFact
from firmware.agents.room_sensors import SensorRules
from firmware.agents.stuck import HELD, Stuck
from firmware.config import RoomConfig
from firmware.station import Agent, Station
from firmware.worker import Worker

log = logging.getLogger(__name__)

Lamp = tuple[str, str]
"""A lamp of the room: what it says, `occupied` or `help`, and of which cubicle."""
Part = tuple[Literal["door", "motion", "help", "check"], str]
"""A line of the room: what it is, and of which cubicle."""

OWED = 1000
"""So many ends of stays may wait in memory for a disk that takes data again."""
SAVING = 5.0
"""Seconds that the file of stays may take."""


def build(config: RoomConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one room."""
    return RoomAgent(config, wires, station)


class RoomAgent:
    """Drives one room until it is cancelled."""

    def __init__(self, config: RoomConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config = config
        self._wires = wires
        self._station = station
        self._keeping = Keeping(station)
        self._cubicles = {
            one.id: CubicleRules(Cubicle(config.room, one.id, config.limit, config.stillness), lambda: secrets.token_hex(8))
            for one in config.cubicles
        }
        self._sensors = {one.id: SensorRules(config.stuck_after, config.stillness) for one in config.cubicles}
        self._helps = {one.id: HelpRules(config.coming) for one in config.cubicles if one.help is not None}
        self._held = Stuck[Part](HELD)
        self._restless = Stuck[Part](config.limit)
        self._flashing = Flashing()
        self._mailbox = Mailbox[Edge[Part] | HelpState | Command]()
        self._owed = deque[StayEnded](maxlen=OWED)
        self._unsaved = False
        self._file = station.data / f"{config.id}-stays.json"

    async def run(self) -> None:
        """Drive the room."""
        with ExitStack() as opened:
            with saying_why(self._station):
                pins = self._wires.pins()
                inputs = opened.enter_context(Inputs(pins, self._lines()))
                lights = opened.enter_context(Lamps(pins, self._lamps()))
            async with Worker(f"room-{self._config.id}") as disk, asyncio.TaskGroup() as sources:
                await self._begin(inputs.levels, disk)
                sources.create_task(self._mailbox.feed(inputs.changes(self._settling(inputs.levels))))
                sources.create_task(self._mailbox.feed(self._station.hear(HELP_STATE, place=self._config.room)))
                sources.create_task(self._mailbox.feed(self._station.hear(COMMAND)))
                while True:
                    await self._turn(inputs, lights, disk)

    def _lines(self) -> dict[Part, Line]:
        lines: dict[Part, Line] = {}
        for one in self._config.cubicles:
            lines["door", one.id] = to_ground(one.door)
            lines["motion", one.id] = to_supply(one.motion)
            if one.help is not None:
                lines["help", one.id] = to_ground(one.help)
        if self._config.check is not None:
            lines["check", ""] = to_ground(self._config.check)
        return lines

    def _lamps(self) -> dict[Lamp, int]:
        occupied = {("occupied", one.id): one.lamp for one in self._config.cubicles if one.lamp is not None}
        called = {("help", one.id): one.help_lamp for one in self._config.cubicles if one.help_lamp is not None}
        return {**occupied, **called}

    def _settling(self, levels: dict[Part, bool]) -> dict[Part, float]:
        # A sensor's pulse may be shorter than a contact bounces, and it does not bounce.
        return {part: 0.0 if part[0] == "motion" else self._config.debounce for part in levels}

    async def _begin(self, levels: dict[Part, bool], disk: Worker) -> None:
        """Take the levels as they are, go on with the stays in progress, and hear a help button that is held."""
        clock = self._station.clock
        stays = thaw(await disk.run(load, self._file, deadline=SAVING), clock)
        for name, rules in self._cubicles.items():
            facts = rules.begin(levels["door", name], levels["motion", name], stays.get(name), clock.monotonic())
            await self._keep(facts, disk)
            self._sensors[name].begin(levels["door", name], levels["motion", name], clock.monotonic())
        for part, active in levels.items():
            self._watch(part, active, clock.monotonic())
            if active and part[0] == "help":
                await self._pressed(part)

    async def _turn(self, inputs: Inputs[Part], lights: Lamps[Lamp], disk: Worker) -> None:
        lights.show(self._lit())
        self._say_how_it_is()
        self._station.alive()
        now = self._now()
        dues = [*(rules.due for rules in self._cubicles.values()), *(rules.due(now) for rules in self._helps.values())]
        happening = await self._mailbox.next(*dues, self._flashing.due(now), now=now)
        if happening is None:
            inputs.reread()
        for word, times in inputs.take_counts().items():
            self._station.count(word, times)
        await self._take(happening, disk)
        while self._owed and await self._keeping.keep(self._owed[0]):
            self._owed.popleft()
        if self._unsaved:
            await self._remember(disk)
        for rules in self._cubicles.values():
            await self._keep(rules.look(self._now()), disk)

    async def _take(self, happening: Edge[Part] | HelpState | Command | None, disk: Worker) -> None:
        match happening:
            case Edge(name=("door", cubicle), active=closed, at=at):
                self._sensors[cubicle].door(closed, at)
                await self._keep(self._cubicles[cubicle].door(closed, at), disk)
            case Edge(name=("motion", cubicle), active=moves, at=at):
                self._watch(happening.name, moves, at)
                self._sensors[cubicle].motion(moves, at)
                await self._keep(self._cubicles[cubicle].motion(moves, at), disk)
            case Edge(name=part, active=pressed, at=at):
                self._watch(part, pressed, at)
                if pressed:
                    await self._pressed(part)
            case HelpState(spots=spots):
                for cubicle, rules in self._helps.items():
                    rules.hear(spot_of(spots, cubicle), self._now())
            case Command():
                self._flashing = await flash_on(happening, self._station, self._flashing)

    def _watch(self, part: Part, active: bool, at: float) -> None:
        if part[0] == "motion":
            self._restless.level(part, active, at)
        elif part[0] != "door":
            self._held.level(part, active, at)

    async def _pressed(self, part: Part) -> None:
        what, cubicle = part
        if what == "help":
            if await self._keeping.keep(HelpAsked(place=self._config.room, cubicle=cubicle)):
                self._helps[cubicle].ask(self._now(), self._station.clock.now())
        else:
            await self._keeping.keep(RoomChecked(room=self._config.room))

    async def _keep(self, facts: list[StayFact], disk: Worker) -> None:
        """Record what happened and remember what goes on.

        A start is remembered before it is recorded and an end recorded before it is forgotten, so that a power cut in
        between repeats a fact under its own token and loses none. An end that the disk does not take is owed: it
        carries the whole stay.
        """
        for fact in facts:
            if isinstance(fact, StayEnded):
                if not await self._keeping.keep(fact):
                    self._owed.append(fact)
                await self._remember(disk)
            else:
                await self._remember(disk)
                await self._keeping.keep(fact)

    async def _remember(self, disk: Worker) -> None:
        stays = {name: rules.stay for name, rules in self._cubicles.items() if rules.stay}
        try:
            await disk.run(save, self._file, freeze(stays, self._station.clock), deadline=SAVING)
        except (OSError, DeviceTimeout) as error:
            if not self._unsaved:
                self._station.count("unsaved-stay")
                log.warning("%s cannot be written; after a restart a stay may be missing: %s", self._file, error)
            self._unsaved = True
        else:
            self._unsaved = False

    def _lit(self) -> frozenset[Lamp]:
        now = self._now()
        if self._flashing.runs(now):
            return frozenset(self._lamps()) if self._flashing.lit(now) else frozenset()
        occupied = [("occupied", name) for name, rules in self._cubicles.items() if rules.stay]
        return frozenset([*occupied, *(("help", name) for name, rules in self._helps.items() if rules.lit(now))])

    def _say_how_it_is(self) -> None:
        now = self._now()
        if self._keeping.failed:
            self._station.state("fault", "not-kept", words.UNKEPT, TOUCH)
        elif held := self._held.names(now):
            self._station.state("attention", "key-stuck", words.held(*held[0]), words.RELEASE)
        elif restless := self._restless.names(now):
            self._station.state("attention", "motion-stuck", words.restless(restless[0][1]), words.COVER)
        elif suspects := [(name, found) for name, rules in self._sensors.items() if (found := rules.suspect(now))]:
            name, found = suspects[0]
            self._station.state("attention", found.doubt, words.doubtful(name, found), words.TOUCH[found.doubt])
        else:
            taken = sum(rules.stay is not None for rules in self._cubicles.values())
            self._station.state("ready", "ok", words.occupancy(len(self._cubicles) - taken, taken))

    def _now(self) -> float:
        return self._station.clock.monotonic()
