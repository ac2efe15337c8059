"""Away: what a window did by itself while the controller was out of its reach, taken in as it happened.

It happened, so nothing of it is refused that can still be true. What was decided otherwise meanwhile gives way where that
costs nobody his place: somebody whom this controller had called to the window waits again where he stood. What cannot be
true any more (the ticket is served elsewhere by a person's choice, its day is over) is noted and changes no ticket.
"""

from datetime import datetime, timedelta

from controller.queue import actions, calling, facts, refusals
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import QueueState, Ticket

Decision = tuple[facts.QueueFact, ...] | Refusal

OTHER_DAY = "other-day"


def take_call(state: QueueState, action: actions.TakeAwayCall, now: datetime, rules: Rules) -> Decision:
    """The ticket was called to the window at `called`; the same call told again changes nothing."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.tickets.get(action.ticket)
    if ticket is None:
        return (_noted(action, OTHER_DAY),)
    if ticket.call == action.call:
        return ()
    if ticket.state == "called" and ticket.window == action.window and ticket.visit is not None:
        here = state.window(action.window)
        return (_call(ticket, action, ticket.visit, ticket.calls + 1, (here.run, here.passed), rules),)
    if ticket.state not in ("waiting", "parked", "no-show"):
        return (_noted(action, ticket.state),)
    in_a_row = calling.in_a_row(state, ticket, action.window, rules)
    return (*_making_room(state, action, rules), _call(ticket, action, action.visit, 1, in_a_row, rules))


def _call(
    ticket: Ticket, action: actions.TakeAwayCall, visit: str, times: int, in_a_row: tuple[int, int], rules: Rules
) -> facts.TicketCalled:
    run, passed = in_a_row
    return facts.TicketCalled(
        at=action.called, ticket=ticket.id, number=ticket.number, service=ticket.service, window=action.window,
        call=action.call, visit=visit, times=times, not_after=action.called + timedelta(seconds=rules.calling.fresh), run=run,
        passed=passed, away=True, again=ticket.first_called is not None,
    )  # fmt: skip


def _making_room(state: QueueState, action: actions.TakeAwayCall, rules: Rules) -> tuple[facts.QueueFact, ...]:
    """Whom this controller believes to be at the window, is not: he was served, or he waits again."""
    present = state.present(action.window)
    if present is None or present.visit is None:
        return ()
    if present.state == "serving":
        return _finished(present, max(action.called, present.started or action.called), rules)
    return (facts.CallTakenBack(at=action.called, ticket=present.id, window=action.window, visit=present.visit),)


def take_step(state: QueueState, action: actions.TakeAwayStep, now: datetime, rules: Rules) -> Decision:
    """The visit went on at `at`."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    ticket = state.tickets.get(action.ticket)
    if ticket is None:
        return (_step_noted(action, OTHER_DAY),)
    here = ticket.window == action.window and ticket.state in ("called", "serving")
    if here and ticket.visit is not None:
        return _steps(ticket, ticket.visit, action, state.window(action.window).staff, rules)
    return () if _so_already(ticket, action) else (_step_noted(action, ticket.state),)


def _steps(
    ticket: Ticket, visit: str, action: actions.TakeAwayStep, staff: str | None, rules: Rules
) -> tuple[facts.QueueFact, ...]:
    started = facts.ServiceStarted(at=action.at, ticket=ticket.id, window=action.window, visit=visit, staff=staff)
    match action.step:
        case "started":
            return (started,) if ticket.state == "called" else ()
        case "missed":
            missed = facts.TicketMissed(at=action.at, ticket=ticket.id, window=action.window, visit=visit)
            return (missed,) if ticket.state == "called" else (_step_noted(action, ticket.state),)
        case "finished":
            begun = () if ticket.state == "serving" else (started,)
            return (*begun, *_finished(ticket, action.at, rules))


def _finished(ticket: Ticket, at: datetime, rules: Rules) -> tuple[facts.QueueFact, ...]:
    finished = facts.ServiceFinished(
        at=at, ticket=ticket.id, number=ticket.number, service=ticket.service, window=ticket.window or "",
        visit=ticket.visit or "", took=max(0.0, (at - (ticket.started or at)).total_seconds()),
    )  # fmt: skip
    return (finished, *calling.following(ticket, at, rules))


_ENDS = {"done": "finished", "no-show": "missed"}


def _so_already(ticket: Ticket, action: actions.TakeAwayStep) -> bool:
    return ticket.window == action.window and _ENDS.get(ticket.state) == action.step


def _noted(action: actions.TakeAwayCall, why: str) -> facts.AwayNoted:
    return facts.AwayNoted(
        at=action.called, ticket=action.ticket, number=action.number, window=action.window, why=why, call=action.call,
        visit=action.visit,
    )  # fmt: skip


def _step_noted(action: actions.TakeAwayStep, why: str) -> facts.AwayNoted:
    return facts.AwayNoted(
        at=action.at, ticket=action.ticket, number=action.number, window=action.window, why=why, step=action.step
    )
