"""Tabs of a browser on the pages of a busy hall, for tests that do what people do there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from tests.chromium import SIZES
from tests.web.busy import BEAT, BusyHall

LANGUAGES = ("zh", "en")
EVERYWHERE = pytest.mark.parametrize(("lang", "size"), [(lang, size) for lang in LANGUAGES for size in SIZES])
"""In both languages, at a desk and on a phone."""
READY = "html[data-stream=live], html[data-stream=none], html:not([data-stream])"
"""Live, or a page on which nothing moves."""


@asynccontextmanager
async def opened(browser: Browser, busy: BusyHall, size: str, user: str | None = "admin") -> AsyncIterator[Page]:
    """A tab in which `user` has signed in."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", has_touch=size == "phone"
    )
    context.set_default_timeout(10_000)
    try:
        page = await context.new_page()
        if user:
            link = await asyncio.to_thread(busy.accounts.entry_link, user)
            await page.goto(f"{busy.address}/enter?token={link}")
        yield page
    finally:
        await context.close()


@dataclass
class Visit:
    """Somebody on our pages."""

    page: Page
    busy: BusyHall
    lang: str

    async def go(self, path: str) -> None:
        """Open a page and wait until it is live."""
        await self.page.goto(f"{self.busy.address}{path}{'&' if '?' in path else '?'}lang={self.lang}")
        await self.page.wait_for_selector(READY)

    async def pass_by(self, seconds: float) -> None:
        """Time goes by, and the page hears of it."""
        self.busy.pass_by(seconds=seconds)
        await asyncio.sleep(3 * BEAT.total_seconds())

    async def said(self, zh: str, en: str) -> None:
        """The page says so, after something was asked for."""
        await expect(self.page.locator("#said")).to_contain_text(zh if self.lang == "zh" else en)


@asynccontextmanager
async def visit(browser: Browser, busy: BusyHall, lang: str, size: str, user: str | None = "admin") -> AsyncIterator[Visit]:
    """Somebody with an account, or nobody; at the end no script has complained."""
    async with opened(browser, busy, size, user) as page:
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield Visit(page, busy, lang)
        assert not complaints
