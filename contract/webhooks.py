"""Webhooks: what the hall tells other systems over HTTP, so that they can send citizens messages."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.dispatch import CheckInCode
from contract.values import Id, Language, Moment, Number, Text, Token, Value, WaitRange

EventName = Literal["appointment.reminder", "ticket.soon", "ticket.called", "case.replied"]

Texts = dict[Language, Annotated[str, Meta(max_length=400)]]
"""A sentence that can be sent on as it is, in each language that the webhook asked for."""


class Service(Value, frozen=True, kw_only=True):
    """A service, as people read it."""

    id: Id
    name: Text


class Window(Value, frozen=True, kw_only=True):
    """A window, as people read it."""

    id: Id
    name: Text


class Reminder(Value, frozen=True, kw_only=True):
    """An appointment that is to come."""

    appointment: Token
    service: Service
    slot: Moment
    text: Texts
    code: CheckInCode | None = None
    contact: str = ""
    """Whatever whoever booked gave as the key by which it knows the person; empty when it gave none."""


class Place(Value, frozen=True, kw_only=True):
    """A ticket whose turn comes soon."""

    ticket: Token
    number: Number
    service: Service
    ahead: int
    """So many people are called before, if nobody else comes."""
    text: Texts
    wait: WaitRange | None = None
    """None while no open window serves it."""
    page: str = ""
    """The ticket's page, where the hall has a public address."""
    contact: str = ""


class Called(Value, frozen=True, kw_only=True):
    """A ticket that is called to a window."""

    ticket: Token
    number: Number
    service: Service
    window: Window
    call: Token
    text: Texts
    page: str = ""
    contact: str = ""


class Replied(Value, frozen=True, kw_only=True):
    """A case that was answered; what was answered stays in the hall."""

    case: Token
    origin: Literal["rating", "complaint"]
    window: Window
    text: Texts
    number: Number | None = None


class Message(Value, frozen=True, kw_only=True, tag_field="type"):
    """Base of all that is sent. `timestamp` is when it happened; when it was sent stands in the headers."""

    timestamp: Moment
    hall: Id


class AppointmentReminder(Message, frozen=True, kw_only=True, tag="appointment.reminder"):
    """It is time to remind somebody."""

    data: Reminder


class TicketSoon(Message, frozen=True, kw_only=True, tag="ticket.soon"):
    """Few people are left before a ticket; said once while it waits."""

    data: Place


class TicketIsCalled(Message, frozen=True, kw_only=True, tag="ticket.called"):
    """A ticket is called for the first time at this window."""

    data: Called


class CaseReplied(Message, frozen=True, kw_only=True, tag="case.replied"):
    """A poor rating or a complaint was answered."""

    data: Replied


class Trial(Message, frozen=True, kw_only=True, tag="hallware.test"):
    """Nothing happened: staff try whether the way works."""

    text: Texts


AnyMessage = AppointmentReminder | TicketSoon | TicketIsCalled | CaseReplied | Trial
