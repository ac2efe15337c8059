"""Calling: who is next at a window, recalls, no-shows and late returns, start and end of service."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from contract.ticketing import TicketClass
from controller.queue import actions, facts, refusals
from controller.queue.issuing import microseconds, moment, newest_turn
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import QueueState, Ticket, Turn, reserved

Decision = tuple[facts.QueueFact, ...] | Refusal
MINUTE = 60.0
Barred = Callable[[str], bool]
"""Says of a ticket that it must not be called now."""


def call_next(state: QueueState, action: actions.CallNext, now: datetime, rules: Rules) -> Decision:
    """First come first served within a class; priority and due appointments first, but at most `priority_run` times in a row
    while an ordinary ticket waits for the same window. Who is early for an appointment is called when nobody else waits. Of the
    ordinary ones those go ahead whose service the window serves first, at most `first_run` times in a row."""
    if refusal := not_free(state, action.window, rules):
        return refusal
    ticket = next_for(state, action.window, now, rules, lambda ticket: state.withheld(ticket, action.window))
    return refusals.NOBODY_WAITS if ticket is None else (first_call(state, ticket, action.window, action.call, now, rules),)


def next_for(state: QueueState, window: str, now: datetime, rules: Rules, barred: Barred) -> Ticket | None:
    """Whom a window calls next, of those who are not `barred`."""
    lines = rules.lines_of(window)
    booked, ordinary = head(state, lines, "appointment", barred), _ordinary(state, window, rules, barred)
    due = booked if booked is not None and booked.turn[0] <= microseconds(now) else None
    urgents = (ticket for ticket in (head(state, lines, "priority", barred), due) if ticket is not None)
    urgent = min(urgents, key=lambda ticket: ticket.turn, default=None)
    if urgent is not None and (ordinary is None or state.window(window).run < rules.calling.priority_run):
        return urgent
    return ordinary or booked


def wanted(state: QueueState, window: str, now: datetime, rules: Rules, silent: Collection[str]) -> Ticket | None:
    """Whom a free window would call next if every other window gave up what it holds, but for the `silent` ones."""
    if not_free(state, window, rules):
        return None
    return next_for(state, window, now, rules, lambda ticket: state.withheld(ticket, window) and state.held.get(ticket) in silent)


def call_chosen(state: QueueState, action: actions.CallChosen, now: datetime, rules: Rules) -> Decision:
    """One waiting ticket out of turn; it must be for a service of the window."""
    if refusal := not_free(state, action.window, rules):
        return refusal
    ticket = state.numbered(action.number)
    if ticket is None:
        return refusals.unknown_number(action.number)
    if ticket.state not in ("waiting", "parked"):
        return refusals.not_waiting(ticket.number, ticket.state)
    if ticket.waits_in not in rules.lines_of(action.window):
        return refusals.not_served_here(ticket.number)
    call = first_call(state, ticket, action.window, action.call, now, rules, chosen=True)
    if not state.withheld(ticket.id, action.window):
        return (call,)
    holder = state.held.get(ticket.id) or ""
    if not state.allotment(holder).lapsed:
        return refusals.withheld(ticket.number, holder)
    return (*without(state, holder, ticket.id, now), facts.TicketsReleased(at=now, window=holder, tickets=(ticket.id,)), call)


def without(state: QueueState, window: str, ticket: str, now: datetime) -> tuple[facts.QueueFact, ...]:
    """The next version of a window's allotment, in which `ticket` does not stand; none when it does not stand in this one."""
    present = state.allotment(window)
    if ticket not in present.tickets:
        return ()
    return (
        facts.TicketsAllotted(
            at=now, window=window, node=present.node, device=present.device, version=present.version + 1,
            tickets=tuple(other for other in present.tickets if other != ticket), lasts=present.lasts,
        ),
    )  # fmt: skip


def head(state: QueueState, lines: tuple[str, ...], priority: TicketClass, barred: Barred) -> Ticket | None:
    """Who came first among those who wait in any of `lines` in this class and are not `barred`."""
    first = min(_firsts(state, lines, priority, barred), default=None)
    return None if first is None else state.tickets.get(first[1])


def _firsts(state: QueueState, lines: tuple[str, ...], priority: TicketClass, barred: Barred) -> list[tuple[Turn, str]]:
    waiting = (state.line(line, priority) for line in lines)
    firsts = (next((place for place in line.items() if not barred(place[1])), None) for line in waiting)
    return [first for first in firsts if first is not None]


