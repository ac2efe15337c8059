"""Takes the pictures of the city's page in both languages: `make pictures ONLY=city`.

Four simulated halls tell what they do; today's figures are made up.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Browser
from sqlalchemy import create_engine

from benchmarks.years import fill
from controller.city.following import following
from controller.store import tables
from controller.web.city_app import create_city_app
from controller.web.serve import listen, serving
from tests.chromium import SIZES, chromium
from tests.postgres import Postgres
from tests.web import cityscape
from tests.web.browsing import LANGUAGES, READY

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
TICKETS = {"north": 329, "port": 272, "west": 350, "centre": 412}
FILLED = "centre"
"""The hall of the filler's rows, so it comes last."""


@contextmanager
def database() -> Iterator[str]:
    """A database of its own with four halls in it."""
    server = Postgres()
    try:
        server.start()
        url = server.new_database()
        cityscape.furnish(url)
        furnish_today(url)
        yield url
    finally:
        server.stop()


def furnish_today(url: str) -> None:
    """What each hall has done today; the filler writes all of it for one hall, which then gets another name."""
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    engine = create_engine(url)
    with engine.begin() as connection:
        for hall, so_many in TICKETS.items():
            fill(connection, [today], so_many)
            for table in (tables.tickets, tables.visits, tables.ratings):
                ours = (table.c.hall == FILLED) & (table.c.day == today)
                connection.execute(table.update().where(ours).values(hall=hall))
    engine.dispose()


async def take(browser: Browser, address: str, link: str) -> None:
    """One picture in each language."""
    width, height = SIZES["desk"]
    page = await browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    await page.goto(f"{address}/enter?token={link}")
    for lang in LANGUAGES:
        await page.goto(f"{address}/?lang={lang}")
        await page.wait_for_selector(READY)
        await page.wait_for_timeout(500)
        await page.screenshot(path=PICTURES / lang / "city.png", full_page=True)
        print(PICTURES / lang / "city.png")


async def main() -> None:
    """Take both."""
    with database() as url, cityscape.people() as accounts:
        async with (
            chromium() as browser,
            following(cityscape.config(url)) as found,
            serving(create_city_app(found, accounts), listen("127.0.0.1", 0)) as address,
        ):
            await take(browser, address, accounts.entry_link("admin"))


if __name__ == "__main__":
    asyncio.run(main())
