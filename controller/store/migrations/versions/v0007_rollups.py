"""Roll-ups: a day that is over, counted once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_WORK = (
    "tickets", "void", "unserved", "visits", "calls", "no_shows", "served", "waited", "waited_us", "longest_wait_us",
    "within_5", "within_10", "within_20", "within_30", "within_60", "came", "way_us", "longest_way_us", "attended",
    "service_us", "longest_service_us", "invited", "level_1", "level_2", "level_3", "level_4", "level_5",
)  # fmt: skip
_HOURS = ("tickets", "visits", "served", "waited", "waited_us")
_ROOMS = ("stays", "ended", "stayed_us", "longest_stay_us", "long")


def upgrade() -> None:
    """Make the tables; they fill themselves."""
    _table("day_work", ("service", "window", "staff"), (), _WORK)
    _table("day_hours", ("service",), (sa.Column("hour", sa.Integer(), nullable=False),), _HOURS)
    _table("day_rooms", ("room",), (), _ROOMS)
    _table("days_rolled", (), (), ("at",))
    for table in ("helps", "room_checks"):
        op.create_index(f"{table}_by_time", table, ["hall", "at"], unique=False)


def _table(name: str, names: Sequence[str], others: Sequence["sa.Column[int]"], counts: Sequence[str]) -> None:
    op.create_table(
        name,
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *others,
        *(sa.Column(key, sa.String(length=40), nullable=False) for key in names),
        *(sa.Column(count, sa.BigInteger(), nullable=False) for count in counts),
        sa.PrimaryKeyConstraint("hall", "day", *(column.name for column in others), *names),
    )
