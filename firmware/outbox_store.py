"""The outbox on disk: an SQLite file that keeps a node's facts in order until the controller has them.

StoreProblem
├── StoreFull       no room, on the disk or in the file's own bounds
└── StoreDamaged    the file is no sound database any more
"""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

PAGE = 4096

_SCHEMA = """
CREATE TABLE IF NOT EXISTS stream (epoch TEXT NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY, device TEXT NOT NULL, at TEXT NOT NULL, boot TEXT NOT NULL, tick REAL NOT NULL, fact BLOB NOT NULL
) STRICT;
"""


class StoreProblem(Exception):
    """The disk does not give or take what it should."""


class StoreFull(StoreProblem):
    """There is no room, on the disk or in the file's own bounds."""


class StoreDamaged(StoreProblem):
    """The file is no sound database any more."""


_KINDS: dict[int, type[StoreProblem]] = {
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_NOTADB: StoreDamaged,
    sqlite3.SQLITE_FULL: StoreFull,
}


class Draft(msgspec.Struct, frozen=True):
    """A fact before it has its number. `tick` is monotonic seconds, which mean something within one `boot` only."""

    device: str
    at: str
    boot: str
    tick: float
    fact: bytes


class Row(msgspec.Struct, frozen=True):
    """A fact with its number."""

    number: int
    draft: Draft


class OutboxStore:
    """One open file, for one thread at a time.

    Every call that returns has its effect on the disk (WAL, `synchronous=FULL`). Numbers are never used twice in an epoch:
    the last one stands in a row of its own, also when all events are gone.
    """

    def __init__(self, path: Path, *, megabytes: float = 64.0) -> None:
        """Open or make the file. Raises `StoreDamaged`, `StoreProblem`."""
        self.path = path
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
            with ExitStack() as undo:
                undo.callback(self._base.close)
                self._prepare(int(megabytes * 1024 * 1024 / PAGE))
                undo.pop_all()

    def _prepare(self, pages: int) -> None:
        run = self._base.execute
        run(f"PRAGMA page_size={PAGE}")
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        if run("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StoreDamaged(f"{self.path} is damaged")
        self._base.executescript(_SCHEMA)
        run(f"PRAGMA max_page_count={pages}")
        if run("SELECT count(*) FROM stream").fetchone() == (0,):
            run("INSERT INTO stream VALUES (?, 0)", (secrets.token_hex(8),))
        epoch, last = run("SELECT epoch, last FROM stream").fetchone()
        oldest, newest = run("SELECT min(number), max(number) FROM event").fetchone()
        if newest is not None and newest > last:
            raise StoreDamaged(f"{self.path} contradicts itself: event {newest} behind the last number {last}")
        self.epoch: str = epoch
        self.last: int = last
        """The last number that was given."""
        self.stored: int = last if oldest is None else oldest - 1
        """Everything up to here has been forgotten."""

    def append(self, drafts: Sequence[Draft], stored: int) -> int:
        """Add facts and forget those up to `stored`, all or nothing; returns the number of the first one added."""
        first = self.last + 1
        rows = [(number, d.device, d.at, d.boot, d.tick, d.fact) for number, d in enumerate(drafts, first)]
        with _explained(self.path), _transaction(self._base):
            self._base.execute("DELETE FROM event WHERE number <= ?", (stored,))
            self._base.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._base.execute("UPDATE stream SET last = ?", (self.last + len(rows),))
        self.last += len(rows)
        return first

    def forget(self, stored: int) -> None:
        """Forget the events up to and with `stored`."""
        with _explained(self.path):
            self._base.execute("DELETE FROM event WHERE number <= ?", (stored,))

    def read(self, first: int, most: int) -> list[Row]:
        """At most `most` events from number `first` on."""
        ask = "SELECT number, device, at, boot, tick, fact FROM event WHERE number >= ? ORDER BY number LIMIT ?"
        with _explained(self.path):
            return [Row(number, Draft(*draft)) for number, *draft in self._base.execute(ask, (first, most))]

    def renew(self) -> None:
        """Begin a new epoch: the events that wait are numbered from 1 again, in their order."""
        epoch = secrets.token_hex(8)
        with _explained(self.path), _transaction(self._base):
            rows = self._base.execute("SELECT device, at, boot, tick, fact FROM event ORDER BY number").fetchall()
            self._base.execute("DELETE FROM event")
            self._base.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows, 1)])
            self._base.execute("UPDATE stream SET epoch = ?, last = ?", (epoch, len(rows)))
        self.epoch, self.last, self.stored = epoch, len(rows), 0

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._base.close()


def set_aside(path: Path, stamp: str) -> Path:
    """Rename a damaged file, with what belongs to it, so that a new one can be made; returns its new name."""
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        here = path.with_name(path.name + suffix)
        if here.exists():
            here.rename(aside.with_name(aside.name + suffix))
    return aside


@contextmanager
def _transaction(base: sqlite3.Connection) -> Iterator[None]:
    """All of the block, or nothing."""
    with base:  # commits, or rolls back
        base.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn the block's SQLite and file errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        kind = _KINDS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, StoreProblem)
        raise kind(f"{path}: {error}") from error
    except OSError as error:
        raise StoreProblem(f"{path}: {error.strerror}") from error
