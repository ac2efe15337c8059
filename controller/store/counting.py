"""Counting: days counted from the rows of every ticket, visit, rating and stay, grouped by the database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, and_, case, cast, func, literal, select, type_coerce

from controller.figures import (
    LEVELS,
    WITHIN,
    Care,
    CareCounts,
    Counted,
    Counts,
    Hour,
    HourCounts,
    RoomHour,
    RoomHourCounts,
    RoomUse,
    StayCounts,
    Work,
)
from controller.occupying import MICROSECOND, QUARTER, hour_of, hours
from controller.store import tables

DAY = timedelta(days=1)
_MINUTE_US = timedelta(minutes=1) // MICROSECOND

Groups = dict[tuple[Any, ...], dict[str, int]]


@dataclass(frozen=True)
class Span:
    """Days of a hall, the last one included."""

    hall: str
    first: date
    last: date
    timezone: ZoneInfo

    def days(self) -> Iterator[date]:
        """Each of them."""
        return (self.first + n * DAY for n in range((self.last - self.first).days + 1))

    def stretches(self, marked: Set[date]) -> Iterator[tuple[bool, "Span"]]:
        """The same in stretches of days that are all marked, or all not."""
        for mark, days in groupby(self.days(), key=lambda day: day in marked):
            stretch = list(days)
            yield mark, Span(self.hall, stretch[0], stretch[-1], self.timezone)

    @property
    def begins(self) -> datetime:
        """The first midnight, by the hall's clock."""
        return midnight(self.first, self.timezone)

    @property
    def ends(self) -> datetime:
        """The midnight after the last day."""
        return midnight(self.last + DAY, self.timezone)


def midnight(day: date, timezone: ZoneInfo) -> datetime:
    """When a day begins in the hall."""
    return datetime.combine(day, time(), timezone).astimezone(UTC)


def count(connection: Connection, span: Span) -> Counted:
    """Tickets, visits, ratings and stays of these days, from their rows."""
    return Counted(
        work=work(connection, span), hours=_hours(connection, span), rooms=_rooms(connection, span),
        room_hours=_room_hours(connection, span),
    )  # fmt: skip


