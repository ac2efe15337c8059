"""The tables of upkeep."""

from sqlalchemy import Column, Date, Float, Index, String, Text

from controller.store.columns import Instant, key, table

room_lates = table(
    "room_lates", key("room", 40), Column("slot", Instant, primary_key=True), Column("at", Instant, nullable=False)
)
"""Checks of rooms of which staff were reminded."""

upkeep_records = table(
    "upkeep_records",
    key("record"),
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

supply_fills = table(
    "supply_fills",
    key("device", 40),
    key("supply", 40),
    Column("at", Instant, primary_key=True),
    Column("amount", Float, nullable=False),
    Column("by", String(120)),
)
"""Consumables that were put in; `by` is empty where the device saw it itself."""

jobs = table(
    "jobs",
    key("job"),
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
