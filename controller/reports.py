"""Reports of nodes: each event's fact, turned into what it changes in the hall, or a refusal that is counted. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from contract import dispatch, events
from contract.values import Text
from controller import cases, complaints, orders, ratings, rooms
from controller import queue as queues
from controller.hall_rules import HallRules
from controller.outcome import NewId
from controller.queue import Refusal, actions
from controller.state import Fact, HallState

Taken = tuple[Fact, ...] | Refusal

STALE_KEY = Refusal("stale-key", Text(zh="按键已过时", en="the key press came too late"))
FOREIGN = Refusal("foreign-device", Text(zh="该设备不属于此处", en="the device does not belong there"))

NOT_OFFERED = Refusal("not-offered", Text(zh="本大厅暂不提供此功能", en="this hall does not offer that yet"))

CLOCKS = 2.0
"""Seconds that a node's clock may be off before it believes the controller's."""
LONGEST_AGE = timedelta(days=30).total_seconds()


def happened(event: events.Envelope, received: datetime) -> datetime:
    """When an event happened by the controller's clock: by its age where the node knows it, and never in the future."""
    if event.age is not None and event.age <= LONGEST_AGE:
        return received - timedelta(seconds=event.age)
    return min(event.at, received)


def take(state: HallState, event: events.Event, received: datetime, rules: HallRules, new_id: NewId) -> Taken:
    """What an event changes. `received` is now; a late event changes what it would have changed then, as far as that is right."""
    rule = _REPORTS.get(type(event.fact))
    return () if rule is None else rule(state, event, received, rules, new_id)


def _queue(state: HallState, action: actions.QueueAction, now: datetime, rules: HallRules) -> Taken:
    return queues.decide(state.queue, action, now, rules.queue)


