"""The technician's page in a browser, for each test that has a `bench` to show."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.chromium import chromium
from tests.demo.bench_hall import KEY, BenchHall, served


@pytest.fixture
async def page(bench: BenchHall) -> AsyncIterator[Page]:
    """The page, live; at the end nothing on it has complained."""
    async with served(bench) as (address, _), chromium() as browser:
        page = await browser.new_page(viewport={"width": 1300, "height": 900}, locale="en-GB")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{address}/?key={KEY}")
        await expect(page.locator("#link")).to_contain_text("live")
        yield page
        assert complaints == []
