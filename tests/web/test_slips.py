"""The page of slips in Chromium over the real hall: fill in, see it on paper, print, learn what became of it, print again."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import httpx
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests import accessible
from tests.chromium import NEEDS_CHROMIUM, SIZES, chromium
from tests.controller.play import until
from tests.web import happenings
from tests.web.busy import BusyHall, busy_hall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]

LANGUAGES = ("zh", "en")
LIVE = "html[data-stream=live]"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BusyHall]:
    """A hall whose kiosk is there."""
    async with busy_hall(f"sqlite:///{tmp_path_factory.mktemp('hall') / 'hall.db'}", tickets=40) as found:
        happenings.devices(found)
        await found.settled()
        yield found


@asynccontextmanager
async def page_of_slips(browser: Browser, busy: BusyHall, size: str, lang: str) -> AsyncIterator[Page]:
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    try:
        page = await context.new_page()
        link = await asyncio.to_thread(busy.accounts.entry_link, "one-window")
        await page.goto(f"{busy.address}/enter?token={link}")
        await page.goto(f"{busy.address}/slips?template=handover&lang={lang}")
        await page.wait_for_selector(LIVE)
        yield page
    finally:
        await context.close()


async def fill(page: Page) -> None:
    await page.fill("[name='fields.holder']", "王小明")
    await page.fill("[name='fields.papers']", "身份证\n户口簿")
    await page.fill("[name='fields.window']", "3号窗口")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_slip_is_filled_in_seen_printed_and_printed_again(browser: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with page_of_slips(browser, busy, size, lang) as page:
        sheet = page.locator("[data-sheet]")
        await expect(sheet).to_be_visible()
        await expect(page.locator("[data-missing]")).to_contain_text("交件人" if lang == "zh" else "Left by")
        example = await sheet.get_attribute("src")
        await fill(page)
        await expect(page.locator("[data-missing]")).to_have_text("")
        await expect(sheet).not_to_have_attribute("src", str(example))
        busy.pass_by(seconds=1)
        before = len(busy.morning.printed)
        await page.locator("form[data-do=issue-slip] [type=submit]").click()
        await until(lambda: len(busy.morning.printed) > before, "the slip")
        await expect(page.locator(".slip-newest")).to_contain_text("已打印" if lang == "zh" else "Printed")
        slip = busy.morning.printed[-1].do
        assert (slip.template, slip.fields["papers"], slip.reprint) == ("handover", ("身份证", "户口簿"), False)  # type: ignore[union-attr]
        await expect(page.locator("[data-key=log] tbody tr").first).to_contain_text("王*明")
        assert "王小明" not in await page.locator("#live").inner_text()
        busy.pass_by(seconds=1)
        row = page.locator("[data-key=log] tbody tr").first
        await row.locator("[name=why]").fill("群众遗失")
        await row.locator("[type=submit]").click()
        await expect(page.locator("[data-key=log] tbody tr").first).to_contain_text("群众遗失")
        assert busy.morning.printed[-1].do.reprint  # type: ignore[union-attr]
        assert not [*await accessible.faults(page), *await accessible.misfits(page)]


async def test_what_was_not_printed_says_why(browser: Browser, busy: BusyHall) -> None:
    busy.morning.without_paper = frozenset({"kiosk-1"})
    try:
        async with page_of_slips(browser, busy, "desk", "en") as page:
            await fill(page)
            await page.locator("form[data-do=issue-slip] [type=submit]").click()
            await expect(page.locator(".slip-newest")).to_contain_text("the printer is not ready")
    finally:
        busy.morning.without_paper = frozenset()


async def test_a_picture_is_the_paper_of_the_printer(busy: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=busy.address, headers={"Origin": busy.address}, follow_redirects=True) as client:
        await client.get("/enter", params={"token": await asyncio.to_thread(busy.accounts.entry_link, "one-window")})
        fields = {"holder": "王小明", "papers": ["身份证"], "window": "3"}
        answer = await client.post("/slips/preview", json={"template": "handover", "fields": fields})
        head, _, picture = answer.json()["picture"].partition(",")
        assert head == "data:image/png;base64"
        assert Image.open(BytesIO(base64.b64decode(picture))).width == 576 + 2 * (32 + 24), (
            "80 mm of paper, its margins and the table"
        )
        odd = await client.post("/slips/preview", json={"template": "handover", "fields": {**fields, "colour": "red"}})
        assert (odd.json().get("picture"), odd.status_code) == (None, 200)
        assert (await client.post("/slips/preview", json={"template": "no-such"})).status_code == 404
        assert (await client.get("/slips?template=no-such")).status_code == 404
        forms = (await client.get("/api/v1/slips/forms")).json()
        assert next(form for form in forms if form["template"] == "handover")["fields"][0]["personal"]
        assert not any(form["template"].endswith("ticket") for form in forms), "tickets are the kiosks' own"


async def test_slips_are_for_those_who_hand_them_out(busy: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=busy.address, follow_redirects=True) as client:
        for user, status in (("one-viewer", 403), ("one-facilities", 403), ("one-dispatch", 200)):
            await client.get("/enter", params={"token": await asyncio.to_thread(busy.accounts.entry_link, user)})
            assert (await client.get("/slips")).status_code == status
            assert (await client.get("/api/v1/slips/prints")).status_code == status