def _printed(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    return _queue(state, actions.ConfirmPrint(ticket=event.fact.ticket), now, rules)


def _not_printed(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    return _queue(state, actions.DenyPrint(ticket=event.fact.ticket), now, rules)


def _issued(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    fact = event.fact
    action = actions.TakeLeased(
        ticket=fact.ticket, number=fact.number, service=fact.service, then=fact.then, priority=fact.priority, kiosk=event.device,
        issued=happened(event, now), request=fact.request,
    )  # fmt: skip
    return _queue(state, action, now, rules)


def _rated(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    if not rules.plan.stands_at(event.node, event.device, event.fact.window):
        return FOREIGN
    given = ratings.give(state.ratings, event.fact, happened(event, now), rules.config.rating)
    if isinstance(given, Refusal):
        return given
    invitation = state.ratings.invitations.get(given.rating)
    return (given, *cases.after_rating(state.cases, given, invitation, rules.config.cases, rules.queue.calendar()))


def _lapsed(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    if not rules.plan.stands_at(event.node, event.device, event.fact.window):
        return FOREIGN
    lapsed = ratings.lapse(state.ratings, event.fact, happened(event, now))
    if lapsed is None or isinstance(lapsed, Refusal):
        return lapsed or ()
    return (lapsed,)


def _complained(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    fact = event.fact
    if not rules.plan.stands_at(event.node, event.device, fact.window):
        return FOREIGN
    present = state.queue.present(fact.window)
    raised = complaints.raise_(state.complaints, fact, None if present is None else present.number, happened(event, now))
    return (*raised, *(cases.after_complaint(each, rules.config.cases, rules.queue.calendar()) for each in raised))


_ROOMS: Mapping[type[Any], Callable[[HallState, Any, datetime], tuple[Fact, ...]]] = {
    events.StayStarted: lambda state, fact, at: rooms.begin(state.rooms, fact, at),
    events.StayEnded: lambda state, fact, at: rooms.end(state.rooms, fact, at),
    events.StayLong: lambda state, fact, at: rooms.grow_long(state.rooms, fact, at),
    events.RoomChecked: lambda _, fact, at: rooms.check(fact, at),
}


def _room(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    if not rules.plan.looks_after(event.node, event.device, event.fact.room):
        return FOREIGN
    return _ROOMS[type(event.fact)](state, event.fact, happened(event, now))


def _help(state: HallState, event: Any, now: datetime, _: HallRules, new_id: NewId) -> Taken:
    return rooms.ask_help(state.rooms, event.fact, new_id(), happened(event, now))


def _called_away(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    fact = event.fact
    if not rules.plan.stands_at(event.node, event.device, fact.window):
        return FOREIGN
    action = actions.TakeAwayCall(
        call=fact.call, visit=fact.visit, ticket=fact.ticket, number=fact.number, window=fact.window,
        called=happened(event, now),
    )  # fmt: skip
    return _queue(state, action, now, rules)


def _visit_away(state: HallState, event: Any, now: datetime, rules: HallRules, _: NewId) -> Taken:
    fact, at = event.fact, happened(event, now)
    if not rules.plan.stands_at(event.node, event.device, fact.window):
        return FOREIGN
    invited = ratings.invited_away(state.ratings, fact, state.queue.tickets.get(fact.ticket), at, rules.config.rating)
    if fact.step == "invited":
        return invited
    action = actions.TakeAwayStep(ticket=fact.ticket, number=fact.number, window=fact.window, step=fact.step, at=at)
    taken = _queue(state, action, now, rules)
    return taken if isinstance(taken, Refusal) else (*taken, *invited)


def key_order(fact: events.KeyPressed, rules: HallRules) -> dispatch.Action | None:
    """What a key of a window's caller asks for; None for what is not offered, such as a transfer that leads nowhere."""
    window = fact.window
    match fact.key:
        case "next":
            return dispatch.CallNext(window=window)
        case "recall":
            return dispatch.Recall(window=window)
        case "no-show":
            return dispatch.NoShow(window=window)
        case "start":
            return dispatch.Start(window=window)
        case "finish":
            return dispatch.Finish(window=window)
        case "invite":
            return dispatch.Invite(window=window)
        case "pause":
            return dispatch.PauseWindow(window=window)
        case "resume":
            return dispatch.OpenWindow(window=window)
        case "park":
            return dispatch.Park(window=window)
        case "unpark":
            return dispatch.CallParked(window=window)
        case "transfer":
            planned = rules.queue.windows.get(window)
            goal = None if planned is None else planned.transfer_key
            return None if goal is None else dispatch.Transfer(window=window, service=goal)
        case "cancel":
            return None


def _too_old(event: Any) -> bool:
    """Whether a press is older than it may be by the node's monotonic clock, whatever this clock says now."""
    return event.age is not None and event.age > (event.fact.not_after - event.at).total_seconds() + CLOCKS


def _key(state: HallState, event: Any, now: datetime, rules: HallRules, new_id: NewId) -> Taken:
    fact = event.fact
    if not rules.plan.stands_at(event.node, event.device, fact.window):
        return FOREIGN
    if fact.not_after < now or _too_old(event):
        return STALE_KEY
    order = key_order(fact, rules)
    if order is None:
        return NOT_OFFERED
    done = orders.carry_out(state, order, now, rules, new_id)
    return done if isinstance(done, Refusal) else done.facts


_REPORTS: Mapping[type[Any], Callable[[HallState, Any, datetime, HallRules, NewId], Taken]] = {
    events.TicketPrinted: _printed,
    events.TicketNotPrinted: _not_printed,
    events.TicketIssued: _issued,
    events.RatingGiven: _rated,
    events.RatingLapsed: _lapsed,
    events.ComplaintMade: _complained,
    events.StayStarted: _room,
    events.StayEnded: _room,
    events.StayLong: _room,
    events.RoomChecked: _room,
    events.HelpAsked: _help,
    events.KeyPressed: _key,
    events.TicketCalledAway: _called_away,
    events.VisitAway: _visit_away,
}
