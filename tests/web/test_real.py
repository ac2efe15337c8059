"""The web over the controller's own service and database: what the pages say is what is stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from argon2 import PasswordHasher
from sqlalchemy import NullPool, create_engine, text

from controller.accounts import Accounts
from controller.config_hours import Names
from controller.config_parts import Staff
from controller.service import HallService
from controller.store.schema import revisions
from controller.web.app import create_app
from tests.web.conftest import browser
from tests.web.scene import config
from tests.web.test_api import order

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@asynccontextmanager
async def controller(folder: Path, *staff: Staff) -> AsyncIterator[httpx.AsyncClient]:
    """A controller on this folder's database, and a browser in which its administrator is signed in."""
    url = f"sqlite:///{folder / 'hall.db'}"
    hall = HallService(msgspec.structs.replace(config(), store=url, staff=staff), say=lambda letters: None)
    await hall.open()
    owner = asyncio.create_task(hall.run())
    try:
        with Accounts.open(url, "centre", hasher=QUICK) as accounts:
            async with browser(create_app(hall, accounts)) as client:
                await client.get("/enter", params={"token": accounts.entry_link(accounts.ensure_administrator())})
                yield client
    finally:
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
        await hall.close()


async def act(client: httpx.AsyncClient, kind: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/actions", json=order(kind, **fields))
    assert answer.status_code == 200
    reply: dict[str, Any] = answer.json()
    return reply


async def test_person_goes_from_ticket_to_rating_through_the_api(tmp_path: Path) -> None:
    async with controller(tmp_path) as client:
        issued = await act(client, "issue-ticket", service="social-security")
        assert "You are next" in (await client.get(f"/t/{issued['ticket']}?lang=en")).text
        assert "A001" in (await client.get("/window/w1")).text
        called = await act(client, "call-next", window="w1")
        assert called["number"] == issued["number"]
        assert called["number"] in (await client.get("/board/a")).text
        assert "Please go to" in (await client.get(f"/t/{issued['ticket']}?lang=en")).text
        assert (await act(client, "start", window="w1"))["outcome"] == "done"
        assert (await act(client, "finish", window="w1"))["outcome"] == "done"
        assert "Thank you for coming" in (await client.get(f"/t/{issued['ticket']}?lang=en")).text
        assert [row["actor"] for row in (await client.get("/api/v1/audit")).json()] == ["web:admin"] * 4


async def test_refusals_of_the_real_hall_come_in_both_languages(tmp_path: Path) -> None:
    async with controller(tmp_path) as client:
        reply = await act(client, "call-next", window="w1")
        assert (reply["outcome"], reply["code"]) == ("refused", "nobody-waits")
        assert reply["what"]["zh"]
        assert reply["what"]["en"]
        for kind in ("withdraw-notice", "answer-help", "command-device", "return-ticket", "recall", "no-show", "invite"):
            assert (await act(client, kind))["outcome"] == "refused"


async def test_notice_of_a_zone_stands_in_its_zone_only(tmp_path: Path) -> None:
    async with controller(tmp_path) as client:
        await act(client, "post-notice", text={"zh": "仅乙区", "en": "only b"}, zones=["b"])
        assert "only b" in (await client.get("/board/b?lang=en")).text
        assert "only b" not in (await client.get("/board/a?lang=en")).text


async def test_the_advice_on_staffing_names_who_could_help_to_staff_and_to_nobody_else(tmp_path: Path) -> None:
    async with controller(tmp_path, Staff(id="staff-1", name=Names(zh="王建国", en="Wang Jianguo"))) as client:
        assert (await act(client, "sign-on", window="w4", staff="staff-1"))["outcome"] == "done"
        await act(client, "issue-ticket", service="market")
        assert "可增开 4号窗口（王建国）、1号窗口" in (await client.get("/?lang=zh")).text
        services = {service["service"]: service for service in (await client.get("/api/v1/hall")).json()["services"]}
        wang = {"zh": "王建国", "en": "Wang Jianguo"}
        assert services["market"]["helpers"] == [{"window": "w4", "staff": "staff-1", "name": wang}]
        client.cookies.clear()
        for path in ("/board/b", "/api/v1/board", "/"):
            assert "王建国" not in (await client.get(path)).text


async def test_everything_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with controller(tmp_path) as client:
        issued = await act(client, "issue-ticket", service="property")
        cookies = dict(client.cookies)
    async with controller(tmp_path) as client:
        client.cookies.clear()
        client.cookies.update(cookies)
        assert (await client.get("/api/v1/me")).json()["name"] == "admin"
        assert issued["number"] in (await client.get("/window/w3")).text


async def test_every_page_stands_over_an_empty_hall(tmp_path: Path) -> None:
    async with controller(tmp_path) as client:
        for path in ("/", "/board", "/board/a", "/windows", "/window/w4", "/devices", "/ratings", "/rooms", "/accounts"):
            assert (await client.get(path)).status_code == 200, path


async def test_accounts_and_hall_share_a_database_in_either_order(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    with Accounts.open(url, "centre", hasher=QUICK) as accounts:
        accounts.ensure_administrator()
    async with controller(tmp_path) as client:
        assert (await client.get("/api/v1/me")).json()["name"] == "admin"
    with create_engine(url, poolclass=NullPool).connect() as database:
        assert database.execute(text("select version_num from alembic_version")).scalar() == max(revisions())
