"""Every page is for everybody: axe-core finds no serious fault, fingers hit, the keyboard reaches, phones fit."""

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from playwright.async_api import Browser, Page

from tests import accessible
from tests.chromium import NEEDS_CHROMIUM, SIZES
from tests.web.browsing import LANGUAGES, READY, opened
from tests.web.busy import BusyHall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]

LOOKED_AT = {
    "/": ("/",),
    "/account": ("/account",),
    "/accounts": ("/accounts",),
    "/board": ("/board",),
    "/board/{zone:str}": ("/board/zone-b",),
    "/cases": ("/cases",),
    "/desk": ("/desk", "/desk?service=social-security", "/desk?number=Z999"),
    "/devices": ("/devices",),
    "/inventory": ("/inventory",),
    "/inventory/{device:str}": ("/inventory/kiosk-1", "/inventory/room"),
    "/maintenance": ("/maintenance",),
    "/nodes": ("/nodes",),
    "/nodes/cards": ("/nodes/cards",),
    "/notices": ("/notices",),
    "/ratings": ("/ratings", "/ratings?day=2026-05-03&window=window-1"),
    "/reports": ("/reports", "/reports?month=2026-05", "/reports?day=2020-01-01"),
    "/rooms/sheet": ("/rooms/sheet", "/rooms/sheet?first=2026-05-02&last=2026-05-04"),
    "/round": ("/round",),
    "/rooms": ("/rooms", "/rooms?day=2026-05-03"),
    "/settings": ("/settings",),
    "/sign-in": ("/sign-in",),
    "/slips": ("/slips", "/slips?template=handover", "/slips?number=20260504-0001"),
    "/t/{ticket:str}": tuple(f"/t/{{{state}}}" for state in ("waiting", "called", "serving", "done", "no-show", "parked")),
    "/window/{window:str}": ("/window/window-1", "/window/window-2", "/window/window-8"),
    "/windows": ("/windows",),
}
"""Route to what is looked at of it: each in all its states."""
NOT_PAGES = {
    "/enter": "a one-time link, which leads on",
    "/inventory/all.csv": "a file",
    "/inventory/turns.csv": "a file",
    "/maintenance/records.csv": "a file",
    "/metrics": "for programs",
    "/reports/csv/{table:str}": "a file",
    "/reports/report.xlsx": "a file",
    "/rooms/sheet.csv": "a file",
}
"""Route to why there is nothing to look at."""
ON_PAPER = {"/nodes/cards"}
"""What says everything in both languages at once, to be printed."""
FOR_NOBODY = ("/nowhere", "/window/nowhere")
"""What leads to the page that says what went wrong."""
SIGNED_OUT = (
    "/",
    "/reports",
    "/board",
    "/board/zone-b",
    "/sign-in",
    "/t/{waiting}",
    "/t/{done}",
    "/nowhere",
    "/enter?token=used",
)


async def look(page: Page, busy: BusyHall, path: str, lang: str) -> list[str]:
    """What is wrong with a page, each with its address."""
    address = path.format_map(busy.tickets)
    answer = await page.goto(f"{busy.address}{address}{'&' if '?' in address else '?'}lang={lang}")
    assert answer is not None
    assert answer.status < 500, path
    await page.wait_for_selector(READY)
    if path not in ON_PAPER:
        assert await page.evaluate("document.documentElement.lang") == ("zh-CN" if lang == "zh" else "en")
    return [f"{path}: {fault}" for fault in (*await accessible.faults(page), *await accessible.misfits(page))]


def _routes(app: Litestar) -> set[str]:
    return {
        route.path for route in app.routes if isinstance(route, HTTPRoute) and "GET" in route.methods
        and not route.path.startswith(("/api/", "/live/", "/static/"))
    }  # fmt: skip


async def test_no_page_is_forgotten(busy: BusyHall) -> None:
    assert _routes(busy.app) == LOOKED_AT.keys() | NOT_PAGES.keys(), "add a new page to LOOKED_AT, or say in NOT_PAGES why not"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_pages_of_staff_are_for_everybody(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with opened(chrome, busy, size) as page:
        paths = [path for paths in LOOKED_AT.values() for path in paths] + [*FOR_NOBODY]
        found = [fault for path in paths for fault in await look(page, busy, path, lang)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_pages_without_an_account_are_for_everybody(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with opened(chrome, busy, size, user=None) as page:
        found = [fault for path in SIGNED_OUT for fault in await look(page, busy, path, lang)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", SIZES)
async def test_the_keyboard_reaches_everything_and_shows_where_it_is(chrome: Browser, busy: BusyHall, size: str) -> None:
    async with opened(chrome, busy, size) as page:
        found = []
        for path in [paths[0] for paths in LOOKED_AT.values()]:
            found += await look(page, busy, path, "en")
            found += [f"{path}: {fault}" for fault in await accessible.unreachable(page)]
    assert not found, "\n".join(found)


async def test_reports_on_paper_are_for_everybody(chrome: Browser, busy: BusyHall) -> None:
    async with opened(chrome, busy, "desk") as page:
        await page.emulate_media(media="print")
        found = await look(page, busy, "/reports", "en")
    assert not found, "\n".join(found)


POOR = """<html lang=en><title>Poor</title><main><h1>Poor</h1>
<style>
  .far { width: 2000px }
  .dim { color: #bbb }
  a { outline: none !important }
  :root { --bad: rgb(150, 20, 20) }
  .red { color: var(--bad) }
  .tiny { display: inline-block; width: 9px; height: 9px }
</style>
<p class=far>wide</p><p class=red>8</p><p class=red>8 lost</p><p class=dim>pale</p><p>中文</p><input><a class=tiny href="#">x</a>
<button tabindex=3>Go</button></main></html>"""


async def test_the_checker_finds_what_is_wrong(chrome: Browser, busy: BusyHall) -> None:
    async with opened(chrome, busy, "phone", user=None) as page:
        await page.set_content(POOR)
        found = [*await accessible.faults(page), *await accessible.misfits(page), *await accessible.unreachable(page)]
    for fault in (
        "serious color-contrast", "critical label", "scrolls sideways", "too small to hit: <a", "wrong `lang`: en: 中文",
        "a tabindex of its own", "by colour alone: --bad: <p class=\"red\">8</p>", "focus cannot be seen: <a",
    ):  # fmt: skip
        assert len([line for line in found if fault in line]) == 1, fault
