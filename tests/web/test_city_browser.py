"""The city's pages in Chromium: for everybody, at a desk and on a phone, and live."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import create_engine, text

from controller.accounts import Accounts
from controller.city.following import following
from controller.web.city_app import create_city_app
from controller.web.serve import listen, serving
from tests import accessible
from tests.chromium import NEEDS_CHROMIUM, SIZES, chromium
from tests.postgres import Postgres
from tests.web import cityscape

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]
PATHS = (
    "/", "/hall/centre", "/hall/west", "/reports", "/reports?month=2026-04", "/reports?first=2026-04-01&last=2026-05-10",
    "/accounts", "/hall/nowhere",
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A city behind a socket."""

    address: str
    accounts: Accounts
    url: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(postgres: Postgres) -> AsyncIterator[Served]:
    url = postgres.new_database()
    cityscape.furnish(url)
    with cityscape.people() as accounts:
        async with (
            following(cityscape.config(url)) as found,
            serving(create_city_app(found, accounts), listen("127.0.0.1", 0)) as address,
        ):
            yield Served(address, accounts, url)


async def opened(browser: Browser, city: Served, size: str) -> Page:
    """A tab in which an administrator has signed in."""
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{city.address}/enter?token={await asyncio.to_thread(city.accounts.entry_link, 'admin')}")
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_citys_pages_are_for_everybody(browser: Browser, city: Served, lang: str, size: str) -> None:
    page = await opened(browser, city, size)
    found = []
    for path in PATHS:
        await page.goto(f"{city.address}{path}{'&' if '?' in path else '?'}lang={lang}")
        await page.wait_for_selector("html[data-stream=live], html[data-stream=none]")
        faults = [*await accessible.faults(page), *await accessible.misfits(page)]
        if (lang, size) == ("en", "desk"):  # neither changes where the keyboard goes
            faults += await accessible.unreachable(page)
        found += [f"{path}: {fault}" for fault in faults]
    await page.context.close()
    assert not found, "\n".join(found)


async def test_a_hall_that_falls_silent_is_marked_without_a_touch(browser: Browser, city: Served) -> None:
    page = await opened(browser, city, "desk")
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
