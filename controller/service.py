"""The service: the one task that owns the queue. It decides, stores, applies and publishes, in this order, batch by batch."""

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from contract.calling import BoardPicture
from contract.codec import encode
from contract.dispatch import DispatchReply, DispatchRequest
from contract.topics import Topic
from controller import dispatching, pictures, showing
from controller.allotting import ANSWER
from controller.changes import Changes
from controller.committing import Commits
from controller.config import HallConfig
from controller.deciding import Deciding
from controller.draft import Draft
from controller.hall_now import hall_now
from controller.hall_rules import HallRules
from controller.jobs import Ask, ComplainByPhone, Job, Jobs, Message, RateByPhone, Retry, Tick, reprinted
from controller.known import Known
from controller.overrides import over
from controller.pictures import Key, Picture
from controller.presence import Presence
from controller.report_values import Report
from controller.slip_forms import Forms
from controller.slip_values import PrintRow
from controller.state import HallState, apply
from controller.store.books import Books
from controller.store.counting import Span
from controller.store.errors import StoreError
from controller.store.reports import Reports
from controller.store.store import Loaded, Store
from controller.store.thread import StoreThread
from controller.telling import tell
from controller.upkeep import showing as upkeep
from controller.view import AppointmentRow, AuditRow, HallView, NoticeRow, RatingRow, SlotView, TicketView, WebhookView
from controller.view_upkeep import StayRow, UpkeepView
from link.hearing import Heard
from link.letter import Letter

log = logging.getLogger("hallware.controller")

R = TypeVar("R")


