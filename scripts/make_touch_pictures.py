"""Takes the pictures of a touch screen in the documents, in both languages: `make pictures ONLY=touch`."""

import asyncio
import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from tests.chromium import chromium
from tests.touch.screens import TouchKiosk, offer, touch_kiosk

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SCALE, COLOURS = 0.45, 128
"""Small files: a picture in a table needs no more."""
SETTLED = 450
"""Milliseconds after which nothing moves any more, and after which a touch counts."""
HOURS = 6.4 * 3600
"""Shows a working hour, whenever the pictures are taken."""


async def main() -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as folder:
        async with touch_kiosk(Path(folder), told=offer(), scanner="scanner-1") as at, chromium() as browser:
            at.station.clock.skip(HOURS)
            for show in (_visit, _access, _paper):
                await show(browser, at, "zh")
                await show(browser, at, "en")
            at.station.lose_controller()
            await at.code("on-lease")
            at.station.clock.skip(200)
            await _away(browser, at, "zh")
            await _away(browser, at, "en")


async def _visit(browser: Browser, at: TouchKiosk, language: str) -> None:
    page = await _opened(browser, at, language)
    await _take(page, language, "touch-welcome")
    await page.click("[data-do=begin]")
    await _take(page, language, "touch-services")
    await page.click("[data-do=several]")
    for service in ("civil", "social"):
        await page.click(f"[data-with={service}]")
    await _take(page, language, "touch-several")
    await page.click("[data-do=take-several]")
    await page.wait_for_selector("[data-view=result]")
    await _take(page, language, "touch-ticket")


async def _access(browser: Browser, at: TouchKiosk, language: str) -> None:
    page = await _opened(browser, at, language)
    await page.click("[data-do=access]")
    await page.click("[data-do=begin]")
    await _take(page, language, "touch-access")


async def _paper(browser: Browser, at: TouchKiosk, language: str) -> None:
    at.printer.run_out()
    page = await _opened(browser, at, language)
    await page.wait_for_selector(".trouble")
    await _take(page, language, "touch-paper")
    at.printer.load_paper()
    await at.code("ok")


async def _away(browser: Browser, at: TouchKiosk, language: str) -> None:
    page = await _opened(browser, at, language)
    await page.click("[data-do=begin]")
    await _take(page, language, "touch-away")


async def _opened(browser: Browser, at: TouchKiosk, language: str) -> Page:
    page = await browser.new_page(viewport={"width": 1080, "height": 1920})
    await page.goto(at.address)
    await page.wait_for_selector("html[data-stream=live]")
    await page.wait_for_timeout(SETTLED)
    if language == "en":
        await page.click("[data-do=language]")
    return page


async def _take(page: Page, language: str, name: str) -> None:
    await page.wait_for_timeout(SETTLED)
    whole = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    size = int(whole.width * SCALE), int(whole.height * SCALE)
    small = whole.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(PICTURES / language / f"{name}.png", optimize=True)
    print(PICTURES / language / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())
