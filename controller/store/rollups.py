"""Roll-ups: days that are over, counted once and kept, so that a report of years reads little.

A day's roll-up stands as long as its mark does. What comes late, a rating of yesterday from a rater that was cut off, takes
the mark away (`controller.store.writes.Recount`); such a day is counted from its rows until it is rolled up anew.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, delete, func, select

from controller.store import tables, watching
from controller.store.counting import DAY, Span, care, count
from controller.store.sums import kept_work, within
from controller.summing import Summed

_ROWS = (tables.tickets, tables.visits, tables.ratings, tables.stays)
"""Where a day leaves rows with its date."""
ROLLED: tuple[Table, ...] = (tables.day_work, tables.day_hours, tables.day_rooms, tables.day_room_hours)


def summed(connection: Connection, span: Span, now: datetime | None = None) -> Summed:
    """The figures of these days up to now: from roll-ups where they stand, else from the rows."""
    found = Summed(care=care(connection, span)) + watching.summed(connection, span, now or span.ends)
    for rolled, part in span.stretches(set(_marks(connection, span))):
        found = found + (kept_work(connection, part) if rolled else Summed.of(count(connection, part)))
    return found


def roll_up(connection: Connection, span: Span, at: datetime) -> None:
    """Count these days from their rows and keep that, in place of what was kept of them."""
    found = count(connection, span)
    forget(connection, span)
    hall = {"hall": span.hall}
    _insert(connection, tables.day_work, (
        {**hall, "day": w.day, "service": w.service, "window": w.window, "staff": w.staff, **asdict(w.counts)} for w in found.work
    ))  # fmt: skip
    _insert(connection, tables.day_hours, (
        {**hall, "day": h.day, "hour": h.hour, "service": h.service, **asdict(h.counts)} for h in found.hours
    ))  # fmt: skip
    _insert(connection, tables.day_rooms, ({**hall, "day": r.day, "room": r.room, **asdict(r.counts)} for r in found.rooms))
    _insert(connection, tables.day_room_hours, (
        {**hall, "day": h.day, "hour": h.hour, "room": h.room, "cubicle": h.cubicle, **asdict(h.counts)} for h in found.room_hours
    ))  # fmt: skip
    _insert(connection, tables.days_rolled, ({**hall, "day": day, "at": at} for day in span.days()))


def forget(connection: Connection, span: Span) -> None:
    """Take the roll-ups of these days away."""
    for table in (*ROLLED, tables.days_rolled):
        connection.execute(delete(table).where(within(table, span)))


def forget_all(connection: Connection, hall: str) -> None:
    """Take the marks away of all days from the first of which there are rows: they are counted anew, older ones are kept."""
    marks = tables.days_rolled
    first = first_with_rows(connection, hall)
    if first is not None:
        connection.execute(delete(marks).where(marks.c.hall == hall, marks.c.day >= first))
        watching.forget_all(connection, hall, first)


def missing(connection: Connection, hall: str, timezone: ZoneInfo, before: date) -> list[Span]:
    """The days from the first of which there are rows up to `before` that have no roll-up, each by itself, the oldest first."""
    first = first_with_rows(connection, hall)
    if first is None or first >= before:
        return []
    span = Span(hall, first, before - DAY, timezone)
    marks = set(_marks(connection, span))
    return [Span(hall, day, day, timezone) for day in span.days() if day not in marks]


def is_rolled(connection: Connection, span: Span) -> bool:
    """Whether all of these days are rolled up."""
    return set(_marks(connection, span)) == set(span.days())


def first_with_rows(connection: Connection, hall: str) -> date | None:
    """The oldest day of which there are rows."""
    firsts = [connection.execute(select(func.min(table.c.day)).where(table.c.hall == hall)).scalar() for table in _ROWS]
    return min((day for day in firsts if day is not None), default=None)


def _marks(connection: Connection, span: Span) -> Iterable[date]:
    table = tables.days_rolled
    return connection.execute(select(table.c.day).where(within(table, span))).scalars()


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    if found := list(rows):
        connection.execute(table.insert(), found)
