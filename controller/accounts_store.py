"""The store of accounts: reads and writes its own tables in the hall's database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, make_url, select, update
from sqlalchemy.exc import IntegrityError

from contract.values import Id, Moment, Value
from controller.accounts_engine import make_missing, open_engine
from controller.accounts_roles import Role
from controller.accounts_tables import events, links, metadata, sessions, tokens, users


class UserRow(Value, frozen=True, kw_only=True):
    """A user as the accounts page lists them; never with the hash."""

    name: Id
    role: Role
    disabled: bool
    has_password: bool
    created: Moment
    seen: Moment | None = None

    @property
    def standing(self) -> str:
        """Role, and whether locked, in one word: two equal ones let somebody do the same."""
        return f"{self.role.value}{'-locked' if self.disabled else ''}"


class TokenRow(Value, frozen=True, kw_only=True):
    """An API token as its owner sees it; the token itself is shown once and kept nowhere."""

    id: str
    label: str
    created: Moment
    seen: Moment | None = None


class EventRow(Value, frozen=True, kw_only=True):
    """Something that happened to an account."""

    at: Moment
    actor: str
    what: str
    about: str


class NameTaken(Exception):
    """There is a user of that name already."""


class AccountStore:
    """One hall's users, and sessions, links and tokens by the digest of their secrets. Safe to use from several threads."""

    def __init__(self, url: str, hall: str) -> None:
        self._hall = hall
        self._engine = open_engine(make_url(url))
        make_missing(self._engine, metadata)

    def close(self) -> None:
        """Give the database back. Safe to call twice."""
        self._engine.dispose()

    def _is(self, name: str) -> ColumnElement[bool]:
        return (users.c.hall == self._hall) & (users.c.name == name)

    def _session(self, digest: str) -> ColumnElement[bool]:
        return (sessions.c.hall == self._hall) & (sessions.c.digest == digest)

    def _tokens_of(self, user: str) -> ColumnElement[bool]:
        return (tokens.c.hall == self._hall) & (tokens.c.user == user)

    def users(self) -> list[UserRow]:
        """Everybody, by name."""
        with self._engine.connect() as database:
            return [
                _user(row)
                for row in database.execute(select(users).where(users.c.hall == self._hall).order_by(users.c.name)).mappings()
            ]

    def user(self, name: str) -> UserRow | None:
        """One user."""
        with self._engine.connect() as database:
            row = database.execute(select(users).where(self._is(name))).mappings().first()
        return _user(row) if row else None

    def password(self, name: str) -> str | None:
        """The hash of a user who may sign in with a password."""
        query = select(users.c.password).where(self._is(name), users.c.disabled.is_(False))
        with self._engine.connect() as database:
            return database.execute(query).scalar()

    def add_user(self, name: str, role: Role, at: datetime) -> None:
        """A new user, without a password. Raises `NameTaken`."""
        try:
            with self._engine.begin() as database:
                database.execute(insert(users).values(hall=self._hall, name=name, role=role.value, disabled=False, created=at))
        except IntegrityError as error:
            raise NameTaken(name) from error

    def change_user(self, name: str, **values: Any) -> None:
        """Set columns of a user."""
        with self._engine.begin() as database:
            database.execute(update(users).where(self._is(name)).values(**values))

    def add_session(self, digest: str, user: str, at: datetime) -> None:
        """A session that begins now; the user was seen."""
        with self._engine.begin() as database:
            database.execute(insert(sessions).values(hall=self._hall, digest=digest, user=user, created=at, seen=at))
            database.execute(update(users).where(self._is(user)).values(seen=at))

    def session(self, digest: str) -> RowMapping | None:
        """`name`, `role`, `created` and `seen` of the session of a user who is not disabled."""
        query = (
            select(users.c.name, users.c.role, sessions.c.created, sessions.c.seen)
            .join(users, (users.c.hall == sessions.c.hall) & (users.c.name == sessions.c.user))
            .where(self._session(digest), users.c.disabled.is_(False))
        )
        with self._engine.connect() as database:
            return database.execute(query).mappings().first()

    def touch_session(self, digest: str, at: datetime) -> None:
        """The session is in use."""
        with self._engine.begin() as database:
            database.execute(update(sessions).where(self._session(digest)).values(seen=at))

    def end_session(self, digest: str) -> None:
        """The session is over."""
        with self._engine.begin() as database:
            database.execute(delete(sessions).where(self._session(digest)))

    def end_sessions(self, user: str) -> None:
        """All sessions and unused links of a user are over."""
        with self._engine.begin() as database:
            database.execute(delete(sessions).where(sessions.c.hall == self._hall, sessions.c.user == user))
            database.execute(delete(links).where(links.c.hall == self._hall, links.c.user == user))

    def forget_old(self, idle_since: datetime, begun_before: datetime, now: datetime) -> None:
        """Drop sessions and links that are over."""
        with self._engine.begin() as database:
            over = (sessions.c.seen < idle_since) | (sessions.c.created < begun_before)
            database.execute(delete(sessions).where(sessions.c.hall == self._hall, over))
            database.execute(delete(links).where(links.c.hall == self._hall, links.c.ends < now))

    def add_link(self, digest: str, user: str, ends: datetime) -> None:
        """A one-time link."""
        with self._engine.begin() as database:
            database.execute(insert(links).values(hall=self._hall, digest=digest, user=user, ends=ends))

    def use_link(self, digest: str, now: datetime) -> str | None:
        """The user of a link that is still good. It is good once: of two who ask at the same time one gets it."""
        mine = (links.c.hall == self._hall) & (links.c.digest == digest)
        with self._engine.begin() as database:
            row = database.execute(select(links).where(mine)).mappings().first()
            gone = database.execute(delete(links).where(mine)).rowcount
        return str(row["user"]) if row and gone == 1 and row["ends"] >= now else None

    def add_token(self, row: TokenRow, digest: str, user: str) -> None:
        """An API token."""
        values = {"hall": self._hall, "id": row.id, "digest": digest, "user": user, "label": row.label, "created": row.created}
        with self._engine.begin() as database:
            database.execute(insert(tokens).values(values))

    def token(self, digest: str) -> RowMapping | None:
        """`id`, `name`, `role` and `seen` of the token of a user who is not disabled."""
        query = (
            select(tokens.c.id, users.c.name, users.c.role, tokens.c.seen)
            .join(users, (users.c.hall == tokens.c.hall) & (users.c.name == tokens.c.user))
            .where(tokens.c.hall == self._hall, tokens.c.digest == digest, users.c.disabled.is_(False))
        )
        with self._engine.connect() as database:
            return database.execute(query).mappings().first()

    def touch_token(self, token: str, at: datetime) -> None:
        """The token is in use."""
        with self._engine.begin() as database:
            database.execute(update(tokens).where(tokens.c.hall == self._hall, tokens.c.id == token).values(seen=at))

    def tokens(self, user: str) -> list[TokenRow]:
        """A user's tokens, newest first."""
        query = select(tokens).where(self._tokens_of(user)).order_by(tokens.c.created.desc())
        with self._engine.connect() as database:
            return [
                TokenRow(id=row["id"], label=row["label"], created=row["created"], seen=row["seen"])
                for row in database.execute(query).mappings()
            ]

    def end_token(self, user: str, token: str) -> bool:
        """The user's token is good no longer; False when there is none of that id."""
        with self._engine.begin() as database:
            return database.execute(delete(tokens).where(self._tokens_of(user), tokens.c.id == token)).rowcount == 1

    def note(self, at: datetime, actor: str, what: str, about: str) -> None:
        """Write down what happened to an account."""
        with self._engine.begin() as database:
            database.execute(insert(events).values(hall=self._hall, at=at, actor=actor[:60], what=what, about=about[:120]))

    def events(self, most: int) -> Sequence[EventRow]:
        """The last things that happened to accounts, newest first."""
        query = select(events).where(events.c.hall == self._hall).order_by(events.c.id.desc()).limit(most)
        with self._engine.connect() as database:
            return [
                EventRow(at=row["at"], actor=row["actor"], what=row["what"], about=row["about"])
                for row in database.execute(query).mappings()
            ]

    def administrators(self) -> int:
        """How many administrators may sign in."""
        query = select(func.count()).where(
            users.c.hall == self._hall, users.c.role == Role.ADMINISTRATOR.value, users.c.disabled.is_(False)
        )
        with self._engine.connect() as database:
            return database.execute(query).scalar_one()


def _user(row: RowMapping) -> UserRow:
    return UserRow(
        name=row["name"],
        role=Role(row["role"]),
        disabled=row["disabled"],
        has_password=row["password"] is not None,
        created=row["created"],
        seen=row["seen"],
    )
