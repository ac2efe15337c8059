"""The store of one hall: opened and brought up to date, read once at the start, then appended to batch by batch.

Everything here blocks; it is for one thread.
"""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Engine, Table, create_engine, event, func, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from contract.settings import BadSettings
from controller.config_rules import Retention
from controller.slip_forms import Forms
from controller.slip_values import KnownSlip, PrintRow
from controller.state import Fact
from controller.store import questions, retention, rollups, slip_tables, tables, telling, watching
from controller.store.counting import Span
from controller.store.errors import StoreBroken, StoreForeign, StoreTaken
from controller.store.ownership import make_for_its_folder
from controller.store.schema import upgrade
from controller.store.writes import Batch, Line, write
from controller.view import AppointmentRow, AuditRow, NoticeRow, RatingRow, TicketView
from controller.view_upkeep import StayRow

log = logging.getLogger(__name__)

R = TypeVar("R")

PATIENCE = 10.0
"""Seconds to wait for somebody else's write."""
REQUESTS = 20_000
"""So many last answers are remembered over a restart."""

_decoder = msgspec.json.Decoder(Fact)


def line(fact: Fact) -> Line:
    """A fact as the journal keeps it."""
    return Line(at=fact.at, kind=str(fact.__struct_config__.tag), body=msgspec.json.encode(fact).decode())


def fact_of(body: str) -> Fact:
    """A fact that the journal has kept. Raises `msgspec.DecodeError` for one of a later version."""
    return _decoder.decode(body)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Loaded:
    """What a controller continues with."""

    facts: list[Fact]
    """From the beginning of the last day."""
    inboxes: dict[tuple[str, str], int]
    latest: dict[str, str]
    """Node to the epoch that was heard last."""
    pictures: dict[tuple[str, str], int]
    requests: dict[str, str]


@dataclass
class _Next:
    """The numbers that come next."""

    line: int = 1
    audit: int = 1
    posted: int = 1


