"""The tables of upkeep."""

from typing import Any

from sqlalchemy import Column, Date, Float, Index, String, Table, Text

from controller.store.tables import Instant, metadata


def _table(name: str, *columns: Column[Any] | Index) -> Table:
    return Table(name, metadata, Column("hall", String(40), primary_key=True), *columns)


def _key(name: str, length: int = 40) -> Column[Any]:
    return Column(name, String(length), primary_key=True)


room_lates = _table("room_lates", _key("room"), Column("slot", Instant, primary_key=True), Column("at", Instant, nullable=False))
"""Checks of rooms of which staff were reminded."""

upkeep_records = _table(
    "upkeep_records",
    _key("record", 64),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("device", String(40), nullable=False),
    Column("task", String(40), nullable=False),
    Column("by", String(120), nullable=False),
    Column("wrong", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("tested", String(20)),
    Column("test_zh", Text),
    Column("test_en", Text),
    Index("upkeep_records_by_day", "hall", "day"),
    Index("upkeep_records_by_device", "hall", "device", "at"),
)
"""Maintenance that was done; kept whatever the rule of retention says."""

supply_fills = _table(
    "supply_fills",
    _key("device"),
    _key("supply"),
    Column("at", Instant, primary_key=True),
    Column("amount", Float, nullable=False),
    Column("by", String(120)),
)
"""Consumables that were put in; `by` is empty where the device saw it itself."""

jobs = _table(
    "jobs",
    _key("job", 64),
    Column("opened", Instant, nullable=False),
    Column("place", String(40), nullable=False),
    Column("task", String(40)),
    Column("wrong", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", String(120), nullable=False),
    Column("closed", Instant),
    Column("closed_by", String(120)),
    Column("closed_note", Text),
    Index("jobs_by_opening", "hall", "opened"),
)
