"""Whatever is thrown at it, the API answers in words and never breaks."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.codec import decode
from controller.accounts import Accounts
from controller.accounts_roles import ACTION_TAGS
from controller.web.app import create_app
from controller.web.problems import Problem
from tests.examples import examples
from tests.web.conftest import browser
from tests.web.hall import PaperHall
from tests.web.scene import config

LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
JSON = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4))
FIELDS = ("window", "number", "service", "priority", "text", "zones", "urgent", "until", "notice", "device", "order", "help")
ORDERS = st.fixed_dictionaries(
    {
        "id": st.just("0123456789abcdef") | JSON,
        "do": st.fixed_dictionaries(
            {"type": st.sampled_from(ACTION_TAGS)},
            optional={name: JSON | st.sampled_from(["w1", "a", "A001", "property"]) for name in FIELDS},
        ),
    },
    optional={"not_after": JSON | st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"])},
)
PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


class Robust:
    """An application with a signed-in administrator, for many requests."""

    def __init__(self, accounts: Accounts, loop: asyncio.Runner) -> None:
        self._accounts, self._loop = accounts, loop
        self._client: httpx.AsyncClient | None = None
        self._token = accounts.new_token(accounts.ensure_administrator(), "fuzz")

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self._loop.run(self._ask(method, path, **given))

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        if self._client is None:
            app = create_app(PaperHall(config()), self._accounts)
            self._client = browser(app, Authorization=f"Bearer {self._token}")
        return await self._client.request(method, path, **given)


@contextmanager
def _robust() -> Iterator[Robust]:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with Accounts.open("sqlite://", hasher=quick) as accounts, asyncio.Runner() as loop:
        yield Robust(accounts, loop)


@pytest.fixture(scope="module")
def robust() -> Iterator[Robust]:
    with _robust() as built:
        yield built


many = settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def in_words(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        problem = decode(answer.content, Problem)
        assert problem.what.zh
        assert problem.what.en


@many
@given(body=st.binary(max_size=200))
def test_any_bytes_get_an_answer_in_words(robust: Robust, body: bytes) -> None:
    answer = robust.ask("POST", "/api/v1/actions", content=body)
    in_words(answer)
    assert answer.status_code == 400


@many
@given(order=ORDERS)
def test_any_order_gets_an_answer_in_words(robust: Robust, order: dict[str, Any]) -> None:
    in_words(robust.ask("POST", "/api/v1/actions", content=json.dumps(order)))


@many
@given(day=PLAIN, window=PLAIN, ticket=PLAIN)
def test_any_question_gets_an_answer_in_words(robust: Robust, day: str, window: str, ticket: str) -> None:
    in_words(robust.ask("GET", "/api/v1/ratings", params={"day": day}))
    in_words(robust.ask("GET", "/api/v1/ratings", params={"window": window}))
    in_words(robust.ask("GET", "/api/v1/stays", params={"day": day, "day2": window}))
    in_words(robust.ask("GET", f"/api/v1/tickets/{httpx.QueryParams({'t': ticket})!s}"))


@many
@given(name=PLAIN, password=PLAIN, goal=PLAIN)
def test_any_sign_in_gets_a_page(robust: Robust, name: str, password: str, goal: str) -> None:
    for path in ("/sign-in", "/accounts", "/accounts/change", "/accounts/link", "/account/tokens/end"):
        answer = robust.ask("POST", path, data={"name": name, "password": password, "next": goal, "role": name, "id": goal})
        assert answer.status_code < 500, answer.text
    assert robust.ask("GET", "/enter", params={"token": name, "next": goal}).status_code in (303, 403)
    assert robust.ask("GET", "/ratings", params={"day": name, "window": goal}).status_code < 500


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 400),
        (b"[" * 60_000, 400),
        (b'{"id":"0123456789abcdef","do":' + b'{"type":' * 5_000, 400),
        (b'"\\ud800"', 400),
        (b"\xff\xfe", 400),
        (b'{"id": "' + b"a" * 70_000 + b'"}', 413),
    ],
)
def test_nasty_bodies_are_refused(robust: Robust, body: bytes, status: int) -> None:
    answer = robust.ask("POST", "/api/v1/actions", content=body)
    in_words(answer)
    assert answer.status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_in_words(robust: Robust, method: str) -> None:
    answer = robust.ask(method, "/api/v1/actions")
    in_words(answer)
    assert answer.status_code == 405


@pytest.mark.parametrize("cookie", ["lang=\x7f", "hallware_session=" + "x" * 5000, "hallware_session=%00", "=;;=,"])
def test_odd_cookies_do_no_harm(robust: Robust, cookie: str) -> None:
    assert robust.ask("GET", "/board", headers={"Cookie": cookie}).status_code == 200
