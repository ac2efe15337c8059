"""Roll-ups of how devices were: a day that is over, counted once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables; they fill themselves."""
    op.create_table(
        "day_devices",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("troubles", "attention_us", "down_us", "watched_us")),
        sa.PrimaryKeyConstraint("hall", "day", "node", "device"),
    )
    op.create_table(
        "days_watched",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "day"),
    )
