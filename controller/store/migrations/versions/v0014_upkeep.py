"""Upkeep: maintenance that was done, consumables, jobs, and who checked a room with what."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the tables, and room for more in the checks of rooms."""
    op.add_column("room_checks", sa.Column("by", sa.String(length=120)))
    for name in ("wrong", "note"):
        op.add_column("room_checks", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    _table("room_lates", _id("room", 40), _at("slot"), _at("at"), key=("room", "slot"))
    _table(
        "upkeep_records", _id("record", 64), sa.Column("day", sa.Date(), nullable=False), _at("at"), _id("device", 40),
        _id("task", 40), _id("by", 120), _text("wrong"), _text("note"), sa.Column("tested", sa.String(length=20)),
        sa.Column("test_zh", sa.Text()), sa.Column("test_en", sa.Text()), key=("record",),
    )  # fmt: skip
    op.create_index("upkeep_records_by_day", "upkeep_records", ["hall", "day"], unique=False)
    op.create_index("upkeep_records_by_device", "upkeep_records", ["hall", "device", "at"], unique=False)
    _table(
        "supply_fills", _id("device", 40), _id("supply", 40), _at("at"), sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("by", sa.String(length=120)), key=("device", "supply", "at"),
    )  # fmt: skip
    _table(
        "jobs", _id("job", 64), _at("opened"), _id("place", 40), sa.Column("task", sa.String(length=40)), _text("wrong"),
        _text("note"), _id("by", 120), sa.Column("closed", sa.BigInteger()), sa.Column("closed_by", sa.String(length=120)),
        sa.Column("closed_note", sa.Text()), key=("job",),
    )  # fmt: skip
    op.create_index("jobs_by_opening", "jobs", ["hall", "opened"], unique=False)


def _table(name: str, *columns: "sa.Column[Any]", key: tuple[str, ...]) -> None:
    op.create_table(name, _id("hall", 40), *columns, sa.PrimaryKeyConstraint("hall", *key))


def _id(name: str, length: int) -> "sa.Column[Any]":
    return sa.Column(name, sa.String(length=length), nullable=False)


def _text(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text(), nullable=False)


def _at(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.BigInteger(), nullable=False)
