"""The book of enrolment: who was invited, who asked, who was let in and who was shut out.

    Refused: a request that is not even looked at, with a code
    ├── unknown-token   there is no such token; perhaps a newer card was made
    ├── expired-token   the card was made too long ago
    ├── used-token      the token was spent on another key; somebody else used this card
    ├── other-name      the token is for another machine, role or hall
    └── not-asked       there is no certificate that could be renewed

It signs nothing; the registrar does, and it alone has the CA's key.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Self

from contract.enrolment import Claim, Identity, Pattern, bound
from contract.values import Text
from controller.accounts import utc_now
from controller.enrolment_store import CertificateRow, EnrolmentStore, RequestRow, State, TokenRow

TOKEN_LIFE = timedelta(hours=24)
PATIENCE = timedelta(days=7)
"""A request that nobody decides on lapses after so long."""


class Refused(Exception):
    """A request that is not even looked at; `code` for programs, `what` for people."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.what = code, Text(zh=zh, en=en)


class EnrolmentBook:
    """What one hall knows of its machines' identities. Blocking: call it in a thread from asyncio."""

    def __init__(self, store: EnrolmentStore, hall: str, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._hall, self._clock = store, hall, clock

    @classmethod
    def open(cls, url: str, hall: str, clock: Callable[[], datetime] = utc_now) -> Self:
        """The book in the hall's database."""
        return cls(EnrolmentStore(url, hall), hall, clock)

    def close(self) -> None:
        """Give the database back. Safe to call twice."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def invite(self, name: str, role: Identity, by: str, token: str | None = None) -> str:
        """A token with which one machine may ask once, within a day; an earlier one for the same name is good no longer."""
        token, now = token or new_token(), self._clock()
        self._store.add_token(_digest(token), TokenRow(name=name, role=role, made=now, made_by=by, ends=now + TOKEN_LIFE))
        self._store.note(now, by, "invited", f"{role.value} {name}")
        return token

    def swap(self, name: str, role: Identity, by: str, token: str | None = None) -> str:
        """The same role on a new card: what the old one has is revoked, and the new one may ask."""
        self.revoke(name, by, "swapped")
        return self.invite(name, role, by, token)

    def claim(self, claim: Claim, key: str, address: str) -> RequestRow:
        """Take a request by token; asked again with the same key it is the same request. Raises `Refused`."""
        digest, now = _digest(claim.token), self._clock()
        try:
            self._check(claim, digest, key, now)
        except Refused as refusal:
            self._store.note(now, address, refusal.code, f"{claim.role.value} {claim.name}")
            raise
        known = self._store.request_of(key)
        return known or self.ask(claim.name, claim.role, key, claim.request, claim.serial, claim.model, address)

    def _check(self, claim: Claim, digest: str, key: str, now: datetime) -> None:
        token = self._store.token(digest)
        if token is None:
            raise _unknown()
        if not hmac.compare_digest(claim.bound, bound(claim.token, claim.request)):
            raise Refused("other-name", "令牌与请求不符。", "The token and the request do not belong together.")
        if (claim.hall, claim.name, claim.role) != (self._hall, token.name, token.role):
            raise Refused(
                "other-name",
                f"此卡是为 {token.name}（{token.role.value}）制作的，不能用于 {claim.name}。",
                f"This card was made for {token.role.value} {token.name}, not for {claim.role.value} {claim.name}.",
            )
        if token.key is None and token.ends < now:
            raise Refused(
                "expired-token", "此卡已过期（24 小时），请重新制卡。", "This card is older than a day; make a new one."
            )
        if token.key != key and not (token.key is None and self._store.spend(digest, key)):
            raise Refused(
                "used-token",
                "此卡已被另一台设备使用。如果不是您做的，请立即撤销并重新制卡。",
                "This card was used by another machine. If that was not you, revoke it and make a new card.",
            )

    def ask(self, name: str, role: Identity, key: str, request: str, serial: str, model: str, address: str) -> RequestRow:
        """A request that waits for a person from now on."""
        now = self._clock()
        row = RequestRow(
            id=secrets.token_hex(4), name=name, role=role, key=key, request=request, serial=serial, model=model, address=address,
            pattern=self._pattern(), state="waiting", asked=now, seen=now,
        )  # fmt: skip
        self._store.add_request(row)
        self._store.note(now, address, "asked", f"{role.value} {name} serial {serial}")
        return row

    def _pattern(self) -> Pattern:
        """One that no other waiting machine shows. It comes from here, so that whoever asks cannot choose it."""
        taken = {row.pattern for row in self.waiting()}
        while (pattern := tuple(secrets.randbelow(4) + 1 for _ in range(4))) in taken:
            continue
        return pattern

    def seen(self, row: RequestRow) -> RequestRow:
        """The request as it stands now; its machine was here."""
        now = self._clock()
        if row.state == "waiting" and row.asked + PATIENCE < now:
            self._decide(row.id, "refused", "nobody")
        self._store.change_request(row.id, ("waiting", "approved"), seen=now)
        return self._store.request_of(row.key) or row

    def request_of(self, key: str) -> RequestRow | None:
        """The newest request for a key."""
        return self._store.request_of(key)

    def waiting(self) -> list[RequestRow]:
        """The requests that wait for a person, the newest first."""
        oldest = self._clock() - PATIENCE
        return [row for row in self._store.requests() if row.state == "waiting" and row.asked > oldest]

    def approved(self) -> list[RequestRow]:
        """The requests that a person has let in, and whose machines have not yet fetched their certificate; the newest first."""
        return [row for row in self._store.requests() if row.state == "approved"]

    def decide(self, request: str, *, approve: bool, by: str) -> RequestRow:
        """Let a machine in, or not. `request` is the request's id, or the name when only one of that name waits.

        Raises `Refused` when nothing like that waits.
        """
        found = [row for row in self.waiting() if request in (row.id, row.name)]
        if len(found) != 1 or not self._decide(found[0].id, "approved" if approve else "refused", by):
            raise Refused(
                "not-waiting",
                f"没有唯一的待审批请求“{request}”。",
                f"there is no one request `{request}` that waits for approval",
            )
        row = found[0]
        self._store.note(self._clock(), by, "approved" if approve else "refused", f"{row.role.value} {row.name} {row.serial}")
        return row

    def _decide(self, id_: str, state: State, by: str) -> bool:
        return self._store.change_request(id_, ("waiting",), state=state, decided=self._clock(), decided_by=by)

    def granted(self, row: CertificateRow, request: RequestRow | None, by: str) -> None:
        """A certificate is given out."""
        self._store.add_certificate(row)
        if request is not None:
            self._store.change_request(request.id, ("approved",), state="granted")
        self._store.note(self._clock(), by, "granted", f"{row.role.value} {row.name} {row.serial}")

    def certificate_of(self, key: str) -> CertificateRow | None:
        """The newest certificate for a key."""
        return next((row for row in self._store.certificates() if row.key == key), None)

    def certificate(self, serial: str) -> CertificateRow | None:
        """The certificate of that number."""
        return next((row for row in self._store.certificates() if row.serial == serial), None)

    def certificates(self) -> list[CertificateRow]:
        """All certificates, the newest first."""
        return self._store.certificates()

    def addresses(self) -> dict[str, str]:
        """From where each machine has asked last, by its name."""
        return {row.name: row.address for row in reversed(self._store.requests())}

    def revoked(self) -> list[CertificateRow]:
        """The certificates that are good no longer though their time is not over."""
        now = self._clock()
        return [row for row in self._store.certificates() if row.revoked is not None and row.ends > now]

    def revoke(self, name: str, by: str, why: str = "") -> int:
        """Shut a machine out, with all its certificates and unused tokens; how many certificates these were."""
        now = self._clock()
        count = self._store.revoke(name, now, by, why)
        self._store.note(now, by, "revoked", f"{name} {why}")
        return count

    def tokens(self) -> list[TokenRow]:
        """All tokens, the newest first."""
        return self._store.tokens()

    def note(self, actor: str, what: str, about: str) -> None:
        """Write down what happened."""
        self._store.note(self._clock(), actor, what, about)

    def events(self) -> list[tuple[datetime, str, str, str]]:
        """When, who, what, about what; the newest first."""
        return self._store.events()


def new_token() -> str:
    """One that nobody can guess, good once it is in the book."""
    return b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _unknown() -> Refused:
    return Refused(
        "unknown-token",
        "令牌无效：可能已制作了更新的卡，请使用最新的卡。",
        "This token is not known; perhaps a newer card was made for this machine.",
    )
