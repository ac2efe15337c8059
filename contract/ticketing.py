"""Ticketing: what a kiosk may offer, and how a ticket gets its number."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.calling import NoticeLine
from contract.values import MOST, Code, Count, Day, Id, Moment, Number, Prefix, Text, Token, Value, WaitRange

Priority = Literal["ordinary", "priority"]
"""`priority`: the elderly, disabled, pregnant, and what else the hall grants it to."""

MOST_SERVICES = 5
"""So many services one ticket may be for."""

Following = Annotated[tuple[Id, ...], Meta(max_length=MOST_SERVICES - 1)]
"""Further services of one ticket, in the order in which they are visited."""

TicketClass = Literal["ordinary", "priority", "appointment"]
"""The class in which a ticket waits; one of an appointment is given when it is checked in."""


class Lease(Value, frozen=True, kw_only=True):
    """A block of numbers that belongs to one kiosk and one service on one day, for use while the controller is out of reach."""

    day: Day
    prefix: Prefix
    first: Annotated[int, Meta(ge=1, le=9999)]
    last: Annotated[int, Meta(ge=1, le=9999)]


class ServiceOffer(Value, frozen=True, kw_only=True):
    """One service as a kiosk offers it."""

    service: Id
    name: Text
    prefix: Prefix
    zone: Id
    zone_name: Text
    open: bool
    why_closed: Text | None = None
    waiting: Count = 0
    wait: WaitRange | None = None
    lease: Lease | None = None


class KioskOffer(Value, frozen=True, kw_only=True):
    """Everything a kiosk may offer."""

    kiosk: Id
    version: Annotated[int, Meta(ge=1, le=MOST)]
    at: Moment
    hall_name: Text
    services: tuple[ServiceOffer, ...]
    rules: Text
    """What happens to a missed call; printed on every ticket."""
    ticket_link: Annotated[str, Meta(max_length=200)] = ""
    """The ticket's id is put behind it to make the QR code; without it the QR carries the id alone."""
    notices: tuple[NoticeLine, ...] = ()
    """All that is told in the hall now, for a kiosk with a screen."""


class TicketRequest(Value, frozen=True, kw_only=True):
    """A kiosk asks for a ticket; asking again with the same id gives the same ticket."""

    id: Token
    kiosk: Id
    service: Id
    then: Following = ()
    """One ticket for several services: those that come after `service`."""
    priority: Priority = "ordinary"
    at: Moment
    not_after: Moment


class TicketGrant(Value, frozen=True, kw_only=True, tag="grant"):
    """A ticket, to be printed now. It is called only after the kiosk has said that it was printed."""

    request: Token
    ticket: Token
    number: Number
    service: Id
    service_name: Text
    then: tuple[Text, ...] = ()
    """Names of the services that follow on the same ticket."""
    zone_name: Text
    priority: TicketClass
    at: Moment
    ahead: Count
    wait: WaitRange | None = None


class TicketRefusal(Value, frozen=True, kw_only=True, tag="refusal"):
    """No ticket, and why."""

    request: Token
    code: Code
    why: Text


TicketReply = TicketGrant | TicketRefusal
