"""Calling: who is next at a window, recalls, no-shows and late returns, start and end of service."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from contract.ticketing import Priority
from controller.queue import actions, facts, refusals
from controller.queue.issuing import moment, newest_turn
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import QueueState, Ticket, Turn

Decision = tuple[facts.QueueFact, ...] | Refusal


def call_next(state: QueueState, action: actions.CallNext, now: datetime, rules: Rules) -> Decision:
    """First come first served within a class; priority first, but at most `priority_run` times in a row while an ordinary
    ticket waits for the same window."""
    if refusal := _not_free(state, action.window, rules):
        return refusal
    services = rules.windows[action.window].services
    urgent, ordinary = head(state, services, "priority"), head(state, services, "ordinary")
    run = state.window(action.window).run
    if urgent is not None and (ordinary is None or run < rules.calling.priority_run):
        return (_first_call(state, urgent, action.window, action.call, now, rules),)
    if ordinary is not None:
        return (_first_call(state, ordinary, action.window, action.call, now, rules),)
    return refusals.NOBODY_WAITS


def call_chosen(state: QueueState, action: actions.CallChosen, now: datetime, rules: Rules) -> Decision:
    """One waiting ticket out of turn; it must be for a service of the window."""
    if refusal := _not_free(state, action.window, rules):
        return refusal
    ticket = state.numbered(action.number)
    if ticket is None:
        return refusals.unknown_number(action.number)
    if ticket.state != "waiting":
        return refusals.not_waiting(ticket.number, ticket.state)
    if ticket.service not in rules.windows[action.window].services:
        return refusals.not_served_here(ticket.number)
    return (_first_call(state, ticket, action.window, action.call, now, rules, chosen=True),)


def head(state: QueueState, services: tuple[str, ...], priority: Priority) -> Ticket | None:
    """Who came first among those who wait for any of `services` in this class."""
    first = min((line for service in services if (line := state.line(service, priority).first())), default=None)
    return None if first is None else state.tickets.get(first[1])


def _first_call(
    state: QueueState, ticket: Ticket, window: str, call: str, now: datetime, rules: Rules, *, chosen: bool = False
) -> facts.TicketCalled:
    ordinary_waits = any(len(state.line(service, "ordinary")) for service in rules.windows[window].services)
    run = state.window(window).run + 1 if ticket.priority == "priority" and ordinary_waits else 0
    return facts.TicketCalled(
        at=moment(state, now), ticket=ticket.id, number=ticket.number, service=ticket.service, window=window, call=call,
        visit=call, times=1, not_after=now + timedelta(seconds=rules.calling.fresh), run=run, chosen=chosen,
    )  # fmt: skip


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
    return (facts.ServiceStarted(at=now, ticket=ticket.id, window=action.window, visit=ticket.visit),)


def finish(state: QueueState, action: actions.Finish, now: datetime, rules: Rules) -> Decision:
    """The end of a service that was started."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.present(action.window)
    if ticket is None or ticket.state != "serving" or ticket.started is None or ticket.visit is None:
        return refusals.NOT_SERVING
    return (
        facts.ServiceFinished(
            at=now, ticket=ticket.id, number=ticket.number, service=ticket.service, window=action.window, visit=ticket.visit,
            took=max(0.0, (now - ticket.started).total_seconds()),
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


def _not_free(state: QueueState, window: str, rules: Rules) -> Refusal | None:
    if window not in rules.windows:
        return refusals.unknown_window(window)
    now: Any = state.window(window)
    if now.door != "open":
        return refusals.not_open(now.door)
    ticket = state.present(window)
    return None if ticket is None else refusals.busy(ticket.number, ticket.state == "serving")
