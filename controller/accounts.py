"""Accounts: who somebody is, by password, session, one-time link or API token.

    AccountsError
    ├── WrongPassword   name and password do not belong together
    ├── TooManyTries    wait `after` before the next try
    ├── BadLink         a one-time link that was used, is too old, or never was
    ├── BadPassword     a new password that is not good enough
    └── BadUser         a name or a change that cannot be

Secrets are random, go out once, and only their SHA-256 is stored; passwords are stored as argon2id.
"""

import hashlib
import logging
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contract.plain import plain
from contract.values import Text
from controller.accounts_limit import SignInLimit
from controller.accounts_roles import Person, Role
from controller.accounts_store import AccountStore, EventRow, NameTaken, TokenRow, UserRow
from controller.brake import Brake

SESSION_IDLE = timedelta(hours=10)
"""A session that was not used for so long is over: a working day with its pauses."""
SESSION_LIFE = timedelta(days=7)
LINK_LIFE = timedelta(minutes=30)
TOUCH_EVERY = timedelta(minutes=1)
"""`seen` is written at most so often, or each request would cost the disk a write."""
PASSWORD_LENGTH = range(10, 201)
USER_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

log = logging.getLogger(__name__)


class AccountsError(Exception):
    """Base of what accounts refuse; `what` is for people."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.what = Text(zh=zh, en=en)


class WrongPassword(AccountsError):
    """Name and password do not belong together; which of them is wrong is not said."""


class TooManyTries(AccountsError):
    """Too many failures; wait `after` before the next try."""

    def __init__(self, after: timedelta) -> None:
        self.after = after
        seconds = int(after.total_seconds()) + 1
        super().__init__(f"失败次数过多，请 {seconds} 秒后再试。", f"Too many failed tries. Please wait {seconds} seconds.")


class BadLink(AccountsError):
    """A one-time link that was used, is too old, or never was."""


class BadPassword(AccountsError):
    """A new password that is not good enough."""


class BadUser(AccountsError):
    """A name or a change that cannot be."""


def utc_now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


class Accounts:
    """Everybody who may use the controller. Blocking (database, argon2): call it in a thread from asyncio."""

    def __init__(self, store: AccountStore, hasher: PasswordHasher, clock: Callable[[], datetime]) -> None:
        self._store, self._hasher, self._clock = store, hasher, clock
        self._limit = SignInLimit()
        self._oversteps = Brake(1, timedelta(minutes=1))
        # Somebody unknown must take as long as somebody known.
        self._nobody = hasher.hash(secrets.token_hex(16))

    @classmethod
    def open(
        cls, url: str, hall: str = "hall", *, hasher: PasswordHasher | None = None, clock: Callable[[], datetime] = utc_now
    ) -> Self:
        """Accounts of `hall` in the database at `url` (an SQLAlchemy URL), which gets the tables it lacks."""
        return cls(AccountStore(url, hall), hasher or PasswordHasher(), clock)

    def close(self) -> None:
        """Give the database back. Safe to call twice."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ensure_administrator(self) -> str:
        """The name of somebody who may administer; `admin` is made, without a password, when there is nobody."""
        for user in self._store.users():
            if user.role is Role.ADMINISTRATOR and not user.disabled:
                return user.name
        if self._store.user("admin"):
            self._store.change_user("admin", role=Role.ADMINISTRATOR.value, disabled=False)
        else:
            self._store.add_user("admin", Role.ADMINISTRATOR, self._clock())
        self._note("controller", "made-administrator", "admin")
        return "admin"

    def add_user(self, name: str, role: Role, *, by: str) -> None:
        """A new user, who gets in by a one-time link. Raises `BadUser`."""
        if not USER_NAME.fullmatch(name) or len(name) > 40:
            raise BadUser(
                "用户名只能用小写字母、数字和连字符，最多 40 个字符。",
                "A user name has lower-case letters, digits and single hyphens, at most 40 of them.",
            )
        try:
            self._store.add_user(name, role, self._clock())
        except NameTaken as error:
            raise BadUser(f"用户 {name} 已存在。", f"There is a user {name} already.") from error
        self._note(by, "added", f"{name} {role.value}")

    def change_user(self, name: str, *, role: Role, disabled: bool, by: str, was: str | None = None) -> None:
        """Give a user another role, or lock them out. Raises `BadUser`, also for the last administrator.

        `was` is how the user stood for whoever decided that; nothing is changed when they stand otherwise by now.
        """
        user = self._known(name)
        if was is not None and was != user.standing:
            raise BadUser(
                f"{name} 的账户刚刚被别人改过，请看清楚再改。",
                f"Somebody else has just changed {name}. Look again, then change it.",
            )
        administers = role is Role.ADMINISTRATOR and not disabled
        administered = user.role is Role.ADMINISTRATOR and not user.disabled
        if administered and not administers and self._store.administrators() == 1:
            raise BadUser(
                "这是最后一位管理员，不能停用或改变角色。", "This is the last administrator; appoint another one first."
            )
        self._store.change_user(name, role=role.value, disabled=disabled)
        if disabled:
            self._store.end_sessions(name)
        self._note(by, "changed", f"{name} {role.value}{' disabled' if disabled else ''}")

    def users(self) -> list[UserRow]:
        """Everybody, by name."""
        return self._store.users()

    def set_password(self, name: str, password: str) -> None:
        """Give a user a new password; their sessions elsewhere end. Raises `BadPassword`, `BadUser`."""
        self._known(name)
        if len(password) not in PASSWORD_LENGTH:
            raise BadPassword(
                f"密码至少 {PASSWORD_LENGTH.start} 个字符。", f"A password has at least {PASSWORD_LENGTH.start} characters."
            )
        if name in password.lower():
            raise BadPassword("密码不能包含用户名。", "A password must not contain the user name.")
        self._store.change_user(name, password=self._hasher.hash(password))
        self._store.end_sessions(name)
        self._note(name, "set-password", name)

    def sign_in(self, name: str, password: str, address: str) -> str:
        """A new session's secret. Raises `WrongPassword`, `TooManyTries`."""
        now, keys = self._clock(), (f"user {name[:40]}", f"address {address}")
        if wait := self._limit.wait(keys, now):
            raise TooManyTries(wait)
        if not self._is_password(name, password):
            self._limit.failed(keys, now)
            self._note(name, "refused", address)
            raise WrongPassword("用户名或密码不对。", "Name or password is wrong.")
        self._limit.succeeded(keys)
        return self._begin(name, address)

    def enter(self, link: str, address: str) -> str:
        """A new session's secret for a one-time link. Raises `BadLink`, `TooManyTries`."""
        now, keys = self._clock(), (f"link {address}",)
        if wait := self._limit.wait(keys, now):
            raise TooManyTries(wait)
        user = self._store.use_link(_digest(link), now)
        if user is None or self._known(user).disabled:
            self._limit.failed(keys, now)
            raise BadLink(
                "此登录链接已用过或已过期，请向管理员索取新的链接。",
                "This sign-in link was used already or is too old. Ask an administrator for a new one.",
            )
        return self._begin(user, address)

    def entry_link(self, user: str, *, by: str = "controller") -> str:
        """A secret for `/enter?token=…` that signs `user` in once, within half an hour. Raises `BadUser`."""
        self._known(user)
        link = secrets.token_urlsafe(32)
        self._store.add_link(_digest(link), user, self._clock() + LINK_LIFE)
        self._note(by, "linked", user)
        return link

    def session(self, secret: str) -> Person | None:
        """Who a session belongs to, while it lasts."""
        now, digest = self._clock(), _digest(secret)
        row = self._store.session(digest)
        if row is None:
            return None
        if now - row["seen"] > SESSION_IDLE or now - row["created"] > SESSION_LIFE:
            self._store.end_session(digest)
            return None
        if now - row["seen"] > TOUCH_EVERY:
            self._store.touch_session(digest, now)
        return Person(name=row["name"], role=Role(row["role"]))

    def sign_out(self, secret: str) -> None:
        """End a session. Safe to call twice."""
        self._store.end_session(_digest(secret))

    def new_token(self, user: str, label: str) -> str:
        """An API token for a program that acts for `user`; it is shown this once. Raises `BadUser`."""
        self._known(user)
        token = f"hw_{secrets.token_urlsafe(32)}"
        row = TokenRow(id=secrets.token_hex(8), label=label.strip()[:80] or "-", created=self._clock())
        self._store.add_token(row, _digest(token), user)
        self._note(user, "made-token", row.label)
        return token

    def tokens(self, user: str) -> list[TokenRow]:
        """A user's API tokens, newest first."""
        return self._store.tokens(user)

    def end_token(self, user: str, token: str) -> None:
        """Withdraw the user's token with the id `token`. Safe to call twice."""
        if self._store.end_token(user, token):
            self._note(user, "ended-token", token)

    def bearer(self, token: str) -> Person | None:
        """Who an API token belongs to."""
        row = self._store.token(_digest(token))
        if row is None:
            return None
        now = self._clock()
        if row["seen"] is None or now - row["seen"] > TOUCH_EVERY:
            self._store.touch_token(row["id"], now)
        return Person(name=row["name"], role=Role(row["role"]))

    def overstepped(self, person: Person, what: str) -> None:
        """Write down that somebody asked for what they may not do; the same thing at most once a minute."""
        if self._oversteps.lets_pass(f"{person.name} {what}", self._clock()):
            self._note(person.name, "overstepped", what[:80])

    def events(self, most: int = 100) -> Sequence[EventRow]:
        """The last things that happened to accounts, newest first."""
        return self._store.events(most)

    def _begin(self, user: str, address: str) -> str:
        now = self._clock()
        self._store.forget_old(now - SESSION_IDLE, now - SESSION_LIFE, now)
        secret = secrets.token_urlsafe(32)
        self._store.add_session(_digest(secret), user, now)
        self._note(user, "signed-in", address)
        return secret

    def _is_password(self, name: str, password: str) -> bool:
        stored = self._store.password(name)
        try:
            return self._hasher.verify(stored or self._nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    def _known(self, name: str) -> UserRow:
        user = self._store.user(name)
        if user is None:
            raise BadUser(f"没有用户 {name}。", f"There is no user {name}.")
        return user

    def _note(self, actor: str, what: str, about: str) -> None:
        log.info("accounts: %s %s (%s)", plain(actor), what, plain(about))
        self._store.note(self._clock(), actor, what, about)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
