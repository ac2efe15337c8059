"""Playing a scenario: each step as soon as the one before is done, each expectation as soon as it is true."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.scenario import steps
from hardware_sim.scenario.eyes import Eyes, Seen, said
from hardware_sim.scenario.names import filled
from hardware_sim.scenario.pictures import Picture, pictures
from hardware_sim.scenario.read import Script
from hardware_sim.scenario.world import World

LOOK_EVERY = 0.1
"""Seconds between two looks when nothing is heard in between: what lies in the store announces nothing."""

FINGER = 0.4
"""Seconds between two presses of one key by a person; devices take what comes sooner for one press."""
AGAIN = 3.0
"""After so long without any paper a person presses the key again."""

Outcome = Literal["passed", "failed", "broken"]
"""`failed`: an expectation did not come true; `broken`: a step could not be done at all."""


@dataclass(frozen=True)
class Done:
    """One step as it was played."""

    number: int
    line: int
    step: steps.AnyStep
    outcome: Outcome
    found: str
    began: float
    """Seconds after the scenario's beginning."""
    took: float
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Happening:
    """Something that a device, a node or the controller said meanwhile."""

    at: float
    who: str
    what: str


@dataclass
class Performance:
    """A scenario as it was played."""

    script: Script
    at: datetime
    done: list[Done] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    took: float = 0.0
    untidy: str = ""
    """What was not at rest when all was over."""

    @property
    def outcome(self) -> Outcome:
        """The first step that was not passed says it."""
        return next((done.outcome for done in self.done if done.outcome != "passed"), "passed")


Progress = Callable[[Performance, int], None]
"""Told of each step before it is done."""


