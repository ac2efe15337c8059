"""Headless Chromium for tests that look at pages: where it is, how it is started, and the sizes at which pages are looked at."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright, expect

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
expect.set_options(timeout=20_000)  # milliseconds, for what never comes; on a crowded machine what comes may take its time

NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(
        shutil.which(CHROMIUM) is None, reason=f"{CHROMIUM} is missing: apt-get install chromium, or name another one in CHROMIUM"
    ),
]
"""The marks of tests that need it."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A Chromium of its own, while inside."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        try:
            yield browser
        finally:
            await browser.close()
