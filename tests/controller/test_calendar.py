"""The calendar: when the hall is open, which days are working days, and where a deadline of so many of them ends."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.settings import BadSettings, convert
from controller.calendar import HallCalendar
from controller.config_hours import Calendar, Hours
from controller.queue.actions import CallNext, Issue
from tests.controller.desk import Desk
from tests.controller.halls import after, rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIDAY = date(2026, 11, 20)
LUNCH = Hours(opens="09:00", closes="17:00", breaks=(("12:00", "13:30"),))


def at(clock: str, day: date = FRIDAY, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A moment by the clock on the wall."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)


def hall(hours: Hours = LUNCH, zone: ZoneInfo = SHANGHAI, **days: tuple[date, ...]) -> HallCalendar:
    """A calendar."""
    return HallCalendar(hours, Calendar(**days), zone)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:59:59", False), ("09:00", True), ("11:59:59", True), ("12:00", False), ("13:29:59", False), ("13:30", True),
     ("16:59:59", True), ("17:00", False), ("00:00", False)],
)  # fmt: skip
def test_it_is_open_between_its_hours_and_not_over_lunch(clock: str, is_open: bool) -> None:
    assert hall().is_open(at(clock)) is is_open
    assert hall().is_open(at(clock).astimezone(UTC)) is is_open


def test_weekends_and_holidays_are_closed_and_made_up_days_are_open() -> None:
    saturday, monday = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=3)
    assert not hall().is_open(at("10:00", saturday))
    swapped = hall(holidays=(monday,), made_up=(saturday,))
    assert swapped.is_open(at("10:00", saturday))
    assert not swapped.is_open(at("10:00", monday))
    assert swapped.words(monday).zh == "今日休息"
    assert swapped.words(saturday).en == "Open 09:00–12:00, 13:30–17:00"


def test_hours_over_midnight_belong_to_the_evening_on_which_they_began() -> None:
    night = hall(Hours(opens="22:00", closes="02:00", breaks=(("23:30", "00:30"),), days=("fri",)))
    saturday = FRIDAY + timedelta(days=1)
    assert [night.is_open(at(clock)) for clock in ("01:00", "22:00", "23:45")] == [False, True, False]
    assert [night.is_open(at(clock, saturday)) for clock in ("00:15", "00:30", "01:59", "22:30")] == [False, True, True, False]


def test_the_end_of_the_day_is_the_end_of_the_last_stretch_and_the_next_opening_may_be_after_lunch_or_the_weekend() -> None:
    assert hall().closes_for_good(at("10:00")) == at("17:00")
    assert hall().closes_for_good(at("17:00")) is None
    assert hall().opens_next(at("12:15")) == at("13:30")
    assert hall().opens_next(at("17:30")) == at("09:00", FRIDAY + timedelta(days=3))
    assert hall(Hours(always=True)).opens_next(at("10:00")) is None


@pytest.mark.parametrize(("day", "hours_long"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_on_which_the_clocks_change_is_open_by_the_clock_on_the_wall(day: date, hours_long: int) -> None:
    paris = ZoneInfo("Europe/Paris")
    (stretch,) = hall(Hours(opens="00:00", closes="23:59", days=("mon", "sun")), paris).openings(day)
    assert stretch.closes - stretch.opens == timedelta(hours=hours_long - 1, minutes=59)


def test_a_deadline_counts_working_days_and_ends_with_its_last_one() -> None:
    monday = FRIDAY + timedelta(days=3)
    assert hall().after_working_days(at("16:59"), 1) == at("00:00", monday + timedelta(days=1))
    assert hall(holidays=(monday,)).after_working_days(at("16:59"), 1) == at("00:00", monday + timedelta(days=2))
    assert hall().after_working_days(at("10:00"), 0) == at("00:00", FRIDAY + timedelta(days=1))


@given(start=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), days=st.integers(0, 40))  # noqa: DTZ001
def test_between_start_and_deadline_lie_just_so_many_working_days(start: datetime, days: int) -> None:
    calendar = hall(holidays=(date(2026, 10, 1), date(2027, 1, 1)), made_up=(date(2026, 10, 10),))
    first = start.replace(tzinfo=SHANGHAI)
    end = calendar.after_working_days(first, days)
    between = [first.date() + timedelta(days=n) for n in range(1, (end.date() - first.date()).days)]
    assert sum(map(calendar.is_working_day, between)) == days


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"opens": "09:00", "closes": "09:00"}, "never open"),
        ({"breaks": [["13:30", "12:00"]]}, "do not follow one another"),
        ({"breaks": [["08:00", "08:30"]]}, "do not follow one another"),
        ({"breaks": [["12:00", "18:00"]]}, "do not follow one another"),
        ({"breaks": [["12:00", "12:00"]]}, "do not follow one another"),
        ({"days": ["monday"]}, "days"),
    ],
)
def test_hours_that_mean_nothing_are_refused_in_words(table: dict[str, object], says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        convert(table, Hours, name="hall.toml")


def test_a_day_cannot_be_a_holiday_and_made_up() -> None:
    with pytest.raises(BadSettings, match="2026-10-10 is a holiday and a made-up"):
        convert({"holidays": [date(2026, 10, 10)], "made_up": [date(2026, 10, 10)]}, Calendar, name="hall.toml")


def test_an_hourly_quota_is_free_again_with_the_next_hour_of_the_clock() -> None:
    law = rules()
    limited = msgspec.structs.replace(law.services["social"], hourly_quota=2)
    desk = Desk(dataclasses.replace(law, services={**law.services, "social": limited}))
    desk.issue()
    desk.issue()
    refused = Issue(ticket="one-too-many", service="social", printed=True)
    assert desk.refused(refused) == "hour-full"
    desk.second += 3600
    desk.issue()


def test_whoever_would_be_called_after_closing_is_refused_where_the_hall_wants_it_so() -> None:
    hours = 'opens = "09:00", closes = "12:10"'
    assert isinstance(Desk(rules(hours=hours)).issue(), str)
    desk = Desk(rules(hours=hours, calling='interval = 0\ntoo_late = "refuse"'))
    desk.issue()
    desk.do(CallNext(window="w1", call="c1"))
    codes = []
    for n in range(8):
        decision = desk.do(Issue(ticket=f"t{n}", service="social", printed=True))
        codes.append(getattr(decision, "code", "given"))
    assert codes[0] == "given"
    assert codes[-1] == "too-late-today"
    assert after(desk.second) < desk.rules.calendar().closes_for_good(after(0))  # type: ignore[operator]
