"""Years of tickets, visits and ratings, written as fast as a database takes them: what reports are measured on."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

from controller.store import tables

WINDOWS, STAFF, SERVICES = 20, 30, ("social", "civil", "estate")
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def fill(connection: Connection, days: Iterable[date], tickets: int) -> None:
    """So many tickets on each day, each called, served and rated or not: three rows."""
    days = tuple(days)
    for table, row in ((tables.tickets, _ticket), (tables.visits, _visit), (tables.ratings, _rating)):
        _write(connection, table, (row(day, n, at) for day in days for n, at in _moments(day, tickets)))


def _moments(day: date, tickets: int) -> Iterable[tuple[int, datetime]]:
    opens = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    return ((n, opens + timedelta(seconds=n * 28_800 / tickets)) for n in range(tickets))


def _write(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """PostgreSQL by COPY, SQLite by its own driver; ten million rows through an ORM's layers would take longer than the rest."""
    driver: Any = connection.connection.driver_connection
    every = iter(rows)
    first = next(every)
    names = ", ".join(f'"{name}"' for name in first)
    values = (tuple(map(_plain, row.values())) for row in chain([first], every))
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" for _ in first)
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", values)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _plain(value: Any) -> Any:
    """As `controller.store.columns.Instant` keeps a moment, and a date as it is written."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return value.isoformat() if isinstance(value, date) else value


def _names(day: date, n: int) -> dict[str, Any]:
    ticket = f"{day.toordinal()}-{n:05}"
    return {"hall": "centre", "day": day, "ticket": ticket, "number": f"A{n:04}", "service": SERVICES[n % len(SERVICES)]}


def _ticket(day: date, n: int, at: datetime) -> dict[str, Any]:
    return {**_names(day, n), "priority": "ordinary", "state": "done", "issued": at, "calls": 1}


def _visit(day: date, n: int, at: datetime) -> dict[str, Any]:
    called = at + timedelta(seconds=60 + n * 37 % 1500)
    return {
        **_names(day, n), "visit": f"{day.toordinal()}-{n:05}", "window": f"w{n % WINDOWS}",
        "staff": f"staff-{n * 7 % STAFF}", "called": called, "calls": 1 + (n % 9 == 0),
        "started": called + timedelta(seconds=20 + n % 40),
        "ended": called + timedelta(seconds=300 + n % 200), "took": 280.0 + n % 160,
        "outcome": "no-show" if n % 17 == 0 else "done",
    }  # fmt: skip


def _rating(day: date, n: int, at: datetime) -> dict[str, Any]:
    return {
        **_names(day, n), "rating": f"{day.toordinal()}-{n:05}", "visit": f"{day.toordinal()}-{n:05}",
        "window": f"w{n % WINDOWS}", "staff": f"staff-{n * 7 % STAFF}", "invited": at,
        "level": None if n % 3 == 0 else 5 - n % 50 // 12, "corrected": False,
    }  # fmt: skip
