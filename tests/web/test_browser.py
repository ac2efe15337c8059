"""The pages in Chromium: each page's main job, in both languages, at a desk and on a phone."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from contract.dispatch import CallNext, Finish, IssueTicket, NoticeTimes, PostNotice, Start
from contract.values import Text
from controller.accounts import Accounts
from controller.view import HallView
from controller.web.live import Live
from tests.chromium import CHROMIUM, NEEDS_CHROMIUM, SWITCHES
from tests.web.conftest import PASSWORD
from tests.web.hall import PaperHall, request
from tests.web.month import month

pytestmark = NEEDS_CHROMIUM
SIZES = {"desk": (1280, 800), "phone": (360, 740)}
LIVE = "html[data-stream=live]"
LANGUAGES = ["zh", "en"]

_TOO_SMALL = """[...document.querySelectorAll('a, button, select, input:not([type=hidden]):not(.unseen)')]
  .filter(e => e.getClientRects().length && !e.closest('label.tick') && !e.classList.contains('skip'))
  .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def running_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Chromium for all tests here, each of which gets a context of its own; where it listens."""
    folder = tmp_path_factory.mktemp("chromium")
    command = [CHROMIUM, *SWITCHES, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield _listens(folder / "DevToolsActivePort", process)
        finally:
            process.terminate()


def _listens(told: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + 60
    while not (told.exists() and told.read_text().count("\n")):
        assert process.poll() is None, "Chromium ended at once"
        assert time.monotonic() < deadline, "Chromium does not say where it listens"
        time.sleep(0.05)
    return f"http://127.0.0.1:{told.read_text().splitlines()[0]}"


@pytest.fixture
async def chromium(running_chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect_over_cdp(running_chromium)


@pytest.fixture(params=list(SIZES))
async def context(request: pytest.FixtureRequest, chromium: Browser) -> AsyncIterator[BrowserContext]:
    width, height = SIZES[request.param]
    context = await chromium.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(10_000)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    yield page
    assert not complaints


async def enter(page: Page, address: str, accounts: Accounts, lang: str, path: str, user: str = "admin") -> None:
    await page.goto(f"{address}/enter?token={accounts.entry_link(user)}")
    await page.goto(f"{address}{path}?lang={lang}")
    await page.wait_for_selector(LIVE)


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_page_fits_and_its_buttons_are_big_enough(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    for _ in range(3):
        hall.take("social-security", "priority")
    ticket = hall.take("social-security")
    await hall.ask(request(hall, CallNext(window="w1")), "test")
    await hall.ask(request(hall, PostNotice(text=Text(zh="公告" * 60, en="notice " * 40))), "test")
    hall.rate("w1", 5, "A001")
    hall.cry("baby-room", "a")
    await enter(page, address, accounts, lang, "/")
    for path in ("/", "/windows", "/window/w1", "/devices", "/ratings", "/rooms", "/board", f"/t/{ticket.ticket}"):
        await page.goto(f"{address}{path}?lang={lang}")
        await page.wait_for_selector(LIVE)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert await page.evaluate(_TOO_SMALL) == [], path
        assert await page.evaluate("document.documentElement.lang") == ("zh-CN" if lang == "zh" else "en")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_reports_fit_and_lead_from_day_to_day(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    hall.counted = month(hall.config, date(2026, 5, 1), 31)
    await page.goto(f"{address}/enter?token={accounts.entry_link('admin')}")
    await page.goto(f"{address}/reports?month=2026-05&lang={lang}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(_TOO_SMALL) == []
    drawn = page.locator("svg.plot:visible")
    await expect(drawn).to_have_count(5)
    assert await drawn.first.evaluate("e => [...e.querySelectorAll('rect')].every(r => r.getBoundingClientRect().height > 0)")
    await page.fill("input[name=day]", "2026-05-06")
    await page.locator("form:has(input[name=day]) button").click()
    await expect(page.locator("h1")).to_contain_text("2026-05-06")
    await page.locator("a[rel=next]").click()
    await expect(page.locator("h1")).to_contain_text("2026-05-07")
    async with page.expect_download() as download:
        await page.locator("a[download]").first.click()
    assert (await download.value).suggested_filename == "centre-2026-05-07.xlsx"


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_signing_in_leads_to_the_page_one_wanted(page: Page, address: str, accounts: Accounts, lang: str) -> None:
    await page.goto(f"{address}/window/w1?lang={lang}")
    await page.fill("input[name=name]", "admin")
    await page.fill("input[name=password]", "not the password")
    await page.press("input[name=password]", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对" if lang == "zh" else "Name or password is wrong")
    await page.fill("input[name=name]", "admin")
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/window/w1")
    await page.wait_for_selector(LIVE)


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_window_console_takes_a_person_from_call_to_finish(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    await enter(page, address, accounts, lang, "/window/w1", "one-window")
    number, said = page.locator(".now-number"), page.locator("#said")
    await page.click("[data-do=call-next]")
    await expect(said).to_have_text("没有人等候。" if lang == "zh" else "Nobody waits.")
    await expect(said).to_have_attribute("aria-live", "assertive")
    hall.take("social-security")
    hall.take("social-security")
    await expect(page.locator(".queue li")).to_have_count(2)
    await page.click("[data-do=call-next]")
    await expect(number).to_have_text("A001")
    await expect(said).to_contain_text("A001")
    await page.click("[data-do=recall]")
    await expect(page.locator(".now-stage")).to_contain_text("第 2 次呼叫" if lang == "zh" else "Call 2")
    await page.click("[data-do=start]")
    await page.click("[data-do=invite]:not(:disabled)")
    await page.click("[data-do=finish]")
    await expect(number).to_have_text("未叫号" if lang == "zh" else "No ticket")
    await page.click(".queue [data-do=call-chosen]")
    await expect(number).to_have_text("A002")
    assert {actor for _, actor in hall.asked} == {"web:one-window"}


async def test_keys_do_what_stands_on_the_buttons(page: Page, address: str, accounts: Accounts, hall: PaperHall) -> None:
    hall.take("social-security")
    await enter(page, address, accounts, "en", "/window/w1")
    await page.keyboard.press("n")
    await expect(page.locator(".now-number")).to_have_text("A001")
    await page.keyboard.press("r")
    await expect(page.locator(".now-stage")).to_contain_text("Call 2")
    await page.keyboard.press("s")
    await expect(page.locator(".now-stage")).to_contain_text("Serving")
    await page.keyboard.press("Control+f")
    await page.keyboard.press("f")
    await expect(page.locator(".now-number")).to_have_text("No ticket")
    await page.keyboard.press("p")
    await expect(page.locator(".console-top .chip")).to_have_text("Paused")
    await page.keyboard.press("o")
    await expect(page.locator(".console-top .chip")).to_have_text("Open")
    hall.take("social-security")
    await expect(page.locator(".queue li")).to_have_count(1)
    await page.uncheck("[data-shortcuts]")
    await page.keyboard.press("n")
    await page.check("[data-shortcuts]")
    await page.keyboard.press("n")
    await expect(page.locator(".now-number")).to_have_text("A002")
    assert sum(isinstance(asked.do, CallNext) for asked, _ in hall.asked) == 2


async def test_focus_stays_where_it_was_while_the_page_lives(
    page: Page, address: str, accounts: Accounts, hall: PaperHall
) -> None:
    await enter(page, address, accounts, "en", "/window/w1")
    await page.focus("[data-do=call-next]")
    hall.take("social-security")
    await expect(page.locator(".queue li")).to_have_count(1)
    assert await page.evaluate("document.activeElement.dataset.do") == "call-next"


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_board_shows_a_new_call_blinking_then_steady(page: Page, address: str, hall: PaperHall, lang: str) -> None:
    await page.goto(f"{address}/board?lang={lang}")
    await page.wait_for_selector(LIVE)
    await expect(page.locator(".tv-go")).to_have_text("欢迎光临，请先取号" if lang == "zh" else "Welcome, please take a ticket")
    hall.take("property")
    await hall.ask(request(hall, CallNext(window="w3")), "test")
    await expect(page.locator(".tv-number")).to_have_text("C001")
    await expect(page.locator(".tv-go")).to_contain_text("3号窗口" if lang == "zh" else "Window 3")
    blinks = "document.querySelector('.tv-number').getAnimations()"
    (timing,) = await page.evaluate(f"{blinks}.map(a => a.effect.getComputedTiming().endTime)")
    assert timing == 3000
    await page.evaluate(f"{blinks}.forEach(a => a.finish())")
    assert await page.evaluate("getComputedStyle(document.querySelector('.tv-number')).opacity") == "1"
    hall.take("property")
    await expect(page.locator(".tv-count").nth(2)).to_contain_text("1")
    assert await page.evaluate(f"{blinks}.filter(a => a.playState === 'running').length") == 0


async def test_board_does_not_blink_for_those_who_want_less_motion(page: Page, address: str, hall: PaperHall) -> None:
    await page.emulate_media(reduced_motion="reduce")
    hall.take("property")
    await hall.ask(request(hall, CallNext(window="w3")), "test")
    await page.goto(f"{address}/board?lang=en")
    assert await page.evaluate("document.querySelector('.tv-number').getAnimations()[0].animationName") == "call-still"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["/board", "/"])
async def test_page_says_when_it_is_not_live_and_comes_back(
    page: Page,
    context: BrowserContext,
    address: str,
    accounts: Accounts,
    hall: PaperHall,
    live: Live[HallView],
    lang: str,
    path: str,
) -> None:
    await enter(page, address, accounts, lang, path)
    warning = page.locator("[data-stale]")
    await expect(warning).to_be_hidden()
    await context.set_offline(True)
    await page.evaluate("window.dispatchEvent(new Event('offline'))")
    await expect(warning).to_be_visible()
    await expect(warning).to_contain_text("过时" if lang == "zh" else "out of date")
    await context.set_offline(False)
    await page.wait_for_selector(LIVE)
    await expect(warning).to_be_hidden()
    hall.take("property")
    await hall.ask(request(hall, CallNext(window="w3")), "test")
    await expect(page.locator("#live")).to_contain_text("C001")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_an_emergency_takes_over_the_boards_once_it_is_confirmed(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    await enter(page, address, accounts, lang, "/notices", "one-dispatch")
    form, dialog = page.locator(".urgent-card form"), page.get_by_role("dialog")
    await form.locator("[name='text.zh']").fill("系统升级")
    await form.locator("[name='text.en']").fill("System upgrade")
    await form.locator("[name=zones][value=b]").check()
    await form.locator("button").click()
    await expect(dialog).to_contain_text("系统升级")
    await expect(dialog).to_contain_text("B区" if lang == "zh" else "Zone B")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert not hall.view().notices
    await form.locator("button").click()
    await dialog.locator("button[value=yes]").click()
    await expect(page.locator(".notice")).to_contain_text("系统升级" if lang == "zh" else "System upgrade")
    (notice,) = hall.view().notices
    assert notice.urgent
    assert hall.view().notice_zones == {notice.notice: ("b",)}
    await page.click("[data-do=withdraw-notice]")
    await expect(page.locator("[data-key=ended] .notice")).to_have_count(1)
    assert not hall.view().notices


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_notice_stands_in_its_zone_for_as_long_as_was_chosen(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    await enter(page, address, accounts, lang, "/notices", "one-dispatch")
    form = page.locator("form:has([name=until])")
    await form.locator("[name='text.zh']").fill("系统升级")
    await form.locator("[name='text.en']").fill("System upgrade")
    await form.locator("[name=zones][value=b]").check()
    await form.locator("select[name=until]").select_option("30")
    await form.locator("[type=submit]").click()
    await expect(page.locator("[data-key=standing] .notice")).to_contain_text("系统升级" if lang == "zh" else "System upgrade")
    (notice,) = hall.view().notices
    assert not notice.urgent
    assert notice.until is not None
    assert 28 < (notice.until - hall.clock()).total_seconds() / 60 < 31
    assert hall.view().notice_zones == {notice.notice: ("b",)}
    await expect(form.locator("[name='text.zh']")).to_have_value("")


async def test_overview_issues_tickets_and_takes_late_people_back(
    page: Page, address: str, accounts: Accounts, hall: PaperHall
) -> None:
    await enter(page, address, accounts, "en", "/")
    await page.select_option("[name=service]", "property")
    await page.select_option("[name=priority]", "priority")
    await page.dblclick("form[data-do=issue-ticket] button", delay=60)
    await expect(page.locator("#said")).to_have_text("Ticket C001.")
    assert [type(asked.do) for asked, _ in hall.asked] == [IssueTicket]  # a double click means one ticket
    assert hall.view().services[2].waiting[0].priority == "priority"
    await page.fill("[name=number]", "c001")
    await page.click("form[data-do=return-ticket] button")
    await expect(page.locator("#said")).to_have_text("That ticket was not missed.")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_help_call_appears_and_is_answered(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    await enter(page, address, accounts, lang, "/")
    hall.cry("baby-room", "a")
    await expect(page.locator(".alarm")).to_contain_text("求助" if lang == "zh" else "Help is asked for")
    await page.click(".alarm button")
    await expect(page.locator(".alarm")).to_have_count(0)


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_devices_page_asks_a_device_to_show_itself(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    await enter(page, address, accounts, lang, "/devices", "one-facilities")
    await expect(page.locator(".device-attention .touch")).to_contain_text("灰色盖板" if lang == "zh" else "grey cover")
    await page.get_by_role("button", name="识别 kiosk-1" if lang == "zh" else "Identify kiosk-1").click()
    await expect(page.locator("#said")).to_contain_text("kiosk-1")
    assert hall.asked[-1][1] == "web:one-facilities"


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_ratings_and_rooms_follow_what_happens(
    page: Page, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    await enter(page, address, accounts, lang, "/ratings")
    hall.rate("w1", 2, "A007")
    await expect(page.locator("#live")).to_contain_text("A007")
    await expect(page.locator("#live")).to_contain_text("不满意" if lang == "zh" else "Dissatisfied")
    await page.goto(f"{address}/rooms")
    await page.wait_for_selector(LIVE)
    hall.occupy("baby-room", "a", since=hall.clock())
    await expect(page.locator(".cubicle strong")).to_have_text("使用中" if lang == "zh" else "Occupied")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_ticket_page_tells_its_holder_when_to_go(page: Page, address: str, hall: PaperHall, lang: str) -> None:
    first, ticket = hall.take("property"), hall.take("property")
    assert first
    await page.goto(f"{address}/t/{ticket.ticket}?lang={lang}")
    await page.wait_for_selector(LIVE)
    await expect(page.locator(".paper-number")).to_have_text("C002")
    await hall.ask(request(hall, CallNext(window="w3")), "test")
    await expect(page.locator(".paper-facts")).to_contain_text("下一位就是您" if lang == "zh" else "You are next")
    await hall.ask(request(hall, CallNext(window="w3")), "test")
    await expect(page.locator(".paper-window")).to_have_text("3号窗口" if lang == "zh" else "Window 3")
    await hall.ask(request(hall, Start(window="w3")), "test")
    await expect(page.locator(".paper-turn")).to_contain_text("正在办理" if lang == "zh" else "being served")


async def test_switch_changes_the_language_and_stays(page: Page, address: str, accounts: Accounts) -> None:
    await enter(page, address, accounts, "zh", "/windows")
    await page.get_by_role("link", name="English").click()
    await page.wait_for_selector("html[lang=en]")
    await page.goto(f"{address}/devices")
    await expect(page.locator("h1")).to_have_text("Devices")


async def test_page_whose_account_signs_out_elsewhere_asks_to_sign_in(page: Page, address: str, accounts: Accounts) -> None:
    await enter(page, address, accounts, "en", "/notices")
    form = page.locator("form:has([name=until])")
    await form.locator("[name='text.zh']").fill("写到一半")
    await form.locator("[name='text.en']").fill("Half written")
    await asyncio.to_thread(accounts.set_password, "admin", "a new one, elsewhere")
    await expect(page.locator("[data-stale]")).to_be_visible()
    await form.locator("[type=submit]").click()
    await expect(page.locator("#said")).to_contain_text("sign in first")
    await expect(form.locator("[name='text.en']")).to_have_value("Half written")
    await form.evaluate("form => form.reset()")
    await expect(page.locator("h1")).to_have_text("Staff sign-in")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_ticket_page_offers_the_five_levels_when_the_service_ends_and_one_tap_rates(
    page: Page, address: str, hall: PaperHall, lang: str
) -> None:
    ticket = hall.take("social-security")
    await page.goto(f"{address}/t/{ticket.ticket}?lang={lang}")
    await page.wait_for_selector(LIVE)
    for action in (CallNext(window="w1"), Start(window="w1")):
        await hall.ask(request(hall, action), "test")
    levels = page.locator(".paper-rating button")
    await expect(levels).to_have_count(0)
    await hall.ask(request(hall, Finish(window="w1")), "test")
    await expect(levels).to_have_count(5)
    assert await page.evaluate(_TOO_SMALL) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await levels.nth(1).click()
    await expect(page.locator(".paper")).to_contain_text("已评价" if lang == "zh" else "Rated. Thank you")
    assert next(iter(await hall.ratings(hall.clock().date()))).level == 4
    assert await levels.count() == 0


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_notice_is_planned_by_the_halls_clock_wherever_the_browser_stands(
    chromium: Browser, address: str, accounts: Accounts, hall: PaperHall, lang: str
) -> None:
    context = await chromium.new_context(viewport={"width": 360, "height": 740}, timezone_id="America/New_York")
    context.set_default_timeout(10_000)
    page = await context.new_page()
    await enter(page, address, accounts, lang, "/notices", "one-dispatch")
    form = page.locator("form:has([name=until])")

    async def missing() -> list[str]:
        return [await field.get_attribute("name") or "" for field in await form.locator(":invalid:not(fieldset)").all()]

    await form.locator("[name='text.zh']").fill("即将午休")
    await form.locator("[name='text.en']").fill("  ")
    await page.keyboard.press("Tab")
    assert await missing() == ["text.en"]
    await form.locator("[name='text.en']").fill("Lunch break soon")
    await page.click("details.plan summary")
    await page.fill("[name=since]", "2100-01-04T08:00")
    await page.check("[name='times.days'][value=fri]")
    assert await missing() == ["times.starts", "times.ends"]  # a day without times would be every minute of every day
    await page.fill("[name='times.starts']", "11:45")
    await page.fill("[name='times.ends']", "12:00")
    assert await missing() == []
    await page.check("[name=important]")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(_TOO_SMALL) == []
    await form.locator("[type=submit]").click()
    await expect(page.locator(".notice")).to_contain_text("11:45–12:00")
    (plan,) = hall.view().planned
    assert plan.since == datetime(2100, 1, 4, 8, 0, tzinfo=UTC)
    assert (plan.important, plan.until, plan.times) == (True, None, NoticeTimes(starts="11:45", ends="12:00", days=("fri",)))
    await context.close()
