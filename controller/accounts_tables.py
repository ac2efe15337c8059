"""The tables of accounts: users, their sessions, one-time links and API tokens, and what happened to them."""

from datetime import UTC, datetime

from sqlalchemy import Boolean, Column, DateTime, Dialect, ForeignKey, Integer, MetaData, String, Table
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

users = Table(
    "account_user",
    metadata,
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
    Column("digest", String(64), primary_key=True),
    Column("user", String(40), ForeignKey("account_user.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
)

links = Table(
    "account_link",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(40), ForeignKey("account_user.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("ends", Instant, nullable=False),
)

tokens = Table(
    "account_token",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("user", String(40), ForeignKey("account_user.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("label", String(80), nullable=False),
    Column("created", Instant, nullable=False),
    Column("seen", Instant),
)

events = Table(
    "account_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", String(60), nullable=False),
    Column("what", String(40), nullable=False),
    Column("about", String(120), nullable=False),
)
