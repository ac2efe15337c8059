"""Reports at the edges of days: midnight, changing clocks, what comes late, and roll-ups that must not be wrong for it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from msgspec.structs import replace
from sqlalchemy import Connection, create_engine, select

from contract import dispatch
from contract.events import RatingGiven, StayEnded, StayStarted
from contract.topics import RATING_INVITE
from controller.figures import Counts, RoomHourCounts
from controller.reporting import report
from controller.store import schema, tables
from controller.store.counting import Span
from controller.store.reports import Reports
from controller.store.rollups import missing, roll_up, summed
from controller.store.store import Store
from tests.controller.halls import NOON, hall
from tests.controller.test_days import Night

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = NOON.date()


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A store's own connection, with all tables."""
    store = Store(database, "centre")
    store.open()
    assert store._connection is not None
    yield store._connection
    store.close()


def ticket(name: str, day: date, issued: datetime, **others: Any) -> dict[str, Any]:
    row = {"hall": "centre", "ticket": name, "day": day, "number": "A001", "service": "social", "priority": "ordinary"}
    return {**row, "state": "done", "issued": issued, "calls": 1, **others}


def test_hours_are_those_of_the_clock_on_the_wall_when_the_clocks_change(connection: Connection) -> None:
    autumn, spring = date(2026, 10, 25), date(2026, 3, 29)
    with connection.begin():
        connection.execute(tables.tickets.insert(), [
            ticket("before", autumn, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # 02:30, the first one
            ticket("again", autumn, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),  # 02:30 once more
            ticket("after", autumn, datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),  # 03:30
            ticket("winter", spring, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),  # 01:59
            ticket("summer", spring, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # 03:00
        ])  # fmt: skip
        for day, hours in ((autumn, {2: 2, 3: 1}), (spring, {1: 1, 3: 1})):
            found = summed(connection, Span("centre", day, day, BERLIN))
            assert {hour: counts.tickets for hour, counts in found.hours.items()} == hours


def test_a_day_of_a_zone_that_is_off_by_three_quarters_keeps_its_hours(connection: Connection) -> None:
    day, nepal = date(2026, 5, 4), ZoneInfo("Asia/Kathmandu")
    with connection.begin():
        connection.execute(tables.tickets.insert(), [
            ticket("early", day, datetime(2026, 5, 4, 3, 14, 59, tzinfo=UTC)),  # 08:59:59
            ticket("late", day, datetime(2026, 5, 4, 3, 15, tzinfo=UTC)),  # 09:00
        ])  # fmt: skip
        found = summed(connection, Span("centre", day, day, nepal))
    assert {hour: counts.tickets for hour, counts in found.hours.items()} == {8: 1, 9: 1}


def test_what_is_looked_after_belongs_to_the_date_in_the_hall(connection: Connection) -> None:
    day, shanghai = date(2026, 5, 4), ZoneInfo("Asia/Shanghai")
    with connection.begin():
        connection.execute(tables.room_checks.insert(), [
            {"hall": "centre", "room": "nursery", "at": datetime(2026, 5, 3, 15, 59, tzinfo=UTC)},
            {"hall": "centre", "room": "nursery", "at": datetime(2026, 5, 3, 16, 0, tzinfo=UTC)},
            {"hall": "centre", "room": "nursery", "at": datetime(2026, 5, 4, 16, 0, tzinfo=UTC)},
        ])  # fmt: skip
        found = summed(connection, Span("centre", day, day, shanghai))
    assert [(care.day, care.counts.checks) for care in found.care] == [(day, 1)]


def test_a_stay_over_an_hours_end_has_its_minutes_in_both_hours_on_days_on_which_clocks_change_too(
    connection: Connection,
) -> None:
    autumn, spring = date(2026, 10, 25), date(2026, 3, 29)
    stay = {"hall": "centre", "room": "nursery", "cubicle": "a", "long": False}
    with connection.begin():
        connection.execute(tables.stays.insert(), [
            {**stay, "stay": "s1", "day": spring, "started": datetime(2026, 3, 29, 0, 45, tzinfo=UTC), "lasted": 1800.0},
            {**stay, "stay": "s2", "day": spring, "started": datetime(2026, 3, 29, 8, 10, tzinfo=UTC), "lasted": 600.5},
            {**stay, "stay": "a1", "day": autumn, "started": datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "lasted": 5400.0},
            {**stay, "stay": "a2", "day": autumn, "started": datetime(2026, 10, 25, 9, 0, tzinfo=UTC), "lasted": None},
        ])  # fmt: skip
        found = {}
        for day in (spring, autumn):
            said = report(hall(), day, day, summed(connection, Span("centre", day, day, BERLIN)))
            found[day] = [(use.hour, use.stays, use.occupied) for use in said.room_hours if use.stays or use.occupied]
            roll_up(connection, Span("centre", day, day, BERLIN), NOON)
        both = Span("centre", spring, autumn, BERLIN)
        hours = summed(connection, both).room_hours
    assert found[spring] == [(1, 1, 900.0), (3, 0, 900.0), (10, 1, 600.5)], "02:00 was 03:00"
    assert found[autumn] == [(2, 1, 5400.0), (10, 1, 0.0)], "02:00 came twice; the second stay still lasts"
    assert hours["nursery", "a", 10] == RoomHourCounts(stays=2, occupied_us=600_500_000), "from both roll-ups"


def test_days_rolled_up_by_an_earlier_version_are_counted_anew_where_stays_are_still_there(database: str) -> None:
    engine, friday = create_engine(database), TODAY - timedelta(days=3)
    config = schema._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0014")
        connection.execute(tables.stays.insert(), [{
            "hall": "centre", "stay": "s1", "day": friday, "room": "nursery", "cubicle": "a", "started": NOON - timedelta(days=3),
            "lasted": 600.0, "long": False,
        }])  # fmt: skip
        days = [friday - timedelta(days=1), friday]
        connection.execute(tables.days_rolled.insert(), [{"hall": "centre", "day": day, "at": NOON} for day in days])
        connection.execute(tables.days_rolled.insert(), [{"hall": "another", "day": friday, "at": NOON}])
    store = Store(database, "centre")
    store.open()
    store.close()
    with engine.begin() as connection:
        marks = connection.execute(select(tables.days_rolled.c.hall, tables.days_rolled.c.day)).all()
        found = summed(connection, Span("centre", friday, friday, BERLIN))
    engine.dispose()
    assert sorted(marks) == [("another", friday), ("centre", friday - timedelta(days=1))]
    assert found.room_hours == {("nursery", "a", 6): RoomHourCounts(stays=1, occupied_us=600_000_000)}


def test_a_ticket_waits_until_its_first_call_of_all_and_once(connection: Connection) -> None:
    at = [NOON + timedelta(minutes=n) for n in range(60)]
    with connection.begin():
        connection.execute(tables.tickets.insert(), [ticket("transferred", TODAY, at[0], first_called=at[30])])
        visit = {"hall": "centre", "day": TODAY, "ticket": "transferred", "number": "A001", "calls": 1}
        connection.execute(tables.visits.insert(), [
            {**visit, "visit": "second", "service": "civil", "window": "w2", "called": at[30], "started": at[31], "took": 60.5},
            {**visit, "visit": "first", "service": "social", "window": "w1", "called": at[7], "started": at[9], "took": 120.0},
        ])  # fmt: skip
        found = report(hall(), TODAY, TODAY, summed(connection, Span("centre", TODAY, TODAY, BERLIN)))
    assert (found.all.waiting.count, found.all.waiting.mean, found.all.waiting.longest) == (1, 420.0, 420.0)
    assert found.all.waiting.within == {"5": 0, "10": 1, "20": 1, "30": 1, "60": 1}
    assert {part.id: part.figures.waiting.count for part in found.windows} == {"w1": 1, "w2": 0, "w3": 0}
    assert (found.all.way.mean, found.all.service.total, found.all.service.longest) == (90.0, 180.5, 120.0)


def test_days_without_anything_are_rolled_up_too_and_none_twice(connection: Connection) -> None:
    day = timedelta(days=1)
    with connection.begin():
        connection.execute(tables.tickets.insert(), [ticket("friday", TODAY - 3 * day, NOON - 3 * day)])
        spans = missing(connection, "centre", BERLIN, TODAY)
        assert [span.first for span in spans] == [TODAY - 3 * day, TODAY - 2 * day, TODAY - day]
        for span in spans:
            roll_up(connection, span, NOON)
        assert missing(connection, "centre", BERLIN, TODAY) == []
        assert missing(connection, "another", BERLIN, TODAY) == []


def test_a_report_reads_roll_ups_and_not_the_rows_behind_them(connection: Connection) -> None:
    yesterday = TODAY - timedelta(days=1)
    span = Span("centre", yesterday, TODAY, BERLIN)
    with connection.begin():
        connection.execute(tables.tickets.insert(), [ticket("a", yesterday, NOON), ticket("b", TODAY, NOON)])
        roll_up(connection, Span("centre", yesterday, yesterday, BERLIN), NOON)
        connection.execute(tables.tickets.delete().where(tables.tickets.c.ticket == "a"))
        assert Counts.sum(summed(connection, span).days.values()).tickets == 2


@pytest.mark.parametrize(("deemed", "satisfaction", "counted"), [(0, 0.5, 0), (7, 0.75, 2), (30, 0.5, 0)])
async def test_who_did_not_rate_counts_as_satisfied_after_so_many_days_only_where_a_rule_says_so(
    database: str, deemed: int, satisfaction: float, counted: int
) -> None:
    store, today = Store(database, "centre"), datetime.now(BERLIN).date()
    store.open()
    assert store._connection is not None
    rating = {
        "hall": "centre",
        "visit": "v",
        "ticket": "t",
        "number": "A001",
        "service": "social",
        "window": "w1",
        "invited": NOON,
    }
    rows = [(6, None), (6, 2), (7, None), (7, 5), (8, None)]
    with store._connection.begin():
        store._connection.execute(tables.ratings.insert(), [
            {**rating, "rating": f"r{n}", "day": today - timedelta(days=ago), "level": level}
            for n, (ago, level) in enumerate(rows)
        ])  # fmt: skip
        roll_up(store._connection, Span("centre", today - timedelta(days=8), today - timedelta(days=8), BERLIN), NOON)
    config = hall(database)
    config = replace(config, hall=replace(config.hall, timezone="Europe/Berlin"), rating=replace(config.rating, deemed=deemed))
    reports = Reports(config)
    found = await reports.read(today - timedelta(days=20), today)
    reports.close()
    store.close()
    rated = found.all.ratings
    assert (rated.invited, rated.given, rated.response, rated.levels["3"]) == (5, 2, 0.4, 0), "these stay what was pressed"
    assert (rated.satisfaction, rated.deemed) == (satisfaction, counted)
    assert [part.figures.ratings.deemed for part in found.windows][:1] == [counted]
    assert sum(day.figures.ratings.deemed for day in found.days) == counted


async def test_a_rating_that_comes_after_midnight_counts_for_the_day_of_its_visit(database: str) -> None:
    night = Night(hall(database))
    service = night.service
    await service.open()
    await night.ask(dispatch.IssueTicket(service="social"))
    for action in (dispatch.CallNext, dispatch.Start, dispatch.Finish):
        await night.ask(action(window="w1"))
    await night.report("room-1", StayStarted(stay="stay-0001", room="nursery", cubicle="a"), "room-node")
    night.now += timedelta(hours=13)
    await night.work()
    assert await service.roll_up() == TODAY
    assert await service.roll_up() is None
    before = await service.report(TODAY, TODAY)
    assert (before.all.tickets, before.all.served, before.all.ratings.invited, before.all.ratings.given) == (1, 1, 1, 0)
    assert (before.rooms[0].stays, before.rooms[0].lasted.count) == (1, 0)
    assert [(use.hour, use.stays, use.occupied) for use in before.room_hours] == [(12, 1, 0.0)]

    (invite,) = night.letters(RATING_INVITE)
    await night.report("rater-1", RatingGiven(rating=invite.rating, window="w1", level=2, after=4.0), "desk")
    ended = StayEnded(stay="stay-0001", room="nursery", cubicle="a", lasted=46800.0)
    await night.report("room-1", ended, "room-node")
    late = await service.report(TODAY, TODAY)
    assert (late.all.ratings.given, late.all.ratings.levels["2"], late.all.ratings.satisfaction) == (1, 1, 0.0)
    assert late.rooms[0].lasted.total == 46800.0
    assert sum(use.occupied for use in late.room_hours) == 46800.0
    assert await service.roll_up() == TODAY, "the day is counted anew"
    assert await service.report(TODAY, TODAY) == late
    await service.close()


async def test_at_closing_time_what_was_not_served_is_told_and_nothing_is_lost(database: str) -> None:
    night = Night(hall(database))
    service = night.service
    await service.open()
    for _ in range(3):
        await night.ask(dispatch.IssueTicket(service="social"))
    await night.ask(dispatch.CallNext(window="w1"))
    for action in (dispatch.Start, dispatch.Finish):
        await night.ask(action(window="w1"))
    night.now += timedelta(hours=13)
    await night.work()
    found = (await service.report(TODAY, TODAY + timedelta(days=1))).all
    assert (found.tickets, found.served, found.unserved) == (3, 1, 2)
    await service.close()
