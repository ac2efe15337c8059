"""Decisions: what an action makes happen, or why not. Total and pure: every action in every state has its answer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from controller.queue import actions, away, calling, facts, issuing, moving, staffing
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import QueueState

Decision = tuple[facts.QueueFact, ...] | Refusal
"""No fact at all means: it is so already."""


def decide(state: QueueState, action: actions.QueueAction, now: datetime, rules: Rules) -> Decision:
    """What `action` makes happen at `now`; an empty tuple when it is so already."""
    return _DECISIONS[type(action)](state, action, now, rules)


def _sweep(state: QueueState, _: actions.Sweep, now: datetime, rules: Rules) -> Decision:
    today = rules.day(now)
    if state.day is None or today > state.day:
        opened = tuple(window.id for window in rules.windows.values() if window.open)
        return (
            facts.DayStarted(
                at=now, day=today, closed=state.day, open_windows=opened, last_turn=state.last_turn, recent=dict(state.recent)
            ),
        )
    return issuing.unprinted(state, now, rules)


_DECISIONS: Mapping[type[Any], Callable[[QueueState, Any, datetime, Rules], Decision]] = {
    actions.Issue: issuing.issue,
    actions.TakeLeased: issuing.take_leased,
    actions.ConfirmPrint: issuing.confirm,
    actions.DenyPrint: issuing.deny,
    actions.LeaseBlocks: issuing.lease_blocks,
    actions.CallNext: calling.call_next,
    actions.CallChosen: calling.call_chosen,
    actions.Recall: calling.recall,
    actions.Start: calling.start,
    actions.Finish: calling.finish,
    actions.NoShow: calling.no_show,
    actions.ReturnTicket: calling.return_ticket,
    actions.Park: moving.park,
    actions.CallParked: moving.call_parked,
    actions.Transfer: moving.transfer,
    actions.SignOn: staffing.sign_on,
    actions.SignOff: staffing.sign_off,
    actions.TurnWindow: calling.turn_window,
    actions.TakeAwayCall: away.take_call,
    actions.TakeAwayStep: away.take_step,
    actions.Sweep: _sweep,
}
