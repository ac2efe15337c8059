"""From a key on the page to a number in the pixels of a board: the whole hall, each part in its own process."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

import pytest
from playwright.async_api import Page

from tests.chromium import NEEDS_CHROMIUM, chromium
from tests.end_to_end.reading import Rows, numbers_on, qr_of

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.timeout(240)]

T = TypeVar("T")


@dataclass(frozen=True)
class Links:
    """What the demonstration prints."""

    page: str
    sign_in: str


async def until(look: Callable[[], Awaitable[T]], what: str, within: float = 60.0) -> T:
    """The first true thing that `look` sees. Raises `TimeoutError` naming `what`."""
    end = asyncio.get_running_loop().time() + within
    while asyncio.get_running_loop().time() < end:
        if seen := await look():
            return seen
        await asyncio.sleep(0.05)
    raise TimeoutError(f"no {what} within {within:g} s")


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Links]:
    """A running hall without people."""
    said = folder / "said.txt"
    with said.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hallware.main", "demo", "--no-people", "--keep", str(folder), stdout=out, stderr=out
        )

    async def links() -> list[str]:
        found = re.findall(r"http://127\.0\.0\.1:\S+", said.read_text())
        return found[:2] if "Ctrl-C" in said.read_text() else []

    try:
        yield Links(*await until(links, f"links in {said}"))
    finally:
        process.terminate()
        await process.wait()


LIT = """canvas => {
    const [width, height] = ["width", "height"].map(name => Number(canvas.closest("figure").dataset[name]));
    const pitch = canvas.width / width, pen = canvas.getContext("2d");
    const red = (x, y) => pen.getImageData(Math.floor((x + 0.5) * pitch), Math.floor((y + 0.5) * pitch), 1, 1).data[0];
    return [...Array(height).keys()].map(y => [...Array(width).keys()].map(x => red(x, y) > 100 ? "#" : ".").join(""));
}"""


async def pixels(page: Page, board: str) -> Rows:
    """A board's LEDs as the page draws them."""
    rows: Rows = await page.locator(f'[data-device="{board}"] canvas').evaluate(LIT)
    return rows


async def printed(page: Page) -> str:
    """What the QR code on the newest ticket says; empty while there is none."""
    newest = page.locator('[data-kind="kiosk"] .outlet img')
    if not await newest.count():
        return ""
    picture = await page.request.get(urljoin(page.url, await newest.get_attribute("src")))
    return qr_of(await picture.body())


async def test_number_on_paper_is_called_and_stands_in_the_pixels_of_the_board(tmp_path: Path) -> None:
    async with hall(tmp_path) as links, chromium() as browser:
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
        page = await context.new_page()
        await page.goto(links.page)
        await page.locator('[data-kind="kiosk"] [data-key="social-security"]').click(delay=200)
        ticket_link = await until(lambda: printed(page), "ticket")

        console = await context.new_page()
        await console.goto(ticket_link)
        found = re.search(r"\b[A-Z][0-9]{3}\b", await console.locator("body").inner_text())
        assert found is not None
        number = found[0]

        async with context.expect_page() as opened:
            await page.locator('a[href*="/window/"]').first.click()
        console = await opened.value
        await console.get_by_role("button", name="下一位").click()
        await until(lambda: console.locator(".now-number", has_text=number).count(), "number on the console")
        window = console.url.rpartition("/")[2].partition("?")[0]

        async def shown() -> bool:
            return number in numbers_on(await pixels(page, f"strip-{window.removeprefix('window-')}"))

        await until(shown, f"{number} in the pixels of the strip")
