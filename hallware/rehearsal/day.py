"""The day: people come, windows call, serve and are rated, staff change at noon; all of it asked of a real controller."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import msgspec

from contract import dispatch
from contract.dispatch import DispatchReply, DispatchRequest
from contract.events import Event, Fact, RatingGiven
from contract.rating import RatingInvite
from contract.topics import EVENT
from controller.config import HallConfig
from controller.config_hours import Names
from controller.config_parts import PlannedNode, Staff
from controller.queue.rules import Rules
from controller.service import HallService
from hallware.press import Press
from hallware.rehearsal.agenda import Agenda
from hallware.rehearsal.crowd import Habits, Person, crowd
from link.hearing import Heard
from link.letter import Letter

TICK = 15.0
"""Seconds between two looks of the controller at the time."""
AGAIN = 30.0
"""Seconds after which a busy window tries again to call somebody back."""
RATERS = "rehearsal-raters"


@dataclass(frozen=True)
class Estimate:
    """What somebody was told to expect, in minutes, and how long it was."""

    low: int
    high: int
    waited: float


@dataclass
class Seen:
    """What the people of the day saw of it: counted beside the controller, to be compared with what it stored."""

    arrived: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    tickets: int = 0
    served: int = 0
    no_shows: int = 0
    rated: Counter[int] = field(default_factory=Counter)
    booked: int = 0
    checked_in: int = 0
    returned: int = 0
    parked: int = 0
    moved: int = 0
    estimates: list[Estimate] = field(default_factory=list)


def staffed(config: HallConfig, store: str) -> HallConfig:
    """The hall with people at its windows, two for each, and without its devices, which nobody plays here."""
    people = tuple(
        Staff(id=f"{window.id}-{shift}", name=Names(zh=f"{window.name.zh}{shift}岗", en=f"{window.name.en} {shift}"))
        for window in config.window for shift in ("a", "b")
    )  # fmt: skip
    raters = tuple({"id": f"rater-{window.id}", "kind": "rater", "window": window.id} for window in config.window)
    node = PlannedNode(id=RATERS, device=raters)
    return msgspec.structs.replace(config, store=store, staff=people, node=(node,), room=(), board=(), kiosk=())


class Day:
    """One day of a hall."""

    def __init__(self, config: HallConfig, day: date, tickets: int, seed: int, habits: Habits) -> None:
        """Raises `ValueError` for a day on which the hall is closed."""
        self.config, self.habits = config, habits
        self.rules = Rules.of(config)
        self.openings = self.rules.calendar().openings(day)
        if not self.openings:
            raise ValueError(f"the hall is closed on {day}, or open for ever; give it hours, or choose another day")
        self.chance = Random(seed)
        self.people = crowd(tickets, config.service, self.openings, habits, self.chance)
        self.agenda = Agenda(self.openings[0].opens - timedelta(minutes=10))
        self.seen = Seen()
        self.service = HallService(
            config, say=self._heard, clock=lambda: self.agenda.now, new_id=self._id, forms=Press(config).forms
        )
        self._holders: dict[str, Person] = {}
        self._told: dict[str, tuple[datetime, int, int]] = {}
        self._invites: dict[str, RatingInvite] = {}
        self._raters = {
            str(device["window"]): (node.id, str(device["id"]))
            for node in config.node for device in node.device if device.get("kind") == "rater"
        }  # fmt: skip
        self._reports: Counter[str] = Counter()
        self._returned: set[str] = set()
        self._parked: set[str] = set()
        self._moved: set[str] = set()
        self._idle: list[str] = []

    def _id(self) -> str:
        return f"{self.chance.getrandbits(64):016x}"

    def _heard(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            if isinstance(letter.message, RatingInvite):
                self._invites[letter.message.window] = letter.message

    async def ask(self, do: dispatch.Action) -> DispatchReply:
        """Ask the controller as staff do."""
        at = self.agenda.now
        request = DispatchRequest(id=self._id(), at=at, not_after=at + timedelta(seconds=30), do=do)
        return await self.service.ask(request, "played")

    def rater(self, window: str) -> tuple[str, str]:
        """The node and the name of a window's rater."""
        return self._raters[window]

    def report(self, node: str, device: str, fact: Fact) -> None:
        """A device of a node reports a fact."""
        self._reports[node] += 1
        event = Event(
            node=node, epoch="rehearsal", number=self._reports[node], device=device, at=self.agenda.now, age=0.0, fact=fact
        )
        self.service.hear(EVENT, Heard(event, {"hall": self.config.hall.id, "node": node}, retained=False))

    def begin(self) -> None:
        """Everything that the day brings is on the agenda."""
        for person in self.people:
            self.agenda.at(person.arrives, self._arrival(person))
        for window in self.config.window:
            self.agenda.at(self.openings[0].opens, self._open(window.id))
            self.agenda.at(self._noon(), self._shift(window.id))
        self._tick_again()

    async def play(self) -> None:
        """Everything, from before the opening until half an hour after the closing."""
        self.begin()
        await self.agenda.play(self.openings[-1].closes + timedelta(minutes=30))
        self.agenda.now = self.openings[-1].closes + timedelta(days=1)
        self.service.tick()
        await self.ask(dispatch.OpenWindow(window=self.config.window[0].id))

    def _noon(self) -> datetime:
        first, last = self.openings[0].opens, self.openings[-1].closes
        return first + (last - first) / 2

    def _tick_again(self) -> None:
        async def tick() -> None:
            self.service.tick()
            self._tick_again()

        self.agenda.after(TICK, tick)

    def _open(self, window: str) -> Any:
        async def deed() -> None:
            await self.ask(dispatch.SignOn(window=window, staff=f"{window}-a"))
            await self.ask(dispatch.OpenWindow(window=window))
            await self._call(window)

        return deed

    def _shift(self, window: str) -> Any:
        async def deed() -> None:
            await self.ask(dispatch.SignOn(window=window, staff=f"{window}-b", instead_of=f"{window}-a"))

        return deed

    def _arrival(self, person: Person) -> Any:
        async def deed() -> None:
            self.seen.arrived += 1
            given = await (self._appointment(person) if person.booked else self._walk_in(person))
            if given.number is None:
                self.seen.refused[given.code] += 1
                return
            self.seen.tickets += 1
            self._holders[given.number] = person
            await self._wake()

        return deed

    async def _appointment(self, person: Person) -> DispatchReply:
        """Booked for the slot that begins next; whoever finds none walks in."""
        view = self.rules.services[person.service].appointments
        minutes = 30 if view is None else view.minutes
        for ahead in range(8):
            slot = self._slot(minutes, ahead)
            booked = await self.ask(dispatch.BookAppointment(service=person.service, slot=slot))
            if booked.check_in is not None:
                self.seen.booked += 1
                arrived = await self.ask(dispatch.CheckIn(code=booked.check_in))
                self.seen.checked_in += arrived.number is not None
                if arrived.number is not None or ahead:
                    return arrived if arrived.number is not None else await self._walk_in(person)
        return await self._walk_in(person)

    def _slot(self, minutes: int, ahead: int) -> datetime:
        opening = next((o for o in self.openings if o.closes > self.agenda.now), self.openings[-1])
        passed = max(0, int((self.agenda.now - opening.opens).total_seconds() // (60 * minutes)) + 1)
        return opening.opens + timedelta(minutes=minutes * (passed + ahead))

    async def _walk_in(self, person: Person) -> DispatchReply:
        told = next(s for s in self.service.view().services if s.service == person.service).wait
        given = await self.ask(
            dispatch.IssueTicket(service=person.service, priority="priority" if person.priority else "ordinary")
        )
        if given.number is not None and told is not None and not person.priority:
            self._told[given.number] = (self.agenda.now, told.low, told.high)
        return given

    async def _call(self, window: str) -> None:
        called = await self.ask(dispatch.CallNext(window=window))
        if called.number is None:
            self._idle.append(window)
            return
        await self._called(window, called.number)

    async def _wake(self) -> None:
        """Somebody waits who did not wait before: windows without work look, whoever has been idle longest first."""
        waiting = {state.window for state in self.service.view().windows if state.waiting}
        for window in [window for window in self._idle if window in waiting]:
            self._idle.remove(window)
            await self._call(window)

    async def _called(self, window: str, number: str) -> None:
        if (told := self._told.pop(number, None)) is not None:
            since, low, high = told
            self.seen.estimates.append(Estimate(low, high, (self.agenda.now - since).total_seconds()))
        person = self._holders[number]
        if person.absent and number not in self._returned:
            self.agenda.after(self.config.calling.interval + 1, lambda: self._recall(window, number))
        else:
            self.agenda.after(person.way, lambda: self._serve(window, number))

    async def _recall(self, window: str, number: str) -> None:
        again = await self.ask(dispatch.Recall(window=window))
        if again.outcome == "done":
            self.agenda.after(self.config.calling.interval + 1, lambda: self._recall(window, number))
            return
        missed = await self.ask(dispatch.NoShow(window=window))
        if missed.outcome == "done":
            self.seen.no_shows += 1
            person = self._holders[number]
            if person.returns is not None:
                self.agenda.after(person.returns, lambda: self._return(number))
        await self._call(window)

    async def _return(self, number: str) -> None:
        back = await self.ask(dispatch.ReturnTicket(number=number))
        if back.outcome == "done":
            self.seen.returned += 1
            self._returned.add(number)
            await self._wake()

    async def _serve(self, window: str, number: str) -> None:
        person = self._holders[number]
        await self.ask(dispatch.Start(window=window))
        if person.parks is not None and number not in self._parked:
            self._parked.add(number)
            self.agenda.after(person.takes / 3, lambda: self._park(window, person.parks or 0.0))
        elif person.moves and number not in self._moved and len(self.config.service) > 1:
            self._moved.add(number)
            self.agenda.after(person.takes, lambda: self._move(window, person))
        else:
            self.agenda.after(person.takes, lambda: self._finish(window, person))

    async def _park(self, window: str, seconds: float) -> None:
        parked = await self.ask(dispatch.Park(window=window))
        self.seen.parked += parked.outcome == "done"
        if parked.number is not None:
            self.agenda.after(seconds, lambda: self._call_back(window, parked.number or ""))
        await self._call(window)

    async def _call_back(self, window: str, number: str) -> None:
        back = await self.ask(dispatch.CallParked(window=window, number=number))
        if back.number is None:
            self.agenda.after(AGAIN, lambda: self._call_back(window, number))
        else:
            self._idle = [idle for idle in self._idle if idle != window]
            self.agenda.after(self._holders[number].way, lambda: self._serve(window, number))

    async def _move(self, window: str, person: Person) -> None:
        others = [s.id for s in self.config.service if s.id != person.service and self.rules.serving(s.id)]
        moved = await self.ask(dispatch.Transfer(window=window, service=self.chance.choice(others)))
        if moved.outcome == "done":
            self.seen.moved += 1
            await self._wake()
            await self._call(window)
        else:
            await self._finish(window, person)

    async def _finish(self, window: str, person: Person) -> None:
        finished = await self.ask(dispatch.Finish(window=window))
        self.seen.served += finished.outcome == "done"
        invite = self._invites.pop(window, None)
        if invite is not None and person.level is not None:
            self._rate(window, invite, person.level)
        await self._call(window)

    def _rate(self, window: str, invite: RatingInvite, level: int) -> None:
        seconds = 2 + self.chance.random() * 20

        async def press() -> None:
            self.report(*self.rater(window), RatingGiven(rating=invite.rating, window=window, level=level, after=seconds))
            self.seen.rated[level] += 1

        self.agenda.after(seconds, press)


def new_seed() -> int:
    """A seed that can be printed and typed."""
    return secrets.randbelow(100_000)
