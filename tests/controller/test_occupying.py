"""A stay falls into the hours of the clock on the wall, and its parts add up to it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.occupying import hours

MINUTE = 60_000_000
ZONES = ("Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")


def by_hour(started: datetime, minutes: int, zone: str) -> dict[int, int]:
    """Minutes in each hour."""
    found = Counter[int]()
    for hour, us in hours(started, minutes * MINUTE, ZoneInfo(zone)):
        found[hour] += us // MINUTE
    return dict(found)


@pytest.mark.parametrize(("started", "minutes", "zone", "expected"), [
    ("2026-05-04T02:50", 25, "Asia/Shanghai", {10: 10, 11: 15}),
    ("2026-05-04T03:00", 60, "Asia/Shanghai", {11: 60}),
    ("2026-05-04T15:55", 10, "Asia/Shanghai", {23: 5, 0: 5}),
    ("2026-05-04T03:14", 2, "Asia/Kathmandu", {8: 1, 9: 1}),
    ("2026-03-29T00:30", 60, "Europe/Berlin", {1: 30, 3: 30}),
    ("2026-10-25T00:30", 120, "Europe/Berlin", {2: 90, 3: 30}),
])  # fmt: skip
def test_minutes_count_in_the_hours_in_which_they_were(started: str, minutes: int, zone: str, expected: dict[int, int]) -> None:
    assert by_hour(datetime.fromisoformat(started).replace(tzinfo=UTC), minutes, zone) == expected


@given(
    st.timedeltas(timedelta(), timedelta(days=3660)),
    st.integers(0, 2 * 86400 * 1_000_000),
    st.sampled_from(ZONES),
)
def test_the_parts_are_the_stay_and_each_is_in_its_hour(since: timedelta, lasted_us: int, zone: str) -> None:
    started = moment = datetime(2020, 1, 1, tzinfo=UTC) + since
    for hour, us in hours(started, lasted_us, ZoneInfo(zone)):
        last = moment + timedelta(microseconds=max(0, us - 1))
        assert hour == moment.astimezone(ZoneInfo(zone)).hour == last.astimezone(ZoneInfo(zone)).hour
        moment += timedelta(microseconds=us)
    assert moment - started == timedelta(microseconds=lasted_us)


def test_a_sensor_that_hangs_for_years_costs_no_more_than_a_week() -> None:
    found = list(hours(datetime(2026, 5, 4, tzinfo=UTC), 10 * 366 * 86400 * 1_000_000, ZoneInfo("Asia/Shanghai")))
    assert sum(us for _, us in found) == 10 * 366 * 86400 * 1_000_000
    assert len(found) < 700
