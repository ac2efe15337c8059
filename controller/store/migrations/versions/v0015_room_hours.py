"""The use of rooms by hour; days whose stays are still there are counted anew for it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table, and take the marks away of days that can fill it. Days of which rows are gone keep their roll-ups."""
    op.create_table(
        "day_room_hours",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("cubicle", sa.String(length=40), nullable=False),
        sa.Column("stays", sa.BigInteger(), nullable=False),
        sa.Column("occupied_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "day", "hour", "room", "cubicle"),
    )
    op.execute(
        "DELETE FROM days_rolled WHERE EXISTS"
        " (SELECT 1 FROM stays WHERE stays.hall = days_rolled.hall AND stays.day = days_rolled.day)"
    )
