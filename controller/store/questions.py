"""Questions to the tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from contract.masking import mask_contact
from contract.values import Text
from controller.store import tables
from controller.store.counting import Span
from controller.view import AppointmentRow, AuditRow, NoticeRow, RatingRow, TicketView
from controller.view_upkeep import StayRow


def last_day(connection: Connection, hall: str) -> list[tuple[int, str]]:
    """The lines of the journal from the beginning of the last day, with their numbers."""
    facts = tables.facts
    newest = select(func.max(facts.c.number)).where(facts.c.hall == hall, facts.c.kind == "day-started")
    first = connection.execute(newest).scalar() or 0
    lines = select(facts.c.number, facts.c.body).where(facts.c.hall == hall, facts.c.number >= first)
    return [(row.number, row.body) for row in connection.execute(lines.order_by(facts.c.number))]


def newest_line(connection: Connection, hall: str, upto: int | None = None) -> tuple[int, str] | None:
    """The newest line of the journal, or the newest up to a number, with its own number."""
    facts = tables.facts
    lines = select(facts.c.number, facts.c.body).where(facts.c.hall == hall).order_by(facts.c.number.desc())
    row = connection.execute(lines if upto is None else lines.where(facts.c.number <= upto)).first()
    return None if row is None else (row.number, row.body)


def ticket(connection: Connection, hall: str, ticket: str) -> TicketView | None:
    """One ticket."""
    table = tables.tickets
    row = connection.execute(select(table).where(table.c.hall == hall, table.c.ticket == ticket)).first()
    return None if row is None else _ticket(row)


def _ticket(row: Row[Any]) -> TicketView:
    return TicketView(
        ticket=row.ticket, number=row.number, service=row.service, priority=row.priority, state=row.state, issued=row.issued,
        window=row.window, calls=row.calls,
    )  # fmt: skip


def ratings(connection: Connection, hall: str, day: date, window: str | None) -> list[RatingRow]:
    """A day's ratings and 未评价, newest first; those whose time still runs are left out."""
    table = tables.ratings
    at = func.coalesce(table.c.given, table.c.lapsed)
    query = select(table).where(table.c.hall == hall, table.c.day == day)
    query = query.where(table.c.level.is_not(None) | table.c.lapsed.is_not(None)).order_by(at.desc(), table.c.invited.desc())
    if window is not None:
        query = query.where(table.c.window == window)
    return [
        RatingRow(
            at=row.given or row.lapsed,
            window=row.window,
            number=row.number,
            service=row.service,
            level=row.level,
            after=row.after,
            aspects=tuple(row.aspects.split(",")) if row.aspects else (),
            reason=row.reason,
        )
        for row in connection.execute(query)
    ]


def stays(connection: Connection, hall: str, day: date) -> list[StayRow]:
    """A day's stays, newest first."""
    table = tables.stays
    query = select(table).where(table.c.hall == hall, table.c.day == day).order_by(table.c.started.desc())
    return [
        StayRow(room=row.room, cubicle=row.cubicle, started=row.started, lasted=row.lasted, long=row.long)
        for row in connection.execute(query)
    ]


def appointments(connection: Connection, hall: str, day: Span) -> list[AppointmentRow]:
    """A day's appointments, in the order of their slots."""
    table = tables.appointments
    query = select(table).where(table.c.hall == hall, table.c.slot >= day.begins, table.c.slot < day.ends)
    return [
        AppointmentRow(code=row.code, service=row.service, slot=row.slot, state=row.state, contact=mask_contact(row.contact))
        for row in connection.execute(query.order_by(table.c.slot, table.c.booked))
    ]


def notices_ended(connection: Connection, hall: str, since: datetime, most: int) -> list[NoticeRow]:
    """The notices that came down since then, newest first."""
    table = tables.notices
    query = select(table).where(table.c.hall == hall, table.c.ended >= since).order_by(table.c.ended.desc()).limit(most)
    return [
        NoticeRow(
            notice=row.notice, text=Text(zh=row.zh, en=row.en), zones=tuple(row.zones.split(",")) if row.zones else (),
            urgent=row.urgent, posted=row.posted, ended=row.ended,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def audit(connection: Connection, hall: str, day: date) -> list[AuditRow]:
    """A day's audit log, newest first."""
    table = tables.audit
    query = select(table).where(table.c.hall == hall, table.c.day == day).order_by(table.c.number.desc())
    return [AuditRow(at=row.at, actor=row.actor, what=row.what, outcome=row.outcome) for row in connection.execute(query)]
