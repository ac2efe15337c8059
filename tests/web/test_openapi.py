"""The description against the real application: whatever fits it, or nearly does, is answered and never breaks the controller."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.service import HallService
from controller.web.app import create_app
from controller.web.serve import listen, serving
from tests.web.scene import config
from tests.web.test_real import QUICK

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
"""For each operation and each way of making them."""


@dataclass(frozen=True)
class Served:
    """A hall with its service, store and accounts behind a socket, and an administrator's token."""

    address: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    url = f"sqlite:///{tmp_path_factory.mktemp('hall') / 'hall.db'}"
    found: list[Served] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        hall = HallService(msgspec.structs.replace(config(), store=url), say=lambda letters: None)
        await hall.open()
        owner = asyncio.create_task(hall.run())
        with Accounts.open(url, "centre", hasher=QUICK) as accounts:
            accounts.add_user("prober", Role.ADMINISTRATOR, by="test")
            async with serving(create_app(hall, accounts), listen("127.0.0.1", 0)) as address:
                found.append(Served(address, accounts.new_token("prober", "schemathesis")))
                ready.set()
                await asyncio.to_thread(done.wait)
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
        await hall.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="hall")
    thread.start()
    assert ready.wait(30)
    yield found[0]
    done.set()
    thread.join(30)


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    answer = httpx.get(f"{served.address}/api/v1/openapi.json", headers=served.headers)
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


def test_the_document_is_sound_and_tells_every_answer(document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"].endswith("."), (method, path)
            assert {"200", "4XX"} <= set(operation["responses"]), (method, path)
            assert operation["responses"]["200"]["content"], (method, path)


OPERATIONS = (
    ("POST", "actions"), ("GET", "hall"), ("GET", "board"), ("GET", "tickets/{ticket}"), ("GET", "ratings"), ("GET", "stays"),
    ("GET", "audit"), ("GET", "me"), ("GET", "openapi.json"), ("GET", "reports/day"), ("GET", "reports/month"),
    ("GET", "reports/days"), ("GET", "appointments"), ("GET", "slots"), ("GET", "slips/forms"), ("GET", "slips/prints"),
    ("GET", "rooms/book"), ("GET", "upkeep"), ("GET", "upkeep/jobs"), ("GET", "upkeep/records"), ("GET", "upkeep/turns"),
)  # fmt: skip


def test_every_operation_is_tried_but_the_stream_that_never_ends(document: dict[str, Any]) -> None:
    told = {(method.upper(), path.removeprefix("/api/v1/")) for path, methods in document["paths"].items() for method in methods}
    assert told - set(OPERATIONS) == {("GET", "live")}
    assert set(OPERATIONS) <= told


SILENT = {"hall", "board", "me", "openapi.json", "slips/forms", "upkeep"}
"""With a request that says nothing, nothing can be wrong."""
NAMING = {"actions", "slots", "tickets/{ticket}"}
"""Whether the hall has the window, service or ticket that is named is chance: of a dozen actions sometimes none is done."""
PATIENCE = 60.0
"""Seconds for an answer; schemathesis itself has ten, which a crowded machine may take."""
TRIED = [
    (*operation, mode) for operation in OPERATIONS for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or operation[1] not in SILENT
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "mode"), TRIED)
def test_no_request_breaks_it(served: Served, document: dict[str, Any], method: str, path: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=served.address)
    operation = schema[f"/api/v1/{path}"][method]
    answered = set()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy(generation_mode=mode))
    def tried(case: Case[Any]) -> None:
        answer = case.call(headers=served.headers, timeout=PATIENCE)
        case.validate_response(answer, checks=CHECKS)
        answered.add(answer.status_code)

    tried()
    assert all(status < 500 for status in answered)
    assert mode is GenerationMode.NEGATIVE or path in NAMING or 200 in answered, "what fits is done"
