"""What each hall says of itself now, for a city that looks at all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table; each controller writes its row."""
    op.create_table(
        "hall_now",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall"),
    )