def _us(moment: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(moment, BigInteger)


def _if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _of(table: Any, span: Span) -> ColumnElement[bool]:
    return and_(table.c.hall == span.hall, table.c.day >= span.first, table.c.day <= span.last)


def _whole(value: Any) -> int:
    return round(value or 0)


def _grouped(connection: Connection, query: Any, keys: int) -> Iterator[tuple[tuple[Any, ...], dict[str, int]]]:
    """Rows as their key, with nothing written as empty, and their measures by name."""
    result = connection.execute(query)
    names = list(result.keys())[keys:]
    for row in result:
        yield tuple("" if part is None else part for part in row[:keys]), dict(zip(names, map(_whole, row[keys:]), strict=True))


def work(connection: Connection, span: Span) -> tuple[Work, ...]:
    """Tickets, visits and ratings of these days."""
    groups: Groups = defaultdict(dict)
    for query in (_tickets(span), _visits(span), _ratings(span)):
        for key, measures in _grouped(connection, query, 4):
            groups[key].update(measures)
    return tuple(Work(Counts(**measures), *key) for key, measures in sorted(groups.items()))


def _tickets(span: Span) -> Any:
    table = tables.tickets
    return select(
        table.c.day, table.c.service, literal("").label("window"), literal("").label("staff"),
        _if(table.c.state != "void").label("tickets"), _if(table.c.state == "void").label("void"),
        _if(table.c.state == "unserved").label("unserved"),
    ).where(_of(table, span)).group_by(table.c.day, table.c.service)  # fmt: skip


def _waiting(span: Span) -> tuple[Any, Any, ColumnElement[int]]:
    """Visits, joined with the ticket where it is the ticket's first visit of all, and how long was waited for that.

    The join goes by the ticket's key: with a table of first visits SQLite would compare each with each.
    """
    visits, tickets = tables.visits, tables.tickets
    order = func.row_number().over(partition_by=visits.c.ticket, order_by=(visits.c.called, visits.c.visit))
    numbered = select(visits, order.label("nth")).where(_of(visits, span)).subquery("numbered")
    own = and_(tickets.c.hall == numbered.c.hall, tickets.c.ticket == numbered.c.ticket, numbered.c.nth == 1)
    waited = _us(numbered.c.called) - _us(tickets.c.issued)
    never_less = type_coerce(case((waited < 0, 0), else_=waited), BigInteger)
    return numbered.c, numbered.outerjoin(tickets, own), never_less


def _visits(span: Span) -> Any:
    visit, joined, waited = _waiting(span)
    way, took = _us(visit.started) - _us(visit.called), visit.took * 1_000_000
    within = [_if(waited <= minutes * _MINUTE_US).label(f"within_{minutes}") for minutes in WITHIN]
    keys = (visit.day, visit.service, visit.window, visit.staff)
    return select(
        *keys, func.count().label("visits"), func.sum(visit.calls).label("calls"),
        _if(visit.outcome == "no-show").label("no_shows"), _if(visit.outcome == "done").label("served"),
        func.count(waited).label("waited"), func.sum(waited).label("waited_us"), func.max(waited).label("longest_wait_us"),
        *within, func.count(visit.started).label("came"), func.sum(way).label("way_us"), func.max(way).label("longest_way_us"),
        func.count(visit.took).label("attended"), func.sum(took).label("service_us"), func.max(took).label("longest_service_us"),
    ).select_from(joined).group_by(*keys)  # fmt: skip


def _ratings(span: Span) -> Any:
    table = tables.ratings
    levels = [_if(table.c.level == level).label(f"level_{level}") for level in LEVELS]
    keys = (table.c.day, table.c.service, table.c.window, table.c.staff)
    return select(*keys, func.count().label("invited"), *levels).where(_of(table, span)).group_by(*keys)


def _quarter(moment: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(_us(moment) // (QUARTER // MICROSECOND), Integer).label("quarter")


def _hours(connection: Connection, span: Span) -> tuple[Hour, ...]:
    found: dict[tuple[date, int, str], HourCounts] = defaultdict(HourCounts)
    for query in _by_quarter(span):
        for (day, service, quarter), measures in _grouped(connection, query, 3):
            hour = datetime.fromtimestamp(quarter * QUARTER.total_seconds(), span.timezone).hour
            found[day, hour, service] += HourCounts(**measures)
    return tuple(Hour(counts, *key) for key, counts in sorted(found.items()))


def _by_quarter(span: Span) -> tuple[Any, ...]:
    tickets, visits = tables.tickets, tables.visits
    visit, joined, waited = _waiting(span)
    issued, called, ended = _quarter(tickets.c.issued), _quarter(visit.called), _quarter(visits.c.ended)
    return (
        select(tickets.c.day, tickets.c.service, issued, func.count().label("tickets"))
        .where(_of(tickets, span), tickets.c.state != "void").group_by(tickets.c.day, tickets.c.service, issued),
        select(
            visit.day, visit.service, called, func.count().label("visits"), func.count(waited).label("waited"),
            func.sum(waited).label("waited_us"),
        ).select_from(joined).group_by(visit.day, visit.service, called),
        select(visits.c.day, visits.c.service, ended, func.count().label("served"))
        .where(_of(visits, span), visits.c.outcome == "done").group_by(visits.c.day, visits.c.service, ended),
    )  # fmt: skip


def care(connection: Connection, span: Span) -> tuple[Care, ...]:
    """Rooms that were checked and calls for help: few, and kept with their moments alone."""
    found: dict[tuple[date, str], CareCounts] = defaultdict(CareCounts)
    for key in _moments(connection, span, tables.room_checks.c.room, tables.room_checks.c.at):
        found[key] += CareCounts(checks=1)
    for key in _moments(connection, span, tables.helps.c.place, tables.helps.c.at):
        found[key] += CareCounts(helps=1)
    return tuple(Care(counts, *key) for key, counts in sorted(found.items()))


def _rooms(connection: Connection, span: Span) -> tuple[RoomUse, ...]:
    return tuple(RoomUse(StayCounts(**measures), *key) for key, measures in _grouped(connection, _stays(span), 2))


def _room_hours(connection: Connection, span: Span) -> tuple[RoomHour, ...]:
    """By the hour in which each began, and by those in which it lasted."""
    table = tables.stays
    begun, occupied = Counter[tuple[date, int, str, str]](), Counter[tuple[date, int, str, str]]()
    columns = (table.c.day, table.c.room, table.c.cubicle, table.c.started, table.c.lasted)
    for day, room, cubicle, started, lasted in connection.execute(select(*columns).where(_of(table, span))):
        begun[day, hour_of(started, span.timezone), room, cubicle] += 1
        for hour, us in hours(started, _whole((lasted or 0) * 1_000_000), span.timezone):
            occupied[day, hour, room, cubicle] += us
    keys = sorted(begun.keys() | occupied.keys())
    return tuple(RoomHour(RoomHourCounts(begun[key], occupied[key]), *key) for key in keys)


def _stays(span: Span) -> Any:
    table = tables.stays
    lasted = table.c.lasted * 1_000_000
    return select(
        table.c.day, table.c.room, func.count().label("stays"), func.count(table.c.lasted).label("ended"),
        func.sum(lasted).label("stayed_us"), func.max(lasted).label("longest_stay_us"), _if(table.c.long).label("long"),
    ).where(_of(table, span)).group_by(table.c.day, table.c.room).order_by(table.c.day, table.c.room)  # fmt: skip


def _moments(connection: Connection, span: Span, place: Any, at: Any) -> Iterable[tuple[date, str]]:
    """What stands in its table without a day: each with its date on the hall's calendar."""
    query = select(place, at).where(place.table.c.hall == span.hall, at >= span.begins, at < span.ends)
    for where, moment in connection.execute(query):
        yield moment.astimezone(span.timezone).date(), where
