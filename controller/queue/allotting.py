"""Allotting: which waiting tickets each window's node may call by itself, should it lose the controller. Pure.

Every ticket stands in one list at most, and whoever came first stands in one first, whichever window that is: lists grow in
turn. A ticket stays where it is, since moving it costs the asking of a node; one that comes before what stands in a full
list (a priority ticket, say) takes the place of the last one there. A window that serves a service first has it first in its
list as well, within the same bound.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from contract.ticketing import TicketClass
from controller.queue import calling, facts
from controller.queue.issuing import microseconds
from controller.queue.rules import Rules
from controller.queue.values import CLASSES, Holding, QueueState, Ticket, Turn

Order = tuple[int, Turn]


def lists(state: QueueState, rules: Rules, windows: Collection[str], now: datetime) -> dict[str, tuple[str, ...]]:
    """What each of `windows` should hold now, in the order in which it would call; appointments once they are due."""
    chosen = {window: _kept(state, window, rules) for window in windows}
    for priority in CLASSES:
        _fill(state, chosen, priority, rules, microseconds(now))
    return {window: _ordered(state, window, tickets, rules) for window, tickets in chosen.items()}


def _kept(state: QueueState, window: str, rules: Rules) -> list[Ticket]:
    lines = rules.lines_of(window)
    tickets = (state.tickets.get(ticket) for ticket in state.allotment(window).tickets)
    return [t for t in tickets if t is not None and t.state == "waiting" and t.waits_in in lines][: rules.away.tickets]


def _fill(state: QueueState, chosen: dict[str, list[Ticket]], priority: TicketClass, rules: Rules, now: int) -> None:
    """Place who waits and stands in no list, first come first, until nobody's place is free or worse."""
    lines = {line for window in chosen for line in rules.lines_of(window)}
    waiting = {line: _free(state, line, priority, now) for line in lines}
    firsts = {line: ticket for line, tickets in waiting.items() if (ticket := next(tickets, None)) is not None}
    while firsts:
        line = min(firsts, key=lambda line: firsts[line].turn)
        following = next(waiting[line], None) if _placed(state, firsts[line], chosen, rules) else None
        if following is None:
            del firsts[line]
        else:
            firsts[line] = following


def _free(state: QueueState, line: str, priority: TicketClass, now: int) -> Iterator[Ticket]:
    for turn, name in state.line(line, priority).items():
        if priority == "appointment" and turn[0] > now:
            return
        if name not in state.held and (ticket := state.tickets.get(name)) is not None:
            yield ticket


def _placed(state: QueueState, ticket: Ticket, chosen: dict[str, list[Ticket]], rules: Rules) -> bool:
    """Put a ticket into the shortest list that has room, or instead of the last ticket of all full ones."""
    fit = [window for window in chosen if ticket.waits_in in rules.lines_of(window)]
    if room := [window for window in fit if len(chosen[window]) < rules.away.tickets]:
        chosen[min(room, key=lambda window: len(chosen[window]))].append(ticket)
        return True
    lasts = [(_last(state, [*chosen[window], ticket], window, rules), window) for window in fit]
    giving = [(last, window) for last, window in lasts if last is not ticket]
    worst = max(giving, key=lambda last: _order(last[0]), default=None)
    if worst is None:
        return False
    chosen[worst[1]].remove(worst[0])
    chosen[worst[1]].append(ticket)
    return True


def _last(state: QueueState, tickets: list[Ticket], window: str, rules: Rules) -> Ticket:
    """Whom of these the window would do without."""
    last = max(tickets, key=_order)
    if last.priority != "ordinary" or not rules.windows[window].first:
        return last
    return _called_in_turn(state, window, tickets, rules)[-1]


def _order(ticket: Ticket) -> Order:
    return CLASSES.index(ticket.priority), ticket.turn


def _ordered(state: QueueState, window: str, tickets: list[Ticket], rules: Rules) -> tuple[str, ...]:
    """In the order of calling: who goes ahead first, but at most `priority_run` in a row while an ordinary one waits."""
    urgent = sorted((t for t in tickets if t.priority != "ordinary"), key=lambda t: t.turn, reverse=True)
    ordinary = _called_in_turn(state, window, tickets, rules)[::-1]
    run, order = state.window(window).run, []
    while urgent or ordinary:
        first = bool(urgent) and (not ordinary or run < rules.calling.priority_run)
        run = run + 1 if first and ordinary else 0
        order.append((urgent if first else ordinary).pop().id)
    return tuple(order)


def _called_in_turn(state: QueueState, window: str, tickets: list[Ticket], rules: Rules) -> list[Ticket]:
    """The ordinary ones as the window would call them: its own service first, but not for ever past who came earlier."""
    left = sorted((t for t in tickets if t.priority == "ordinary"), key=lambda t: t.turn)
    if not rules.windows[window].first:
        return left
    passed, order = state.window(window).passed, []
    while left:
        following = min(left, key=lambda ticket: calling.place(ticket, window, passed, rules))
        passed = passed + 1 if following is not left[0] else 0
        left.remove(following)
        order.append(following)
    return order


@dataclass(frozen=True, slots=True)
class Holder:
    """Who goes by a window's allotment, and by which version as far as it says itself."""

    node: str
    device: str
    version: int = 0


def allot(
    state: QueueState, rules: Rules, holders: Mapping[str, Holder], answering: Collection[str], now: datetime
) -> tuple[facts.TicketsAllotted, ...]:
    """The next versions that are due. Of the windows with `holders`, those that are `answering` can be reached.

    A window that cannot be reached keeps its list, for nobody knows what it does with it; one that does not call has none.
    A node that knows a higher version than this hall's database, which is an older one then, gets one above it.
    """
    opened = [window for window in holders if state.window(window).door == "open"]
    wanted = lists(state, rules, [window for window in opened if window in answering], now)
    found = []
    for window, holder in holders.items():
        present = state.allotment(window)
        tickets = wanted.get(window, present.tickets if window in opened else ())
        if _is_due(present, holder, tickets):
            found.append(
                facts.TicketsAllotted(
                    at=now, window=window, node=holder.node, device=holder.device,
                    version=max(present.version, holder.version) + 1, tickets=tickets, lasts=rules.away.lasts,
                )
            )  # fmt: skip
    return tuple(found)


def _is_due(present: Holding, holder: Holder, tickets: tuple[str, ...]) -> bool:
    another = (present.node, present.device) != (holder.node, holder.device)
    if another and present.last:
        return False
    return another or tickets != present.tickets or holder.version > present.version
