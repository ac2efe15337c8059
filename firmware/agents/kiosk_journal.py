"""The kiosk's journal: what must be known of every ticket after a power cut, on the disk before the printer gets a byte.

A ticket is `begun` from before its first byte until its outcome is known, then `printed` or `not-printed`; `doubtful`
while nobody can know. A leased number is burnt in the same transaction in which its ticket begins. What the
controller has to hear of it (`facts`) is written in the same transaction as well, and taken away once it lies in the outbox.
Any thread may call; one call at a time.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal, Self

import msgspec

from contract.codec import BadMessage, decode, encode
from contract.events import Fact
from contract.ticketing import KioskOffer
from firmware.agents.kiosk_job import TicketJob

Outcome = Literal["printed", "not-printed"]
RequestEnd = Literal["granted", "refused", "leased", "dropped", "late"]

KEEP = timedelta(days=7)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (id TEXT PRIMARY KEY, at TEXT NOT NULL, ended TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tickets (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, state TEXT NOT NULL, job BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS unfinished ON tickets (state) WHERE state IN ('begun', 'doubtful');
CREATE TABLE IF NOT EXISTS numbers (
    day TEXT NOT NULL, prefix TEXT NOT NULL, number INTEGER NOT NULL, ticket TEXT NOT NULL,
    PRIMARY KEY (day, prefix, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS distrusted (day TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (place INTEGER PRIMARY KEY AUTOINCREMENT, fact BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS offer (only INTEGER PRIMARY KEY CHECK (only = 1), offer BLOB NOT NULL);
"""


class JournalBroken(Exception):
    """The file cannot take or give what it should: the disk is full or damaged. Nothing was changed."""


class JournalDamaged(JournalBroken):
    """The file is no database any more."""


class NumberTaken(Exception):
    """A leased number that has been used before."""


class LeasedNumber(msgspec.Struct, frozen=True):
    """A number of a lease; it belongs to a day."""

    day: date
    prefix: str
    number: int


