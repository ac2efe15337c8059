"""Staff at windows: who serves where, and who stands in for whom (AB 岗: no window stays empty)."""

from datetime import datetime

from controller.queue import actions, facts, refusals
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import QueueState

Decision = tuple[facts.QueueFact, ...] | Refusal


def sign_on(state: QueueState, action: actions.SignOn, now: datetime, rules: Rules) -> Decision:
    """One person at one window: whoever was there leaves it, and so does the person from another window."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    for name in (action.staff, action.instead_of):
        if name is not None and name not in rules.staff:
            return refusals.unknown_staff(name)
    if action.instead_of is not None and not _may_replace(action.staff, action.instead_of, rules):
        return refusals.no_substitute(action.staff, action.instead_of)
    here = state.window(action.window)
    if (here.staff, here.instead_of) == (action.staff, action.instead_of):
        return ()
    elsewhere = next((w for w, there in state.windows.items() if there.staff == action.staff and w != action.window), None)
    if elsewhere is not None and (ticket := state.present(elsewhere)) is not None:
        return refusals.busy_elsewhere(ticket.number, elsewhere)
    left = () if elsewhere is None else (facts.StaffSignedOff(at=now, window=elsewhere, staff=action.staff),)
    off = () if here.staff is None else (facts.StaffSignedOff(at=now, window=action.window, staff=here.staff),)
    on = facts.StaffSignedOn(at=now, window=action.window, staff=action.staff, instead_of=action.instead_of)
    return (*left, *off, on)


def sign_off(state: QueueState, action: actions.SignOff, now: datetime, rules: Rules) -> Decision:
    """Not while somebody is at the window: the visit belongs to who serves it."""
    if action.window not in rules.windows:
        return refusals.unknown_window(action.window)
    here, ticket = state.window(action.window), state.present(action.window)
    if here.staff is None:
        return ()
    if ticket is not None:
        return refusals.busy(ticket.number, ticket.state == "serving")
    return (facts.StaffSignedOff(at=now, window=action.window, staff=here.staff),)


def _may_replace(staff: str, other: str, rules: Rules) -> bool:
    named = rules.staff[other].substitutes
    return staff != other and (not named or staff in named)
