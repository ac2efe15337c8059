"""The columns that tables of the store are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Dialect, Index, MetaData, String, Table
from sqlalchemy.types import TypeDecorator

from controller.figures import Additive

metadata = MetaData()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970: exact, sortable, and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Moment to number."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Number to moment."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


def table(name: str, *columns: Column[Any] | Index) -> Table:
    """A table of halls."""
    return Table(name, metadata, Column("hall", String(40), primary_key=True), *columns)


def key(name: str, length: int = 64) -> Column[Any]:
    """What tells one row of a hall from another."""
    return Column(name, String(length), primary_key=True)


def day() -> Column[Any]:
    """One row for each of the hall's days."""
    return Column("day", Date, primary_key=True)


def counts(kind: type[Additive]) -> tuple[Column[Any], ...]:
    """A column for each measure."""
    return tuple(Column(name, BigInteger, nullable=False) for name in kind.names())
