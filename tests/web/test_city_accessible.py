"""The city's pages are for everybody too: axe-core's rules, fingers and phones, in both languages, signed in and out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.routes import HTTPRoute
from playwright.async_api import Browser

from controller.accounts import Accounts
from controller.city.following import following
from controller.web.city_app import create_city_app
from controller.web.serve import listen, serving
from tests import accessible
from tests.chromium import NEEDS_CHROMIUM, SIZES
from tests.postgres import Postgres
from tests.web import cityscape
from tests.web.browsing import EVERYWHERE, READY

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]

LOOKED_AT = {
    "/": ("/",),
    "/account": ("/account",),
    "/accounts": ("/accounts",),
    "/hall/{hall:str}": ("/hall/centre", "/hall/west"),
    "/reports": ("/reports", "/reports?month=2026-04"),
    "/sign-in": ("/sign-in",),
}
FILES = {"/enter", "/metrics", "/now.csv", "/reports/csv/{table:str}", "/reports/report.xlsx"}
"""Not pages: a one-time link, and what is for programs or to be kept."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(postgres: Postgres) -> AsyncIterator[tuple[str, Accounts, Litestar]]:
    """The city's pages at an address, and who may come in."""
    url = postgres.new_database()
    await asyncio.to_thread(cityscape.furnish, url)
    with cityscape.people() as people:
        async with following(cityscape.config(url), lambda: datetime.now(UTC)) as found:
            app = create_city_app(found, people)
            async with serving(app, listen("127.0.0.1", 0)) as address:
                yield address, people, app


async def test_no_page_of_the_city_is_forgotten(city: tuple[str, Accounts, Litestar]) -> None:
    routes = {
        route.path for route in city[2].routes if isinstance(route, HTTPRoute) and "GET" in route.methods
        and not route.path.startswith(("/api/", "/live", "/static/"))
    }  # fmt: skip
    assert routes - FILES == LOOKED_AT.keys()


@EVERYWHERE
async def test_pages_of_the_city_are_for_everybody(
    chrome: Browser, city: tuple[str, Accounts, Litestar], lang: str, size: str
) -> None:
    address, people, _ = city
    width, height = SIZES[size]
    context = await chrome.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{address}/enter?token={people.entry_link('admin')}")
    found = []
    for path in [path for paths in LOOKED_AT.values() for path in paths]:
        await page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")
        await page.wait_for_selector(READY)
        found += [f"{path}: {fault}" for fault in (*await accessible.faults(page), *await accessible.misfits(page))]
    await context.close()
    assert not found, "\n".join(found)
