"""Patience: when a message that was not taken is tried again. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=1)
LONGEST_PAUSE = timedelta(minutes=1)
SCATTER = 0.25
"""Attempts scatter by this share to either side, so that halls that lost a receiver together do not come back together."""


def wait(attempt: int, first: timedelta, chance: float, longest: timedelta = LONGEST) -> timedelta:
    """How long to wait after the attempt of this number, from 1 on: twice as long each time. `chance` lies in 0 to 1."""
    doubled = min(first * (1 << min(attempt - 1, 30)), longest)
    return doubled * (1 - SCATTER + 2 * SCATTER * chance)


def asked_for(retry_after: str | None, now: datetime) -> timedelta | None:
    """How long the receiver wants to be left alone, by its `Retry-After`: seconds or a date; None when it does not say."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return min(max(then - now, timedelta()), LONGEST)