def utc_now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A name for one thing for ever."""
    return secrets.token_hex(8)


class HallService:
    """A hall that runs: `controller.ports.RunningHall`. Made by `controller.running.running`."""

    def __init__(
        self,
        config: HallConfig,
        *,
        say: Callable[[Sequence[Letter]], None],
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = new_id,
        monotonic: Callable[[], float] = time.monotonic,
        forms: Forms | None = None,
    ) -> None:
        """Prepare a hall; `say` sends letters without waiting, `forms` are its slips. Raises `BadSettings`."""
        self._written = self._rules = HallRules.of(config, forms)
        self._say, self._clock, self._new_id, self._monotonic = say, clock, new_id, monotonic
        self._store, self._thread = Store(config.store, config.hall.id), StoreThread()
        self._commits = Commits(self._store, self._thread)
        self._reports = Reports(config)
        self.books = Books(config)
        self._state = HallState()
        self._presence = Presence()
        self._deciding = Deciding(monotonic, self._again)
        self._known = Known()
        self._counts: Counter[str] = Counter()
        self._jobs = Jobs()
        self._version = 0
        self._view: HallView | None = None
        self._changes = Changes(self.view)
        self._ended, self._posting = asyncio.Event(), asyncio.Event()
        self._counted = 0
        self._closed = False
        self._bug: BaseException | None = None

    @property
    def config(self) -> HallConfig:
        """hall.toml as it is in force, with what staff have changed for a while."""
        return self._rules.config

    @property
    def written(self) -> HallConfig:
        """hall.toml as it was read."""
        return self._written.config

    @property
    def forms(self) -> Forms:
        """The slips that staff may fill in."""
        return self._written.forms

    def take_forms(self, forms: Forms) -> None:
        """Other slips from now on; what is being decided at this moment still goes by the former ones."""
        self._written = replace(self._written, forms=forms)
        self._turn()

    async def open(self) -> None:
        """Open the store, continue where it stopped, and do what time has brought since. Raises `StoreError`, `BadSettings`."""
        await self._thread.do(self._store.open)
        self._continue(await self._thread.do(self._store.load))
        await self._work([Tick()])
        if self._commits.failing:
            raise StoreError(f"{self.config.store}: nothing can be written; see the log")
        waiting = sum(len(line) for line in self._state.queue.lines.values())
        log.info("hall %s: day %s, %d tickets, %d waiting", self.config.hall.id, self._state.queue.day,
                 len(self._state.queue.tickets), waiting)  # fmt: skip

    def broken(self, task: asyncio.Task[None]) -> None:
        """Take note of a task of this hall that has ended; none should, so an error is a bug."""
        if not task.cancelled():
            self._bug = self._bug or task.exception()
            self._ended.set()

    async def ended(self) -> None:
        """Return when the hall is closed; raises the bug that broke it."""
        await self._ended.wait()
        if self._bug is not None:
            raise self._bug

    async def close(self) -> None:
        """Give the store back and end everybody's `changes`. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._changes.close()
        self._ended.set()
        await self._thread.do(self._store.close)
        self._thread.close()
        self._reports.close()
        self.books.close()

    def _continue(self, loaded: Loaded) -> None:
        for fact in loaded.facts:
            self._state = apply(self._state, fact)
        self._rules = over(self._written, self._state.overrides)
        self._known = Known.of(loaded)

    async def run(self) -> None:
        """Own the queue until cancelled."""
        while True:
            await self._work(await self._jobs.take())

    def tick(self) -> None:
        """Say that time has passed; for whoever holds the clock, about once a second."""
        self._jobs.put(Tick())

    def hear(self, topic: Topic[Any], heard: Heard[Any]) -> None:
        """Take a message; it is dealt with in turn."""
        self._jobs.put(Message(topic, heard))

    def count(self, what: str) -> None:
        """Count something refused before it came here."""
        self._counts[what] += 1

    def retained(self) -> list[Letter]:
        """All pictures as they are now, for a broker that has just been reached."""
        return [*(pictures.letter(picture) for picture in self._known.pictures.values()), *self._deciding.allotting.retained()]

    async def _work(self, jobs: list[Job]) -> None:
        draft = Draft(
            state=self._state, rules=replace(self._rules, forms=self.forms), now=self._clock(), new_id=self._new_id,
            presence=self._presence, counts=self._counts, known=self._known.answers, inboxes=self._known.inboxes,
            recalled=await self._commits.slips(reprinted(jobs)), written=self._written,
        )  # fmt: skip
        self._deciding.decide(draft, jobs)
        drawn = pictures.drawn(draft.state, draft.rules, draft.now, self._known.pictures, self._known.versions)
        draft.batch.pictures.update(
            (key, version) for key, picture in drawn.items() if (version := getattr(picture, "version", None))
        )
        if draft.batch and not await self._commits.stored(draft.batch):
            draft.reply(lambda reply: dispatching.refused(reply.id, dispatching.STORE_FAILED, draft.now))
            return
        self._settle(draft, drawn)

    def _again(self) -> None:
        asyncio.get_running_loop().call_later(ANSWER, self._jobs.put, Retry())

    def _settle(self, draft: Draft, drawn: dict[Key, Picture]) -> None:
        """The draft is stored, so it is so: apply it, and tell everybody."""
        self._state, self._rules = draft.state, draft.rules
        self._known.take(draft, drawn)
        for picture in drawn.values():
            if isinstance(picture, BoardPicture):
                self._presence.boards.tell(picture)
        self._say([*draft.letters, *(pictures.letter(picture) for picture in drawn.values()), *draft.acknowledgements()])
        self._say(self._deciding.allotting.letters(self._state.queue, self._rules, draft.now, self._monotonic()))
        draft.reply(lambda reply: reply)
        if draft.batch.posted:
            self._posting.set()
            self._posting = asyncio.Event()
        for fact in draft.facts:
            tell(fact)
        counted = self._counts.total()
        if draft.facts or drawn or draft.batch.inboxes or draft.seen or counted != self._counted:
            self._counted = counted
            self._turn()

    async def in_store(self, what: Callable[[Connection, str], R]) -> R:
        """Do something with the hall's tables in one transaction, between two commits of the queue. Raises `StoreError`."""
        return await self._thread.do(self._store.within, what)

    def posted(self) -> Coroutine[Any, Any, object]:
        """Ends when the next messages for webhooks are stored."""
        return self._posting.wait()

    def webhook_stands(self, view: WebhookView) -> None:
        """Show how a webhook stands."""
        if self._presence.webhooks.get(view.webhook) != view:
            self._presence.webhooks[view.webhook] = view
            self._turn()

    def broker_stands(self, out_of_reach: datetime | None) -> None:
        """Show since when the broker is out of reach, or that it is there."""
        if self._presence.out_of_reach != out_of_reach:
            self._presence.out_of_reach = out_of_reach
            self._turn()

    def _turn(self) -> None:
        self._version += 1
        self._changes.tell()

    async def ask(self, request: DispatchRequest, actor: str) -> DispatchReply:
        """Do what dispatch wants, as `actor`; the same request id twice is done once."""
        return await self._jobs.answer(lambda reply: Ask(request, actor, reply))

    async def rate_by_phone(self, ticket: str, level: int) -> DispatchReply:
        """Rate the visit that a ticket had, if nobody has: the holder of the ticket does, on its page."""
        return await self._jobs.answer(lambda reply: RateByPhone(ticket, level, reply))

    async def complain_by_phone(self, ticket: str) -> DispatchReply:
        """Take a complaint (办不成事) from the holder of a ticket, on its page."""
        return await self._jobs.answer(lambda reply: ComplainByPhone(ticket, reply))

    def view(self) -> HallView:
        """The hall now."""
        if self._view is None or self._view.version != self._version:
            self._view = showing.view(
                self._state, self._presence, self._known.stored(), self._counts, self._rules, self._clock(), self._version
            )
        return self._view

    def changes(self) -> AsyncIterator[HallView]:
        """The hall now and after every change, until it closes."""
        return self._changes.follow()

    async def ticket(self, ticket: str) -> TicketView | None:
        """A ticket of today or of an earlier day."""
        today = self._state.queue.tickets.get(ticket)
        if today is not None:
            return showing.ticket(self._state, today, self._rules)
        return await self._thread.do(self._store.ticket, ticket)

    def numbered(self, number: str) -> TicketView | None:
        """Today's ticket with this number."""
        found = self._state.queue.numbered(number)
        return None if found is None else showing.ticket(self._state, found, self._rules)

    async def ratings(self, day: date, window: str | None = None) -> list[RatingRow]:
        """A day's ratings, newest first."""
        return await self._thread.do(self._store.ratings, day, window)

    async def stays(self, day: date) -> list[StayRow]:
        """A day's room log, newest first."""
        return await self._thread.do(self._store.stays, day)

    async def notices_ended(self, since: datetime, most: int) -> list[NoticeRow]:
        """The notices that came down since then, newest first, and at most so many."""
        return await self._thread.do(self._store.notices_ended, since, most)

    async def audit(self, day: date) -> list[AuditRow]:
        """A day's audit log, newest first."""
        return await self._thread.do(self._store.audit, day)

    async def prints(self, day: date | None, number: str | None = None) -> list[PrintRow]:
        """The log of prints: of a day, or of a number on any day."""
        return await self._thread.do(self._store.prints, day, number, self.forms)

    async def appointments(self, day: date) -> list[AppointmentRow]:
        """A day's appointments, in the order of their slots."""
        span = Span(self.config.hall.id, day, day, self._rules.queue.timezone)
        return await self._thread.do(self._store.appointments, span)

    def slots(self, service: str, day: date) -> tuple[SlotView, ...]:
        """The slots of a service on a day that may still be booked."""
        return showing.slots(self._state, service, day, self._rules, self._clock())

    async def report(self, first: date, last: date) -> Report:
        """The report on some days, the last one included."""
        return await self._reports.read(first, last)

    async def tell_city(self) -> None:
        """Say how the hall is now, to whoever looks at many halls of one database. Raises `StoreError`."""
        said = hall_now(self.view(), self._rules)
        await self._thread.do(self._store.tell, encode(said).decode())

    def upkeep(self) -> UpkeepView:
        """The inventory, all tasks of maintenance and all consumables, as they stand now."""
        return upkeep.view(self._state, self._presence, self._rules, self._clock())

    async def roll_up(self) -> date | None:
        """Count a day that is over and not counted yet, and say which; None when there is none. Raises `StoreError`."""
        today = self._state.queue.day or self._rules.queue.day(self._clock())
        return await self._thread.do(self._store.roll_up, today, self._rules.queue.timezone, self._clock())

    async def forget(self) -> date | None:
        """Delete what is over by the rule of retention, a day of it; None when nothing is left to delete. Raises `StoreError`."""
        rules = self._rules.queue
        return await self._thread.do(self._store.forget, self.config.retention, self._clock(), rules.timezone)
