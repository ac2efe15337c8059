"""Takes the pictures of every page for docs/pages.md, in both languages: `make pictures ONLY=page`.

The hall behind them is the demo hall on a busy morning, played from a seed by the rehearsal; its clock stands still at 10:41.
Whenever a page's look has changed, run this and look at the result.
"""

import asyncio
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from contract import dispatch
from tests.chromium import SIZES, chromium
from tests.web import happenings
from tests.web.browsing import LANGUAGES, READY, opened
from tests.web.busy import BusyHall, busy_hall

PICTURES = Path(__file__).parents[1] / "docs" / "pictures" / "pages"
TICKETS = 520
TALLEST = {"desk": 1500, "phone": 1500}
COLOURS = 96


@dataclass(frozen=True)
class Shot:
    """One picture; `click` is touched before it is taken."""

    name: str
    path: str
    size: str = "desk"
    user: str | None = "admin"
    click: str = ""
    tallest: int = 0


SHOTS = (
    Shot("sign-in", "/sign-in", user=None),
    Shot("overview", "/", user="one-dispatch"),
    Shot("desk", "/desk", user="one-window", tallest=1300),
    Shot("slips", "/slips", user="one-window", tallest=1100),
    Shot("windows", "/windows", user="one-window"),
    Shot("window", "/window/window-6", user="one-window"),
    Shot("window-phone", "/window/window-6", "phone", user="one-window"),
    Shot("notices", "/notices", user="one-dispatch"),
    Shot("emergency", "/notices", user="one-dispatch", click=".urgent-card button", tallest=800),
    Shot("board", "/board", user=None),
    Shot("ratings", "/ratings", tallest=1100),
    Shot("cases", "/cases", user="one-dispatch"),
    Shot("devices", "/devices", user="one-facilities", tallest=1150),
    Shot("rooms", "/rooms", user="one-facilities"),
    Shot("sheet", "/rooms/sheet", user="one-facilities", tallest=1100),
    Shot("round-phone", "/round", "phone", user="one-facilities"),
    Shot("inventory", "/inventory", user="one-facilities", tallest=1100),
    Shot("maintenance", "/maintenance", user="one-facilities", tallest=1100),
    Shot("nodes", "/nodes", user="one-facilities"),
    Shot("reports", "/reports", tallest=1700),
    Shot("accounts", "/accounts", tallest=1100),
    Shot("settings", "/settings", tallest=1400),
    Shot("account", "/account", user="one-facilities"),
    Shot("menu-phone", "/cases", "phone", user="admin", click=".nav details:nth-of-type(1) summary", tallest=560),
    Shot("ticket-waiting", "/t/{waiting}", "phone", user=None),
    Shot("ticket-called", "/t/{called}", "phone", user=None),
    Shot("ticket-rate", "/t/{done}", "phone", user=None),
)


async def furnished(busy: BusyHall) -> None:
    """What the pictures are to show beside a busy queue."""
    happenings.devices(busy)
    happenings.room(busy)
    await happenings.notices(busy)
    happenings.newcomers(busy)
    await busy.settled()
    waiting = [ticket for service in busy.hall.view().services for ticket in service.waiting]
    busy.tickets["waiting"] = waiting[-1].ticket
    there = {state.window: state for state in busy.hall.view().windows}
    busy.tickets["done"] = str(there["window-1"].ticket or waiting[0].ticket)
    for do in (dispatch.Start, dispatch.Finish, dispatch.CallNext):
        await busy.ask(do(window="window-1"))
    busy.tickets["called"] = str((await busy.ask(dispatch.CallNext(window="window-2"))).ticket or there["window-2"].ticket)
    first, *others = [case.id for case in busy.hall.view().cases]
    await busy.ask(dispatch.AssignCase(case=first, assignee="window-4-a"))
    await busy.ask(dispatch.StepCase(case=first, step="verified", note="核实 verified"))
    for case in others[:1]:
        await busy.ask(dispatch.AppealCase(case=case, note="当事人按错了键 · the wrong key was pressed"))
    await busy.settled()


async def take(page: Page, busy: BusyHall, shot: Shot, lang: str) -> None:
    """One picture, no taller than the page, its colours counted."""
    await page.goto(f"{busy.address}{shot.path.format_map(busy.tickets)}?lang={lang}")
    await page.wait_for_selector(READY)
    if shot.click:
        await page.locator(shot.click).first.click()
    height = await page.evaluate("document.documentElement.scrollHeight")
    width, least = SIZES[shot.size]
    await page.set_viewport_size({"width": width, "height": least})
    if "board" not in shot.name and not shot.click:
        await page.set_viewport_size({"width": width, "height": max(least // 2, min(height, shot.tallest or TALLEST[shot.size]))})
    await page.wait_for_timeout(250)
    image = Image.open(io.BytesIO(await page.screenshot()))
    if shot.tallest:
        image = image.crop((0, 0, image.width, min(image.height, shot.tallest)))
    folder = PICTURES / lang
    folder.mkdir(parents=True, exist_ok=True)
    image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{shot.name}.png", optimize=True)
    print(folder / f"{shot.name}.png")


async def main() -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as folder:
        async with chromium() as browser, busy_hall(f"sqlite:///{folder}/hall.db", tickets=TICKETS) as busy:
            await furnished(busy)
            for shot in SHOTS:
                await both(browser, busy, shot)


async def both(browser: Browser, busy: BusyHall, shot: Shot) -> None:
    """One picture in each language."""
    async with opened(browser, busy, shot.size, shot.user) as page:
        for lang in LANGUAGES:
            await take(page, busy, shot, lang)


if __name__ == "__main__":
    asyncio.run(main())
