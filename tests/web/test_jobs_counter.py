"""At the counter, in a browser: a window's console by finger and by key, the hall board, the ticket's own page, the overview."""

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from contract import dispatch
from contract.events import HelpAsked
from contract.values import Text
from tests.chromium import NEEDS_CHROMIUM
from tests.web.browsing import EVERYWHERE, Visit, visit
from tests.web.busy import BusyHall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]

WINDOW = "window-3"
"""Serves civil affairs and everyday services."""


async def following(busy: BusyHall) -> str | None:
    """Whoever is at window 3 is served, and the next one called."""
    for do in (dispatch.Start, dispatch.Finish):
        await busy.ask(do(window=WINDOW))
    return (await busy.ask(dispatch.CallNext(window=WINDOW))).number


async def fresh(busy: BusyHall, *, people: int = 3) -> list[str]:
    """Window 3 is idle and open, and so many wait for it in front; their numbers."""
    await busy.ask(dispatch.OpenWindow(window=WINDOW))
    while await following(busy) is not None:
        pass
    return [str((await busy.ask(dispatch.IssueTicket(service="convenience"))).number) for _ in range(people)]


async def called(busy: BusyHall, number: str) -> None:
    """Window 3 calls one after the other until it calls this one."""
    while (called := await following(busy)) != number:
        assert called is not None, f"{number} is not called"


class Console:
    """A window's console, pressed by finger or by key."""

    def __init__(self, visit: Visit, keys: bool) -> None:
        self.visit, self.page, self.keys = visit, visit.page, keys
        self.number = self.page.locator(".now-number")
        self.stage = self.page.locator(".now-stage")

    async def press(self, action: str, becomes: str) -> None:
        """Press a button, or the key that stands on it, and see the stage that it leads to."""
        button = self.page.locator(f".pad [data-do={action}]")
        await expect(button).to_be_enabled()
        if self.keys:
            await self.page.keyboard.press(str(await button.get_attribute("data-shortcut")))
        else:
            await _tap(self.visit, button)
        await expect(self.page.locator(f".now-{becomes}")).to_be_visible()


async def _tap(visit: Visit, target: Locator) -> None:
    await (target.tap() if await visit.page.evaluate("navigator.maxTouchPoints > 0") else target.click())


@EVERYWHERE
@pytest.mark.parametrize("keys", [False, True], ids=["pressed", "keyed"])
async def test_a_window_serves_its_people(chrome: Browser, busy: BusyHall, lang: str, size: str, keys: bool) -> None:
    first, second, third = await fresh(busy)
    async with visit(chrome, busy, lang, size, "one-window") as here:
        await here.go(f"/window/{WINDOW}")
        console = Console(here, keys)
        await console.press("call-next", "called")
        await expect(console.number).to_have_text(first)
        await here.pass_by(1)
        await console.press("recall", "called")
        await here.said("秒", "s")
        for times in (2, 3):
            await here.pass_by(16)
            await console.press("recall", "called")
            await expect(console.stage).to_contain_text(f"第 {times} 次呼叫" if lang == "zh" else f"Call {times}")
        await here.pass_by(16)
        await console.press("no-show", "idle")
        await expect(console.number).to_have_text("未叫号" if lang == "zh" else "No ticket")
        await console.press("call-next", "called")
        await expect(console.number).to_have_text(second)
        await console.press("start", "serving")
        await console.press("invite", "serving")
        await console.press("park", "idle")
        await expect(here.page.locator(f"[data-do=call-parked][data-with*={second}]")).to_be_visible()
        await console.press("call-next", "called")
        await expect(console.number).to_have_text(third)
        await console.press("start", "serving")
        await console.press("finish", "idle")
        await _tap(here, here.page.locator(f"[data-do=call-parked][data-with*={second}]"))
        await expect(console.number).to_have_text(second)
        await console.press("start", "serving")
        await here.page.select_option("form[data-do=transfer] [name=service]", "social-security")
        await here.page.locator("form[data-do=transfer] button").click()
        await expect(console.number).to_have_text("未叫号" if lang == "zh" else "No ticket")
        waiting = next(service for service in busy.hall.view().services if service.service == "social-security").waiting
        assert second in {ticket.number for ticket in waiting}
        await console.press("pause-window", "idle")
        await console.press("open-window", "idle")


