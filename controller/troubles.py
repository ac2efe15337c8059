"""Troubles: how often and for how long devices wanted a person, from the turns of their condition. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from controller.figures import DeviceCounts, Troubles

_US = timedelta(microseconds=1)
WANTING = "attention"
DOWN = ("fault", "lost")


@dataclass(frozen=True)
class Turn:
    """From this moment on a device is in `condition`; without a name it is the node itself."""

    node: str
    device: str
    at: datetime
    condition: str


def troubles(turns: Iterable[Turn], days: Sequence[tuple[date, datetime, datetime]], now: datetime) -> tuple[Troubles, ...]:
    """The troubles of each day, given as its date, beginning and end; a turn before the first day says how it began."""
    found: list[Troubles] = []
    for (node, device), own in groupby(sorted(turns, key=_order), key=lambda turn: (turn.node, turn.device)):
        line = list(own)
        last = Turn(node, device, max(now, line[-1].at), "")
        for day, begins, ends in days:
            counts = DeviceCounts.sum(_within(pairwise([*line, last]), line[0], begins, ends))
            if counts != DeviceCounts():
                found.append(Troubles(counts, day, node, device))
    return tuple(found)


def _order(turn: Turn) -> tuple[str, str, datetime]:
    return turn.node, turn.device, turn.at


def _bad(condition: str) -> bool:
    return condition == WANTING or condition in DOWN


def _within(stretches: Iterable[tuple[Turn, Turn]], first: Turn, begins: datetime, ends: datetime) -> Iterator[DeviceCounts]:
    before = first.condition if first.at < begins else ""
    for turn, following in stretches:
        lasted = max(0, (min(following.at, ends) - max(turn.at, begins)) // _US)
        began = begins <= turn.at < ends and _bad(turn.condition) and not _bad(before)
        before = turn.condition
        yield DeviceCounts(
            troubles=int(began),
            attention_us=lasted if turn.condition == WANTING else 0,
            down_us=lasted if turn.condition in DOWN else 0,
        )
