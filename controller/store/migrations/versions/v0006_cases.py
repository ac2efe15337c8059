"""The table of cases."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TEXTS = (("origin", 20, False), ("window", 40, False), ("service", 40, False), ("staff", 40, True), ("number", 8, True))
_STEPS = ("verified", "rectified", "replied", "revisited")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "cases",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("case", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.String(length=length), nullable=nullable) for name, length, nullable in _TEXTS),
        sa.Column("level", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("opened", "verify_by", "rectify_by")),
        sa.Column("assigned", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in _STEPS),
        sa.PrimaryKeyConstraint("hall", "case"),
    )
    op.create_index("cases_by_opening", "cases", ["hall", "opened"], unique=False)
