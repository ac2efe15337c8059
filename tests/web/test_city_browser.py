"""The city's pages in Chromium: for everybody, at a desk and on a phone, and live."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.routes import HTTPRoute
from playwright.async_api import Browser, Page, expect
from sqlalchemy import create_engine, text

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
    "/hall/{hall:str}": ("/hall/centre", "/hall/west", "/hall/nowhere"),
    "/reports": ("/reports", "/reports?month=2026-04", "/reports?first=2026-04-01&last=2026-05-10"),
    "/sign-in": ("/sign-in",),
}
FILES = {"/enter", "/metrics", "/now.csv", "/reports/csv/{table:str}"}
"""Not pages: a one-time link, and what is for programs or to be kept."""


@dataclass(frozen=True)
class Served:
    """A city behind a socket."""

    address: str
    accounts: Accounts
    app: Litestar
    url: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(postgres: Postgres) -> AsyncIterator[Served]:
    url = postgres.new_database()
    await asyncio.to_thread(cityscape.furnish, url)
    with cityscape.people() as accounts:
        async with following(cityscape.config(url)) as found:
            app = create_city_app(found, accounts)
            async with serving(app, listen("127.0.0.1", 0)) as address:
                yield Served(address, accounts, app, url)


async def opened(chrome: Browser, city: Served, size: str) -> Page:
    """A tab in which an administrator has signed in."""
    width, height = SIZES[size]
    context = await chrome.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{city.address}/enter?token={await asyncio.to_thread(city.accounts.entry_link, 'admin')}")
    return page


async def test_no_page_of_the_city_is_forgotten(city: Served) -> None:
    routes = {
        route.path for route in city.app.routes if isinstance(route, HTTPRoute) and "GET" in route.methods
        and not route.path.startswith(("/api/", "/live", "/static/"))
    }  # fmt: skip
    assert routes - FILES == LOOKED_AT.keys()


@EVERYWHERE
async def test_the_citys_pages_are_for_everybody(chrome: Browser, city: Served, lang: str, size: str) -> None:
    page = await opened(chrome, city, size)
    found = []
    for path in [path for paths in LOOKED_AT.values() for path in paths]:
        await page.goto(f"{city.address}{path}{'&' if '?' in path else '?'}lang={lang}")
        await page.wait_for_selector(READY)
        faults = [*await accessible.faults(page), *await accessible.misfits(page)]
        if (lang, size) == ("en", "desk"):  # neither changes where the keyboard goes
            faults += await accessible.unreachable(page)
        found += [f"{path}: {fault}" for fault in faults]
    await page.context.close()
    assert not found, "\n".join(found)


@EVERYWHERE
async def test_a_leader_looks_at_a_hall_and_takes_its_figures_home(chrome: Browser, city: Served, lang: str, size: str) -> None:
    page = await opened(chrome, city, size)
    await page.goto(f"{city.address}/?lang={lang}")
    await page.wait_for_selector(READY)
    await page.locator("[data-key=h-centre] a").click()
    await expect(page.locator("[data-key=ill]")).to_contain_text("请更换纸卷" if lang == "zh" else "kiosk-1")
    await page.locator(".report-do a[href='/reports?hall=centre']").click()
    await page.locator("input[name=month]").fill("2026-04")
    await page.locator("form:has(input[name=month]) button").click()
    await expect(page.locator("h1")).to_contain_text("2026 年 4 月" if lang == "zh" else "4/2026")
    async with page.expect_download() as days:
        await page.locator("a[href^='/reports/csv/days']").click()
    assert (await (await days.value).path()).read_text(encoding="utf-8-sig").count("2026-04-") > 15
    await page.context.close()


async def test_a_hall_that_falls_silent_is_marked_without_a_touch(chrome: Browser, city: Served) -> None:
    page = await opened(chrome, city, "desk")
    await page.goto(f"{city.address}/?lang=en")
    hall = page.locator(".city-hall", has_text="North District Hall")
    await expect(hall).to_contain_text("Open")
    await _heard(city, "now - 3600000000")
    await expect(hall).to_contain_text("Not heard")
    await expect(hall).to_contain_text("Last heard")
    await hall.click()
    await expect(page.locator(".refusal")).to_contain_text("Nothing was heard of this hall")
    await _heard(city, "now")
    await expect(page.locator(".refusal")).to_have_count(0)
    await page.context.close()


async def _heard(city: Served, when: str) -> None:
    engine = create_engine(city.url)
    with engine.begin() as connection:
        now = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT"
        connection.execute(text(f"UPDATE hall_now SET heard = {when.replace('now', now)} WHERE hall = 'north'"))
    engine.dispose()
