"""What each fact changes in the queue. Every fact that `decide` gave can be applied; nothing is judged here again."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from controller.queue import facts
from controller.queue.issuing import microseconds
from controller.queue.values import CLOSED, Block, Holding, QueueState, Ticket, TicketState, Turn, WindowNow, replaced

HOUR = 3_600_000_000
"""In microseconds."""
RECENT = 20
"""So many last services make the recent service time."""


def apply(state: QueueState, fact: facts.QueueFact) -> QueueState:
    """The state after `fact`."""
    return _CHANGES[type(fact)](state, fact)


def _day_started(state: QueueState, fact: facts.DayStarted) -> QueueState:
    return QueueState(
        day=fact.day,
        last_turn=fact.last_turn,
        windows={window: WindowNow(door="open") for window in fact.open_windows},
        recent=fact.recent,
        allotments={window: Holding(node=h.node, device=h.device, version=h.version) for window, h in state.allotments.items()},
    )


def _granted(state: QueueState, fact: facts.TicketGranted) -> QueueState:
    ticket = Ticket(
        id=fact.ticket, number=fact.number, service=fact.service, priority=fact.priority, turn=fact.turn, issued=fact.at,
        state="waiting" if fact.printed else "printing", kiosk=fact.kiosk, request=fact.request, rest=fact.rest,
    )  # fmt: skip
    state = _added(state, ticket)
    hour, count = state.hourly.get(fact.service, (fact.hour, 0))
    hourly = (fact.hour, count + 1 if hour == fact.hour else 1)
    state = replace(
        state,
        counters=replaced(state.counters, fact.prefix, fact.counter),
        hourly=replaced(state.hourly, fact.service, hourly),
    )
    if fact.request is None:
        return state
    return replace(state, requests=state.requests.put(fact.request, fact.ticket))


def _leased(state: QueueState, fact: facts.TicketLeased) -> QueueState:
    ticket = Ticket(
        id=fact.ticket, number=fact.number, service=fact.service, priority=fact.priority, turn=fact.turn, issued=fact.at,
        state="printing", kiosk=fact.kiosk, rest=fact.rest,
    )  # fmt: skip
    blocks = tuple(
        replace(block, used=block.used + 1) if block.first <= fact.counter <= block.last else block
        for block in state.blocks.get(fact.prefix, ())
    )
    return replace(_added(state, ticket), blocks=replaced(state.blocks, fact.prefix, blocks))


def _newest(state: QueueState, ticket: Ticket | None, turn: Turn) -> int:
    """The newest moment by which anything is ordered. The place of an appointment is its slot, which may be still to come."""
    return state.last_turn if ticket is not None and ticket.priority == "appointment" else max(state.last_turn, turn[0])


def _added(state: QueueState, ticket: Ticket) -> QueueState:
    state = replace(
        state,
        serial=state.serial + 1,
        last_turn=_newest(state, ticket, ticket.turn),
        numbers=state.numbers.put(ticket.number, ticket.id),
        issued=replaced(state.issued, ticket.service, state.issued.get(ticket.service, 0) + 1),
        arrivals=replaced(state.arrivals, ticket.service, _arrived(state.arrivals.get(ticket.service, ()), ticket)),
    )
    return _placed(state, ticket)


def _arrived(before: tuple[int, ...], ticket: Ticket) -> tuple[int, ...]:
    """The last arrivals with one more: those of the last hour, which is all that is asked for."""
    now = microseconds(ticket.issued)
    kept = before if not before or before[0] > now - HOUR else tuple(moment for moment in before if moment > now - HOUR)
    return (*kept, now)


def _placed(state: QueueState, ticket: Ticket) -> QueueState:
    """Put a ticket where its state says that it stands: in its line, among those being printed, or in neither."""
    state = replace(state, tickets=state.tickets.put(ticket.id, ticket))
    if ticket.state == "printing":
        return replace(state, printing=state.printing.put(ticket.turn, ticket.id))
    if ticket.state == "waiting":
        line = state.line(ticket.waits_in, ticket.priority).put(ticket.turn, ticket.id)
        return replace(state, lines=replaced(state.lines, (ticket.waits_in, ticket.priority), line))
    if ticket.state == "parked" and ticket.window is not None:
        there = (*state.parked.get(ticket.window, ()), ticket.id)
        return replace(state, parked=replaced(state.parked, ticket.window, there))
    return state


def _moved(state: QueueState, id_: str, to: TicketState, **changes: Any) -> QueueState:
    """Take a ticket from where it stands and put it where its new state says."""
    ticket = state.tickets.get(id_)
    if ticket is None:
        return state
    if ticket.state == "printing":
        state = replace(state, printing=state.printing.without(ticket.turn))
    elif ticket.state == "waiting":
        line = state.line(ticket.waits_in, ticket.priority).without(ticket.turn)
        state = replace(state, lines=replaced(state.lines, (ticket.waits_in, ticket.priority), line))
    elif ticket.state == "parked" and ticket.window is not None:
        others = tuple(other for other in state.parked.get(ticket.window, ()) if other != id_)
        state = replace(state, parked=replaced(state.parked, ticket.window, others))
    return _placed(state, replace(ticket, state=to, **changes))


def _withdrawn(state: QueueState, fact: facts.RequestWithdrawn) -> QueueState:
    return replace(state, withdrawn=state.withdrawn.put(fact.request, True))


def _confirmed(state: QueueState, fact: facts.PrintConfirmed) -> QueueState:
    return _moved(state, fact.ticket, "waiting", why="")


def _voided(state: QueueState, fact: facts.TicketVoided) -> QueueState:
    return _moved(state, fact.ticket, "void", why=fact.why)


def _called(state: QueueState, fact: facts.TicketCalled) -> QueueState:
    ticket = state.tickets.get(fact.ticket)
    first = fact.at if ticket is None or ticket.first_called is None else ticket.first_called
    if ticket is not None and ticket.first_called is None:
        state = replace(state, first_calls=replaced(state.first_calls, fact.service, state.first_calls.get(fact.service, 0) + 1))
    state = _moved(
        state, fact.ticket, "called",
        window=fact.window, visit=fact.visit, call=fact.call, calls=fact.times, called=fact.at, first_called=first,
    )  # fmt: skip
    state = replace(state, last_turn=max(state.last_turn, microseconds(fact.at)))
    return _at_window(state, fact.window, ticket=fact.ticket, run=fact.run, passed=fact.passed)


def _started(state: QueueState, fact: facts.ServiceStarted) -> QueueState:
    return _moved(state, fact.ticket, "serving", started=fact.at, staff=fact.staff)


def _finished(state: QueueState, fact: facts.ServiceFinished) -> QueueState:
    state = _timed(_moved(state, fact.ticket, "done", ended=fact.at), fact.service, fact.took)
    return _at_window(state, fact.window, ticket=None)


def _missed(state: QueueState, fact: facts.TicketMissed) -> QueueState:
    ticket = state.tickets.get(fact.ticket)
    passed = 0 if ticket is None else state.first_calls.get(ticket.service, 0)
    return _at_window(_moved(state, fact.ticket, "no-show", ended=fact.at, passed=passed), fact.window, ticket=None)


def _parked(state: QueueState, fact: facts.TicketParked) -> QueueState:
    state = _timed(_moved(state, fact.ticket, "parked", call=None, calls=0, called=None), fact.service, fact.took)
    return _at_window(state, fact.window, ticket=None)


def _to_another(state: QueueState, fact: facts.TicketMoved) -> QueueState:
    was = state.tickets.get(fact.ticket)
    if was is not None:
        state = _timed(state, was.service, fact.took)
    if was is None or fact.turn != was.turn:  # one that keeps its place says nothing new
        state = replace(state, last_turn=max(state.last_turn, fact.turn[0]))
    state = _moved(
        state, fact.ticket, "waiting", service=fact.service, turn=fact.turn, only=fact.only, rest=fact.rest,
        **_UNCALLED, started=None,
    )  # fmt: skip
    return state if fact.window is None or fact.next else _at_window(state, fact.window, ticket=None)


_UNCALLED: Mapping[str, Any] = {
    "window": None, "visit": None, "call": None, "calls": 0, "called": None, "ended": None,
}  # fmt: skip
"""What a ticket no longer has when it waits again."""


def _timed(state: QueueState, service: str, took: float | None) -> QueueState:
    """The recent service times with one more."""
    if took is None:
        return state
    recent = (*state.recent.get(service, ()), took)[-RECENT:]
    return replace(state, recent=replaced(state.recent, service, recent))


def _returned(state: QueueState, fact: facts.TicketReturned) -> QueueState:
    newest = _newest(state, state.tickets.get(fact.ticket), fact.turn)
    state = replace(state, returns=state.returns + 1, last_turn=newest)
    return _moved(state, fact.ticket, "waiting", turn=fact.turn, **_UNCALLED)


def _signed_on(state: QueueState, fact: facts.StaffSignedOn) -> QueueState:
    return _at_window(state, fact.window, staff=fact.staff, instead_of=fact.instead_of)


def _signed_off(state: QueueState, fact: facts.StaffSignedOff) -> QueueState:
    return _at_window(state, fact.window, staff=None, instead_of=None)


def _turned(state: QueueState, fact: facts.WindowTurned) -> QueueState:
    return _at_window(state, fact.window, door=fact.door)


def _at_window(state: QueueState, window: str, **changes: Any) -> QueueState:
    now = replace(state.windows.get(window, CLOSED), **changes)
    return replace(state, windows=replaced(state.windows, window, now))


def _block(state: QueueState, fact: facts.BlockLeased) -> QueueState:
    block = Block(kiosk=fact.kiosk, first=fact.first, last=fact.last)
    return replace(state, blocks=replaced(state.blocks, fact.prefix, (*state.blocks.get(fact.prefix, ()), block)))


def _allotted(state: QueueState, fact: facts.TicketsAllotted) -> QueueState:
    before = state.allotment(fact.window)
    held = state.held
    for ticket in fact.tickets:
        held = held.put(ticket, fact.window)
    now = Holding(
        node=fact.node, device=fact.device, version=fact.version, tickets=fact.tickets,
        last={**before.last, **dict.fromkeys(fact.tickets, fact.version)},
        lasts=max(fact.lasts, before.lasts) if before.last else fact.lasts, lapsed=before.lapsed,
    )  # fmt: skip
    return replace(state, held=held, allotments=replaced(state.allotments, fact.window, now))


def _kept(state: QueueState, fact: facts.AllotmentKept) -> QueueState:
    gone = {ticket for ticket, last in state.allotment(fact.window).last.items() if last < fact.version}
    return _given_up(state, fact.window, gone, lapsed=False)


def _lapsed(state: QueueState, fact: facts.AllotmentLapsed) -> QueueState:
    lapsed = replace(state.allotment(fact.window), lapsed=True)
    return replace(state, allotments=replaced(state.allotments, fact.window, lapsed))


def _released(state: QueueState, fact: facts.TicketsReleased) -> QueueState:
    return _given_up(state, fact.window, set(fact.tickets))


def _given_up(state: QueueState, window: str, tickets: set[str], **changes: Any) -> QueueState:
    before, held = state.allotment(window), state.held
    for ticket in tickets & before.last.keys():
        held = held.without(ticket)
    now = replace(
        before,
        tickets=tuple(ticket for ticket in before.tickets if ticket not in tickets),
        last={ticket: last for ticket, last in before.last.items() if ticket not in tickets},
        **changes,
    )
    return replace(state, held=held, allotments=replaced(state.allotments, window, now))


def _taken_back(state: QueueState, fact: facts.CallTakenBack) -> QueueState:
    state = _moved(state, fact.ticket, "waiting", window=None, visit=None, call=None, calls=0, called=None)
    return _at_window(state, fact.window, ticket=None)


_CHANGES: Mapping[type[Any], Callable[[QueueState, Any], QueueState]] = {
    facts.DayStarted: _day_started,
    facts.TicketGranted: _granted,
    facts.TicketLeased: _leased,
    facts.RequestWithdrawn: _withdrawn,
    facts.PrintConfirmed: _confirmed,
    facts.TicketVoided: _voided,
    facts.TicketCalled: _called,
    facts.ServiceStarted: _started,
    facts.ServiceFinished: _finished,
    facts.TicketMissed: _missed,
    facts.TicketParked: _parked,
    facts.TicketMoved: _to_another,
    facts.TicketReturned: _returned,
    facts.StaffSignedOn: _signed_on,
    facts.StaffSignedOff: _signed_off,
    facts.WindowTurned: _turned,
    facts.BlockLeased: _block,
    facts.TicketsAllotted: _allotted,
    facts.AllotmentKept: _kept,
    facts.AllotmentLapsed: _lapsed,
    facts.TicketsReleased: _released,
    facts.CallTakenBack: _taken_back,
    facts.AwayNoted: lambda state, _: state,
}
