"""The fleet: everybody whom hall.toml plans or who has a certificate, and how each stands."""

from datetime import datetime, timedelta
from typing import Literal

from contract.enrolment import Identity
from contract.values import Id, Moment, Value
from controller.config import HallConfig
from controller.enrolment import EnrolmentBook
from controller.enrolment_store import CertificateRow, RequestRow

Stands = Literal["waiting", "approved", "wanted", "invited", "enrolled", "ending", "ended", "revoked"]

LATE = timedelta(days=60)
"""A certificate that ends within so long should have been renewed by itself two months ago."""


class Member(Value, frozen=True, kw_only=True):
    """A machine of the hall."""

    name: Id
    role: Identity
    place: str
    state: Stands
    request: RequestRow | None = None
    certificate: CertificateRow | None = None
    invited: Moment | None = None
    """Until when the card's token is good."""
    alarm: bool = False
    """Somebody tried this machine's card who is not the one that used it first."""


def fleet(hall: HallConfig, book: EnrolmentBook, now: datetime) -> list[Member]:
    """Everybody, those who wait first, then as in hall.toml."""
    waiting = {row.name: row for row in reversed(book.waiting())}
    let_in = {row.name for row in book.approved()}
    newest = {row.name: row for row in reversed(book.certificates())}
    tokens = {row.name: row.ends for row in book.tokens() if row.key is None and row.ends > now}
    places = {node.id: node.place for node in hall.node}
    roles = {name: row.role for name, row in newest.items()} | {name: row.role for name, row in waiting.items()}
    alarms = {about for at, _, what, about in book.events() if what == "used-token" and at > now - timedelta(days=7)}
    members = [
        Member(
            name=name, role=roles.get(name, Identity.NODE), place=places.get(name, ""),
            request=waiting.get(name),
            state=_state(waiting.get(name), newest.get(name), tokens.get(name), now, let_in=name in let_in),
            certificate=newest.get(name), invited=tokens.get(name),
            alarm=f"{roles.get(name, Identity.NODE).value} {name}" in alarms,
        )
        for name in [*places, *(name for name in roles if name not in places)]
    ]  # fmt: skip
    return sorted(members, key=lambda member: member.state != "waiting")


def _state(
    request: RequestRow | None, certificate: CertificateRow | None, invited: datetime | None, now: datetime, *, let_in: bool
) -> Stands:
    if request is not None:
        return "waiting"
    if certificate is not None and certificate.revoked is None:
        left = certificate.ends - now
        return "ended" if left <= timedelta() else "ending" if left < LATE else "enrolled"
    if invited is not None:
        return "invited"
    if let_in:
        return "approved"
    return "wanted" if certificate is None else "revoked"
