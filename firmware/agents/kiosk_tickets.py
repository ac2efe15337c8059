"""The way of a ticket through a kiosk: asked for or taken from the lease, journalled, printed, proven, told.

Of a ticket whose outcome nobody can know (no proof came, or the power failed in between) two things may be wrong: its
holder has it and the controller thinks not, or the other way round. While it is fresh its holder still stands there, so
it is printed again, marked 补打, as soon as the printer can; later it is given up as `ticket-not-printed` with `unsure`.
Its number belongs to nobody else in either case.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Hashable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

import msgspec

from contract.events import Fact, TicketIssued, TicketNotPrinted, TicketPrinted
from contract.ticketing import KioskOffer, ServiceOffer, TicketGrant, TicketRefusal, TicketReply, TicketRequest
from contract.topics import TICKET_REQUEST
from contract.values import Text
from devices.errors import DeviceTimeout
from devices.printer import PrintFailed
from devices.receipt import Note, Ticket
from firmware.agents import kiosk_words as words
from firmware.agents.kiosk_asking import Asking
from firmware.agents.kiosk_job import TicketJob, from_grant, from_lease
from firmware.agents.kiosk_journal import JournalBroken, JournalDamaged, KioskJournal, NumberTaken, Outcome, set_aside
from firmware.agents.kiosk_printing import PrintDesk
from firmware.agents.kiosk_rules import KioskRules, Press, is_fresh, spell, worth_keeping
from firmware.agents.kiosk_wish import Served, Wish
from firmware.boot import boot_id
from firmware.config import KioskConfig
from firmware.station import OutboxFull, Station
from firmware.worker import Worker

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

DISK_PATIENCE = 8.0
ASK_AT_DESK = Text(zh="暂时无法取号，请到服务台咨询", en="No ticket can be given now, please ask at the desk")
AGAIN = 1.0
"""Seconds between looks at what is doubtful or could not be told."""


class TicketDesk:
    """All tickets of one kiosk."""

    def __init__(
        self, config: KioskConfig, station: Station, rules: KioskRules, printing: PrintDesk, journal: KioskJournal, disk: Worker
    ) -> None:
        """Use `open`."""
        self._config, self._station, self._rules, self._printing = config, station, rules, printing
        self._journal, self._disk = journal, disk
        self._asking: Asking[TicketReply] = Asking(station, config.patience)
        self._doubtful: list[TicketJob] = []
        self._unended: list[tuple[TicketJob, Outcome, Fact]] = []
        """Known outcomes that the disk has not taken yet."""
        self._untold = asyncio.Event()
        self._kept: KioskOffer | None = None

    @classmethod
    async def open(cls, config: KioskConfig, station: Station, rules: KioskRules, printing: PrintDesk) -> Self:
        """Open the journal and take up what the last run left behind."""
        disk = Worker(f"journal-{config.id}")
        path = station.data / f"{config.id}.sqlite"
        try:
            journal = await disk.run(KioskJournal, path, deadline=DISK_PATIENCE)
        except JournalDamaged as error:
            log.error("%s: %s; it is set aside, and no leased number is used today", config.id, error)
            station.count("journal-set-aside")
            journal = await disk.run(_begin_anew, path, station.clock.now(), rules, deadline=DISK_PATIENCE)
        desk = cls(config, station, rules, printing, journal, disk)
        await desk._write(journal.forget, station.clock.now())
        await desk._write(journal.doubt_all_begun)
        desk._doubtful = await desk._write(journal.doubtful)
        rules.burn(await desk._write(journal.used_numbers))
        rules.distrust(await desk._write(journal.distrusted))
        rules.offer = await desk._write(journal.kept_offer)
        desk._untold.set()
        return desk

    async def close(self) -> None:
        """Close the journal, unless its disk hangs."""
        with suppress(DeviceTimeout):
            await self._disk.run(self._journal.close, deadline=1.0)
        self._disk.close()

    async def offered(self, offer: KioskOffer) -> None:
        """The controller's newest offer; kept on the disk when more than the counts in it has changed."""
        self._rules.offer = offer
        lasting = worth_keeping(offer)
        if lasting != self._kept:
            with suppress(JournalBroken):  # told by the next ticket
                await self._write(self._journal.keep_offer, offer)
                self._kept = lasting

    async def serve(self, wish: Wish, service: ServiceOffer, at: Hashable = None, *, explain: bool = True) -> Served:
        """See one wish through to its end; `explain` on paper why it came to nothing."""
        request = secrets.token_hex(8)
        try:
            return await self._serve(wish, service, request, explain=explain)
        except JournalBroken as error:
            log.error("%s: %s", self._config.id, error)
            self._rules.can_record = False
            self._station.count("lost-press")
            return Served("lost")
        finally:
            self._rules.done(wish if at is None else at)

    async def decline(self, wish: Wish, service: ServiceOffer) -> None:
        """Say on paper that a service is closed."""
        try:
            await self._explain(service, service.why_closed or words.CLOSED)
        finally:
            self._rules.done(wish)

    async def replied(self, reply: TicketReply) -> None:
        """The controller's answer to a request of this node; a grant that comes too late goes to nobody."""
        if self._asking.replied(reply):
            return
        if isinstance(reply, TicketGrant) and await self._write(self._journal.request, reply.request) == "dropped":
            self._station.count("late-grant")
            fact = TicketNotPrinted(ticket=reply.ticket, number=reply.number, why="the grant came too late")
            await self._write(self._journal.grant_came_late, reply.request, reply.at, fact)
            self._untold.set()

    async def first_time(self, command: str) -> bool:
        """Note a command before it is carried out; False when it was noted before, or cannot be noted."""
        try:
            return await self._write(self._journal.command, command, self._station.clock.now())
        except JournalBroken:
            self._rules.can_record = False
            return False

    async def tell(self) -> None:
        """Move what the controller has to hear from the journal to the outbox, in order, for ever."""
        while True:
            try:
                for place, fact in await self._write(self._journal.facts):
                    await self._station.record(fact)
                    await self._write(self._journal.told, place)
                await self._find_out_whether_it_writes_again()
            except (OutboxFull, JournalBroken) as error:
                self._rules.can_record = False
                log.debug("%s: cannot tell yet: %s", self._config.id, error)
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await self._untold.wait()
            self._untold.clear()

    async def _find_out_whether_it_writes_again(self) -> None:
        if not self._rules.can_record:
            await self._write(self._journal.forget, self._station.clock.now())
            self._rules.can_record = True

    async def resolve(self) -> None:
        """Print again, or give up, what nobody can know of, for ever."""
        while True:
            with suppress(JournalBroken):  # again next time
                while self._unended:
                    await self._write_end(*self._unended[0])
                    del self._unended[0]
            for job in tuple(self._doubtful):
                with suppress(JournalBroken):  # again next time
                    await self._resolve(job)
            await asyncio.sleep(AGAIN)

    async def _serve(self, wish: Wish, service: ServiceOffer, request: str, *, explain: bool) -> Served:
        press = Press()
        asked = self._rules.present
        reply = await self._ask(wish, request) if asked else None
        match reply:
            case TicketGrant():
                press.to("granted")
                return await self._grant(press, reply)
            case TicketRefusal():
                press.to("refused")
                self._station.count("refused-request")
                await self._write(self._journal.end_request, request, self._station.clock.now(), "refused")
                if explain:
                    await self._explain(service, reply.why)
                return Served("refused", why=reply.why)
            case None:
                press.to("unanswered")
                return await self._issue(press, wish, request if asked else None, explain=explain)

    async def _ask(self, wish: Wish, request: str) -> TicketReply | None:
        now = self._station.clock.now()
        message = TicketRequest(
            id=request,
            kiosk=self._config.id,
            service=wish.service,
            then=wish.then,
            priority=wish.priority,
            at=now,
            not_after=now + timedelta(seconds=self._config.patience),
        )
        return await self._asking.ask(TICKET_REQUEST, request, message)

    async def _grant(self, press: Press, grant: TicketGrant) -> Served:
        offer = self._rules.offer
        if offer is None:
            raise RuntimeError("a grant without an offer")
        job = self._begun(from_grant(grant, offer))
        await self._write(self._journal.begin, job)
        return await self._print(press, job)

    async def _issue(self, press: Press, wish: Wish, request: str | None, *, explain: bool) -> Served:
        """Give the next leased number; without one, nothing but a word on paper."""
        job = await self._take_number(wish, request)
        if job is not None:
            press.to("leased")
            self._untold.set()
            return await self._print(press, job)
        press.to("dropped")
        self._station.count("dropped-press")
        if request is not None:
            await self._write(self._journal.end_request, request, self._station.clock.now(), "dropped")
        if explain and (service := self._rules.service(wish.service)) is not None:
            await self._explain(service, ASK_AT_DESK)
        return Served("no-number")

    async def _take_number(self, wish: Wish, request: str | None) -> TicketJob | None:
        """A ticket with the next leased number, burnt for good; None when none is left."""
        now = self._station.clock.now()
        while (offer := self._rules.offer) and (service := self._rules.service(wish.service)):
            number = self._rules.next_number(service, now)
            if number is None:
                return None
            self._rules.burn(frozenset({number}))
            ticket = secrets.token_hex(8)
            then = tuple(other.name for name in wish.then if (other := self._rules.service(name)) is not None)
            leased = from_lease(ticket, spell(number), service, offer, then=then, priority=wish.priority, at=now, request=request)
            job = self._begun(leased)
            fact = TicketIssued(
                ticket=ticket, number=job.number, service=job.service, then=wish.then, priority=wish.priority, request=request
            )
            with suppress(NumberTaken):  # the disk knows better: the next one
                await self._write(self._journal.begin, job, number, (fact,))
                return job
        return None

    def _begun(self, job: TicketJob) -> TicketJob:
        return msgspec.structs.replace(job, boot=boot_id(), tick=self._station.clock.monotonic())

    async def _print(self, press: Press, job: TicketJob) -> Served:
        press.to("printing")
        try:
            proof = await self._printing.print(self._receipt(job, reprint=False))
        except PrintFailed as error:
            log.warning("%s: ticket %s: %s", self._config.id, job.number, error)
            return await self._failed(press, job, error)
        press.to("proven")
        await self._end(job, "printed", TicketPrinted(ticket=job.ticket, number=job.number, proof=proof))
        return Served("printed", job)

    async def _failed(self, press: Press, job: TicketJob, error: PrintFailed) -> Served:
        if error.reached == "unsure":
            press.to("unsure")
            self._station.count("unsure-ticket")
            self._doubtful.append(job)
            await self._write(self._journal.doubt, job.ticket)
            return Served("unsure", job)
        press.to("failed")
        self._station.count("unprinted-ticket")
        fact = TicketNotPrinted(ticket=job.ticket, number=job.number, why=str(error)[:200])
        await self._end(job, "not-printed", fact)
        return Served("not-printed", job)

    async def _resolve(self, job: TicketJob) -> None:
        clock = self._station.clock
        if not is_fresh(job.age(boot_id(), clock.monotonic(), clock.now())):
            why = "nobody knows whether it came out, and its time to be printed again is over"
            fact = TicketNotPrinted(ticket=job.ticket, number=job.number, why=why, unsure=True)
            await self._end(job, "not-printed", fact)
        elif self._printing.can_print:
            await self._print_again(job)

    async def _print_again(self, job: TicketJob) -> None:
        try:
            proof = await self._printing.print(self._receipt(job, reprint=True))
        except PrintFailed as error:
            log.warning("%s: ticket %s again: %s", self._config.id, job.number, error)
            return
        self._station.count("reprinted-ticket")
        await self._end(job, "printed", TicketPrinted(ticket=job.ticket, number=job.number, proof=proof, reprint=True))

    async def _end(self, job: TicketJob, outcome: Outcome, fact: Fact) -> None:
        """Write down what became of a ticket, now or as soon as the disk takes it. Raises `JournalBroken` in the second case."""
        self._doubtful = [other for other in self._doubtful if other.ticket != job.ticket]
        try:
            await self._write_end(job, outcome, fact)
        except JournalBroken:
            self._unended.append((job, outcome, fact))
            raise

    async def _write_end(self, job: TicketJob, outcome: Outcome, fact: Fact) -> None:
        await self._write(self._journal.end, job.ticket, outcome, fact)
        self._untold.set()

    async def _explain(self, service: ServiceOffer, why: Text) -> None:
        """Print why there is no ticket."""
        offer = self._rules.offer
        if offer is None or not self._printing.can_print:
            return
        at = self._station.clock.now().astimezone(self._station.timezone)
        try:
            await self._printing.print(Note(hall=offer.hall_name, title=service.name, text=why, at=at))
        except PrintFailed as error:
            log.info("%s: could not print why there is no ticket: %s", self._config.id, error)

    def _receipt(self, job: TicketJob, *, reprint: bool) -> Ticket:
        return job.printed(self._station.timezone, reprint=reprint, large_print=self._config.large_print)

    async def _write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._disk.run(partial(function, *args, **kwargs), deadline=DISK_PATIENCE)


def _begin_anew(path: Path, now: datetime, rules: KioskRules) -> KioskJournal:
    set_aside(path, now)
    journal = KioskJournal(path)
    journal.distrust(rules.today(now))
    return journal
