"""Reports at the edges of days: midnight, changing clocks, what comes late, and roll-ups that must not be wrong for it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from contract import dispatch
from contract.events import RatingGiven, StayEnded, StayStarted
from contract.topics import RATING_INVITE
from controller.figures import Counts
from controller.reporting import report
from controller.store import tables
from controller.store.counting import Span
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

    (invite,) = night.letters(RATING_INVITE)
    await night.report("rater-1", RatingGiven(rating=invite.rating, window="w1", level=2, after=4.0), "desk")
    ended = StayEnded(stay="stay-0001", room="nursery", cubicle="a", lasted=46800.0)
    await night.report("room-1", ended, "room-node")
    late = await service.report(TODAY, TODAY)
    assert (late.all.ratings.given, late.all.ratings.levels["2"], late.all.ratings.satisfaction) == (1, 1, 0.0)
    assert late.rooms[0].lasted.total == 46800.0
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