class Player:
    """Plays scripts in one world, one after another."""

    def __init__(self, world: World, progress: Progress = lambda performance, step: None) -> None:
        self.world, self._progress = world, progress
        self._news = asyncio.Event()
        self._pressed: dict[tuple[str, str], float] = {}

    async def play(self, script: Script) -> Performance:
        """Play a script to its end or to its first failure."""
        performance = Performance(script, datetime.now(UTC))
        began = time.monotonic()
        eyes = Eyes(self.world)
        known: dict[str, str] = {}
        try:
            async with self._listening(performance, began):
                for number, step in enumerate(script.scenario.step):
                    self._progress(performance, number)
                    done = await self._do(step, number, script, eyes, known, began)
                    performance.done.append(done)
                    if done.outcome != "passed":
                        break
        finally:
            eyes.close()
        performance.took = time.monotonic() - began
        return performance

    async def _do(
        self, step: steps.AnyStep, number: int, script: Script, eyes: Eyes, known: dict[str, str], began: float
    ) -> Done:
        start = time.monotonic()
        shown: Sequence[str] = ()
        ready = step
        try:
            ready = filled(step, known)
            if isinstance(ready, steps.Expectation):
                seen = await self._expect(ready, eyes)
                outcome: Outcome = "passed" if seen.so else "failed"
                found, shown = seen.found, seen.devices
            else:
                found, outcome = await self._act(ready, eyes, known), "passed"
        except CannotDo as problem:
            found, outcome = str(problem), "broken"
        taken = tuple(picture for device in shown if (view := eyes.hall.views.get(device)) for picture in pictures(view))
        return Done(number, script.lines[number], ready, outcome, found, start - began, time.monotonic() - start, taken)

    async def _act(self, step: steps.AnyStep, eyes: Eyes, known: dict[str, str]) -> str:
        match step:
            case steps.Arrive():
                return await self._arrive(step, eyes, known)
            case steps.Press():
                for press in range(step.times):
                    await asyncio.sleep(step.every if press else 0)
                    await self._press(step.device, step.key)
            case steps.Move():
                await self.world.move(step.device, step.hand, step.how)
            case steps.Ask():
                return await self._ask(step, known)
            case steps.Process():
                await self.world.process(step.who, step.act)
            case steps.Wait():
                await asyncio.sleep(step.seconds)
        return ""

    async def _arrive(self, step: steps.Arrive, eyes: Eyes, known: dict[str, str]) -> str:
        before, ticket = len(eyes.pages(step.kiosk)), None
        async for _ in self._looks(step.within):
            if ticket := eyes.ticket_after(step.kiosk, before):
                break
            if len(eyes.pages(step.kiosk)) == before:
                await self._press(step.kiosk, step.key, AGAIN)
        if ticket is None:
            raise CannotDo(f"no ticket came out of {step.kiosk} within {step.within:g} s")
        await self._told(ticket[0], eyes, step.within)
        if step.name is not None:
            known |= {step.name: ticket[0], f"{step.name}_qr": ticket[1]}
        return ticket[0]

    async def _told(self, number: str, eyes: Eyes, within: float) -> None:
        """Paper is there before the controller hears of it, and only then can its number be called; an absent one hears later."""
        async for _ in self._looks(within):
            if not eyes.controller_is_there or await eyes.is_printed(number):
                return
        raise CannotDo(f"{number} came out, and the controller did not hear of it within {within:g} s")

    async def _press(self, device: str, key: str, unless_within: float = 0.0) -> None:
        """Press a key as a person does, who needs a moment to press it again; not at all so soon after the last time."""
        since = time.monotonic() - self._pressed.get((device, key), -math.inf)
        if since >= unless_within:
            await asyncio.sleep(max(0.0, FINGER - since))
            await self.world.move(device, "press", {"key": key})
            self._pressed[device, key] = time.monotonic()

    async def _ask(self, step: steps.Ask, known: dict[str, str]) -> str:
        reply = await self.world.ask({"type": step.ask} | step.how)
        code = "" if reply.outcome == "done" else reply.code
        if code != (step.refused or ""):
            wanted = f"wanted: refused with `{step.refused}`" if step.refused else "wanted: done"
            raise CannotDo(f"{step.ask}: {reply.outcome} `{reply.code}`: {reply.what.zh} / {reply.what.en} ({wanted})")
        if step.name is not None:
            known[step.name] = reply.number or reply.notice or ""
        return f"{reply.number or ''} {reply.what.zh} / {reply.what.en}".strip()

    async def _expect(self, at: steps.Expectation, eyes: Eyes) -> Seen:
        """Wait until it is so, then see that it stays so; `never` turns it round."""
        seen = await eyes.look(at)
        if at.never:
            seen = await self._stays(at, eyes, seen, wanted=False)
            return Seen(not seen.so, seen.found, seen.devices)
        async for _ in self._looks(at.within):
            seen = await eyes.look(at)
            if seen.so:
                return await self._stays(at, eyes, seen, wanted=True)
        return seen

    async def _stays(self, at: steps.Expectation, eyes: Eyes, seen: Seen, *, wanted: bool) -> Seen:
        if at.lasting and seen.so is wanted:
            async for _ in self._looks(at.lasting):
                seen = await eyes.look(at)
                if seen.so is not wanted:
                    break
        return seen

    async def _looks(self, seconds: float) -> AsyncIterator[None]:
        """Now, and again whenever something has changed, until the time is over; a last time at its end."""
        end = time.monotonic() + seconds
        yield
        while (left := end - time.monotonic()) > 0:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK_EVERY)):
                    await self._news.wait()
            yield

    @asynccontextmanager
    async def _listening(self, performance: Performance, began: float) -> AsyncIterator[None]:
        """What the hall says meanwhile becomes part of the report."""
        hall, before = self.world.hall, dict[tuple[str, str], str]()

        def note(kind: str, name: str) -> None:
            self._news.set()
            words = _words(hall, kind, name)
            if words and before.get((kind, name)) != words:
                before[kind, name] = words
                performance.happenings.append(Happening(time.monotonic() - began, name, words))

        for kind, name in hall.known():
            before[kind, name] = _words(hall, kind, name)
        hall.listeners.append(note)
        try:
            yield
        finally:
            hall.listeners.remove(note)


def _words(hall: Hall, kind: str, name: str) -> str:
    match kind:
        case "state":
            return said(hall.states[name])
        case "node" if name in hall.statuses:
            return f"{hall.statuses[name].state}" + ("" if name in hall.connected else ", process is down")
        case "window":
            window = hall.windows[name]
            return f"{window.state}, {window.stage} {window.number or ''}".strip()
        case "controller" if hall.controller is not None:
            return str(hall.controller.state)
    return ""
