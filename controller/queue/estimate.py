"""The estimated wait: people ahead times the service time, shared by the open windows, as an honest range."""

import math
from statistics import fmean

from contract.values import WaitRange
from controller.queue.rules import Rules
from controller.queue.values import CLASSES, QueueState, Ticket, Turn

SPREAD = 0.3
"""Service times scatter: the range is widened by this share to either side."""
MINUTE = 60.0
LONGEST = 24 * 60


def service_time(state: QueueState, service: str, rules: Rules) -> float:
    """Seconds that a service takes: the mean of the last ones, or what is expected before there are any."""
    recent = state.recent.get(service)
    return fmean(recent) if recent else rules.services[service].expected


def ahead(state: QueueState, ticket: Ticket, rules: Rules) -> int:
    """How many of its own service will be called before a ticket, if nobody else comes."""
    mine = state.line(ticket.waits_in, ticket.priority).rank(ticket.turn)
    return _with_the_others(state, ticket.waits_in, ticket.priority, mine, rules)


def ahead_of_newcomer(state: QueueState, service: str, rules: Rules) -> int:
    """How many would be called before an ordinary ticket issued now."""
    return _with_the_others(state, service, "ordinary", len(state.line(service, "ordinary")), rules)


def _with_the_others(state: QueueState, service: str, priority: str, mine: int, rules: Rules) -> int:
    run = rules.calling.priority_run
    if priority == "ordinary":
        urgent = len(state.line(service, "priority")) + len(state.line(service, "appointment"))
        return mine + min(urgent, run * (mine + 1))
    return mine + min(len(state.line(service, "ordinary")), mine // run)


def waiting(state: QueueState, service: str) -> int:
    """How many wait for a service at any of its windows."""
    return sum(len(state.line(service, priority)) for priority in CLASSES)


def callable_at(state: QueueState, window: str, rules: Rules) -> int:
    """How many people a window could call now."""
    return sum(waiting(state, line) for line in rules.lines_of(window))


def open_windows(state: QueueState, service: str, rules: Rules) -> list[str]:
    """The open windows that serve `service`."""
    return [window.id for window in rules.serving(service) if state.window(window.id).door == "open"]


def wait(state: QueueState, service: str, people: int, rules: Rules, turn: Turn | None = None) -> WaitRange | None:
    """The wait with `people` of the same service ahead; None while no open window serves it.

    At best the windows do nothing else; at worst they also serve everybody who stands ahead (before `turn`) in the other
    lines they share, all of those that they serve first, and have just begun with somebody.
    """
    windows = open_windows(state, service, rules)
    if not windows:
        return None
    own = service_time(state, service, rules)
    others = {other for window in windows for other in rules.windows[window].services} - {service}
    ahead_of_it = {other for other in others if any(rules.rank(w, other) < rules.rank(w, service) for w in windows)}
    shared = sum(
        _before(state, other, None if other in ahead_of_it else turn) * service_time(state, other, rules) for other in others
    )
    busy = all(state.window(window).ticket is not None for window in windows)
    low = people * own * (1 - SPREAD) / len(windows)
    high = (people * own + shared + (own if busy else 0.0)) * (1 + SPREAD) / len(windows)
    return WaitRange(low=min(math.floor(low / MINUTE), LONGEST), high=min(math.ceil(high / MINUTE), LONGEST))


def _before(state: QueueState, service: str, turn: Turn | None) -> int:
    lines = [state.line(service, priority) for priority in CLASSES]
    return sum(len(line) if turn is None else line.rank(turn) for line in lines)
