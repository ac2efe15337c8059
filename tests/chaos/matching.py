"""Matching: which records of two layers may be of one happening, and how far their moments may be apart."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from tests.chaos.history import History, Period

APART = timedelta(seconds=60)
"""So far may the moments be apart at which two layers put the same happening: one of them may have been stopped meanwhile."""
CLOCK = timedelta(seconds=3)
"""So far may a device's clock be ahead of the true time; nodes believe the controller beyond two seconds."""
HELD_BACK = timedelta(seconds=20)
"""So late may the controller date an event that the connection held back: an event says how old it is when it is sent."""
HOUR = timedelta(hours=1)
"""How far the controller's clock is set wrong, where it is."""

H = TypeVar("H")
W = TypeVar("W")


def unmatched(haves: Sequence[H], wants: Sequence[W], fits: Callable[[H, W], bool]) -> list[H]:
    """Those that find no partner of their own, when as many as possible find one (augmenting paths)."""
    partner: dict[int, int] = {}

    def place(have: int, tried: set[int]) -> bool:
        for want, there in enumerate(wants):
            if want in tried or not fits(haves[have], there):
                continue
            tried.add(want)
            if want not in partner or place(partner[want], tried):
                partner[want] = have
                return True
        return False

    return [haves[have] for have in range(len(haves)) if not place(have, set())]


def during(period: Period, at: datetime, afterwards: timedelta = CLOCK) -> bool:
    """Whether a moment lies in a period, give or take what clocks differ."""
    return period.began - CLOCK <= at <= period.ended + afterwards


def near(one: datetime, other: datetime, history: History) -> bool:
    """Whether two moments may be one; where the controller's clock was wrong, also when they are just an hour apart."""
    apart = abs(one - other)
    return apart <= APART or (bool(history.clocks) and abs(apart - HOUR) <= APART)