def _ordinary(state: QueueState, window: str, rules: Rules, barred: Barred) -> Ticket | None:
    """Who comes first of the ordinary ones; without asking everybody sent here when nothing is served first."""
    lines, passed = rules.lines_of(window), state.window(window).passed
    if not rules.windows[window].first or passed >= rules.calling.first_run:
        return head(state, lines, "ordinary", barred)
    sent = (name for name in state.line(reserved(window), "ordinary").values() if not barred(name))  # of any service, and few
    names = (*(name for _, name in _firsts(state, lines, "ordinary", barred)), *sent)
    tickets = (ticket for name in names if (ticket := state.tickets.get(name)) is not None)
    return min(tickets, key=lambda ticket: place(ticket, window, passed, rules), default=None)


def place(ticket: Ticket, window: str, passed: int, rules: Rules) -> tuple[int, Turn]:
    """The place of an ordinary ticket at a window that has just passed somebody so often: by the service that is served first;
    by arrival alone once that was often enough."""
    return rules.rank(window, ticket.service) if passed < rules.calling.first_run else 0, ticket.turn


def _passed(state: QueueState, ticket: Ticket, window: str, rules: Rules) -> int:
    """How often in a row the window has passed somebody once it has called this ordinary ticket."""
    if not rules.windows[window].first:
        return 0
    earliest = head(state, rules.lines_of(window), "ordinary", lambda other: state.withheld(other, window))
    return state.window(window).passed + 1 if earliest is not None and earliest.turn < ticket.turn else 0


def first_call(
    state: QueueState, ticket: Ticket, window: str, call: str, now: datetime, rules: Rules, *, chosen: bool = False
) -> facts.TicketCalled:
    """The first call of a visit."""
    run, passed = in_a_row(state, ticket, window, rules, chosen=chosen)
    return facts.TicketCalled(
        at=moment(state, now), ticket=ticket.id, number=ticket.number, service=ticket.service, window=window, call=call,
        visit=call, times=1, not_after=now + timedelta(seconds=rules.calling.fresh), run=run, passed=passed, chosen=chosen,
        again=ticket.first_called is not None,
    )  # fmt: skip


def in_a_row(state: QueueState, ticket: Ticket, window: str, rules: Rules, *, chosen: bool = False) -> tuple[int, int]:
    """How many priority tickets the window has called in a row, and how many past somebody, once it has called this one."""
    before = state.window(window)
    ordinary_waits = any(len(state.line(line, "ordinary")) for line in rules.lines_of(window))
    run = before.run + 1 if ticket.priority != "ordinary" and ordinary_waits else 0
    in_turn = ticket.priority == "ordinary" and not chosen
    return (
        before.run if ticket.state == "parked" else run,
        _passed(state, ticket, window, rules) if in_turn else before.passed,
    )


def recall(state: QueueState, action: actions.Recall, now: datetime, rules: Rules) -> Decision:
    """Once more, `interval` after the last call and at most `times` in all."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.present(action.window)
    if ticket is None or ticket.state != "called" or ticket.called is None or ticket.visit is None:
        return refusals.NOT_CALLED
    if ticket.calls >= rules.calling.times:
        return refusals.called_enough(ticket.calls)
    left = rules.calling.interval - (now - ticket.called).total_seconds()
    if 0 < left <= rules.calling.interval:
        return refusals.too_soon(left)
    return (
        facts.TicketCalled(
            at=moment(state, now), ticket=ticket.id, number=ticket.number, service=ticket.service, window=action.window,
            call=action.call, visit=ticket.visit, times=ticket.calls + 1,
            not_after=now + timedelta(seconds=rules.calling.fresh), run=state.window(action.window).run,
            passed=state.window(action.window).passed,
        ),
    )  # fmt: skip


def start(state: QueueState, action: actions.Start, now: datetime, rules: Rules) -> Decision:
    """The called person has arrived."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.present(action.window)
    if ticket is None or ticket.visit is None:
        return refusals.NOT_CALLED
    if ticket.state == "serving":
        return ()
    return (
        facts.ServiceStarted(
            at=now, ticket=ticket.id, window=action.window, visit=ticket.visit, staff=state.window(action.window).staff
        ),
    )


