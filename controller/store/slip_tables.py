"""Slips in the store: the rows of their facts, the log of prints, slips to print again, fields whose time is over."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, update

from contract.commands import FieldValue
from contract.values import Text
from controller import slips
from controller.slip_forms import Forms, SlipForm
from controller.slip_values import KnownSlip, PrintRow
from controller.store.tables import slip_prints
from controller.store.tables import slips as issued
from controller.store.writes import Change, Put, Write

LISTED = 500
"""So many prints of a list are shown at most."""

_fields: msgspec.json.Decoder[dict[str, FieldValue]] = msgspec.json.Decoder(dict[str, FieldValue])


def _issued(fact: slips.SlipIssued, day: date) -> tuple[Write, ...]:
    row = {
        "slip": fact.slip, "day": day, "template": fact.template, "number": fact.number, "period": fact.period,
        "serial": fact.serial, "at": fact.at, "by": fact.by, "fields": msgspec.json.encode(fact.fields).decode(),
    }  # fmt: skip
    return (Put(issued, row),)


def _sent(fact: slips.SlipSent, day: date) -> tuple[Write, ...]:
    row = {
        "print": fact.print, "day": day, "slip": fact.slip, "template": fact.template, "number": fact.number, "at": fact.at,
        "device": fact.device, "by": fact.by, "why": fact.why, "mark": fact.mark,
    }  # fmt: skip
    return (Put(slip_prints, row),)


def _answered(fact: slips.SlipAnswered, _: date) -> tuple[Write, ...]:
    values = {"outcome": fact.outcome, "answered": fact.at, "zh": fact.what.zh, "en": fact.what.en}
    return (Change(slip_prints, {"print": fact.print}, values),)


ROWS: Mapping[type[Any], Callable[[Any, date], tuple[Write, ...]]] = {
    slips.SlipIssued: _issued,
    slips.SlipSent: _sent,
    slips.SlipAnswered: _answered,
}


def known(connection: Connection, hall: str, template: str, number: str) -> KnownSlip | None:
    """A slip with what is needed to print it once more."""
    query = select(issued).where(issued.c.hall == hall, issued.c.template == template, issued.c.number == number)
    row = connection.execute(query).first()
    if row is None:
        return None
    prints = select(slip_prints.c.outcome).where(slip_prints.c.hall == hall, slip_prints.c.slip == row.slip)
    outcomes = tuple(outcome for (outcome,) in connection.execute(prints))
    return KnownSlip(slip=row.slip, fields=_fields.decode(row.fields) if row.fields else None, outcomes=outcomes)


def prints(connection: Connection, hall: str, day: date | None, number: str | None, forms: Forms | None = None) -> list[PrintRow]:
    """The log: of a day, or of a number on any day; the newest first. With `forms` it says, masked, whom a slip is about."""
    if number is not None and not number.isprintable():
        return []  # PostgreSQL has no text with such characters
    whole = slip_prints.outerjoin(issued, (issued.c.hall == slip_prints.c.hall) & (issued.c.slip == slip_prints.c.slip))
    query = (
        select(slip_prints, issued.c.fields)
        .select_from(whole)
        .where(slip_prints.c.hall == hall)
        .order_by(slip_prints.c.at.desc())
        .limit(LISTED)
    )
    if day is not None:
        query = query.where(slip_prints.c.day == day)
    if number is not None:
        query = query.where(slip_prints.c.number == number)
    return [_row(row, (forms or {}).get(row.template)) for row in connection.execute(query)]


def _row(row: Row[Any], form: SlipForm | None) -> PrintRow:
    return PrintRow(
        printing=row.print, slip=row.slip, template=row.template, number=row.number, at=row.at, device=row.device, by=row.by,
        why=row.why, mark=row.mark, outcome=row.outcome, what=None if row.outcome is None else Text(zh=row.zh, en=row.en),
        about=form.about(_fields.decode(row.fields)) if form is not None and row.fields else "",
    )  # fmt: skip


def forget_fields(connection: Connection, hall: str, before: datetime) -> int:
    """Take out what slips were filled with, of those before a moment; their numbers stay."""
    old = (issued.c.hall == hall) & (issued.c.at < before) & (issued.c.fields != "")
    return connection.execute(update(issued).where(old).values(fields="")).rowcount
