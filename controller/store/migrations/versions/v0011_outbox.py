"""Messages for webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outbox",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("webhook", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("hall", "number"),
    )
    op.create_index("outbox_by_stream", "outbox", ["hall", "stream", "state"], unique=False)
    op.create_index("outbox_by_turn", "outbox", ["hall", "webhook", "state", "next"], unique=False)
    op.create_index("outbox_by_end", "outbox", ["hall", "webhook", "state", "ended"], unique=False)
