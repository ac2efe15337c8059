"""The ledger: each step of the way of one ticket, call, rating or stay, when it was, and where that is known from."""

import re
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import Column, Connection, or_, select

from contract.events import Fact as Report
from contract.values import Text
from controller import ledger_words as words
from controller.store import tables
from controller.store.store import fact_of

Kind = Literal["ticket", "call", "rating", "stay"]

_REPORTED: tuple[Kind, ...] = ("ticket", "rating", "stay")

EARLIER = timedelta(days=1)
"""So far back is looked, for clocks that were wrong."""

_NUMBER = re.compile(r"[A-Z]{0,2}[0-9]{3,4}")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step."""

    at: datetime
    step: str
    what: Text
    source: Text
    """Where it is known from."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is followed."""

    kind: Kind
    id: str
    day: date
    since: datetime
    number: str | None = None


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """A subject and its way, in the order of time."""

    subject: Subject
    steps: tuple[Step, ...]


def ledger(connection: Connection, hall: str, asked: str, day: date | None = None) -> Ledger | None:
    """The way of a ticket, by its number (the newest, or that of `day`) or id, or of a call, rating or stay, by its id."""
    subject = find(connection, hall, asked, day)
    if subject is None:
        return None
    ids = _ids(connection, hall, subject)
    steps = [
        *_reported(connection, hall, subject, ids),
        *_requested(connection, hall, subject),
        *_journal(connection, hall, subject, ids),
        *_answered(connection, hall, subject),
        *_unserved(connection, hall, subject),
        *_messaged(connection, hall, subject),
    ]
    return Ledger(subject=subject, steps=tuple(sorted(steps, key=lambda step: step.at)))


def find(connection: Connection, hall: str, asked: str, day: date | None = None) -> Subject | None:
    """What is meant by a number or an id; None when nothing is."""
    t, c, r, s = tables.tickets.c, tables.calls.c, tables.ratings.c, tables.stays.c
    by_number: tuple[Kind, Column[Any], Column[Any], Column[Any]] = ("ticket", t.number, t.ticket, t.issued)
    by_id: tuple[tuple[Kind, Column[Any], Column[Any], Column[Any]], ...] = (
        ("ticket", t.ticket, t.ticket, t.issued), ("call", c.call, c.call, c.at), ("rating", r.rating, r.rating, r.invited),
        ("stay", s.stay, s.stay, s.started),
    )  # fmt: skip
    is_number = _NUMBER.fullmatch(asked.upper()) is not None
    for kind, key, name, since in (by_number,) if is_number else by_id:
        table = key.table
        query = select(table, name.label("id"), since.label("since"))
        query = query.where(table.c.hall == hall, key == (asked.upper() if is_number else asked))
        if day is not None:
            query = query.where(table.c.day == day)
        row = connection.execute(query.order_by(table.c.day.desc())).mappings().first()
        if row is not None:
            return Subject(kind=kind, id=row["id"], day=row["day"], since=row["since"], number=row.get("number"))
    return None if is_number or day is not None else _find_report(connection, hall, asked)


def _find_report(connection: Connection, hall: str, asked: str) -> Subject | None:
    """What nodes alone have spoken of: a rating, say, whose invitation went with a database that was replaced."""
    table = tables.node_events
    query = select(table.c.body, table.c.happened).where(table.c.hall == hall, _names(table.c.body, [asked]))
    for row in connection.execute(query.order_by(table.c.happened)):
        said = _plain(row.body)
        for kind in _REPORTED:
            if said.get(kind) == asked:
                return Subject(kind=kind, id=asked, day=row.happened.date(), since=row.happened, number=said.get("number"))
    return None


def _plain(body: str) -> dict[str, Any]:
    """A report as it came; nothing when even that cannot be read."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _ids(connection: Connection, hall: str, subject: Subject) -> list[str]:
    """The ids under which facts speak of it: a rating's facts do not name its ticket."""
    if subject.kind != "ticket":
        return [subject.id]
    table = tables.ratings
    invited = select(table.c.rating).where(table.c.hall == hall, table.c.ticket == subject.id)
    return [subject.id, *connection.execute(invited).scalars()]


