"""Retention: what is deleted when its time is over. Roll-ups stay, so reports of years stay what they were."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Table, bindparam, delete, func, select, update

from controller.store import outbox, rollups, slip_tables, tables, watching
from controller.store.counting import Span

_BY_DAY = (
    tables.tickets, tables.visits, tables.calls, tables.ratings, tables.stays, tables.audit, tables.slips, tables.slip_prints,
)  # fmt: skip
_BY_TIME = (
    (tables.call_answers, tables.call_answers.c.at),
    (tables.node_events, tables.node_events.c.happened),
    (tables.requests, tables.requests.c.at),
    (tables.outbox, tables.outbox.c.at),
)
_WITH_CONTACTS = ("appointment-booked", "reminder-due", "carried-over")
CONTACT = '%"contact":"%'
FIELDS = '%"fields":{%'


def forget_a_day(connection: Connection, hall: str, timezone: ZoneInfo, before: date) -> date | None:
    """Delete the oldest day before `before`, with the journal up to its end, and say which; None when there is none.

    A day that is not rolled up is kept: nothing would be left of it.
    """
    day = rollups.first_with_rows(connection, hall)
    if day is None or day >= before:
        return None
    span = Span(hall, day, day, timezone)
    if not rollups.is_rolled(connection, span):
        return None
    for table in _BY_DAY:
        connection.execute(delete(table).where(table.c.hall == hall, table.c.day <= day))
    for table, at in _BY_TIME:
        connection.execute(delete(table).where(table.c.hall == hall, at < span.ends))
    watching.forget_turns(connection, span)
    booked = tables.appointments
    connection.execute(delete(booked).where(booked.c.hall == hall, booked.c.slot < span.ends, booked.c.state != "booked"))
    facts = tables.facts
    connection.execute(
        delete(facts).where(facts.c.hall == hall, facts.c.at < span.ends, facts.c.number < _today(connection, hall))
    )
    return day


def forget_contacts(connection: Connection, hall: str, before: datetime) -> int:
    """Take out where reminders went, of appointments before a moment: from the tables, the journal and the audit log."""
    outbox.forget(connection, hall, before)
    booked, facts, audit = tables.appointments, tables.facts, tables.audit
    old = (booked.c.hall == hall) & (booked.c.slot < before) & (booked.c.contact != "")
    changed = connection.execute(update(booked).where(old).values(contact="")).rowcount
    lines = select(facts.c.number, facts.c.body).where(
        facts.c.hall == hall, facts.c.kind.in_(_WITH_CONTACTS), facts.c.at < before, facts.c.number < _today(connection, hall),
        facts.c.body.like(CONTACT),
    )  # fmt: skip
    changed += _without(connection, facts, "body", hall, connection.execute(lines).all())
    said = select(audit.c.number, audit.c.what).where(audit.c.hall == hall, audit.c.at < before, audit.c.what.like(CONTACT))
    return changed + _without(connection, audit, "what", hall, connection.execute(said).all())


def forget_slips(connection: Connection, hall: str, before: datetime) -> int:
    """Take out what slips were filled with, of those before a moment, from the table and from the journal."""
    facts = tables.facts
    lines = select(facts.c.number, facts.c.body).where(
        facts.c.hall == hall, facts.c.kind == "slip-issued", facts.c.at < before, facts.c.number < _today(connection, hall),
        facts.c.body.like(FIELDS),
    )  # fmt: skip
    changed = slip_tables.forget_fields(connection, hall, before)
    return changed + _without(connection, facts, "body", hall, connection.execute(lines).all(), "fields")


def _today(connection: Connection, hall: str) -> int:
    """The number of the line with which the last day began: from there on the journal is read at each start."""
    facts = tables.facts
    newest = select(func.max(facts.c.number)).where(facts.c.hall == hall, facts.c.kind == "day-started")
    return int(connection.execute(newest).scalar() or 0)


def _without(connection: Connection, table: Table, column: str, hall: str, rows: Iterable[Any], key: str = "contact") -> int:
    found = [{"line": row[0], "text": msgspec.json.encode(_blank(msgspec.json.decode(row[1]), key)).decode()} for row in rows]
    if found:
        own = (table.c.hall == hall) & (table.c.number == bindparam("line"))
        connection.execute(update(table).where(own).values({column: bindparam("text")}), found)
    return len(found)


def _blank(value: Any, key: str) -> Any:
    """The same without anything under `key`, however deep."""
    if isinstance(value, dict):
        return {name: _blank(part, key) for name, part in value.items() if name != key}
    return [_blank(part, key) for part in value] if isinstance(value, list) else value