@EVERYWHERE
async def test_staff_sign_on_as_a_substitute_and_off(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with visit(chrome, busy, lang, size, "one-window") as here:
        await here.go("/windows")
        await here.page.locator(f"a[href='/window/{WINDOW}']").click()
        await here.page.wait_for_selector("html[data-stream=live]")
        await here.page.select_option("[name=staff]", "window-4-a")
        await here.page.select_option("[name=instead_of]", f"{WINDOW}-a")
        await here.page.locator("form[data-do=sign-on] button").click()
        await expect(here.page.locator(".plate")).to_have_text("赵敏（替岗）" if lang == "zh" else "Zhao Min (substitute)")
        await here.page.locator("form[data-do=sign-off] button").click()
        await expect(here.page.locator(".plate")).to_have_count(0)


@EVERYWHERE
async def test_the_overview_leads_to_whoever_asks_for_help(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with visit(chrome, busy, lang, size, "one-dispatch") as here:
        await here.go("/")
        busy.morning.report("entrance", "help-a", HelpAsked(place="zone-a"))
        alarm = here.page.locator(".alarm", has_text="民生服务区" if lang == "zh" else "Zone A")
        await expect(alarm).to_be_visible()
        await alarm.locator("button").click()
        await expect(alarm).to_have_count(0)


async def _ticket(busy: BusyHall) -> tuple[str, str]:
    await fresh(busy, people=1)
    issued = await busy.ask(dispatch.IssueTicket(service="convenience"))
    return str(issued.ticket), str(issued.number)


@EVERYWHERE
async def test_a_ticket_tells_its_holder_where_they_stand_and_takes_their_word(
    chrome: Browser, busy: BusyHall, lang: str, size: str
) -> None:
    ticket, number = await _ticket(busy)
    async with visit(chrome, busy, lang, size, user=None) as here:
        page = here.page
        await here.go(f"/t/{ticket}")
        await expect(page.locator(".paper-number")).to_have_text(number)
        await expect(page.locator(".paper-facts")).to_contain_text("1 人" if lang == "zh" else "1")
        await expect(page.locator(".paper-facts")).to_contain_text("分钟" if lang == "zh" else "min")
        await called(busy, number)
        await expect(page.locator(".paper-window")).to_have_text("3号窗口" if lang == "zh" else "Window 3")
        await busy.ask(dispatch.Start(window=WINDOW))
        await busy.ask(dispatch.Finish(window=WINDOW))
        await page.locator(".paper-rating button[value='2']").click()
        await expect(page.locator("[data-key=rated]")).to_be_visible()
        await page.locator(".paper-complaint summary").click()
        await page.locator(".paper-complaint button").click()
        await expect(page.locator("[data-key=complained]")).to_be_visible()
    cases: list[Any] = [case for case in busy.hall.view().cases if case.number == number]
    assert {case.origin for case in cases} == {"rating", "complaint"}


@EVERYWHERE
async def test_the_board_shows_calls_and_gives_way_to_an_emergency(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    _, number = await _ticket(busy)
    async with visit(chrome, busy, lang, size, user=None) as here:
        await here.go("/board/zone-a")
        await called(busy, number)
        await expect(here.page.locator(".tv-number")).to_have_text(number)
        urgent = await busy.ask(dispatch.PostNotice(text=Text(zh="请有序撤离", en="Please leave calmly"), urgent=True))
        await expect(here.page.get_by_role("alert")).to_contain_text("请有序撤离" if lang == "zh" else "Please leave calmly")
        await expect(here.page.locator(".tv-number")).to_have_count(0)
        await busy.ask(dispatch.WithdrawNotice(notice=str(urgent.notice)))
        await expect(here.page.locator(".tv-number")).to_have_text(number)
