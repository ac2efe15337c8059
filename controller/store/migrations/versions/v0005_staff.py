"""Who served: the staff member of each visit and each rating."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; what was before belongs to nobody."""
    for table in ("visits", "ratings"):
        op.add_column(table, sa.Column("staff", sa.String(length=40), nullable=True))
