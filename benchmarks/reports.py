"""What reports cost: of years of tickets and ratings, from roll-ups against the same from every row, on both databases."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, text

from benchmarks.figures import Figure
from benchmarks.years import fill
from controller.queue.facts import TicketCalled
from controller.reporting import report
from controller.store import tables
from controller.store.counting import Span, count
from controller.store.projection import project
from controller.store.rollups import roll_up, summed
from controller.store.store import Store, line
from controller.store.writes import Batch
from controller.summing import Summed
from tests.controller.halls import NOON, hall
from tests.postgres import serving

LAST = date(2026, 4, 30)
DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
A_DAY = 1600
"""Tickets of a busy day, each with a visit and a rating: three rows."""
YEAR = 366
"""So many days at most does a report have, and so many are rolled up here; the years before are rows that must not matter."""


def measure(*, short: bool = False) -> list[Figure]:
    """All figures; 10 million rows in the full form, 40,000 in the short one."""
    rows, commits = (40_000, 50) if short else (10_000_000, 2_000)
    with tempfile.TemporaryDirectory(prefix="hallware-bench-", dir=Path.home()) as folder:
        found = [
            *_reports(f"sqlite:///{folder}/hall.db", "SQLite", rows),
            *_stored(f"sqlite:///{folder}/events.db", "SQLite", commits),
        ]
    with serving() as server:
        found += _reports(server.new_database(), "PostgreSQL", rows)
        found += _stored(server.new_database(), "PostgreSQL", commits)
    return found


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    store = Store(url, "centre")
    store.open()
    try:
        assert store._connection is not None
        yield store._connection
    finally:
        store.close()


def _reports(url: str, name: str, rows: int) -> list[Figure]:
    days = max(31, rows // 3 // A_DAY)
    each = rows // 3 // days
    with _opened(url) as connection:
        spans = [Span("centre", day, day, SHANGHAI) for day in (LAST - n * DAY for n in reversed(range(days)))]
        for start in range(0, days, 100):
            with connection.begin():
                fill(connection, [span.first for span in spans[start : start + 100]], each)
        with connection.begin():
            connection.execute(text("ANALYZE"))
        spans = spans[-YEAR:]
        began = time.perf_counter()
        for span in spans:
            with connection.begin():
                roll_up(connection, span, NOON)
        rolling = (time.perf_counter() - began) / len(spans)
        month = Span("centre", LAST.replace(day=1), LAST, SHANGHAI)
        year = Span("centre", spans[0].first, LAST, SHANGHAI)
        whole = f"{rows:,} rows, {name}"
        return [
            Figure(f"month from roll-ups, {whole}", *_compared(connection, month), of="from its rows", goal=0.5),
            Figure(f"{(year.last - year.first).days + 1} days from roll-ups, {whole}", *_compared(connection, year),
                   of="from their rows", goal=0.2),
            Figure(f"one day rolled up, {each * 3:,} rows of it, {name}", 1000 * rolling, "ms", limit=250),
        ]  # fmt: skip


def _compared(connection: Connection, span: Span) -> tuple[float, str, float]:
    """Milliseconds from roll-ups, the unit, and milliseconds from rows; both say the same."""
    config = hall()
    kept, ours = _timed(connection, lambda: report(config, span.first, span.last, summed(connection, span)))
    raw, baseline = _timed(connection, lambda: report(config, span.first, span.last, Summed.of(count(connection, span))))
    assert kept == raw, "a roll-up says the same as the rows"
    return ours, "ms", baseline


def _timed(connection: Connection, work: Callable[[], Any]) -> tuple[Any, float]:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        with connection.begin():
            found = work()
        times.append(1000 * (time.perf_counter() - began))
    return found, statistics.median(times)


def _stored(url: str, name: str, commits: int) -> list[Figure]:
    """A call with all that it writes, each committed alone, against a bare row committed alone."""
    store = Store(url, "centre")
    store.open()
    store.load()
    connection = store._connection
    assert connection is not None
    with connection.begin():
        connection.execute(text("CREATE TABLE bare (number BIGINT PRIMARY KEY, body TEXT)"))
    began = time.perf_counter()
    for n in range(commits):
        with connection.begin():
            connection.execute(text("INSERT INTO bare VALUES (:n, :body)"), {"n": n, "body": "x" * 250})
    bare = commits / (time.perf_counter() - began)
    batches = [_call(n) for n in range(commits)]
    began = time.perf_counter()
    for batch in batches:
        store.commit(batch)
    ours = commits / (time.perf_counter() - began)
    with connection.begin():
        connection.execute(delete(tables.facts))
    store.close()
    of = "of a bare row each"
    return [Figure(f"time for a call's commit, {name} ({ours:,.0f}/s)", 1000 / ours, "ms", baseline=1000 / bare, of=of, goal=5.0)]


def _call(n: int) -> Batch:
    called = TicketCalled(
        at=NOON, ticket=f"ticket-{n}", number="A001", service="social", window="w1", call=f"call-{n}",
        visit=f"visit-{n}", times=1, not_after=NOON,
    )  # fmt: skip
    batch = Batch(lines=[line(called)])
    for write in project(called, NOON.date()):
        batch.add(write)
    return batch
