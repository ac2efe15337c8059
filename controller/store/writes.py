"""Writes: what one decision puts into the store, as values; the statements for them are made once and kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from contract.codec import encode
from contract.events import Event, SealedEvent
from controller.store import tables

_INSERT: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Put:
    """A new row; one that is there already stays as it is."""

    table: Table
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """New values for the rows with `key`."""

    table: Table
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Recount:
    """The day of the row with `key` is not any more what its roll-up says."""

    table: Table
    key: Mapping[str, Any]


Write = Put | Change | Recount


@dataclass(frozen=True)
class Line:
    """A line of the journal."""

    at: datetime
    kind: str
    body: str


@dataclass(frozen=True)
class StoredEvent:
    """A node's event, when it happened, and what became of it."""

    event: Event | SealedEvent
    happened: datetime
    received: datetime
    outcome: str


@dataclass(frozen=True)
class AuditLine:
    """Who asked for what, and the outcome."""

    at: datetime
    day: date
    actor: str
    what: str
    outcome: str


@dataclass(frozen=True)
class Posted:
    """A message for a webhook. `message` is its name for ever, by which the receiver knows one that comes twice."""

    message: str
    webhook: str
    event: str
    stream: str
    at: datetime
    expires: datetime
    body: str


@dataclass
class Batch:
    """Everything that is committed at once."""

    lines: list[Line] = field(default_factory=list)
    puts: list[Put] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    recounts: list[Recount] = field(default_factory=list)
    events: list[StoredEvent] = field(default_factory=list)
    inboxes: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)
    """Node and epoch to the highest number stored, and when it was heard."""
    pictures: dict[tuple[str, str], int] = field(default_factory=dict)
    requests: list[tuple[str, datetime, str]] = field(default_factory=list)
    audit: list[AuditLine] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)

    def add(self, write: Write) -> None:
        """Put a row's write to its like."""
        match write:
            case Put():
                self.puts.append(write)
            case Change():
                self.changes.append(write)
            case Recount():
                self.recounts.append(write)

    def __bool__(self) -> bool:
        rows = (self.lines, self.puts, self.changes, self.events, self.inboxes, self.pictures, self.requests, self.audit)
        return any(rows) or bool(self.posted)


def write(connection: Connection, hall: str, batch: Batch, next_line: int, next_audit: int, next_posted: int = 1) -> None:
    """Put a batch into the tables: journal, events and new rows first, then changes in their order, then what is to be sent."""
    dialect = connection.dialect.name
    _insert(connection, tables.facts, [_journal(hall, next_line + i, line) for i, line in enumerate(batch.lines)])
    _insert(connection, tables.node_events, [_event(hall, stored) for stored in batch.events])
    for table, puts in groupby(sorted(batch.puts, key=lambda put: put.table.name), key=lambda put: put.table):
        connection.execute(_put(table, dialect), [{**_whole(table), "hall": hall, **put.values} for put in puts])
    for shape, changes in groupby(batch.changes, key=lambda c: (c.table, tuple(c.key), tuple(c.values))):
        connection.execute(_change(*shape), [_parameters(hall, change) for change in changes])
    for where, recounts in groupby(batch.recounts, key=lambda r: (r.table, tuple(r.key))):
        connection.execute(_recount(*where), [_key_parameters(hall, recount.key) for recount in recounts])
    _keep(connection, tables.inboxes, "node epoch", [
        {"hall": hall, "node": node, "epoch": epoch, "stored": stored, "heard": heard}
        for (node, epoch), (stored, heard) in batch.inboxes.items()
    ])  # fmt: skip
    _keep(connection, tables.pictures, "kind name", [
        {"hall": hall, "kind": kind, "name": name, "version": version} for (kind, name), version in batch.pictures.items()
    ])  # fmt: skip
    _keep(connection, tables.requests, "id", [
        {"hall": hall, "id": id_, "at": at, "reply": reply} for id_, at, reply in batch.requests
    ])  # fmt: skip
    _insert(connection, tables.audit, [
        {"hall": hall, "number": next_audit + i, "day": a.day, "at": a.at, "actor": a.actor, "what": a.what, "outcome": a.outcome}
        for i, a in enumerate(batch.audit)
    ])  # fmt: skip
    _insert(connection, tables.outbox, [_posted(hall, next_posted + i, posted) for i, posted in enumerate(batch.posted)])


def _journal(hall: str, number: int, line: Line) -> dict[str, Any]:
    return {"hall": hall, "number": number, "at": line.at, "kind": line.kind, "body": line.body}


def _posted(hall: str, number: int, posted: Posted) -> dict[str, Any]:
    return {
        "hall": hall, "number": number, "message": posted.message, "webhook": posted.webhook, "event": posted.event,
        "stream": posted.stream, "at": posted.at, "expires": posted.expires, "body": posted.body, "state": "waiting",
        "attempts": 0, "next": posted.at, "said": "",
    }  # fmt: skip


def _event(hall: str, stored: StoredEvent) -> dict[str, Any]:
    event = stored.event
    return {
        "hall": hall, "node": event.node, "epoch": event.epoch, "number": event.number, "device": event.device,
        "at": event.at, "happened": stored.happened, "received": stored.received, "outcome": stored.outcome,
        "body": encode(event.fact).decode(errors="replace"),
    }  # fmt: skip


@cache
def _whole(table: Table) -> dict[str, Any]:
    """Every column empty, so that rows of one table share one statement."""
    return {column.name: getattr(column.default, "arg", None) for column in table.columns}


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(_plain_insert(table), rows)


@cache
def _plain_insert(table: Table) -> Any:
    return table.insert()


@cache
def _put(table: Table, dialect: str) -> Any:
    return _INSERT[dialect](table).on_conflict_do_nothing()


@cache
def _change(table: Table, key: tuple[str, ...], values: tuple[str, ...]) -> Any:
    where = [table.c[name] == bindparam(f"key_{name}") for name in ("hall", *key)]
    return update(table).where(*where).values({name: bindparam(f"new_{name}") for name in values})


@cache
def _recount(table: Table, key: tuple[str, ...]) -> Any:
    marks = tables.days_rolled
    row = [table.c[name] == bindparam(f"key_{name}") for name in ("hall", *key)]
    return delete(marks).where(marks.c.hall == bindparam("key_hall"), marks.c.day.in_(select(table.c.day).where(*row)))


def _parameters(hall: str, change: Change) -> dict[str, Any]:
    return {**_key_parameters(hall, change.key), **{f"new_{name}": value for name, value in change.values.items()}}


def _key_parameters(hall: str, key: Mapping[str, Any]) -> dict[str, Any]:
    return {"key_hall": hall, **{f"key_{name}": value for name, value in key.items()}}


def _keep(connection: Connection, table: Table, key: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, or replace those with the same key."""
    if found := list(rows):
        connection.execute(_replace(table, ("hall", *key.split()), connection.dialect.name), found)


@cache
def _replace(table: Table, key: tuple[str, ...], dialect: str) -> Any:
    statement = _INSERT[dialect](table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=others)
