"""Advice on staffing: how many windows a service needs for its waiting goal (Erlang C), and which windows could help now. Pure.

Erlang C holds for arrivals at random, service times at random and one line before all windows: a rule of thumb for a hall, and
the usual one. A. K. Erlang, "Solution of some Problems in the Theory of Probabilities" (1917).
"""

from dataclasses import dataclass
from datetime import datetime
from math import inf

from controller.queue import estimate
from controller.queue.issuing import microseconds
from controller.queue.rules import Rules
from controller.queue.values import QueueState

MOST = 1000
"""So many windows are reckoned with at the most."""
LOOK_BACK = 3600.0
"""Seconds whose arrivals make the present rate."""
_MICROSECOND = 1e-6


def waiting_probability(traffic: float, windows: int) -> float:
    """Erlang C: the share of people who have to wait.

    `traffic` is in erlang: arrivals a second times seconds of service. 1.0 when the windows cannot keep up.
    """
    if traffic >= windows:
        return 1.0
    blocking = 1.0
    for n in range(1, windows + 1):  # Erlang B by its recurrence, which neither overflows nor loses digits
        blocking = traffic * blocking / (n + traffic * blocking)
    return windows * blocking / (windows - traffic * (1 - blocking))


def average_wait(traffic: float, windows: int, service: float) -> float:
    """Seconds that people wait on average, those who do not wait included; infinite when the windows cannot keep up."""
    return inf if traffic >= windows else waiting_probability(traffic, windows) * service / (windows - traffic)


def windows_needed(traffic: float, service: float, goal: float) -> int:
    """The fewest windows with which people wait `goal` seconds or less on average; none for no traffic."""
    if traffic <= 0:
        return 0
    return next((n for n in range(int(traffic) + 1, MOST) if average_wait(traffic, n, service) <= goal), MOST)


@dataclass(frozen=True)
class Advice:
    """What one service needs."""

    service: str
    traffic: float
    """In erlang, from the last hour's arrivals and the recent service times."""
    open: int
    """Windows that are open for it, shared ones too."""
    needed: int
    could_help: tuple[str, ...]
    """Windows that serve it and are closed or paused, then those that are open and have nobody to call."""


def of(state: QueueState, service: str, now: datetime, rules: Rules) -> Advice:
    """For one service, as things are now."""
    took = estimate.service_time(state, service, rules)
    traffic = arrivals(state, service, now) / LOOK_BACK * took
    opened = estimate.open_windows(state, service, rules)
    return Advice(
        service=service, traffic=traffic, open=len(opened),
        needed=windows_needed(traffic, took, rules.services[service].goal * 60.0),
        could_help=_could_help(state, service, opened, rules),
    )  # fmt: skip


def arrivals(state: QueueState, service: str, now: datetime) -> int:
    """Tickets of a service issued within the last hour."""
    since = microseconds(now) - int(LOOK_BACK / _MICROSECOND)
    return sum(1 for moment in state.arrivals.get(service, ()) if moment > since)


def _could_help(state: QueueState, service: str, opened: list[str], rules: Rules) -> tuple[str, ...]:
    shut = [window.id for window in rules.serving(service) if window.id not in opened]
    if not estimate.waiting(state, service):
        return tuple(shut)
    serving = {window.id for window in rules.serving(service)}
    idle = [
        window for window in rules.windows
        if window not in serving and state.window(window).door == "open" and state.window(window).ticket is None
        and not estimate.callable_at(state, window, rules)
    ]  # fmt: skip
    return (*shut, *idle)
