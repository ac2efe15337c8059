"""The table of appointments."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "appointments",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("appointment", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("reminded", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ticket", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("hall", "appointment"),
    )
    op.create_index("appointments_by_slot", "appointments", ["hall", "slot"], unique=False)
