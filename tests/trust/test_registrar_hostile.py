"""The registrar's door takes any bytes from anybody and goes on; a database that fails is weather for it and for its nodes."""

import asyncio
import json
import ssl
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker_config.process import HOST
from contract.enrolment import MOST_BYTES, Refusal
from provisioning.registrar_client import NotReached, RegistrarClient
from tests.examples import examples
from tests.runtime.waiting import until
from tests.trust.registry import Registry
from tests.trust.stage import NODE


def door(desk: Registry) -> httpx.AsyncClient:
    trusted = ssl.create_default_context(cafile=desk.hall.files.certificate)
    return httpx.AsyncClient(base_url=f"https://{HOST}:{desk.port}", verify=trusted, timeout=10)


def claim(desk: Registry) -> dict[str, object]:
    """A claim that would be taken."""
    made = desk.board("honest").enrolling.claim_of(desk.card())
    return dict(msgspec.to_builtins(made))


HOSTILE: tuple[bytes, ...] = (
    b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"token": 1}', b'{"token": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}', b"{" * 5000,
    b'"' + b"x" * 9000 + b'"',
)  # fmt: skip
VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=60), st.lists(st.text(max_size=3)))


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", ["/claim", "/renew"])
async def test_what_is_no_request_is_refused_in_words(desk: Registry, path: str, body: bytes) -> None:
    async with door(desk) as client:
        answer = await client.post(path, content=body)
        assert answer.status_code == 400
        assert msgspec.json.decode(answer.content, type=Refusal).code == "bad-message"


async def test_a_body_that_is_too_long_is_not_read(desk: Registry) -> None:
    async with door(desk) as client:
        assert (await client.post("/claim", content=b"x" * (MOST_BYTES + 1))).status_code == 413


async def test_any_one_field_made_of_anything_lets_nobody_in_and_breaks_nothing(desk: Registry) -> None:
    good = claim(desk)

    @settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(sorted(good)), st.one_of(st.none(), st.integers(), st.text(max_size=60), st.lists(st.text(max_size=3)))
    )
    def one(field: str, value: object) -> None:
        bodies.append(json.dumps(good | {field: value}).encode())

    bodies: list[bytes] = []
    one()
    async with door(desk) as client:
        for body in bodies:
            answer = await client.post("/claim", content=body)
            assert answer.status_code in (200, 400, 403), body
    assert all(row.state == "waiting" for row in desk.book.waiting())
    assert desk.book.certificates() == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/claim"), ("POST", "/ca"), ("GET", "/"), ("GET", "/../private/ca.key")])
async def test_there_is_nothing_else_behind_the_door(desk: Registry, method: str, path: str) -> None:
    async with door(desk) as client:
        assert (await client.request(method, path)).status_code in (404, 405)


async def test_a_certificate_of_another_ca_renews_nothing(desk: Registry, tmp_path: Path) -> None:
    board = desk.board()
    theirs = desk.board("theirs")
    desk.hall.certify("stranger")
    stranger = (desk.hall.folder / "stranger.crt").read_text()  # of this CA, but in nobody's book
    request = {"certificate": stranger, "request": board.enrolling.claim_of(desk.card()).request, "proof": "AAAA"}
    async with door(desk) as client:
        answer = await client.post("/renew", json=request)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-asked")
    assert theirs.identity.read() is None


async def test_a_database_that_fails_for_a_while_is_weather(desk: Registry, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    store = desk.hall.folder / "hall.db"
    client = RegistrarClient(HOST, desk.port, desk.hall.ca.fingerprint)
    board, card = desk.board(), desk.card()
    asked = board.enrolling.claim_of(card)
    await asyncio.to_thread(lambda: client.authority)
    aside = [path.rename(path.with_name(f"aside-{path.name}")) for path in store.parent.glob("hall.db*")]
    store.write_bytes(b"this is no database" * 100)
    desk.book._store._engine.dispose()
    with pytest.raises(NotReached, match="database cannot be used"):
        await asyncio.to_thread(client.claim, asked)
    await until(lambda: "cannot be brought up to date" in caplog.text)
    store.unlink()
    for path in aside:
        path.rename(path.with_name(path.name.removeprefix("aside-")))
    desk.book._store._engine.dispose()
    assert (await asyncio.to_thread(client.claim, asked)).state == "waiting"
    await until(lambda: "up to date again" in caplog.text)
    assert [row.name for row in desk.book.waiting()] == [NODE]
