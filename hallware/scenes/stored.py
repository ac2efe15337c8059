"""What a scenario may count in the controller's store: rows of its tables that came since a moment."""

import difflib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from controller.store import tables
from controller.store.columns import Instant
from hardware_sim.errors import CannotDo

SINCE = ("issued", "called", "invited", "started", "posted", "happened", "at")
"""The columns that say when a row began, the first that a table has."""


def count(url: str, table: str, where: Mapping[str, Any], since: datetime) -> int:
    """Count rows in the store at `url`. Raises `CannotDo` for a table or column that it does not have."""
    wanted = select(func.count()).select_from(tables.metadata.tables[_known(table)]).where(_wheres(table, where, since))
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(wanted) or 0)
    except SQLAlchemyError as error:
        raise CannotDo(f"the store cannot be read: {error}") from error
    finally:
        engine.dispose()


def refuse_unknown(table: str, where: Mapping[str, Any]) -> None:
    """Raise `CannotDo` for a table or a column that the store does not have, or one that never says when."""
    columns = tables.metadata.tables[_known(table)].columns
    for name in where:
        if name not in columns:
            raise CannotDo(f"table `{table}` has no column `{name}`{_guess(name, columns.keys())}")
    _moment(table)


def _wheres(table: str, where: Mapping[str, Any], since: datetime) -> ColumnElement[bool]:
    refuse_unknown(table, where)
    columns = tables.metadata.tables[table].columns
    return and_(_moment(table) >= since, *(_is(columns[name], value) for name, value in where.items()))


def _is(column: Column[Any], value: Any) -> ColumnElement[bool]:
    """TOML has no null: `"none"` and `"any"` stand for nothing and for something, where a column is no text of its own."""
    match value:
        case "none":
            return column.is_(None)
        case "any":
            return column.is_not(None)
    same: ColumnElement[bool] = column == value
    return same


def _moment(table: str) -> Column[Any]:
    columns = tables.metadata.tables[table].columns
    found = next((columns[name] for name in SINCE if name in columns and isinstance(columns[name].type, Instant)), None)
    if found is None:
        raise CannotDo(f"table `{table}` does not say when its rows came")
    return found


def _known(table: str) -> str:
    if table not in tables.metadata.tables:
        names = sorted(tables.metadata.tables)
        raise CannotDo(f"the store has no table `{table}`{_guess(table, names)}; there are {', '.join(names)}")
    return table


def _guess(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
