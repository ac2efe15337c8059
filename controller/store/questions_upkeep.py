"""Questions to the tables of upkeep, and of rooms over several days."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Table, select

from contract.values import Text
from controller.store import tables, tables_upkeep
from controller.store.counting import Span
from controller.view_upkeep import CheckRow, HelpRow, JobRow, LateRow, StayRow, TurnRow, UpkeepRow

MOST = 5000
"""So many rows of one kind are given out at once."""


def records(connection: Connection, span: Span, device: str | None) -> list[UpkeepRow]:
    """Maintenance that was done, newest first."""
    table = tables_upkeep.upkeep_records
    query = select(table).where(table.c.hall == span.hall, table.c.at >= span.begins, table.c.at < span.ends)
    if device is not None:
        query = query.where(table.c.device == device)
    return [
        UpkeepRow(
            record=row.record, at=row.at, device=row.device, task=row.task, by=row.by, wrong=_parts(row.wrong), note=row.note,
            tested=row.tested, test=None if row.tested is None else Text(zh=row.test_zh, en=row.test_en),
        )
        for row in connection.execute(query.order_by(table.c.at.desc()).limit(MOST))
    ]  # fmt: skip


def jobs(connection: Connection, span: Span) -> list[JobRow]:
    """Jobs that were opened in these days, newest first."""
    table = tables_upkeep.jobs
    return [
        JobRow(
            job=row.job, place=row.place, opened=row.opened, by=row.by, note=row.note, task=row.task, wrong=_parts(row.wrong),
            closed=row.closed, closed_by=row.closed_by, closed_note=row.closed_note,
        )
        for row in _between(connection, span, table, table.c.opened)
    ]  # fmt: skip


def checks(connection: Connection, span: Span) -> list[CheckRow]:
    """Checks of rooms, newest first."""
    table = tables.room_checks
    return [
        CheckRow(room=row.room, at=row.at, by=row.by, wrong=_parts(row.wrong), note=row.note)
        for row in _between(connection, span, table, table.c.at)
    ]


def lates(connection: Connection, span: Span) -> list[LateRow]:
    """Checks of rooms of which staff were reminded, newest first."""
    table = tables_upkeep.room_lates
    return [LateRow(room=row.room, slot=row.slot, at=row.at) for row in _between(connection, span, table, table.c.slot)]


def helps(connection: Connection, span: Span) -> list[HelpRow]:
    """Calls for help, newest first."""
    table = tables.helps
    return [
        HelpRow(place=row.place, at=row.at, cubicle=row.cubicle, answered=row.answered)
        for row in _between(connection, span, table, table.c.at)
    ]


def stays(connection: Connection, span: Span) -> list[StayRow]:
    """Stays that began in these days, newest first."""
    table = tables.stays
    return [
        StayRow(room=row.room, cubicle=row.cubicle, started=row.started, lasted=row.lasted, long=row.long)
        for row in _between(connection, span, table, table.c.started)
    ]


def turns(connection: Connection, span: Span, node: str, device: str) -> list[TurnRow]:
    """How the condition of a device turned in these days, and how it stood before them; newest first."""
    table = tables.device_turns
    own = (table.c.hall == span.hall) & (table.c.node == node) & (table.c.device == device)
    before = select(table).where(own, table.c.at < span.begins).order_by(table.c.at.desc()).limit(1)
    return _turned([*_between(connection, span, table, table.c.at, own), *connection.execute(before)])


def all_turns(connection: Connection, span: Span) -> list[TurnRow]:
    """How nodes and devices turned in these days, newest first."""
    return _turned(_between(connection, span, tables.device_turns, tables.device_turns.c.at))


def _turned(found: Iterable[Any]) -> list[TurnRow]:
    """Without what a controller that was started anew only heard again: it is as it was before."""
    rows, newest = list[TurnRow](), dict[tuple[str, str], int]()
    for row in found:
        key, said = (row.node, row.device), Text(zh=row.zh, en=row.en) if row.zh else None
        turn = TurnRow(at=row.at, node=row.node, device=row.device, condition=row.condition, code=row.code, what=said)
        later = newest.get(key)
        if later is not None and (rows[later].condition, rows[later].code) == (turn.condition, turn.code):
            rows[later] = replace(rows[later], at=turn.at)
        else:
            newest[key] = len(rows)
            rows.append(turn)
    return sorted(rows, key=lambda turn: turn.at, reverse=True)


def _between(connection: Connection, span: Span, table: Table, at: Any, *others: Any) -> Any:
    begins: datetime = span.begins
    query = select(table).where(table.c.hall == span.hall, at >= begins, at < span.ends, *others)
    return connection.execute(query.order_by(at.desc()).limit(MOST))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
