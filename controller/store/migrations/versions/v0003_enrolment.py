"""The tables of enrolment. They may be there already: a registrar can be started before the hall is."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def _text(name: str, length: int, *, empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=empty)


def upgrade() -> None:
    """Make what is missing."""
    op.create_table(
        "enrolment_token",
        _text("digest", 64), _text("hall", 40), _text("name", 40), _text("role", 20),
        sa.Column("made", _TIME, nullable=False), _text("made_by", 60), sa.Column("ends", _TIME, nullable=False),
        _text("key", 64, empty=True),
        sa.PrimaryKeyConstraint("digest"), if_not_exists=True,
    )  # fmt: skip
    op.create_table(
        "enrolment_request",
        _text("id", 16), _text("hall", 40), _text("name", 40), _text("role", 20), _text("key", 64),
        sa.Column("request", sa.Text(), nullable=False), _text("serial", 100), _text("model", 100), _text("address", 60),
        _text("pattern", 20), _text("state", 10), sa.Column("asked", _TIME, nullable=False),
        sa.Column("seen", _TIME, nullable=False), sa.Column("decided", _TIME, nullable=True), _text("decided_by", 60, empty=True),
        sa.PrimaryKeyConstraint("id"), if_not_exists=True,
    )  # fmt: skip
    op.create_table(
        "enrolment_certificate",
        _text("serial", 40), _text("hall", 40), _text("name", 40), _text("role", 20), _text("key", 64),
        sa.Column("pem", sa.Text(), nullable=False), sa.Column("begins", _TIME, nullable=False),
        sa.Column("ends", _TIME, nullable=False), sa.Column("revoked", _TIME, nullable=True),
        _text("revoked_by", 60, empty=True), _text("why", 120, empty=True),
        sa.PrimaryKeyConstraint("serial"), if_not_exists=True,
    )  # fmt: skip
    op.create_table(
        "enrolment_event",
        _text("id", 16), _text("hall", 40), sa.Column("at", _TIME, nullable=False), _text("actor", 60), _text("what", 40),
        _text("about", 200),
        sa.PrimaryKeyConstraint("id"), if_not_exists=True,
    )  # fmt: skip
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns, if_not_exists=True)


_INDEXES = (
    ("enrolment_token_by_name", "enrolment_token", ["hall", "name"]),
    ("enrolment_request_by_key", "enrolment_request", ["hall", "key"]),
    ("enrolment_certificate_by_name", "enrolment_certificate", ["hall", "name"]),
    ("enrolment_event_by_time", "enrolment_event", ["hall", "at"]),
)
