"""A window and its controller: keys are orders while it is there, and are carried out here while it is away.

A key becomes one fact, so it is carried out once. While the controller is there it is an order that soon means nothing. When
it is gone, and every order that it might still find is older than that, a key is what this window does by itself; what
falls in between waits for one or the other. What the window does by itself is remembered and recorded before anything shows.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from contract.allotment import Allotment, AllotmentHeld
from contract.calling import WindowState
from contract.events import KeyPressed
from contract.topics import ALLOTMENT, ALLOTMENT_HELD
from contract.values import Text
from devices.errors import DeviceTimeout
from firmware.agents import caller_away as away
from firmware.agents import caller_away_words as words
from firmware.agents.caller_away import Done, Instant, Memory
from firmware.agents.caller_memory import load, save
from firmware.agents.keeping import Keeping
from firmware.boot import boot_id
from firmware.intercom import Standing
from firmware.station import Station
from firmware.stream import Place
from firmware.worker import Worker

log = logging.getLogger(__name__)

SHORT = 2.0
"""Seconds without the controller that are waited out before a window goes by itself."""
CLOCKS = 2.5
"""Seconds by which an order may count as fresh for longer than this node thinks: clocks differ by up to 2 s."""
SAVING = 5.0
"""Seconds that the disk may take."""
TURN = 0.25
"""Seconds between looks at what is under way."""
HELD_EVERY, HELD_SHARE = 10.0, 0.2
"""A node says what it goes by every so many seconds, or after this share of its time, whichever is later."""


class Alone:
    """One window, whatever keys it has. `run` belongs into the agent's task group."""

    def __init__(self, station: Station, keeping: Keeping, window: str, patience: float, refuse: Callable[[Text], None]) -> None:
        """`patience` is how long an order means something; `refuse` is told why a key did nothing here."""
        self._station, self._keeping, self._window, self._refuse = station, keeping, window, refuse
        self._patience = patience
        self._boot = boot_id()
        self._memory = Memory(boot=self._boot)
        self._file: Path = station.data / f"{station.device}-away.json"
        self._disk: Worker | None = None
        self._loaded, self._turn = asyncio.Event(), asyncio.Lock()
        now = station.clock.monotonic()
        self._absent_since: float | None = now
        self._ordered = now
        self._pocket: tuple[KeyPressed, float] | None = None
        self._state: WindowState | None = None
        self._mark: Place | None = None
        self._saved: Memory | None = None
        self._said_at = float("-inf")

    async def run(self) -> None:
        """Follow the controller, and see to what is under way."""
        async with Worker(f"caller-{self._station.device}") as disk, asyncio.TaskGroup() as tasks:
            self._disk = disk
            self._memory = self._saved = await disk.run(load, self._file, self._boot, deadline=SAVING)
            await self._tell_untold()
            self._stand()
            self._loaded.set()
            tasks.create_task(self._follow_presence())
            tasks.create_task(self._take_allotments())
            while True:
                await asyncio.sleep(TURN)
                async with self._turn:
                    await self._look()

    @property
    def words(self) -> tuple[str, Text, Text] | None:
        """A code, what is so and what to touch, while the window goes by itself; None while it does not."""
        if not self._alone(self._station.clock.monotonic()):
            return None
        name, visit, tickets = self._name(), self._memory.visit, len(away.left(self._memory, self._now()))
        if visit is None and not tickets:
            return "list-used-up", words.of(name, words.USED_UP), words.DESK
        return "controller-away", words.alone(name, None if visit is None else _doing(visit), tickets), words.ASK

    def view(self, state: WindowState | None) -> WindowState | None:
        """What the window does: as `state` says, unless it goes or went its own way."""
        now = self._now()
        if not self._memory.own and not self._alone(now.tick):
            return state
        visit = self._memory.visit
        return WindowState(
            window=self._window, name=self._name(), at=now.at, state="open", stage="idle" if visit is None else visit.stage,
            number=None if visit is None else visit.number, ticket=None if visit is None else visit.ticket,
            times=0 if visit is None else visit.times, waiting=len(away.left(self._memory, now)),
        )  # fmt: skip

    async def press(self, order: KeyPressed, at: float) -> None:
        """A key was pressed at `at` monotonic seconds."""
        await self._loaded.wait()
        async with self._turn:
            await self._press(order, at)

    async def see(self, state: WindowState) -> None:
        """What the controller says of the window."""
        await self._loaded.wait()
        async with self._turn:
            self._state = state
            self._memory = away.follow(self._memory, state, self._station.clock.monotonic())

    async def _press(self, order: KeyPressed, at: float) -> None:
        now = self._station.clock.monotonic()
        if self._station.controller_present:
            self._ordered = max(self._ordered, at)
            await self._keeping.keep(order)
        elif self._alone(now):
            await self._carry_out(order)
        else:
            if self._pocket is not None:
                self._keeping.pass_over("press-in-between")
            self._pocket = order, at

    def _alone(self, now: float) -> bool:
        """Whether the controller is away and finds no order any more that it could still carry out."""
        if self._absent_since is None or self._station.controller_present:
            return False
        return now >= max(self._absent_since + SHORT, self._ordered + self._patience + CLOCKS)

    async def _carry_out(self, order: KeyPressed) -> None:
        outcome = away.press(self._memory, self._window, order.key, self._now(), lambda: secrets.token_hex(8))
        if not isinstance(outcome, Done):
            self._refuse(outcome)
        else:
            await self._done(outcome)

    async def _done(self, done: Done) -> None:
        """Remember, record, and only then let it show."""
        before = self._memory
        if not await self._save(done.memory):
            self._keeping.missed()
            return
        if not await self._keeping.keep(done.fact):
            await self._save(before)
            return
        self._memory, self._mark = replace(done.memory, untold=()), self._station.stream()
        if done.invite is not None:
            self._station.tell_neighbours(done.invite, self._window)
        self._stand(new=done.call is not None)

    def _stand(self, *, new: bool = False) -> None:
        """Let the window's strip show what the window does by itself; a call is `new` to it once, also over new starts."""
        memory = self._memory
        call = memory.visit.call if memory.own and memory.visit is not None else None
        if new:
            self._station.tell_neighbours(Standing(own=memory.own, call=call, new=True), self._window)
        self._station.tell_neighbours(Standing(own=memory.own, call=call), self._window, keep=True)

    async def _look(self) -> None:
        now = self._station.clock.monotonic()
        await self._empty_pocket(now)
        self._reconcile()
        if self._memory != self._saved:
            await self._save(self._memory)
        if self._station.controller_present and now >= self._said_at + self._every():
            await self._say_held()

    async def _empty_pocket(self, now: float) -> None:
        if self._pocket is None:
            return
        order, at = self._pocket
        if self._station.controller_present or self._alone(now):
            self._pocket = None
            await self._press(order, at)
        elif now - at > 2 * self._patience + CLOCKS:
            self._pocket = None
            self._keeping.pass_over("press-in-between")

    def _reconcile(self) -> None:
        """Go by the controller again once it has stored all that the window did by itself."""
        if not self._memory.own:
            return
        place = self._station.stream()
        if self._mark is None or self._mark.epoch != place.epoch:
            self._mark = place if place.epoch else None
        elif self._station.controller_present and place.stored >= self._mark.newest:
            self._mark = None
            self._memory = replace(self._memory, own=False)
            if self._state is not None:
                self._memory = away.follow(self._memory, self._state, self._station.clock.monotonic())
            self._stand()

    async def _follow_presence(self) -> None:
        async for present in self._station.presence():
            async with self._turn:
                self._absent_since = None if present else self._station.clock.monotonic()
                self._said_at = float("-inf")
                await self._look()

    async def _take_allotments(self) -> None:
        async for allotment in self._station.hear(ALLOTMENT, window=self._window):
            if (allotment.node, allotment.device) == (self._station.node, self._station.device):
                async with self._turn:
                    await self._take(allotment)

    async def _take(self, allotment: Allotment) -> None:
        """Go by a newer allotment. It is on the disk before the controller is told that the older one is given up."""
        memory = away.adopt(self._memory, allotment)
        if memory is None:
            return
        newer = memory.version != self._memory.version
        if not newer:
            self._memory = memory
        elif await self._save(memory):
            self._memory = memory
            await self._say_held()

    def _every(self) -> float:
        allotment = self._memory.allotment
        return HELD_EVERY if allotment is None else max(HELD_EVERY, HELD_SHARE * allotment.lasts)

    async def _say_held(self) -> None:
        """Say what this window goes by; whatever it has called by itself stands in the stream before that."""
        place, now = self._station.stream(), self._station.clock.monotonic()
        if not place.epoch:
            return
        held = AllotmentHeld(
            window=self._window, device=self._station.device, version=self._memory.version,
            stamp=away.stamp(self._boot, now), epoch=place.epoch, newest=place.newest,
        )  # fmt: skip
        if await self._station.say(ALLOTMENT_HELD, held):
            self._said_at = now

    async def _tell_untold(self) -> None:
        """What the last process remembered and perhaps did not record. The controller knows a repetition by its ids."""
        for fact in self._memory.untold:
            if not await self._keeping.keep(fact):
                return
        self._memory = replace(self._memory, untold=())

    async def _save(self, memory: Memory) -> bool:
        assert self._disk is not None  # noqa: S101
        try:
            await self._disk.run(save, self._file, memory, deadline=SAVING)
        except (OSError, DeviceTimeout) as error:
            if self._saved is not None:
                log.warning("%s cannot be written; without the controller this window calls nobody: %s", self._file, error)
            self._saved = None
            return False
        self._saved = memory
        return True

    def _name(self) -> Text:
        if self._memory.allotment is not None:
            return self._memory.allotment.window_name
        return self._state.name if self._state is not None else Text(zh=self._window, en=self._window)

    def _now(self) -> Instant:
        clock = self._station.clock
        at = clock.now()
        return Instant(at, clock.monotonic(), at.astimezone(self._station.timezone).date())


def _doing(visit: away.Visit) -> Text:
    return words.doing(visit.number, serving=visit.stage == "serving", times=visit.times)
