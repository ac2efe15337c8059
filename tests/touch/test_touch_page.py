"""The touch screen's page in Chromium: a visit in both languages at kiosk sizes, its troubles, for everybody, and no way out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from broker_config.process import free_port
from contract.calling import NoticeLine
from contract.values import Text
from tests import accessible
from tests.chromium import NEEDS_CHROMIUM, chromium
from tests.touch.screens import CLOSING, TouchKiosk, many, offer, touch_kiosk

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(90)]

SIZES = {"tall": (1080, 1920), "wide": (1024, 768)}
LANGUAGES = ("zh", "en")
LIVE = "html[data-stream=live]"
FIRE = NoticeLine(notice="notice-2", text=Text(zh="请有序撤离", en="Please leave calmly"), urgent=True)
_OVERFLOWS = """() => [...document.querySelectorAll("#main, #foot, #head, .service, .name, .paper, .card, button")]
  .filter(e => e.checkVisibility() && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2))
  .map(e => e.outerHTML.slice(0, 140))"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def standing(browser: Browser, at: TouchKiosk, size: str = "tall", lang: str = "zh") -> AsyncIterator[Page]:
    """Somebody stands before the screen and has chosen a language."""
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
    context.set_default_timeout(10_000)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(at.address)
    await page.wait_for_selector(LIVE)
    if lang == "en":
        await page.tap("[data-do=language]")
    try:
        yield page
    finally:
        await context.close()
    assert not complaints


async def begin(page: Page) -> None:
    """Touch the welcome; whoever touches twice has not chosen anything yet."""
    await page.tap("[data-do=begin]")
    await page.wait_for_selector("[data-view=services]")
    await page.wait_for_timeout(380)


async def open_code(page: Page) -> None:
    """Go to the digits of an appointment."""
    await page.tap("[data-do=code]")
    await page.wait_for_timeout(380)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_visit_from_the_first_touch_to_the_ticket(browser: Browser, tmp_path: Path, lang: str, size: str) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at, size, lang) as page:
        await begin(page)
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if lang == "zh" else "en")
        social = page.locator("[data-with=social]")
        await expect(social).to_contain_text("5 人等候" if lang == "zh" else "5 waiting")
        await expect(social).to_contain_text("约 10–20 分钟" if lang == "zh" else "about 10–20 min")
        await expect(page.locator("[data-with=land]")).to_contain_text(
            "马上" if lang == "zh" else "any moment"
        )  # not: about 0 min
        await expect(page.locator("[data-with=market]")).to_contain_text("今日号已取完" if lang == "zh" else "all given out")
        await social.tap()
        await expect(page.locator(".number")).to_contain_text("A001")
        await expect(page.locator(".ahead")).to_have_text(
            "前面还有 4 人 · 约 10–20 分钟" if lang == "zh" else "4 ahead of you · about 10–20 min"
        )
        (printed,) = await at.tickets(1)
        assert "A001" in printed.text
        assert "预计等候 10-20 分钟" in printed.text
        await page.wait_for_timeout(380)
        await page.tap("[data-do=home]")
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        await page.wait_for_selector("[data-view=idle]")


