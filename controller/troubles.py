"""Troubles: how often and for how long devices wanted a person, from the turns of their condition. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from controller.figures import DeviceCounts, Troubles

_US = timedelta(microseconds=1)
WANTING = "attention"
DOWN = ("fault", "lost")
UNWATCHED = ("offline", "")
"""A node that said goodbye, and what was never heard of."""


@dataclass(frozen=True)
class Turn:
    """From this moment on a device is in `condition`; without a name it is the node itself."""

    node: str
    device: str
    at: datetime
    condition: str


Day = tuple[date, datetime, datetime]
"""A date, the moment in which it begins, and the one in which it ends."""


def troubles(turns: Iterable[Turn], days: Sequence[Day], now: datetime) -> tuple[Troubles, ...]:
    """How each device was on each day on which it was watched; a turn before the first day says how it began."""
    found: list[Troubles] = []
    for (node, device), own in groupby(sorted(turns, key=_order), key=lambda turn: (turn.node, turn.device)):
        line = list(own)
        moments = [turn.at for turn in line]
        for day in days:
            counts = DeviceCounts.sum(_within(line, moments, day, max(now, moments[-1])))
            if counts != DeviceCounts():
                found.append(Troubles(counts, day[0], node, device))
    return tuple(found)


def _order(turn: Turn) -> tuple[str, str, datetime]:
    return turn.node, turn.device, turn.at


def is_bad(condition: str) -> bool:
    """Whether somebody has to look."""
    return condition == WANTING or condition in DOWN


def _within(line: Sequence[Turn], moments: Sequence[datetime], day: Day, now: datetime) -> Iterator[DeviceCounts]:
    """What each turn that lasts into the day adds to it; only these are looked at, or a year would be compared with a year."""
    _, begins, ends = day
    for n in range(max(0, bisect_right(moments, begins) - 1), bisect_left(moments, ends)):
        turn, over = line[n], moments[n + 1] if n + 1 < len(line) else now
        lasted = max(0, (min(over, ends) - max(turn.at, begins)) // _US)
        began = turn.at >= begins and is_bad(turn.condition) and not (n > 0 and is_bad(line[n - 1].condition))
        yield DeviceCounts(
            troubles=int(began),
            attention_us=lasted if turn.condition == WANTING else 0,
            down_us=lasted if turn.condition in DOWN else 0,
            watched_us=0 if turn.condition in UNWATCHED else lasted,
        )
