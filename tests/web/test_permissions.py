"""The table in docs/permissions.md, tried cell by cell over HTTP: every address and action, every role and nobody."""

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.routes import HTTPRoute

from contract.dispatch import Action
from controller.accounts_roles import ACTION_TAGS, Role
from controller.web.language import word
from tests.web.busy import BusyHall, busy_hall

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
ASKERS = ("nobody", *(role.value for role in Role))
ROW = re.compile(r"\| `([^`]+)` \|([^|]*)\|((?: [●·] \|){6})")
REFUSED = [word(language, "problem.not-allowed") for language in ("zh", "en")]
SAMPLES: tuple[Any, ...] = (
    "window-1", "token-of-16-letters", "A001", "12345678", "2026-05-04T12:00:00Z", {"zh": "话", "en": "words"}, 1, True, [], {},
    "self-test", "verified", {"type": "rating", "window": 60},
)  # fmt: skip
"""One of these fits each field that an action must have."""
PARAMETERS = {"window": "window-1", "zone": "zone-a", "ticket": "not-a-ticket", "table": "days"}
"""What stands in an address for a parameter; for all others one letter."""


@dataclass(frozen=True)
class Row:
    """One line of the table: `GET /devices` or `do call-next`, and who may."""

    what: str
    may: frozenset[str]


def table() -> list[Row]:
    """The table as people read it."""
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [Row(what, frozenset(asker for asker, cell in zip(ASKERS, cells.split("|"), strict=False) if "●" in cell))
            for what, _, cells in found]  # fmt: skip


def everything(app: Litestar) -> list[str]:
    """Everything that can be asked of the controller over HTTP, as the table names it."""
    routes = [route for route in app.routes if isinstance(route, HTTPRoute) and not route.path.startswith("/static/")]
    asked = [f"{method} {route.path_format}" for route in routes for method in route.methods if method in ("GET", "POST")]
    return sorted({line for line in asked if line != "POST /api/v1/actions"} | {f"do {tag}" for tag in ACTION_TAGS})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BusyHall]:
    async with busy_hall(f"sqlite:///{tmp_path_factory.mktemp('hall') / 'hall.db'}", tickets=4) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def askers(busy: BusyHall) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Somebody of each role, with a token, and nobody."""
    clients = {"nobody": httpx.AsyncClient(base_url=busy.address, headers={"Origin": busy.address})}
    for role in Role:
        token = busy.accounts.new_token(f"one-{role.value}", "test")
        clients[role.value] = httpx.AsyncClient(base_url=busy.address, headers={"Authorization": f"Bearer {token}"})
    yield clients
    for client in clients.values():
        await client.aclose()


def fits(sample: Any, kind: Any) -> bool:
    try:
        msgspec.convert(sample, kind)
    except msgspec.ValidationError:
        return False
    return True


def order(tag: str) -> dict[str, Any]:
    """An order that is well formed."""
    (kind,) = (kind for kind in get_args(Action) if kind.__struct_config__.tag == tag)
    fields = {
        field.name: next(sample for sample in SAMPLES if fits(sample, field.type))
        for field in msgspec.structs.fields(kind) if field.required
    }  # fmt: skip
    return {"id": secrets.token_hex(8), "do": {"type": tag, **fields}}


async def outcome(client: httpx.AsyncClient, what: str) -> str:
    """`may`, `may not`, or `must sign in`."""
    method, _, path = what.partition(" ")
    path = re.sub(r"{(\w+)}", lambda found: PARAMETERS.get(found[1], "x"), path)
    body: dict[str, Any] = {"json": order(path)} if method == "do" else {}
    request = client.build_request("GET" if method == "GET" else "POST", "/api/v1/actions" if method == "do" else path, **body)
    answer = await client.send(request, stream=True)
    try:
        if answer.status_code == 401:
            return "must sign in"
        if answer.status_code == 403:
            said = (await answer.aread()).decode()
            return "may not" if any(words in said for words in REFUSED) else "may"
        assert answer.status_code < 500, what
        assert method != "do" or answer.status_code in (200, 404), (what, answer.status_code, await answer.aread())
        return "may"
    finally:
        await answer.aclose()


async def test_no_address_and_no_action_is_missing_in_the_table(busy: BusyHall) -> None:
    assert sorted(row.what for row in table()) == everything(busy.app), "docs/permissions.md has one line for each"


@pytest.mark.parametrize("asker", ASKERS)
async def test_the_table_is_what_happens(askers: dict[str, httpx.AsyncClient], asker: str) -> None:
    refused = "must sign in" if asker == "nobody" else "may not"
    wrong = []
    for row in table():
        found, wanted = await outcome(askers[asker], row.what), "may" if asker in row.may else refused
        if found != wanted:
            wrong.append(f"{row.what}: {asker} {found}, and the table says {wanted}")
    assert not wrong, "\n".join(wrong)


async def test_whoever_asks_for_too_much_is_written_down_once_a_minute_and_counted(
    busy: BusyHall, askers: dict[str, httpx.AsyncClient]
) -> None:
    def told() -> list[str]:
        return [row.about for row in busy.accounts.events(2000) if (row.actor, row.what) == ("one-viewer", "overstepped")]

    async def counted() -> float:
        metrics = (await askers["nobody"].get("/metrics")).text
        return float(re.findall(r"^hallware_http_overstepped_total (\S+)", metrics, re.MULTILINE)[0])

    busy.pass_by(minutes=2)
    before, many = await counted(), len(told())
    for _ in range(3):
        await askers["viewer"].post("/accounts", data={"name": "me", "role": "administrator"})
    await askers["viewer"].post("/api/v1/actions", json=order("close-window"))
    assert await counted() == before + 4
    assert sorted(told()[: len(told()) - many]) == ["POST /accounts", "do close-window"]
    assert not [row for row in busy.accounts.users() if row.name == "me"]
