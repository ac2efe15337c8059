"""Reading the halls' PostgreSQL: through a role that may only read, in transactions that could not write if it might."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import BigInteger, Connection, Engine, cast, create_engine, func, make_url, select, text
from sqlalchemy.exc import ProgrammingError

from contract.settings import refuse_unknown_zone
from controller.city.reporting import Counted
from controller.figures import Counts
from controller.hall_now import HallNow
from controller.store import rollups, tables
from controller.store.columns import Instant
from controller.store.counting import Span, work
from controller.store.errors import StoreBroken
from controller.store.store import translated
from controller.store.telling import CLOCK

READ = (
    tables.hall_now, tables.day_work, tables.days_rolled, tables.tickets, tables.visits, tables.ratings, tables.stays,
)  # fmt: skip
"""All that a city reads: no account, no contact, no journal."""
PATIENCE = "30s"

_decoder = msgspec.json.Decoder(HallNow)


@dataclass(frozen=True)
class Told:
    """What a hall has said, and when by the database's clock."""

    heard: datetime
    now: HallNow


class Halls:
    """The halls of one database. Blocking, and for one thread. `close` may be called twice."""

    def __init__(self, url: str) -> None:
        """Nothing is connected yet."""
        self._url, self._engine = url, _engine(url)

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    def told(self) -> tuple[datetime, list[Told]]:
        """The database's time, and what every hall has said last, by name. Raises `StoreBroken`."""
        with self._reading() as connection:
            now = connection.execute(select(cast(text(CLOCK), Instant))).scalar_one()
            rows = connection.execute(select(tables.hall_now).order_by(tables.hall_now.c.hall)).all()
        return now, [Told(heard=row.heard, now=found) for row in rows if (found := _decoded(row.body)) is not None]

    def today(self, halls: Sequence[HallNow], at: datetime) -> dict[str, Counts]:
        """What each hall has done so far on its own today. Raises `StoreBroken`."""
        with self._reading() as connection:
            spans = (_span(hall, day, day) for hall in halls for day in (_day(hall, at),))
            return {span.hall: Counts.sum(row.counts for row in work(connection, span)) for span in spans}

    def counted(self, halls: Sequence[HallNow], first: date, last: date, at: datetime) -> Counted:
        """What there is to count of some days: roll-ups where they stand, else the rows. Raises `StoreBroken`."""
        with self._reading() as connection:
            marks = _marks(connection, [hall.hall for hall in halls], first, last)
            found = _kept(connection, [hall.hall for hall in halls], first, last)
            for hall in halls:
                begins = rollups.first_with_rows(connection, hall.hall)
                span = _span(hall, max(first, begins or last), min(last, _day(hall, at)))
                for rolled, part in span.stretches(marks.get(hall.hall, set())) if begins is not None else ():
                    found = found if rolled else found + _from_rows(connection, part)
        return found

    def settled(self, halls: Sequence[HallNow], first: date, last: date, at: datetime) -> Counted:
        """What of that is so long ago that who did not rate counts as 基本满意, in halls with that rule. Raises `StoreBroken`."""
        with_rule: dict[date, list[HallNow]] = {}
        for hall in halls:
            if hall.deemed and (until := min(last, _day(hall, at) - timedelta(days=hall.deemed))) >= first:
                with_rule.setdefault(until, []).append(hall)
        return sum((self.counted(some, first, until, at) for until, some in with_rule.items()), Counted())

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with translated(self._url), self._engine.connect() as connection:
                yield connection
        except StoreBroken as error:
            if isinstance(error.__cause__, ProgrammingError):
                raise StoreBroken(
                    f"{error}; has a controller of this version opened that database, and may this role read it (GRANT)?"
                ) from error
            raise


def _engine(url: str) -> Engine:
    """Read only whatever the role may do, and never for long."""
    options = f"-c default_transaction_read_only=on -c statement_timeout={PATIENCE}"
    return create_engine(make_url(url), pool_pre_ping=True, connect_args={"options": options, "connect_timeout": 5})


def _decoded(body: str) -> HallNow | None:
    """What a hall has said; None when its version speaks in another way, or its time zone is not known here."""
    try:
        said = _decoder.decode(body)
        refuse_unknown_zone("timezone", said.timezone)
    except (msgspec.DecodeError, ValueError):
        return None
    return said


def _day(hall: HallNow, at: datetime) -> date:
    return at.astimezone(ZoneInfo(hall.timezone)).date()


def _span(hall: HallNow, first: date, last: date) -> Span:
    return Span(hall.hall, first, last, ZoneInfo(hall.timezone))


def _marks(connection: Connection, halls: Sequence[str], first: date, last: date) -> dict[str, set[date]]:
    table = tables.days_rolled
    found: dict[str, set[date]] = {}
    for hall, day in connection.execute(select(table.c.hall, table.c.day).where(_within(table, halls, first, last))):
        found.setdefault(hall, set()).add(day)
    return found


def _within(table: Any, halls: Sequence[str], first: date, last: date) -> Any:
    return table.c.hall.in_(halls) & (table.c.day >= first) & (table.c.day <= last)


def _kept(connection: Connection, halls: Sequence[str], first: date, last: date) -> Counted:
    """What the roll-ups say of days whose mark stands."""
    work_, marks = tables.day_work, tables.days_rolled
    sums = [
        cast((func.max if name.startswith("longest") else func.sum)(work_.c[name]), BigInteger).label(name)
        for name in Counts.names()
    ]
    standing = work_.join(marks, (marks.c.hall == work_.c.hall) & (marks.c.day == work_.c.day))

    def by(key: Any) -> dict[tuple[str, Any], Counts]:
        query = select(work_.c.hall, key, *sums).select_from(standing).where(_within(work_, halls, first, last))
        return {(row[0], row[1]): Counts(*row[2:]) for row in connection.execute(query.group_by(work_.c.hall, key))}

    return Counted(days=by(work_.c.day), windows=by(work_.c.window))


def _from_rows(connection: Connection, span: Span) -> Counted:
    found = Counted()
    for row in work(connection, span):
        found = found + Counted(days={(span.hall, row.day): row.counts}, windows={(span.hall, row.window): row.counts})
    return found