@dataclass
class Store:
    """The database of one hall. `open` before all else; `close` may be called twice."""

    url: str
    hall: str
    _engine: Engine | None = None
    _connection: Connection | None = None
    _lock: IO[str] | None = None
    _next: _Next = field(default_factory=_Next)

    def open(self) -> None:
        """Connect, make sure that nobody else keeps this hall, and bring the tables up to date.

        Raises `BadSettings` for a URL that means nothing, `StoreTaken`, `StoreForeign`, `StoreBroken`.
        """
        url = read_url(self.url)
        self._lock = locked(url)
        try:
            with translated(self.url):
                self._engine = _engine(url, self.hall)
                self._connection = self._engine.connect()
                with self._begun() as connection:
                    upgrade(connection)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the database back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def load(self) -> Loaded:
        """Everything that is needed to go on. Raises `StoreForeign`, `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            self._next = _Next(*(1 + self._highest(connection, table) for table in (tables.facts, tables.audit, tables.outbox)))
            latest = select(tables.inboxes).where(tables.inboxes.c.hall == self.hall).order_by(tables.inboxes.c.heard)
            inboxes = connection.execute(latest).all()
            pictures = connection.execute(select(tables.pictures).where(tables.pictures.c.hall == self.hall))
            return Loaded(
                facts=[self._fact(*row) for row in questions.last_day(connection, self.hall)],
                inboxes={(row.node, row.epoch): row.stored for row in inboxes},
                latest={row.node: row.epoch for row in inboxes},
                pictures={(row.kind, row.name): row.version for row in pictures},
                requests=self._requests(connection),
            )

    def commit(self, batch: Batch) -> None:
        """Put everything into one transaction; it is on the disk when this returns. Raises `StoreBroken`, and then nothing is."""
        with translated(self.url), self._begun() as connection:
            write(connection, self.hall, batch, self._next.line, self._next.audit, self._next.posted)
        self._next = _Next(
            line=self._next.line + len(batch.lines),
            audit=self._next.audit + len(batch.audit),
            posted=self._next.posted + len(batch.posted),
        )

    def within(self, what: Callable[[Connection, str], R]) -> R:
        """Do something of the hall's in one transaction. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return what(connection, self.hall)

    def ticket(self, ticket: str) -> TicketView | None:
        """A ticket of any day. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return questions.ticket(connection, self.hall, ticket)

    def ratings(self, day: date, window: str | None) -> list[RatingRow]:
        """A day's ratings, newest first. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return questions.ratings(connection, self.hall, day, window)

    def stays(self, day: date) -> list[StayRow]:
        """A day's room log, newest first. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return questions.stays(connection, self.hall, day)

    def notices_ended(self, since: datetime, most: int) -> list[NoticeRow]:
        """The notices that came down since then, newest first, and at most so many. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return questions.notices_ended(connection, self.hall, since, most)

    def audit(self, day: date) -> list[AuditRow]:
        """A day's audit log, newest first. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return questions.audit(connection, self.hall, day)

    def slip(self, template: str, number: str) -> KnownSlip | None:
        """A slip, to be printed once more. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return slip_tables.known(connection, self.hall, template, number)

    def prints(self, day: date | None, number: str | None, forms: Forms | None = None) -> list[PrintRow]:
        """The log of prints, newest first. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return slip_tables.prints(connection, self.hall, day, number, forms)

    def appointments(self, day: Span) -> list[AppointmentRow]:
        """The appointments of a day, in the order of their slots. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            return questions.appointments(connection, self.hall, day)

    def tell(self, body: str) -> None:
        """Say how the hall is now, to whoever looks at many. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            telling.tell(connection, self.hall, body)

    def roll_up(self, before: date, timezone: ZoneInfo, at: datetime) -> date | None:
        """Count the first day that is over and not counted, and say which that was; None for none. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            found = rollups.missing(connection, self.hall, timezone, before)
            if not found:
                return watching.keep(connection, self.hall, timezone, before, at)
            rollups.roll_up(connection, found[0], at)
            return found[0].first

    def forget_rollups(self) -> None:
        """Let every day be counted anew whose rows are still here. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            rollups.forget_all(connection, self.hall)

    def forget(self, keep: Retention, now: datetime, timezone: ZoneInfo) -> date | None:
        """Delete what is over, of rows one day; says which, None when no more is left to delete. Raises `StoreBroken`."""
        with translated(self.url), self._begun() as connection:
            if keep.contacts is not None:
                retention.forget_contacts(connection, self.hall, now - timedelta(days=keep.contacts))
            if keep.slips is not None:
                retention.forget_slips(connection, self.hall, now - timedelta(days=keep.slips))
            if keep.rows is None:
                return None
            before = now.astimezone(timezone).date() - timedelta(days=keep.rows)
            return retention.forget_a_day(connection, self.hall, timezone, before)

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        if self._connection is None:
            raise StoreBroken(f"{self.url}: is not open")
        with self._connection.begin():
            yield self._connection

    def _highest(self, connection: Connection, table: Table) -> int:
        highest = select(func.max(table.c.number)).where(table.c.hall == self.hall)
        return int(connection.execute(highest).scalar() or 0)

    def _fact(self, number: int, body: str) -> Fact:
        try:
            return fact_of(body)
        except msgspec.DecodeError as error:
            raise StoreForeign(f"{self.url}: line {number} of the journal cannot be read by this version: {error}") from error

    def _requests(self, connection: Connection) -> dict[str, str]:
        newest = (
            select(tables.requests.c.id, tables.requests.c.reply)
            .where(tables.requests.c.hall == self.hall)
            .order_by(tables.requests.c.at.desc())
            .limit(REQUESTS)
        )
        return {row.id: row.reply for row in reversed(connection.execute(newest).all())}


def read_url(url: str) -> URL:
    """The URL of hall.toml. Raises `BadSettings` when it means nothing."""
    try:
        return make_url(url)
    except ArgumentError as error:
        raise BadSettings(f"hall.toml: `store`: {url!r} is no database URL; write sqlite:////path/hall.db") from error


def _engine(url: URL, hall: str) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            engine = create_engine(url)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise BadSettings(f"hall.toml: `store`: the driver of {url.drivername} is not installed: {error}") from error
        _claim(engine, hall)
        return engine
    if url.database and url.database != ":memory:":
        make_for_its_folder(Path(url.database))
    engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False, "timeout": PATIENCE})
    event.listen(engine, "connect", _durable)
    event.listen(engine, "begin", _begin_immediately)
    return engine


def _durable(connection: Any, _: Any) -> None:
    """What is committed is on the disk; readers never wait for the writer."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def locked(url: URL) -> IO[str] | None:
    """A lock beside an SQLite file for as long as it is open. Raises `StoreTaken`, `StoreBroken`."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock_file = path.with_name(f"{path.name}.lock")
        make_for_its_folder(lock_file)
        lock = lock_file.open("w")
    except OSError as error:
        raise StoreBroken(f"{path}: {error.strerror}; choose another place with `store` in hall.toml") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise StoreTaken(f"{path}: another controller uses it; stop that one first") from error
    return lock


def _claim(engine: Engine, hall: str) -> None:
    """The same for PostgreSQL, where a lock belongs to the session: each connection takes it, so also one that is made anew."""

    def take(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"hallware {hall}",))
            (claimed,) = cursor.fetchone()
        connection.commit()
        if not claimed:
            connection.close()
            raise StoreTaken(f"{engine.url}: another controller keeps hall `{hall}` there; stop that one first")

    event.listen(engine, "connect", take)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what the database says into `StoreBroken`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreBroken(f"{make_url(url).render_as_string()}: {getattr(error, 'orig', None) or error}") from error
