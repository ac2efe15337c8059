"""The store of enrolment: reads and writes its own tables in the hall's database."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import RowMapping, Table, delete, insert, make_url, select, update

from contract.enrolment import Identity, Pattern
from contract.values import Id, Moment, Value
from controller.accounts_engine import make_missing, open_engine
from controller.accounts_tables import metadata
from controller.enrolment_tables import certificates, events, requests, tokens

State = Literal["waiting", "approved", "refused", "granted"]


class TokenRow(Value, frozen=True, kw_only=True):
    """A token that was made; the token itself is shown once and kept nowhere."""

    name: Id
    role: Identity
    made: Moment
    made_by: str
    ends: Moment
    key: str | None = None


class RequestRow(Value, frozen=True, kw_only=True):
    """A machine that asked for a certificate."""

    id: str
    name: Id
    role: Identity
    key: str
    request: str
    serial: str
    model: str
    address: str
    pattern: Pattern
    state: State
    asked: Moment
    seen: Moment
    decided: Moment | None = None
    decided_by: str | None = None


class CertificateRow(Value, frozen=True, kw_only=True):
    """A certificate that was given out."""

    serial: str
    name: Id
    role: Identity
    key: str
    pem: str
    begins: Moment
    ends: Moment
    revoked: Moment | None = None
    revoked_by: str | None = None
    why: str | None = None


class EnrolmentStore:
    """One hall's tokens, requests and certificates. Safe to use from several threads and processes."""

    def __init__(self, url: str, hall: str) -> None:
        self._hall = hall
        self._engine = open_engine(make_url(url))
        make_missing(self._engine, metadata)

    def close(self) -> None:
        """Give the database back. Safe to call twice."""
        self._engine.dispose()

    def _rows(self, table: Table, *where: Any, newest: Any) -> Sequence[RowMapping]:
        query = select(table).where(table.c.hall == self._hall, *where).order_by(newest.desc())
        with self._engine.connect() as database:
            return database.execute(query).mappings().all()

    def add_token(self, digest: str, row: TokenRow) -> None:
        """A token; unused ones of the same name are good no longer."""
        mine = (tokens.c.hall == self._hall) & (tokens.c.name == row.name) & tokens.c.key.is_(None)
        with self._engine.begin() as database:
            database.execute(delete(tokens).where(mine))
            database.execute(insert(tokens).values(
                hall=self._hall, digest=digest, name=row.name, role=row.role.value, made=row.made, made_by=row.made_by,
                ends=row.ends,
            ))  # fmt: skip

    def token(self, digest: str) -> TokenRow | None:
        """The token of that digest."""
        rows = self._rows(tokens, tokens.c.digest == digest, newest=tokens.c.made)
        return _token(rows[0]) if rows else None

    def tokens(self) -> list[TokenRow]:
        """All tokens, the newest first."""
        return [_token(row) for row in self._rows(tokens, newest=tokens.c.made)]

    def spend(self, digest: str, key: str) -> bool:
        """Spend a token on a key. It is spent once: of two that ask at the same time one gets it."""
        unspent = (tokens.c.hall == self._hall) & (tokens.c.digest == digest) & tokens.c.key.is_(None)
        with self._engine.begin() as database:
            return database.execute(update(tokens).where(unspent).values(key=key)).rowcount == 1

    def add_request(self, row: RequestRow) -> None:
        """A request."""
        pattern = "-".join(map(str, row.pattern))
        with self._engine.begin() as database:
            database.execute(insert(requests).values(
                hall=self._hall, id=row.id, name=row.name, role=row.role.value, key=row.key, request=row.request,
                serial=row.serial, model=row.model, address=row.address, pattern=pattern, state=row.state, asked=row.asked,
                seen=row.seen,
            ))  # fmt: skip

    def request_of(self, key: str) -> RequestRow | None:
        """The newest request for a key."""
        rows = self._rows(requests, requests.c.key == key, newest=requests.c.asked)
        return _request(rows[0]) if rows else None

    def requests(self) -> list[RequestRow]:
        """All requests, the newest first."""
        return [_request(row) for row in self._rows(requests, newest=requests.c.asked)]

    def change_request(self, id_: str, was: Sequence[State], **values: Any) -> bool:
        """Set columns of a request that is still in one of these states."""
        mine = (requests.c.hall == self._hall) & (requests.c.id == id_) & requests.c.state.in_(was)
        with self._engine.begin() as database:
            return database.execute(update(requests).where(mine).values(**values)).rowcount == 1

    def add_certificate(self, row: CertificateRow) -> None:
        """A certificate that is given out; it is written down before it leaves."""
        with self._engine.begin() as database:
            database.execute(insert(certificates).values(
                hall=self._hall, serial=row.serial, name=row.name, role=row.role.value, key=row.key, pem=row.pem,
                begins=row.begins, ends=row.ends,
            ))  # fmt: skip

    def certificates(self) -> list[CertificateRow]:
        """All certificates, the newest first."""
        return [_certificate(row) for row in self._rows(certificates, newest=certificates.c.begins)]

    def revoke(self, name: str, at: datetime, by: str, why: str) -> int:
        """Revoke all certificates of a name and drop its unused tokens; how many certificates these were."""
        good = (certificates.c.hall == self._hall) & (certificates.c.name == name) & certificates.c.revoked.is_(None)
        unused = (tokens.c.hall == self._hall) & (tokens.c.name == name)
        waiting = (requests.c.hall == self._hall) & (requests.c.name == name) & requests.c.state.in_(("waiting", "approved"))
        with self._engine.begin() as database:
            database.execute(delete(tokens).where(unused))
            database.execute(update(requests).where(waiting).values(state="refused", decided=at, decided_by=by))
            values = {"revoked": at, "revoked_by": by, "why": why[:120]}
            return database.execute(update(certificates).where(good).values(values)).rowcount

    def note(self, at: datetime, actor: str, what: str, about: str) -> None:
        """Write down what happened."""
        values = {"actor": actor[:60], "what": what, "about": about[:200]}
        with self._engine.begin() as database:
            database.execute(insert(events).values(id=secrets.token_hex(8), hall=self._hall, at=at, **values))

    def events(self) -> list[tuple[datetime, str, str, str]]:
        """When, who, what, about what; the newest first."""
        return [(row["at"], row["actor"], row["what"], row["about"]) for row in self._rows(events, newest=events.c.at)]


def _token(row: RowMapping) -> TokenRow:
    return TokenRow(
        name=row["name"], role=Identity(row["role"]), made=row["made"], made_by=row["made_by"], ends=row["ends"], key=row["key"]
    )  # fmt: skip


def _request(row: RowMapping) -> RequestRow:
    plain = {name: row[name] for name in RequestRow.__struct_fields__ if name not in ("role", "pattern")}
    pattern = tuple(int(part) for part in str(row["pattern"]).split("-"))
    return RequestRow(role=Identity(row["role"]), pattern=pattern, **plain)


def _certificate(row: RowMapping) -> CertificateRow:
    plain = {name: row[name] for name in CertificateRow.__struct_fields__ if name != "role"}
    return CertificateRow(role=Identity(row["role"]), **plain)