class KioskJournal:
    """One kiosk's journal, one file."""

    def __init__(self, path: Path, *, patience: float = 5.0) -> None:
        """Open or make the file; another process may hold it for `patience` seconds. Raises `JournalBroken`."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            self._db.close()
            damaged = error.sqlite_errorcode in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
            raise (JournalDamaged if damaged else JournalBroken)(f"{path}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go. Safe to call twice."""
        self._db.close()

    def end_request(self, request: str, at: datetime, ended: RequestEnd) -> None:
        """What became of a request that no ticket was begun for."""
        with self._transaction():
            self._end_request(request, at, ended)

    def request(self, request: str) -> RequestEnd | None:
        """What became of a request; None when it is not this kiosk's, or still open."""
        row = self._db.execute("SELECT ended FROM requests WHERE id = ?", (request,)).fetchone()
        return row[0] if row else None

    def grant_came_late(self, request: str, at: datetime, fact: Fact) -> None:
        """A grant came for a request that was given up; the controller has to hear that nobody holds it."""
        with self._transaction():
            self._end_request(request, at, "late")
            self._add((fact,))

    def begin(self, job: TicketJob, leased: LeasedNumber | None = None, facts: Sequence[Fact] = ()) -> None:
        """The ticket goes to the printer now. Raises `NumberTaken` for a leased number that was used before."""
        with self._transaction():
            if leased is not None:
                self._burn(leased, job.ticket)
            self._db.execute("INSERT INTO tickets VALUES (?, ?, 'begun', ?)", (job.ticket, _time(job.at), encode(job)))
            if job.request is not None:
                self._end_request(job.request, job.at, "granted" if leased is None else "leased")
            self._add(facts)

    def doubt(self, ticket: str) -> None:
        """Nobody can know whether the ticket is on paper."""
        with self._transaction():
            self._db.execute("UPDATE tickets SET state = 'doubtful' WHERE id = ?", (ticket,))

    def end(self, ticket: str, outcome: Outcome, fact: Fact) -> None:
        """The ticket's outcome is known, and the controller has to hear it."""
        with self._transaction():
            self._db.execute("UPDATE tickets SET state = ? WHERE id = ?", (outcome, ticket))
            self._add((fact,))

    def doubt_all_begun(self) -> None:
        """To be called at the start: whatever was begun and not ended may be on paper or not."""
        with self._transaction():
            self._db.execute("UPDATE tickets SET state = 'doubtful' WHERE state = 'begun'")

    def doubtful(self) -> list[TicketJob]:
        """Tickets of which nobody can know, oldest first."""
        rows = self._db.execute("SELECT job FROM tickets WHERE state = 'doubtful' ORDER BY at").fetchall()
        return [decode(row[0], TicketJob) for row in rows]

    def facts(self) -> list[tuple[int, Fact]]:
        """What is not yet in the outbox, in order, each with its place."""
        rows = self._db.execute("SELECT place, fact FROM facts ORDER BY place").fetchall()
        return [(place, decode(fact, Fact)) for place, fact in rows]

    def told(self, place: int) -> None:
        """The fact at this place lies in the outbox now."""
        with self._transaction():
            self._db.execute("DELETE FROM facts WHERE place = ?", (place,))

    def used_numbers(self) -> frozenset[LeasedNumber]:
        """All leased numbers that were used in the last days."""
        rows = self._db.execute("SELECT day, prefix, number FROM numbers")
        return frozenset(LeasedNumber(date.fromisoformat(day), prefix, number) for day, prefix, number in rows)

    def distrust(self, day: date) -> None:
        """What was used of this day's leases is not known, so nothing of them may be used."""
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO distrusted VALUES (?)", (day.isoformat(),))

    def distrusted(self) -> frozenset[date]:
        """Days whose leases may not be used."""
        return frozenset(date.fromisoformat(day) for (day,) in self._db.execute("SELECT day FROM distrusted"))

    def command(self, command: str, at: datetime) -> bool:
        """Note a command before it is carried out; False when it was noted before."""
        with self._transaction():
            done = self._db.execute("INSERT OR IGNORE INTO commands VALUES (?, ?)", (command, _time(at)))
            return done.rowcount == 1

    def keep_offer(self, offer: KioskOffer) -> None:
        """Keep an offer for a start without a controller."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO offer VALUES (1, ?)", (encode(offer),))

    def kept_offer(self) -> KioskOffer | None:
        """The last offer that was kept, if it can still be read."""
        row = self._db.execute("SELECT offer FROM offer").fetchone()
        try:
            return decode(row[0], KioskOffer) if row else None
        except BadMessage:
            return None

    def forget(self, now: datetime) -> None:
        """Drop what has been over for a week."""
        before = _time(now - KEEP)
        with self._transaction():
            self._db.execute("DELETE FROM requests WHERE at < ?", (before,))
            self._db.execute("DELETE FROM tickets WHERE at < ? AND state NOT IN ('begun', 'doubtful')", (before,))
            self._db.execute("DELETE FROM numbers WHERE day < ?", (before[:10],))
            self._db.execute("DELETE FROM commands WHERE at < ?", (before,))

    def _burn(self, leased: LeasedNumber, ticket: str) -> None:
        try:
            row = (leased.day.isoformat(), leased.prefix, leased.number, ticket)
            self._db.execute("INSERT INTO numbers VALUES (?, ?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise NumberTaken(f"{leased.prefix}{leased.number:03d} of {leased.day} was used before") from error

    def _end_request(self, request: str, at: datetime, ended: RequestEnd) -> None:
        self._db.execute("INSERT OR REPLACE INTO requests VALUES (?, ?, ?)", (request, _time(at), ended))

    def _add(self, facts: Sequence[Fact]) -> None:
        self._db.executemany("INSERT INTO facts (fact) VALUES (?)", [(encode(fact),) for fact in facts])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalBroken(f"{self._path}: {error}") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def set_aside(path: Path, now: datetime) -> Path:
    """Move a damaged journal out of the way, for whoever wants to look into it."""
    aside = path.with_name(f"{path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%S}")
    for suffix in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
