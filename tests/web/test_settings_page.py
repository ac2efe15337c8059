"""The page of settings in Chromium: changes for a while, a new file checked in words, and for whom that is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from tests import accessible
from tests.chromium import NEEDS_CHROMIUM
from tests.web.browsing import EVERYWHERE, LANGUAGES, visit
from tests.web.busy import PLAN, BusyHall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def page_of_settings(chrome: Browser, calm: BusyHall, size: str, lang: str) -> AsyncIterator[Page]:
    """The page of settings."""
    async with visit(chrome, calm, lang, size, "admin") as here:
        await here.go("/settings")
        yield here.page


@EVERYWHERE
async def test_the_hall_closes_early_for_a_day_and_is_as_before_again(
    chrome: Browser, calm: BusyHall, lang: str, size: str
) -> None:
    async with page_of_settings(chrome, calm, size, lang) as page:
        form = page.locator("form:has(#c-hours)")
        await form.locator("[name='what.closes']").fill("15:00")
        await form.locator("[name=why]").fill("停电")
        await form.locator("[type=submit]").click()
        standing = page.locator(".settings-standing li")
        await expect(standing).to_have_count(1)
        await expect(standing).to_contain_text("15:00 提前关门" if lang == "zh" else "closes at 15:00")
        await expect(standing).to_contain_text("停电")
        calls = page.locator("form:has(#c-calls)")
        await calls.locator("[name='what.times']").fill("2")
        await calls.locator("[name=why]").fill("培训")
        await calls.locator("[type=submit]").click()
        await expect(standing).to_have_count(2)
        assert calm.hall.config.calling.times == 2
        assert calm.hall.written.calling.times == 3
        assert not [*await accessible.faults(page), *await accessible.misfits(page)]
        for left in (1, 0):
            await standing.first.locator("[data-do=end-override]").click()
            await expect(standing).to_have_count(left)
        assert calm.hall.config.calling.times == 3


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_new_file_is_checked_before_it_is_taken(chrome: Browser, calm: BusyHall, lang: str) -> None:
    written = calm.hall.written
    async with page_of_settings(chrome, calm, "desk", lang) as page:
        text, found = page.locator("[data-check] textarea"), page.locator("[data-found]")
        submit = page.locator("[data-check] [type=submit]")
        await text.fill("[hall]\nidd = 1\n")
        await submit.click()
        await expect(found.locator(".refusal")).to_contain_text("did you mean `id`?")
        await text.fill(PLAN.text.replace("times = 3", "times = 4", 1))
        await submit.click()
        await expect(found.locator("tr", has_text="calling.times")).to_contain_text("34")
        await expect(found).to_contain_text("systemctl restart hallware-controller")
        await page.locator("[data-disk]").click()
        await expect(page.locator("#said")).to_contain_text(str(PLAN.path))
    assert calm.hall.written is written, "a check changes nothing"


async def test_settings_are_for_those_who_lead_and_checks_for_administrators(calm: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=calm.address, headers={"Origin": calm.address}, follow_redirects=True) as client:
        roles = (("one-window", 403, 403), ("one-facilities", 403, 403), ("one-dispatch", 200, 403), ("admin", 200, 200))
        for user, sees, checks in roles:
            await client.get("/enter", params={"token": await asyncio.to_thread(calm.accounts.entry_link, user)})
            page = await client.get("/settings")
            assert page.status_code == sees, user
            assert ("data-check" in page.text) is (checks == 200)
            answer = await client.post("/settings/check", content=msgspec.json.encode({"text": PLAN.text}))
            assert answer.status_code == checks, user
        missing = await client.post("/settings/check", json={})
        assert missing.status_code == 404, "that file does not lie on this machine"
        assert missing.json()["code"] == "no-file", "a script is answered as a script can read it"
