"""Occupying: the hours of the hall's clock in which a stay fell, and for how long it lasted in each. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
"""Hours of any time zone are made of these: no zone is off by anything finer."""
MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = timedelta(days=7)
"""What lasted longer is a sensor that hangs: the rest of it counts for the last hour."""


def hour_of(moment: datetime, timezone: ZoneInfo) -> int:
    """The hour on the wall."""
    return moment.astimezone(timezone).hour


def hours(started: datetime, lasted_us: int, timezone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """Each hour with its microseconds; together they are `lasted_us`. An hour may come more than once."""
    begins = since = started.astimezone(UTC)
    left = lasted_us * MICROSECOND
    while left:
        ends = since + (QUARTER - (since - _EPOCH) % QUARTER)
        part = left if since - begins > LONGEST else min(left, ends - since)
        yield hour_of(since, timezone), part // MICROSECOND
        since, left = since + part, left - part