def _reported(connection: Connection, hall: str, subject: Subject, ids: list[str]) -> list[Step]:
    """What nodes accepted, and when it was stored here."""
    table = tables.node_events
    query = select(table).where(table.c.hall == hall, table.c.happened >= subject.since - EARLIER, _names(table.c.body, ids))
    steps: list[Step] = []
    for row in connection.execute(query.order_by(table.c.received, table.c.number)):
        said, event = _report(row.body), f"{row.number} ({row.epoch})"
        steps.append(Step(
            at=row.happened, step="accepted", what=Text(zh=f"{row.device}：{said.zh}", en=f"{row.device}: {said.en}"),
            source=Text(zh=f"节点 {row.node} 事件 {event}", en=f"event {event} of node {row.node}"),
        ))  # fmt: skip
        steps.append(Step(
            at=row.received, step="stored", what=words.stored(row.number, row.outcome),
            source=Text(zh="收件记录", en="the inbox"),
        ))  # fmt: skip
    return steps


def _report(body: str) -> Text:
    try:
        fact = msgspec.json.decode(body, type=Report)
    except msgspec.DecodeError:
        return words.UNREADABLE
    row = words.REPORTS.get(type(fact))
    return words.UNREADABLE if row is None else row(fact)


def _requested(connection: Connection, hall: str, subject: Subject) -> list[Step]:
    """When the kiosk's request was answered."""
    if subject.kind != "ticket":
        return []
    table = tables.requests
    query = select(table).where(
        table.c.hall == hall,
        table.c.at >= subject.since - EARLIER,
        table.c.id.startswith("ticket:"),
        _names(table.c.reply, [subject.id]),
    )
    return [
        Step(
            at=row.at, step="requested", what=Text(zh="取号请求已答复", en="the kiosk's request for a ticket was answered"),
            source=Text(zh=f"请求 {row.id.removeprefix('ticket:')}", en=f"request {row.id.removeprefix('ticket:')}"),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _journal(connection: Connection, hall: str, subject: Subject, ids: list[str]) -> list[Step]:
    """What the controller decided."""
    table = tables.facts
    kinds = [str(kind.__struct_config__.tag) for kind in words.JOURNAL]
    query = select(table).where(
        table.c.hall == hall, table.c.kind.in_(kinds), table.c.at >= subject.since - EARLIER, _names(table.c.body, ids)
    )
    steps: list[Step] = []
    for row in connection.execute(query.order_by(table.c.number)):
        step, what = _decided(row.kind, row.body)
        source = Text(zh=f"日志第 {row.number} 行", en=f"line {row.number} of the journal")
        steps.append(Step(at=row.at, step=step, what=what, source=source))
    return steps


def _decided(kind: str, body: str) -> tuple[str, Text]:
    try:
        fact = fact_of(body)
    except msgspec.DecodeError:
        return kind, words.UNREADABLE
    step, say = words.JOURNAL[type(fact)]
    return step, say(fact)


def _answered(connection: Connection, hall: str, subject: Subject) -> list[Step]:
    """What each device did with each call."""
    calls, answers = tables.calls, tables.call_answers
    about = {"ticket": calls.c.ticket, "call": calls.c.call}.get(subject.kind)
    if about is None:
        return []
    query = select(answers, calls.c.times).join(calls, (calls.c.hall == answers.c.hall) & (calls.c.call == answers.c.call))
    rows = connection.execute(query.where(calls.c.hall == hall, about == subject.id).order_by(answers.c.at))
    return [
        Step(
            at=row.at, step="answered", what=words.answer(row.device, row.outcome),
            source=Text(zh=f"节点 {row.node} 对第 {row.times} 次叫号的回答", en=f"answer of node {row.node} to call {row.times}"),
        )
        for row in rows
    ]  # fmt: skip


def _unserved(connection: Connection, hall: str, subject: Subject) -> list[Step]:
    """The end of a ticket that was still open when its day ended."""
    table = tables.tickets
    query = select(table.c.ended).where(table.c.hall == hall, table.c.ticket == subject.id, table.c.state == "unserved")
    ended = connection.execute(query).scalar()
    source = Text(zh="日志：新的一天", en="the journal: a new day")
    return [] if ended is None else [Step(at=ended, step="unserved", what=words.UNSERVED, source=source)]


def _messaged(connection: Connection, hall: str, subject: Subject) -> list[Step]:
    """What was said of a ticket to other systems."""
    table = tables.outbox
    query = select(table).where(table.c.hall == hall, table.c.stream == subject.id).order_by(table.c.number)
    return [
        Step(
            at=row.ended or row.at, step="messaged", what=words.message(row.webhook, row.event, row.state, row.attempts),
            source=Text(zh=f"消息 {row.message}", en=f"message {row.message}"),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _names(column: Column[str], ids: list[str]) -> Any:
    return or_(*(column.contains(f'"{name}"', autoescape=True) for name in ids))
