"""The page of slips in Chromium over the real hall: fill in, see it on paper, print, learn what became of it, print again."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import httpx
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests import accessible
from tests.chromium import NEEDS_CHROMIUM
from tests.controller.play import until
from tests.web.browsing import EVERYWHERE, visit
from tests.web.busy import BusyHall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def page_of_slips(chrome: Browser, calm: BusyHall, size: str, lang: str) -> AsyncIterator[Page]:
    """The page of slips, one of them open."""
    async with visit(chrome, calm, lang, size, "one-window") as here:
        await here.go("/slips?template=handover")
        yield here.page


async def fill(page: Page) -> None:
    await page.fill("[name='fields.holder']", "王小明")
    await page.fill("[name='fields.papers']", "身份证\n户口簿")
    await page.fill("[name='fields.window']", "3号窗口")


@EVERYWHERE
async def test_a_slip_is_filled_in_seen_printed_and_printed_again(chrome: Browser, calm: BusyHall, lang: str, size: str) -> None:
    async with page_of_slips(chrome, calm, size, lang) as page:
        sheet = page.locator("[data-sheet]")
        await expect(sheet).to_be_visible()
        await expect(page.locator("[data-missing]")).to_contain_text("交件人" if lang == "zh" else "Left by")
        example = await sheet.get_attribute("src")
        await fill(page)
        await expect(page.locator("[data-missing]")).to_have_text("")
        await expect(sheet).not_to_have_attribute("src", str(example))
        calm.pass_by(seconds=1)
        before = len(calm.morning.printed)
        await page.locator("form[data-do=issue-slip] [type=submit]").click()
        await until(lambda: len(calm.morning.printed) > before, "the slip")
        await expect(page.locator(".slip-newest")).to_contain_text("已打印" if lang == "zh" else "Printed")
        slip = calm.morning.printed[-1].do
        assert (slip.template, slip.fields["papers"], slip.reprint) == ("handover", ("身份证", "户口簿"), False)  # type: ignore[union-attr]
        await expect(page.locator("[data-key=log] tbody tr").first).to_contain_text("王*明")
        assert "王小明" not in await page.locator("#live").inner_text()
        calm.pass_by(seconds=1)
        row = page.locator("[data-key=log] tbody tr").first
        await row.locator("[name=why]").fill("群众遗失")
        await row.locator("[type=submit]").click()
        await expect(page.locator("[data-key=log] tbody tr").first).to_contain_text("群众遗失")
        assert calm.morning.printed[-1].do.reprint  # type: ignore[union-attr]
        assert not [*await accessible.faults(page), *await accessible.misfits(page)]


async def test_what_was_not_printed_says_why(chrome: Browser, calm: BusyHall) -> None:
    calm.morning.without_paper = frozenset({"kiosk-1"})
    try:
        async with page_of_slips(chrome, calm, "desk", "en") as page:
            await fill(page)
            await page.locator("form[data-do=issue-slip] [type=submit]").click()
            await expect(page.locator(".slip-newest")).to_contain_text("the printer is not ready")
    finally:
        calm.morning.without_paper = frozenset()


async def test_a_picture_is_the_paper_of_the_printer(calm: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=calm.address, headers={"Origin": calm.address}, follow_redirects=True) as client:
        await client.get("/enter", params={"token": await asyncio.to_thread(calm.accounts.entry_link, "one-window")})
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


async def test_slips_are_for_those_who_hand_them_out(calm: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=calm.address, follow_redirects=True) as client:
        for user, status in (("one-viewer", 403), ("one-facilities", 403), ("one-dispatch", 200)):
            await client.get("/enter", params={"token": await asyncio.to_thread(calm.accounts.entry_link, user)})
            assert (await client.get("/slips")).status_code == status
            assert (await client.get("/api/v1/slips/prints")).status_code == status