def finish(state: QueueState, action: actions.Finish, now: datetime, rules: Rules) -> Decision:
    """The end of a service that was started."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.present(action.window)
    if ticket is None or ticket.state != "serving" or ticket.started is None or ticket.visit is None:
        return refusals.NOT_SERVING
    finished = facts.ServiceFinished(
        at=now, ticket=ticket.id, number=ticket.number, service=ticket.service, window=action.window, visit=ticket.visit,
        took=max(0.0, (now - ticket.started).total_seconds()),
    )  # fmt: skip
    return (finished, *following(ticket, now, rules))


def following(ticket: Ticket, now: datetime, rules: Rules) -> tuple[facts.QueueFact, ...]:
    """The next service on the same ticket, at the place that the ticket has had from the beginning."""
    rest = tuple(service for service in ticket.rest if service in rules.services)
    if not rest:
        return ()
    return (
        facts.TicketMoved(
            at=now, ticket=ticket.id, number=ticket.number, service=rest[0], turn=ticket.turn, window=ticket.window,
            rest=rest[1:], next=True,
        ),
    )  # fmt: skip


def no_show(state: QueueState, action: actions.NoShow, now: datetime, rules: Rules) -> Decision:
    """Only when the ticket has been called as often as the rules say."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.present(action.window)
    if ticket is None or ticket.state != "called" or ticket.visit is None:
        return refusals.NOT_CALLED
    if ticket.calls < rules.calling.times:
        return refusals.too_early(ticket.calls, rules.calling.times)
    return (facts.TicketMissed(at=now, ticket=ticket.id, window=action.window, visit=ticket.visit),)


def return_ticket(state: QueueState, action: actions.ReturnTicket, now: datetime, rules: Rules) -> Decision:
    """A missed ticket waits again, at the place that the policy for late returns gives it."""
    ticket = state.numbered(action.number)
    if ticket is None:
        return refusals.unknown_number(action.number)
    if ticket.state != "no-show":
        return refusals.not_missed(ticket.number)
    place = _PLACES[rules.calling.late_return](state, ticket, now, rules)
    if place is None:
        return refusals.MISSED_IS_OVER
    return (facts.TicketReturned(at=now, ticket=ticket.id, turn=place),)


def _behind_all(state: QueueState, _: Ticket, now: datetime, __: Rules) -> Turn | None:
    return newest_turn(state, now)


def _old_place(state: QueueState, ticket: Ticket, now: datetime, rules: Rules) -> Turn | None:
    """Its old place, if it is back within so many numbers or minutes; else it is over."""
    numbers = state.first_calls.get(ticket.service, 0) - ticket.passed
    away = 0.0 if ticket.ended is None else (now - ticket.ended).total_seconds()
    soon = numbers <= rules.calling.late_numbers or away <= rules.calling.late_minutes * MINUTE
    return (ticket.turn[0], ticket.turn[1], state.serial + state.returns + 1) if soon else None


def _behind_k(state: QueueState, ticket: Ticket, _: datetime, rules: Rules) -> Turn | None:
    """Behind the next k of its own line, and behind whoever returned to the same place earlier."""
    line = state.line(ticket.service, ticket.priority)
    before = line.at(min(rules.calling.late_after, len(line)) - 1) if len(line) else None
    moment = ticket.turn[0] if before is None else before[0][0]
    return moment, state.returns + 1, state.serial + state.returns + 1


_PLACES: Mapping[str, Callable[[QueueState, Ticket, datetime, Rules], Turn | None]] = {
    "end": lambda *_: None,
    "back-of-queue": _behind_all,
    "after-k": _behind_k,
    "within": _old_place,
}


def turn_window(state: QueueState, action: actions.TurnWindow, now: datetime, rules: Rules) -> Decision:
    """Open, pause or close; a window with somebody at it can be paused and not closed."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    if state.window(action.window).door == action.door:
        return ()
    if action.door == "paused" and state.window(action.window).door == "closed":
        return refusals.not_open("closed")
    ticket = state.present(action.window)
    if ticket is not None and action.door == "closed":
        return refusals.busy(ticket.number, ticket.state == "serving")
    return (facts.WindowTurned(at=now, window=action.window, door=action.door),)


def not_free(state: QueueState, window: str, rules: Rules) -> Refusal | None:
    """Why nobody may be called to a window now, or None when it is open and free."""
    if window not in rules.windows:
        return refusals.unknown_window(window)
    now: Any = state.window(window)
    if now.door != "open":
        return refusals.not_open(now.door)
    if rules.calling.staffed and now.staff is None:
        return refusals.NOBODY_SIGNED_ON
    ticket = state.present(window)
    return None if ticket is None else refusals.busy(ticket.number, ticket.state == "serving")