async def test_several_services_and_priority_on_one_ticket(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        await begin(page)
        await page.tap("[data-do=priority]")
        await page.tap("[data-do=several]")
        for service in ("civil", "social", "land", "everyday"):
            await page.tap(f"[data-with={service}]")
        await expect(page.locator("[data-with=everyday]")).to_have_attribute("aria-pressed", "false")
        await page.tap("[data-do=take-several]")
        await expect(page.locator(".paper")).to_contain_text("随后办理：社会保障、不动产登记")
        assert at.station.requests[0].service == "civil"
        assert at.station.requests[0].priority == "priority"


_TWICE = """() => [0, 1].map(() => {
  const { left, top, width, height } = document.querySelector("#main").getBoundingClientRect();
  const button = document.elementFromPoint(left + width / 2, top + height / 3).closest("button");
  button.click();
  return button.dataset.do;
})"""


async def test_a_double_touch_gives_one_ticket_and_the_first_touch_none_by_accident(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        found = await page.evaluate(_TWICE)
        assert found == ["begin", "choose"], "the second touch of the same place meets a service"
        await page.wait_for_selector("[data-view=services]")
        assert not at.station.requests, "the second touch fell on a service that had just come"
        await page.wait_for_timeout(380)
        await page.evaluate(
            "() => { const one = document.querySelector('[data-with=social]'); one.click(); one.click(); one.click(); }"
        )
        await page.wait_for_selector("[data-view=result]")
        await page.locator("[data-with=social]").wait_for(state="detached")
        assert len(at.station.requests) == 1
        assert len(await at.tickets(1)) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_without_the_controller_a_number_is_printed_and_the_wait_is_not_known(
    browser: Browser, tmp_path: Path, lang: str
) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at, lang=lang) as page:
        at.station.lose_controller()
        await expect(page.locator(".away")).to_contain_text("离线取号中" if lang == "zh" else "queues as of")
        await begin(page)
        await expect(page.locator("[data-with=land]")).to_contain_text("服务台" if lang == "zh" else "the service desk")
        await page.tap("[data-with=social]")
        await expect(page.locator(".number")).to_contain_text("A901")
        await expect(page.locator(".ahead")).to_have_text("等候时间未知" if lang == "zh" else "wait not known")
        (printed,) = await at.tickets(1)
        assert "等候时间未知" in printed.text


async def test_a_printer_without_paper_is_said_in_both_languages_until_it_has_some(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        await begin(page)
        at.printer.run_out()
        trouble = page.locator(".trouble")
        await expect(trouble).to_contain_text("取号机缺纸，请到服务台取号")
        await expect(trouble).to_contain_text("The kiosk is out of paper")
        assert await page.locator("[data-do=choose], [data-do=code]").count() == 0
        at.printer.load_paper()
        await expect(page.locator("[data-with=social]")).to_be_visible()


async def test_a_ticket_that_jams_half_way_is_not_called_taken(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        at.printer.run_out(after=20)
        await begin(page)
        await page.tap("[data-with=social]")
        await expect(page.locator(".paper h1")).to_have_text("请稍候补打")
        await expect(page.locator(".why")).to_contain_text("自动补打")


async def test_nobody_touches_any_more_and_the_screen_is_as_it_was(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        await page.clock.install()
        await page.reload()
        await page.wait_for_selector(LIVE)
        await page.tap("[data-do=language]")
        await page.tap("[data-do=access]")
        await page.tap("[data-do=begin]")
        await page.clock.run_for(37_000)
        await expect(page.locator(".still")).to_contain_text("Do you need more time?")
        await page.tap("[data-do=stay]")
        await page.clock.run_for(30_000)
        await expect(page.locator("html")).to_have_attribute("data-view", "services")
        await page.clock.run_for(20_000)
        await expect(page.locator("html")).to_have_attribute("data-view", "idle")
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        await expect(page.locator("html")).not_to_have_attribute("data-access", "")


async def test_an_appointment_is_checked_in_with_its_digits(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        await open_code(page)
        for digit in "99":
            await page.tap(f".pad [data-with='{digit}']")
        await page.tap("[data-do=erase]")
        await page.tap("[data-do=clear]")
        await expect(page.locator("[data-do=check-in]")).to_be_disabled()
        for digit in "2026112":
            await page.tap(f".pad [data-with='{digit}']")
        await page.keyboard.press("5")
        await page.tap("[data-do=check-in]")
        await at.print_slip()
        await expect(page.locator(".number")).to_contain_text("A007")
        await expect(page.locator(".paper")).to_contain_text("签到成功")


async def test_help_is_called_and_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        await page.tap("[data-do=help]")
        await expect(page.get_by_role("alertdialog")).to_contain_text("已通知工作人员")
        await page.tap("[data-do=shut]")
        await expect(page.locator("#foot [data-do=help]")).to_contain_text("已通知工作人员")
        assert len(at.station.facts) == 1


async def test_what_is_urgent_stands_above_everything(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path, told=offer(notices=(FIRE, CLOSING))) as at, standing(browser, at) as page:
        await expect(page.get_by_role("alert")).to_contain_text("请有序撤离")
        await expect(page.locator(".notices")).to_have_text(CLOSING.text.zh)


async def test_while_the_node_is_away_the_page_says_so_and_comes_back_by_itself(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    async with touch_kiosk(tmp_path, port=port) as at:
        context = await browser.new_context(viewport={"width": 1080, "height": 1920})
        page = await context.new_page()
        await page.goto(at.address)
        await page.wait_for_selector(LIVE)
    await expect(page.locator(".trouble")).to_contain_text("取号机暂停服务")
    await expect(page.locator(".trouble")).to_contain_text("This kiosk is paused")
    async with touch_kiosk(tmp_path, port=port):
        await page.wait_for_selector(LIVE)
        await expect(page.locator("[data-do=begin]")).to_be_visible()
        await context.close()


_OUT = """async () => {
  const tried = {}, stopped = (event) => { document.body.dispatchEvent(event); return event.defaultPrevented; };
  const key = (key, more = {}) => stopped(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  for (const name of ["contextmenu", "selectstart", "dragstart", "drop", "copy", "paste"]) {
    tried[name] = stopped(new Event(name, { bubbles: true, cancelable: true }));
  }
  tried.print = key("p", { ctrlKey: true });
  tried.tab = key("t", { ctrlKey: true });
  tried.zoom = key("+", { ctrlKey: true });
  tried.wheel = stopped(new WheelEvent("wheel", { ctrlKey: true, bubbles: true, cancelable: true }));
  tried.pinch = stopped(new Event("touchmove", { bubbles: true, cancelable: true }));
  tried.back = key("ArrowLeft", { altKey: true });
  tried.tools = key("F12") && key("I", { ctrlKey: true, shiftKey: true });
  tried.address = key("F6") && key("l", { ctrlKey: true });
  tried.full = key("F11");
  tried.window = window.open("about:blank") === null;
  tried.links = document.querySelectorAll("a, area, form, iframe, object, embed, input, [contenteditable]").length === 0;
  tried.reach = await fetch("http://127.0.0.1:9/").then(() => false, (error) => error.name === "TypeError");
  tried.script = (() => { try { document.body.innerHTML = "<b>x</b>"; return false; } catch { return true; } })();
  tried.keys_that_are_meant = !key("Tab") && !key("Enter");
  return tried;
}"""


async def test_there_is_no_way_out(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        await begin(page)
        tried: dict[str, bool] = await page.evaluate(_OUT)
        assert [name for name, held in tried.items() if not held] == []
        name = page.locator("[data-with=social] strong").first
        await name.click(click_count=3, button="right")
        await page.mouse.move(200, 300)
        await page.mouse.down()
        await page.mouse.move(800, 900)
        await page.mouse.up()
        assert await page.evaluate("getSelection().toString()") == ""
        await page.keyboard.press("Control+Equal")
        await page.keyboard.press("Alt+ArrowLeft")
        await page.keyboard.press("Backspace")
        assert await page.evaluate("visualViewport.scale") == 1
        assert page.url == f"{at.address}/"
        assert len(page.context.pages) == 1
        assert await page.evaluate("matchMedia('print').matches") is False
        await page.emulate_media(media="print")
        assert await page.evaluate("getComputedStyle(document.body).display") == "none"


_ORDER = """(address) => fetch(`${address}/take`, {
  method: "POST", mode: "no-cors", body: JSON.stringify({ id: "order-0001", service: "social" }),
}).then((answer) => answer.type, () => "refused")"""
_FRAME = """(address) => new Promise((loaded) => {
  const frame = document.createElement("iframe");
  frame.onload = loaded;
  frame.src = address;
  document.body.append(frame);
})"""


async def _elsewhere(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<h1>evil</h1>")
    writer.close()


async def test_another_page_on_the_same_machine_can_neither_order_nor_frame_it(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    async with touch_kiosk(tmp_path) as at, await asyncio.start_server(_elsewhere, "127.0.0.1", port):
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.evaluate(_ORDER, at.address)
        assert at.station.counts["refused-stranger"] == 1
        await page.evaluate(_FRAME, at.address)
        assert await page.frames[1].locator("#main").count() == 0
        assert await page.evaluate("(address) => fetch(address + '/setup').then(() => true, () => false)", at.address) is False
        assert not at.station.requests
        await context.close()


async def everywhere(page: Page, at: TouchKiosk) -> AsyncIterator[str]:
    """Each view, one after the other."""
    yield "welcome"
    await begin(page)
    yield "services"
    await page.tap("[data-do=priority]")
    await page.tap("[data-do=several]")
    await page.tap("[data-with=social]")
    yield "several services with priority"
    await page.tap("[data-do=take-several]")
    await page.wait_for_selector("[data-view=result]")
    yield "the ticket"
    await page.wait_for_timeout(380)
    await page.tap("[data-do=home]")
    await page.wait_for_timeout(380)


async def again(page: Page, lang: str, access: bool) -> None:
    """The language and the mode of somebody who begins anew."""
    if lang == "en":
        await page.tap("[data-do=language]")
    if access:
        await page.tap("[data-do=access]")


@pytest.mark.parametrize(
    ("size", "lang", "access"),
    [("tall", "zh", False), ("tall", "en", True), ("wide", "en", False), ("wide", "zh", True), ("wide", "en", True)],
)
async def test_it_is_for_everybody_and_fits(browser: Browser, tmp_path: Path, lang: str, size: str, access: bool) -> None:
    found: dict[str, Any] = {}

    async def look(page: Page, where: str) -> None:
        if faults := [
            *await accessible.faults(page), *await accessible.misfits(page), *await page.evaluate(_OVERFLOWS),
        ]:  # fmt: skip
            found[where] = faults

    async with touch_kiosk(tmp_path, told=many(), scanner="scanner-1") as at, standing(browser, at, size, lang) as page:
        await again(page, "", access)
        async for where in everywhere(page, at):
            await look(page, where)
        await again(page, lang, access)
        await open_code(page)
        await page.tap(".pad [data-with='4']")
        await look(page, "code")
        await page.tap("[data-do=help]")
        await page.wait_for_selector(".card")
        await look(page, "help")
        await page.tap("[data-do=shut]")
        at.printer.run_out()
        await page.tap("[data-do=home]")
        await page.wait_for_selector(".trouble")
        await look(page, "paper out")
        assert found == {}


async def test_the_keyboard_reaches_everything(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, standing(browser, at) as page:
        assert await accessible.unreachable(page) == []
        await begin(page)
        assert await accessible.unreachable(page) == []


_HIGHEST = "Math.min(...[...document.querySelectorAll('button')].map((one) => one.getBoundingClientRect().top))"


async def test_whoever_sits_in_a_wheelchair_reaches_everything_there_is_to_touch(browser: Browser, tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path, told=many()) as at, standing(browser, at, "tall") as page:
        await page.tap("[data-do=access]")
        async for where in everywhere(page, at):
            if await page.locator("html[data-access]").count():
                assert await page.evaluate(_HIGHEST) > 0.3 * 1920, where
