"""The page of nodes: who waits is compared and let in, who was stolen is shut out, and only those who may."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from contract.enrolment import Claim, Identity, bound
from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.enrolment import EnrolmentBook, Refused
from controller.enrolment_store import CertificateRow
from controller.web.app import create_app
from tests.web.clock import Clock
from tests.web.conftest import browser
from tests.web.hall import PaperHall

KEY = "a" * 64


@pytest.fixture
def book(hall: PaperHall, clock: Clock) -> EnrolmentBook:
    return EnrolmentBook.open("sqlite://", hall.config.hall.id, clock)


@pytest.fixture
def node() -> str:
    return "entrance"


@pytest.fixture
async def facilities(hall: PaperHall, accounts: Accounts, book: EnrolmentBook, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who looks after devices."""
    async with browser(create_app(hall, accounts, clock=clock, book=book)) as client:
        await client.get("/enter", params={"token": accounts.entry_link(f"one-{Role.FACILITIES.value}")})
        yield client


def ask(book: EnrolmentBook, hall: PaperHall, node: str, key: str = KEY) -> str:
    """A machine with a fresh card asks; gives the request's id."""
    token = book.invite(node, Identity.NODE, "test")
    claim = Claim(
        token=token, bound=bound(token, "csr"), hall=hall.config.hall.id, role=Identity.NODE, name=node, request="csr",
        serial="10000000abcdef01", model="Raspberry Pi 4",
    )  # fmt: skip
    return book.claim(claim, key, "192.0.2.21").id


def certify(book: EnrolmentBook, node: str, clock: Clock) -> None:
    now = clock()
    row = CertificateRow(serial="1f", name=node, role=Identity.NODE, key=KEY, pem="", begins=now, ends=now + timedelta(days=365))
    book.granted(row, None, "test")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_who_waits_is_shown_with_what_is_to_be_compared(
    facilities: httpx.AsyncClient, book: EnrolmentBook, hall: PaperHall, node: str, language: str
) -> None:
    ask(book, hall, node)
    (waiting,) = book.waiting()
    page = (await facilities.get("/nodes", params={"lang": language})).text
    for seen in ("10000000abcdef01", "192.0.2.21", *("●" * group for group in waiting.pattern)):
        assert f">{seen}<" in page
    assert 'http-equiv="refresh"' not in page  # nothing moves while a person compares


async def test_a_page_on_which_nobody_waits_looks_again_by_itself(facilities: httpx.AsyncClient) -> None:
    assert 'http-equiv="refresh"' in (await facilities.get("/nodes")).text


@pytest.mark.parametrize(("do", "state"), [("approve", "approved"), ("refuse", "refused")])
async def test_a_decision_is_taken_once_and_written_down_with_its_name(
    facilities: httpx.AsyncClient, book: EnrolmentBook, hall: PaperHall, node: str, do: str, state: str
) -> None:
    request = ask(book, hall, node)
    first = await facilities.post("/nodes/decide", data={"request": request, "do": do})
    again = await facilities.post("/nodes/decide", data={"request": request, "do": "approve"})
    assert (first.headers["location"], again.headers["location"]) == (
        f"/nodes?said={state}&about={node}",
        "/nodes?said=gone&about=",
    )
    found = book.request_of(KEY)
    assert found is not None
    assert (found.state, found.decided_by) == (state, "web:one-facilities")
    assert book.events()[0][1:3] == ("web:one-facilities", state)


async def test_shutting_out_needs_a_tick_and_a_reason_is_kept(
    facilities: httpx.AsyncClient, book: EnrolmentBook, node: str, clock: Clock
) -> None:
    certify(book, node, clock)
    await facilities.post("/nodes/revoke", data={"name": node, "why": "stolen"})
    assert book.revoked() == []
    await facilities.post("/nodes/revoke", data={"name": node, "why": "stolen", "sure": "on"})
    assert [(row.name, row.revoked_by, row.why) for row in book.revoked()] == [(node, "web:one-facilities", "stolen")]
    page = (await facilities.get("/nodes", params={"said": "revoked-now", "about": node, "lang": "en"})).text
    assert f"{node} is shut out" in page


async def test_a_card_that_a_stranger_tried_is_an_alarm(
    facilities: httpx.AsyncClient, book: EnrolmentBook, hall: PaperHall, node: str
) -> None:
    token = book.invite(node, Identity.NODE, "test")
    claim = Claim(
        token=token, bound=bound(token, "csr"), hall=hall.config.hall.id, role=Identity.NODE, name=node, request="csr"
    )  # fmt: skip
    book.claim(claim, KEY, "192.0.2.21")
    with pytest.raises(Refused):
        book.claim(claim, "b" * 64, "192.0.2.66")
    assert "Another machine tried to use its card" in (await facilities.get("/nodes", params={"lang": "en"})).text


@pytest.mark.parametrize("path", ["/nodes/decide", "/nodes/revoke"])
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.FACILITIES, Role.ADMINISTRATOR)])
async def test_nobody_else_decides(
    facilities: httpx.AsyncClient, accounts: Accounts, book: EnrolmentBook, hall: PaperHall, node: str, role: Role, path: str
) -> None:
    request = ask(book, hall, node)
    headers = {"Authorization": f"Bearer {accounts.new_token(f'one-{role.value}', 'test')}"}
    answer = await facilities.post(path, data={"request": request, "do": "approve", "name": node, "sure": "on"}, headers=headers)
    assert answer.status_code == 403
    assert [row.state for row in book.waiting()] == ["waiting"]


async def test_a_hall_without_certificates_says_so(app: Litestar, staff: httpx.AsyncClient) -> None:
    assert "by name and password" in (await staff.get("/nodes", params={"lang": "en"})).text
    assert (await staff.post("/nodes/decide", data={})).status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202e", "a" * 100])
async def test_what_a_machine_says_of_itself_is_only_shown(
    facilities: httpx.AsyncClient, book: EnrolmentBook, hall: PaperHall, node: str, text: str
) -> None:
    token = book.invite(node, Identity.NODE, "test")
    claim = Claim(
        token=token, bound=bound(token, "csr"), hall=hall.config.hall.id, role=Identity.NODE, name=node, request="csr",
        serial=text, model=text,
    )  # fmt: skip
    book.claim(claim, KEY, "192.0.2.21")
    page = (await facilities.get("/nodes")).text
    assert "<script>alert" not in page
