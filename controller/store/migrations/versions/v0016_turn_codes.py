"""Why the condition of a device turned: the code of its trouble, and its words."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the columns; of earlier turns nobody knows."""
    op.add_column("device_turns", sa.Column("code", sa.String(length=40), nullable=False, server_default=""))
    for name in ("zh", "en"):
        op.add_column("device_turns", sa.Column(name, sa.Text(), nullable=False, server_default=""))
