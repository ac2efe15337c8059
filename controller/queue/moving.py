"""Moving on: stepping aside and being called back, transfer to another service or window."""

from datetime import datetime

from controller.queue import actions, calling, facts, refusals
from controller.queue.issuing import newest_turn
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import QueueState, Ticket, Turn

Decision = tuple[facts.QueueFact, ...] | Refusal


def park(state: QueueState, action: actions.Park, now: datetime, rules: Rules) -> Decision:
    """The present person steps aside and keeps the right to be called back here."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.present(action.window)
    if ticket is None or ticket.visit is None:
        return refusals.NOT_CALLED
    return (
        facts.TicketParked(
            at=now, ticket=ticket.id, number=ticket.number, service=ticket.service, window=action.window, visit=ticket.visit,
            took=_served(ticket, now),
        ),
    )  # fmt: skip


def call_parked(state: QueueState, action: actions.CallParked, now: datetime, rules: Rules) -> Decision:
    """Whoever is parked at this window, by number or the longest; a parked person passes no one in the lines by that."""
    if refusal := calling.not_free(state, action.window, rules):
        return refusal
    parked = state.parked.get(action.window, ())
    longest = state.tickets.get(parked[0]) if parked else None
    ticket = longest if action.number is None else state.numbered(action.number)
    if ticket is None or ticket.id not in parked:
        return refusals.NOBODY_PARKED if action.number is None else refusals.not_parked(action.number)
    return (calling.first_call(state, ticket, action.window, action.call, now, rules, chosen=True),)


def transfer(state: QueueState, action: actions.Transfer, now: datetime, rules: Rules) -> Decision:
    """The present person waits anew for another service, or for one window; where, is a setting."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.present(action.window)
    if ticket is None or ticket.visit is None:
        return refusals.NOT_CALLED
    if refusal := _unfit(ticket, action, rules):
        return refusal
    return (
        facts.TicketMoved(
            at=now, ticket=ticket.id, number=ticket.number, service=action.service or ticket.service,
            turn=_place(state, ticket, now, rules), window=action.window, visit=ticket.visit, took=_served(ticket, now),
            only=action.to, rest=ticket.rest,
        ),
    )  # fmt: skip


def _unfit(ticket: Ticket, action: actions.Transfer, rules: Rules) -> Refusal | None:
    service = action.service or ticket.service
    if service not in rules.services:
        return refusals.unknown_service(service)
    if action.to is None:
        elsewhere = service != ticket.service or ticket.only is not None
        return None if elsewhere and rules.serving(service) else refusals.NO_OTHER_PLACE
    if action.to not in rules.windows:
        return refusals.unknown_window(action.to)
    if action.to == action.window:
        return refusals.NO_OTHER_PLACE
    return None if service in rules.windows[action.to].services else refusals.not_served_there(action.to)


def _place(state: QueueState, ticket: Ticket, now: datetime, rules: Rules) -> Turn:
    return ticket.turn if rules.calling.transfer == "own-place" else newest_turn(state, now)


def _served(ticket: Ticket, now: datetime) -> float | None:
    """How long it was served; None when it was only called."""
    if ticket.state != "serving" or ticket.started is None:
        return None
    return max(0.0, (now - ticket.started).total_seconds())
