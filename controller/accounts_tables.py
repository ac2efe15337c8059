"""The tables of accounts: users, their sessions, one-time links and API tokens, and what happened to them."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, also where the database knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite takes it without its zone."""
        if value is None:
            return None
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()


def _of_user(name: str) -> tuple[ForeignKeyConstraint, Index]:
    """What belongs to a user goes with the user."""
    owner = ForeignKeyConstraint(["hall", "user"], ["account_user.hall", "account_user.name"], ondelete="CASCADE")
    return owner, Index(f"{name}_by_user", "hall", "user")


users = Table(
    "account_user",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("password", String(200)),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created", Instant, nullable=False),
    Column("seen", Instant),
)

sessions = Table(
    "account_session",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("user", String(40), nullable=False),
    Column("created", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    *_of_user("account_session"),
)

links = Table(
    "account_link",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("user", String(40), nullable=False),
    Column("ends", Instant, nullable=False),
    *_of_user("account_link"),
)

tokens = Table(
    "account_token",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("id", String(16), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("user", String(40), nullable=False),
    Column("label", String(80), nullable=False),
    Column("created", Instant, nullable=False),
    Column("seen", Instant),
    *_of_user("account_token"),
    UniqueConstraint("hall", "digest"),
)

events = Table(
    "account_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("what", String(40), nullable=False),
    Column("about", String(120), nullable=False),
)
"""`id` is the one number here that all halls of a database share; nothing refers to it."""
