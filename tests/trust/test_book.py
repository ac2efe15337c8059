"""The book of enrolment is the same on SQLite and PostgreSQL: tokens are spent once, decisions taken once, halls kept apart."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from contract.enrolment import Claim, Identity, bound
from controller.enrolment import PATIENCE, TOKEN_LIFE, EnrolmentBook, Refused
from controller.enrolment_store import CertificateRow, RequestRow
from controller.store.store import Store
from tests.runtime.waiting import until
from tests.trust.registry import Clock, registry
from tests.trust.stage import NODE, TrustedHall, now

MACHINES = 12
SOMEBODY = 4711
"""A user id."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(database: str, clock: Clock) -> Iterator[EnrolmentBook]:
    with EnrolmentBook.open(database, "centre", clock) as opened:
        yield opened


def claim(token: str, request: str = "pem", *, name: str = NODE, hall: str = "centre") -> Claim:
    return Claim(token=token, bound=bound(token, request), hall=hall, role=Identity.NODE, name=name, request=request)


def certificate(request: RequestRow, serial: str) -> CertificateRow:
    return CertificateRow(
        serial=serial, name=request.name, role=request.role, key=request.key, pem="pem", begins=now(),
        ends=now() + timedelta(days=365),
    )  # fmt: skip


def test_from_token_to_certificate_to_revocation(book: EnrolmentBook) -> None:
    token = book.invite(NODE, Identity.NODE, "web:li")
    asked = book.claim(claim(token), "key-1", "10.0.0.7")
    assert book.claim(claim(token), "key-1", "10.0.0.7").id == asked.id, "asked again it is the same request"
    assert [row.id for row in book.waiting()] == [asked.id]
    book.decide(NODE, approve=True, by="web:li")
    approved = book.request_of("key-1")
    assert approved is not None
    assert (approved.state, approved.pattern, approved.decided_by) == ("approved", asked.pattern, "web:li")
    book.granted(certificate(approved, "01"), approved, "registrar")
    assert book.certificate("01") == book.certificate_of("key-1")
    assert book.revoke(NODE, "web:li", "stolen") == 1
    assert book.revoke(NODE, "web:li", "stolen") == 0
    assert [(row.serial, row.revoked_by, row.why) for row in book.revoked()] == [("01", "web:li", "stolen")]
    assert [what for _, _, what, _ in book.events()][::-1] == ["invited", "asked", "approved", "granted", "revoked", "revoked"]


def test_of_many_machines_with_one_token_one_gets_in(book: EnrolmentBook) -> None:
    token = book.invite(NODE, Identity.NODE, "test")

    def ask(number: int) -> str:
        try:
            return book.claim(claim(token, f"pem-{number}"), f"key-{number}", "10.0.0.7").key
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(MACHINES) as machines:
        outcomes = list(machines.map(ask, range(MACHINES)))
    assert sorted(outcome == "used-token" for outcome in outcomes) == [False, *[True] * (MACHINES - 1)]
    assert len(book.waiting()) == 1


def test_of_two_people_who_decide_one_decides(book: EnrolmentBook) -> None:
    asked = book.claim(claim(book.invite(NODE, Identity.NODE, "test")), "key-1", "10.0.0.7")

    def decide(approve: bool) -> bool:
        try:
            book.decide(asked.id, approve=approve, by=f"web:{approve}")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(decide, (True, False))) == [False, True]


def test_a_newer_card_and_a_day_make_a_token_useless(book: EnrolmentBook, clock: Clock) -> None:
    old, new = book.invite(NODE, Identity.NODE, "test"), book.invite(NODE, Identity.NODE, "test")
    with pytest.raises(Refused, match="not known"):
        book.claim(claim(old), "key-1", "10.0.0.7")
    clock.skip(seconds=TOKEN_LIFE.total_seconds() + 1)
    with pytest.raises(Refused, match="older than a day"):
        book.claim(claim(new), "key-1", "10.0.0.7")


def test_a_request_that_nobody_decides_is_refused_in_time(book: EnrolmentBook, clock: Clock) -> None:
    asked = book.claim(claim(book.invite(NODE, Identity.NODE, "test")), "key-1", "10.0.0.7")
    clock.skip(seconds=PATIENCE.total_seconds() + 1)
    assert book.seen(asked).state == "refused"
    assert book.waiting() == []


def test_two_halls_in_one_database_know_nothing_of_each_other(book: EnrolmentBook, database: str, clock: Clock) -> None:
    token = book.invite(NODE, Identity.NODE, "test")
    book.granted(certificate(book.claim(claim(token), "key-1", "10.0.0.7"), "01"), None, "test")
    with EnrolmentBook.open(database, "other", clock) as other:
        assert (other.tokens(), other.certificates(), other.waiting(), other.events()) == ([], [], [], [])
        with pytest.raises(Refused, match="not known"):
            other.claim(claim(token, hall="other"), "key-2", "10.0.0.7")
        assert other.revoke(NODE, "test") == 0
    assert book.revoked() == []


async def test_a_node_is_let_in_and_shut_out_by_the_real_registrar(hall: TrustedHall, database: str) -> None:
    async with registry(hall, database) as desk:
        board = desk.board()
        async with board.asking(desk.card()) as asking:
            await until(desk.book.waiting)
            desk.book.decide(NODE, approve=True, by="test")
            await asyncio.wait_for(asking, 20)
        (given,) = desk.book.certificates()
        assert desk.book.revoke(NODE, "test") == 1
        assert [row.serial for row in desk.book.revoked()] == [given.serial]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for somebody else")
@pytest.mark.parametrize("first", ["nodes", "restore"])
def test_a_database_that_a_command_of_root_makes_belongs_to_the_halls_services(tmp_path: Path, first: str) -> None:
    """Else the registrar and the controller, which run as `hallware`, could not write to it, or not take its lock."""
    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    if first == "nodes":
        EnrolmentBook.open(f"sqlite:///{tmp_path}/hall.db", "centre", Clock()).close()
    else:
        store = Store(f"sqlite:///{tmp_path}/hall.db", "centre")
        store.open()
        store.close()
    assert {path.stat().st_uid for path in tmp_path.iterdir()} == {SOMEBODY}
