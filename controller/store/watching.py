"""Watching: how devices were, day by day; days that are over are counted once from the turns of their condition and kept."""

from dataclasses import asdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, select

from controller.figures import Counted, Troubles
from controller.store import tables
from controller.store.columns import Instant
from controller.store.counting import DAY, Span, midnight
from controller.store.sums import kept_devices, within
from controller.summing import Summed
from controller.troubles import Turn, troubles


def summed(connection: Connection, span: Span, now: datetime) -> Summed:
    """How devices were on these days up to now."""
    found = Summed()
    for kept, part in span.stretches(_marks(connection, span)):
        found = found + (kept_devices(connection, part) if kept else Summed.of(Counted(devices=watched(connection, part, now))))
    return found


def watched(connection: Connection, span: Span, now: datetime) -> tuple[Troubles, ...]:
    """How devices were, from their turns in these days, and from the last one before of each."""
    table = tables.device_turns
    own = table.c.hall == span.hall
    before = select(table.c.node, table.c.device, func.max(table.c.at).label("at")).where(own, table.c.at < span.begins)
    last = before.group_by(table.c.node, table.c.device).subquery("last")
    same = (last.c.node == table.c.node) & (last.c.device == table.c.device) & (last.c.at == table.c.at)
    columns = (table.c.node, table.c.device, table.c.at, table.c.condition)
    turns = [
        *connection.execute(select(*columns).join(last, same).where(own)),
        *connection.execute(select(*columns).where(own, table.c.at >= span.begins, table.c.at < span.ends)),
    ]
    days = [(day, midnight(day, span.timezone), midnight(day + DAY, span.timezone)) for day in span.days()]
    return troubles((Turn(*turn) for turn in turns), days, now)


def keep(connection: Connection, hall: str, timezone: ZoneInfo, before: date, at: datetime) -> date | None:
    """Count the first day before `before` that is not counted yet, and say which; None when all are."""
    whole = _since_first(connection, hall, timezone, before)
    marks = _marks(connection, whole)
    day = next((day for day in whole.days() if day not in marks), None)
    if day is None:
        return None
    span = Span(hall, day, day, timezone)
    found = watched(connection, span, span.ends)
    connection.execute(delete(tables.day_devices).where(within(tables.day_devices, span)))
    rows = [{"hall": hall, "day": day, "node": row.node, "device": row.device, **asdict(row.counts)} for row in found]
    if rows:
        connection.execute(tables.day_devices.insert(), rows)
    connection.execute(tables.days_watched.insert(), [{"hall": hall, "day": day, "at": at}])
    return day


def forget_all(connection: Connection, hall: str, first: date) -> None:
    """Take the marks away of all days from `first` on, of which all turns are still there: they are counted anew."""
    marks = tables.days_watched
    connection.execute(delete(marks).where(marks.c.hall == hall, marks.c.day >= first))


def forget_turns(connection: Connection, span: Span) -> None:
    """Delete the turns up to the end of days that are counted, but for the last of each device: so it was when the next began."""
    if _marks(connection, span) != set(span.days()):
        return
    turns, later = tables.device_turns, tables.device_turns.alias("later")
    same = (later.c.hall == turns.c.hall) & (later.c.node == turns.c.node) & (later.c.device == turns.c.device)
    newer = select(later.c.at).where(same, later.c.at > turns.c.at, later.c.at < span.ends)
    connection.execute(delete(turns).where(turns.c.hall == span.hall, turns.c.at < span.ends, newer.exists()))


def _since_first(connection: Connection, hall: str, timezone: ZoneInfo, before: date) -> Span:
    """From the day of the first turn up to the day before; no day at all when there is none."""
    table = tables.device_turns
    first = connection.execute(select(func.min(table.c.at, type_=Instant())).where(table.c.hall == hall)).scalar()
    return Span(hall, before if first is None else first.astimezone(timezone).date(), before - DAY, timezone)


def _marks(connection: Connection, span: Span) -> set[date]:
    table = tables.days_watched
    return set(connection.execute(select(table.c.day).where(within(table, span))).scalars())
