"""The kiosk's rules: what a key may do now, the life of a press, and which leased number is next."""

from collections.abc import Hashable
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from contract.ticketing import KioskOffer, Lease, ServiceOffer
from firmware.agents.kiosk_journal import LeasedNumber
from firmware.agents.kiosk_wish import Wish

FRESH = timedelta(seconds=90)
"""So long a ticket of which nobody can know may be printed again, marked 补打: its holder still stands there, and the
controller still keeps its place."""
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)

Stage = Literal["asked", "granted", "refused", "unanswered", "leased", "dropped", "printing", "proven", "failed", "unsure"]

STEPS: dict[Stage, frozenset[Stage]] = {
    "asked": frozenset({"granted", "refused", "unanswered"}),
    "unanswered": frozenset({"leased", "dropped"}),
    "granted": frozenset({"printing", "failed"}),
    "leased": frozenset({"printing", "failed"}),
    "printing": frozenset({"proven", "failed", "unsure"}),
    "unsure": frozenset({"printing", "failed"}),
    "refused": frozenset(),
    "dropped": frozenset(),
    "proven": frozenset(),
    "failed": frozenset(),
}


class WrongStep(Exception):
    """A press cannot go there from where it is."""


class Press:
    """One press on its way from the key to the ticket."""

    def __init__(self, stage: Stage = "asked") -> None:
        self.stage: Stage = stage

    def to(self, stage: Stage) -> None:
        """Go one step. Raises `WrongStep` and stays where it is when there is no such step."""
        if stage not in STEPS[self.stage]:
            raise WrongStep(f"a press that is {self.stage} cannot become {stage}")
        self.stage = stage

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return not STEPS[self.stage]


Refused = Literal["repeated-press", "refused-press"]


class Verdict(msgspec.Struct, frozen=True):
    """What a press comes to: a service to ask a ticket for, or a reason why not.

    A closed service comes with its offer, so that people can be told; its key is busy meanwhile as for a ticket.
    """

    service: ServiceOffer | None = None
    refused: Refused | None = None
    why: Literal["served", "printer", "disk", "no-offer", "closed", "no-number", ""] = ""


class KioskRules:
    """What may be offered now. Told of offer, printer, disk and controller by whoever watches them; does nothing itself."""

    def __init__(self, timezone: ZoneInfo) -> None:
        self._timezone = timezone
        self._busy: set[Hashable] = set()
        self.offer: KioskOffer | None = None
        self.can_print = False
        self.can_record = True
        self.present = False
        self._used: set[LeasedNumber] = set()
        self._distrusted: set[date] = set()

    def burn(self, numbers: frozenset[LeasedNumber]) -> None:
        """These leased numbers have been used."""
        self._used |= numbers

    def distrust(self, days: frozenset[date]) -> None:
        """On these days no leased number may be used, since nobody knows which were."""
        self._distrusted |= days

    def press(self, wish: Wish, now: datetime, at: Hashable = None) -> Verdict:
        """Somebody wishes for a ticket; when the verdict has a service, the place is busy until `done`.

        `at` is where it was wished: by default the wish's own key, of which there is one.
        """
        at = wish if at is None else at
        if at in self._busy:
            return Verdict(refused="repeated-press", why="served")
        if not self.can_print:
            return Verdict(refused="refused-press", why="printer")
        if not self.can_record:
            return Verdict(refused="refused-press", why="disk")
        service = self.service(wish.service)
        if service is None:
            return Verdict(refused="refused-press", why="no-offer")
        if service.open and not self.present and self.next_number(service, now) is None:
            return Verdict(refused="refused-press", why="no-number")
        self._busy.add(at)
        return Verdict(service=service) if service.open else Verdict(service=service, refused="refused-press", why="closed")

    def done(self, at: Hashable) -> None:
        """What was wished there is over; the next press counts."""
        self._busy.discard(at)

    def service(self, name: str) -> ServiceOffer | None:
        """What the offer says of a service."""
        services = self.offer.services if self.offer else ()
        return next((service for service in services if service.service == name), None)

    def next_number(self, service: ServiceOffer, now: datetime) -> LeasedNumber | None:
        """The lowest unused number of the service's lease; None without one that holds today."""
        lease, day = service.lease, self.today(now)
        if lease is None or lease.day != day or day in self._distrusted:
            return None
        return next((number for number in _numbers(lease) if number not in self._used), None)

    def today(self, now: datetime) -> date:
        """The hall's day."""
        return now.astimezone(self._timezone).date()

    def can_issue_alone(self, now: datetime) -> bool:
        """Whether any open service has a number left for use without the controller."""
        services = self.offer.services if self.offer else ()
        return any(service.open and self.next_number(service, now) for service in services)


def _numbers(lease: Lease) -> list[LeasedNumber]:
    return [LeasedNumber(lease.day, lease.prefix, number) for number in range(lease.first, lease.last + 1)]


def spell(number: LeasedNumber) -> str:
    """The number as people read it: the prefix and at least three digits."""
    return f"{number.prefix}{number.number:03d}"


def is_fresh(age: timedelta) -> bool:
    """Whether a ticket of this age may still be printed again."""
    return age <= FRESH


def worth_keeping(offer: KioskOffer) -> KioskOffer:
    """The offer without what changes with every ticket, to see whether it is worth writing down."""
    services = tuple(msgspec.structs.replace(service, waiting=0, wait=None) for service in offer.services)
    return msgspec.structs.replace(offer, version=1, at=ANY_TIME, services=services, notices=())
