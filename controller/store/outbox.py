"""The outbox: messages for webhooks, from the moment at which their facts are stored until they are delivered or given up.

waiting → delivered
        → overtaken   the ticket was called before it could be said that its turn is near
        → given-up    nobody took it in time; staff may let it wait again
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from controller.store import tables

MOST = 50


@dataclass(frozen=True)
class Waiting:
    """A message whose time has come."""

    number: int
    message: str
    stream: str
    event: str
    body: str
    attempts: int
    expires: datetime


@dataclass(frozen=True)
class Row:
    """A message as staff see it."""

    message: str
    webhook: str
    event: str
    state: str
    attempts: int
    next: datetime
    said: str


@dataclass(frozen=True)
class Standing:
    """How a webhook's messages stand."""

    waiting: int = 0
    oldest: datetime | None = None
    delivered: int = 0
    given_up: int = 0
    """Of these two: those of the time since `since`."""
    next: datetime | None = None
    """When the next attempt is due."""


def _of(hall: str, webhook: str, state: str) -> Any:
    outbox = tables.outbox.c
    return and_(outbox.hall == hall, outbox.webhook == webhook, outbox.state == state)


def due(connection: Connection, hall: str, webhook: str, now: datetime, busy: Collection[str], most: int = MOST) -> list[Waiting]:
    """Messages whose turn it is, the first of each stream alone, and none of the streams that are `busy`."""
    outbox, before = tables.outbox, tables.outbox.alias("before")
    earlier = select(before.c.number).where(
        before.c.hall == outbox.c.hall, before.c.webhook == outbox.c.webhook, before.c.stream == outbox.c.stream,
        before.c.state == "waiting", before.c.number < outbox.c.number,
    )  # fmt: skip
    rows = connection.execute(
        select(outbox)
        .where(_of(hall, webhook, "waiting"), outbox.c.next <= now, outbox.c.stream.not_in(list(busy)), ~earlier.exists())
        .order_by(outbox.c.next, outbox.c.number)
        .limit(most)
    )
    return [
        Waiting(
            number=row.number, message=row.message, stream=row.stream, event=row.event, body=row.body, attempts=row.attempts,
            expires=row.expires,
        )
        for row in rows
    ]  # fmt: skip


def expire(connection: Connection, hall: str, webhook: str, now: datetime, busy: Collection[str]) -> int:
    """Give up what is worth nothing any more, and is not just being sent; says how many those were."""
    outbox = tables.outbox
    late = (_of(hall, webhook, "waiting"), outbox.c.expires <= now, outbox.c.stream.not_in(list(busy)))
    return connection.execute(update(outbox).where(*late).values(state="given-up", ended=now)).rowcount


def delivered(connection: Connection, hall: str, number: int, now: datetime, said: str) -> None:
    """The receiver has it."""
    _end(connection, hall, number, state="delivered", ended=now, said=said[:200], attempts=tables.outbox.c.attempts + 1)


def failed(connection: Connection, hall: str, number: int, said: str, again: datetime) -> None:
    """Try again later; what was overtaken meanwhile stays so."""
    row = tables.outbox.c
    connection.execute(
        update(tables.outbox)
        .where(row.hall == hall, row.number == number, row.state == "waiting")
        .values(attempts=row.attempts + 1, next=again, said=said[:200])
    )


def gone(connection: Connection, hall: str, number: int, now: datetime, said: str) -> None:
    """The receiver says that it never wants it."""
    _end(connection, hall, number, state="given-up", ended=now, said=said[:200], attempts=tables.outbox.c.attempts + 1)


def _end(connection: Connection, hall: str, number: int, **values: Any) -> None:
    row = tables.outbox.c
    connection.execute(update(tables.outbox).where(row.hall == hall, row.number == number).values(**values))


def hasten(connection: Connection, hall: str, webhook: str, now: datetime) -> int:
    """Let all that waits be due now: the receiver is there again."""
    row = tables.outbox.c
    return connection.execute(
        update(tables.outbox).where(_of(hall, webhook, "waiting"), row.next > now).values(next=now)
    ).rowcount


def retry(connection: Connection, hall: str, webhook: str, now: datetime, until: datetime, message: str | None = None) -> int:
    """Let what was given up wait again until `until`, and what waits be due now; says how many messages those are."""
    row = tables.outbox.c
    one = () if message is None else (row.message == message,)
    given_up = update(tables.outbox).where(_of(hall, webhook, "given-up"), *one)
    found = connection.execute(given_up.values(state="waiting", next=now, expires=until, ended=None)).rowcount
    waiting = update(tables.outbox).where(_of(hall, webhook, "waiting"), row.next > now, *one)
    return found + connection.execute(waiting.values(next=now)).rowcount


def standing(connection: Connection, hall: str, webhook: str, since: datetime) -> Standing:
    """How a webhook's messages stand."""
    row = tables.outbox.c
    waits = select(func.count(), func.min(row.at), func.min(row.next)).where(_of(hall, webhook, "waiting"))
    count, oldest, following = connection.execute(waits).one()
    ended = {
        state: int(connection.execute(select(func.count()).where(_of(hall, webhook, state), row.ended >= since)).scalar() or 0)
        for state in ("delivered", "given-up")
    }
    return Standing(waiting=int(count), oldest=oldest, next=following, delivered=ended["delivered"], given_up=ended["given-up"])


def listed(connection: Connection, hall: str, webhook: str | None, states: Collection[str], most: int) -> list[Row]:
    """Messages, the newest first."""
    row = tables.outbox.c
    which = () if webhook is None else (row.webhook == webhook,)
    wanted = select(*(row[name] for name in Row.__dataclass_fields__)).where(
        row.hall == hall, row.state.in_(list(states)), *which
    )
    return [Row(*found) for found in connection.execute(wanted.order_by(row.number.desc()).limit(most))]


def forget(connection: Connection, hall: str, before: datetime) -> None:
    """Delete what was written before a moment: it holds where people are told things."""
    row = tables.outbox.c
    connection.execute(delete(tables.outbox).where(row.hall == hall, row.at < before))
