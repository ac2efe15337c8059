"""Complaints: what citizens could not get done (办不成事), until somebody sees to it."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from contract.events import ComplaintMade
from contract.values import Text
from controller.queue.facts import Happened
from controller.queue.refusals import Refusal
from controller.queue.values import Frozen, Ticket, replaced

REMEMBERED = 200


class ComplaintRaised(Happened, frozen=True, kw_only=True, tag="complaint-raised"):
    """Somebody complained at a window; `number` is whom it had then."""

    complaint: str
    window: str
    number: str | None = None


class ComplaintSeen(Happened, frozen=True, kw_only=True, tag="complaint-seen"):
    """Somebody sees to it."""

    complaint: str


ComplaintFact = ComplaintRaised | ComplaintSeen


class ComplaintState(Frozen, frozen=True, kw_only=True):
    """Complaints that nobody has seen to yet, oldest first, and the last that somebody has."""

    open: Mapping[str, ComplaintRaised] = {}
    seen: tuple[str, ...] = ()


NOT_YET = Refusal("nothing-yet", Text(zh="叫到窗口之后才能反映", en="one can complain once one has been called to a window"))
MADE = Refusal("complained-already", Text(zh="已收到您的反映", en="your complaint was received already"))
UNKNOWN = Refusal("unknown-complaint", Text(zh="没有这条反映或已处理", en="there is no such complaint, or it is seen to"))


def raise_(state: ComplaintState, said: ComplaintMade, number: str | None, at: datetime) -> tuple[ComplaintRaised, ...]:
    """A complaint; the same one again is known."""
    if said.complaint in state.open or said.complaint in state.seen:
        return ()
    return (ComplaintRaised(at=at, complaint=said.complaint, window=said.window, number=number),)


def by_phone(state: ComplaintState, ticket: Ticket, now: datetime) -> ComplaintRaised | Refusal:
    """A complaint from the page of a ticket that was called to a window: one for each ticket."""
    if ticket.window is None:
        return NOT_YET
    if of_ticket(state, ticket.id):
        return MADE
    return ComplaintRaised(at=now, complaint=_name(ticket.id), window=ticket.window, number=ticket.number)


def of_ticket(state: ComplaintState, ticket: str) -> bool:
    """Whether somebody has complained on the page of this ticket."""
    return _name(ticket) in state.open or _name(ticket) in state.seen


def _name(ticket: str) -> str:
    return f"by-phone-{ticket}"


def see(state: ComplaintState, complaint: str, now: datetime) -> tuple[ComplaintSeen, ...] | Refusal:
    """Somebody sees to a complaint."""
    return (ComplaintSeen(at=now, complaint=complaint),) if complaint in state.open else UNKNOWN


def apply(state: ComplaintState, fact: ComplaintFact) -> ComplaintState:
    """The state after `fact`."""
    if isinstance(fact, ComplaintRaised):
        return replace(state, open=replaced(state.open, fact.complaint, fact))
    rest = {name: other for name, other in state.open.items() if name != fact.complaint}
    return replace(state, open=rest, seen=(*state.seen, fact.complaint)[-REMEMBERED:])
