"""The entrance desk in Chromium over the real hall: its whole work, in both languages and at both sizes, by keyboard alone."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from contract import dispatch
from contract.events import HelpAsked
from controller.view import AppointmentRow
from controller.web.desk_page import matching
from tests import accessible
from tests.chromium import NEEDS_CHROMIUM
from tests.web.browsing import EVERYWHERE, LANGUAGES, READY, visit
from tests.web.busy import BusyHall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def desk(chrome: Browser, calm: BusyHall, size: str, lang: str) -> AsyncIterator[Page]:
    """The entrance desk."""
    async with visit(chrome, calm, lang, size, "one-window") as here:
        await here.go("/desk")
        yield here.page


def full_width(text: str) -> str:
    """As an input method for Chinese may write it."""
    return "".join(chr(ord(char) + 0xFEE0) if char.strip() else char for char in text)


@EVERYWHERE
async def test_a_ticket_is_given_by_keyboard_printed_and_shown_to_photograph(
    chrome: Browser, calm: BusyHall, lang: str, size: str
) -> None:
    async with desk(chrome, calm, size, lang) as page:
        await page.keyboard.press("t")
        assert await page.evaluate("document.activeElement.name") == "service"
        await page.keyboard.type("C")
        await page.keyboard.press("Tab")
        await page.keyboard.press("End")
        await page.locator("form[data-do=issue-ticket] [type=submit]").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/desk?ticket=*")
        shown = page.locator(".desk-ticket")
        await expect(shown.locator(".paper-number")).to_have_text(re.compile("C[0-9]{3}"))
        await expect(shown.locator(".chip-priority")).to_be_visible()
        await expect(shown.locator(".desk-qr")).to_be_visible()
        await expect(shown).to_contain_text("已打印" if lang == "zh" else "Printed")
        printed = calm.morning.printed[-1]
        assert (printed.device, printed.do.template, printed.do.reprint) == ("kiosk-1", "priority-ticket", False)  # type: ignore[union-attr]
        await page.keyboard.press("p")
        await expect(page.locator("#said")).to_have_attribute("data-kind", "done")
        assert calm.morning.printed[-1].do.reprint  # type: ignore[union-attr]
        assert not [*await accessible.faults(page), *await accessible.misfits(page)]


async def test_what_was_not_printed_says_so_and_why(chrome: Browser, calm: BusyHall) -> None:
    calm.morning.without_paper = frozenset({"kiosk-1"})
    try:
        async with desk(chrome, calm, "desk", "en") as page:
            await page.locator("form[data-do=issue-ticket] [type=submit]").click()
            await expect(page.locator(".desk-ticket .bad").first).to_have_text("Not printed")
            await expect(page.locator(".desk-ticket")).to_contain_text("the printer is not ready")
            await expect(page.locator(".desk-ticket .desk-qr")).to_be_visible()
    finally:
        calm.morning.without_paper = frozenset()


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_an_appointment_is_booked_found_and_checked_in_another_cancelled(
    chrome: Browser, calm: BusyHall, lang: str
) -> None:
    async with desk(chrome, calm, "phone", lang) as page:
        codes = []
        for contact in ("13812345678", ""):
            await page.locator("form:has(input[name=day]) [type=submit]").click()
            await page.locator("form[data-do=book-appointment] input[name=contact]").fill(contact)
            await page.locator("form[data-do=book-appointment] [type=submit]").click()
            await page.wait_for_url("**&code=*")
            codes.append((await page.locator(".desk-booked .now-number").inner_text()).replace(" ", ""))
            await page.goto(f"{calm.address}/desk")
            await page.wait_for_selector(READY)
        first, second = codes
        await page.keyboard.press("s")
        await page.keyboard.type(first)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**q={first}")
        await expect(page.locator("[data-key=today] .desk-list li")).to_have_count(1)
        await expect(page.locator("[data-key=today] .desk-list")).to_contain_text("138****5678")
        await page.locator("[data-key=today] .do.main").click()
        await page.wait_for_url("**/desk?ticket=*")
        await expect(page.locator(".desk-ticket .paper-number")).to_have_text(re.compile("A[0-9]{3}"))
        assert calm.morning.printed[-1].do.template == "appointment-ticket"  # type: ignore[union-attr]
        await page.locator(f"[data-key=a-{second}] .quiet").click()
        await expect(page.locator(f"[data-key=a-{second}] .chip")).to_have_text("已取消" if lang == "zh" else "Cancelled")
        await expect(page.locator(f"[data-key=a-{first}] .chip")).to_have_text("已签到" if lang == "zh" else "Arrived")


async def test_a_late_one_is_found_and_let_back_in(chrome: Browser, calm: BusyHall) -> None:
    given = await calm.ask(dispatch.IssueTicket(service="convenience"))
    window = "window-3"
    await calm.ask(dispatch.Finish(window=window))
    assert (await calm.ask(dispatch.CallChosen(window=window, number=str(given.number)))).outcome == "done"
    for _ in range(2):
        calm.pass_by(seconds=20)
        await calm.ask(dispatch.Recall(window=window))
    assert (await calm.ask(dispatch.NoShow(window=window))).outcome == "done"
    async with desk(chrome, calm, "desk", "en") as page:
        await page.keyboard.press("f")
        await page.keyboard.insert_text(" " + full_width(str(given.number).lower()))
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**number={given.number!s}".lower())
        await expect(page.locator(".desk-ticket .paper-number")).to_have_text(str(given.number))
        await page.locator(".desk-ticket [data-do=return-ticket]").click()
        await expect(page.locator(".desk-ticket .paper-waiting")).to_be_visible()
        await page.goto(f"{calm.address}/desk?number=Z999")
        await expect(page.locator(".desk-now .refusal")).to_contain_text("Z999")
        code = page.locator("form[data-do=check-in] [name=code]")
        await code.fill(full_width("1234 5678 "))  # as it stands on the screen
        await page.keyboard.press("Tab")
        await expect(code).to_have_value("12345678")


async def test_a_call_for_help_is_answered_by_one_key(chrome: Browser, calm: BusyHall) -> None:
    async with desk(chrome, calm, "desk", "zh") as page:
        calm.morning.report("room", "baby-room", HelpAsked(place="baby-room", cubicle="cubicle-2"))
        await expect(page.locator(".alarm")).to_be_visible()
        await page.keyboard.press("h")
        await expect(page.locator(".alarm")).to_have_count(0)


async def test_a_link_to_a_ticket_that_there_is_not_says_so(calm: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=calm.address, headers={"Accept-Language": "en"}) as client:
        await client.get("/enter", params={"token": calm.accounts.entry_link("one-window")})
        assert "There is no such ticket" in (await client.get("/desk", params={"ticket": "0123456789abcdef"})).text


async def test_the_desk_is_for_those_who_give_tickets(calm: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=calm.address, follow_redirects=True) as client:
        for user, status in (("one-viewer", 403), ("one-facilities", 403), ("one-window", 200), ("one-dispatch", 200)):
            await client.get("/enter", params={"token": await asyncio.to_thread(calm.accounts.entry_link, user)})
            assert (await client.get("/desk")).status_code == status
            assert (await client.get("/desk", params={"service": "no-such"})).status_code == (404 if status == 200 else 403)


async def test_the_search_finds_by_any_of_its_words(calm: BusyHall) -> None:
    row = AppointmentRow(code="12345678", service="social", slot=calm.now, state="booked", contact="138****5678")
    names = {"social": "社会保障"}
    for text, found in (("", 1), ("1234", 1), ("社会 138", 1), ("SOCIAL", 1), ("民政", 0), ("1234 民政", 0)):
        assert len(matching([row], text, names)) == found, text
