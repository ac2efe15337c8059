"""Counting: days counted from the rows of every ticket, visit, rating and stay, grouped by the database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, and_, case, cast, func, literal, select, type_coerce

from controller.figures import LEVELS, WITHIN, Care, CareCounts, Counted, Counts, Hour, HourCounts, RoomUse, StayCounts, Work
from controller.store import tables

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
"""Hours of any time zone are made of these: no zone is off by anything finer."""
_MICROSECOND = timedelta(microseconds=1)
_MINUTE_US = timedelta(minutes=1) // _MICROSECOND

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
    return Counted(work=_work(connection, span), hours=_hours(connection, span), rooms=_rooms(connection, span))


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


def _work(connection: Connection, span: Span) -> tuple[Work, ...]:
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


def _firsts(span: Span) -> Any:
    """Each ticket's first visit of all, with how long it waited for it."""
    visits, tickets = tables.visits, tables.tickets
    order = func.row_number().over(partition_by=visits.c.ticket, order_by=(visits.c.called, visits.c.visit))
    numbered = select(visits.c.hall, visits.c.visit, visits.c.ticket, visits.c.called, order.label("nth"))
    first = numbered.where(_of(visits, span)).subquery("numbered")
    waited = _us(first.c.called) - _us(tickets.c.issued)
    never_less = type_coerce(case((waited < 0, 0), else_=waited), BigInteger)
    return (
        select(first.c.visit, never_less.label("waited"))
        .join(tickets, and_(tickets.c.hall == first.c.hall, tickets.c.ticket == first.c.ticket))
        .where(first.c.nth == 1)
        .subquery("firsts")
    )


def _visits(span: Span) -> Any:
    visits, first = tables.visits, _firsts(span)
    way, took = _us(visits.c.started) - _us(visits.c.called), visits.c.took * 1_000_000
    within = [_if(first.c.waited <= minutes * _MINUTE_US).label(f"within_{minutes}") for minutes in WITHIN]
    return select(
        visits.c.day, visits.c.service, visits.c.window, visits.c.staff,
        func.count().label("visits"), func.sum(visits.c.calls).label("calls"),
        _if(visits.c.outcome == "no-show").label("no_shows"), _if(visits.c.outcome == "done").label("served"),
        func.count(first.c.waited).label("waited"), func.sum(first.c.waited).label("waited_us"),
        func.max(first.c.waited).label("longest_wait_us"), *within,
        func.count(visits.c.started).label("came"), func.sum(way).label("way_us"), func.max(way).label("longest_way_us"),
        func.count(visits.c.took).label("attended"), func.sum(took).label("service_us"),
        func.max(took).label("longest_service_us"),
    ).outerjoin(first, first.c.visit == visits.c.visit).where(_of(visits, span)).group_by(
        visits.c.day, visits.c.service, visits.c.window, visits.c.staff
    )  # fmt: skip


def _ratings(span: Span) -> Any:
    table = tables.ratings
    levels = [_if(table.c.level == level).label(f"level_{level}") for level in LEVELS]
    keys = (table.c.day, table.c.service, table.c.window, table.c.staff)
    return select(*keys, func.count().label("invited"), *levels).where(_of(table, span)).group_by(*keys)


def _quarter(moment: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(_us(moment) // (QUARTER // _MICROSECOND), Integer).label("quarter")


def _hours(connection: Connection, span: Span) -> tuple[Hour, ...]:
    found: dict[tuple[date, int, str], HourCounts] = defaultdict(HourCounts)
    for query in _by_quarter(span):
        for (day, service, quarter), measures in _grouped(connection, query, 3):
            hour = datetime.fromtimestamp(quarter * QUARTER.total_seconds(), span.timezone).hour
            found[day, hour, service] += HourCounts(**measures)
    return tuple(Hour(counts, *key) for key, counts in sorted(found.items()))


def _by_quarter(span: Span) -> tuple[Any, ...]:
    tickets, visits, first = tables.tickets, tables.visits, _firsts(span)
    issued, called, ended = _quarter(tickets.c.issued), _quarter(visits.c.called), _quarter(visits.c.ended)
    return (
        select(tickets.c.day, tickets.c.service, issued, func.count().label("tickets"))
        .where(_of(tickets, span), tickets.c.state != "void").group_by(tickets.c.day, tickets.c.service, issued),
        select(
            visits.c.day, visits.c.service, called, func.count().label("visits"), func.count(first.c.waited).label("waited"),
            func.sum(first.c.waited).label("waited_us"),
        ).outerjoin(first, first.c.visit == visits.c.visit).where(_of(visits, span))
        .group_by(visits.c.day, visits.c.service, called),
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
