"""The other main jobs, in a browser: a window is chosen, a zone looks up, an account is kept, a device is found."""

from collections.abc import Callable
from importlib import import_module

import pytest
from playwright.async_api import Browser, expect

from contract import dispatch
from contract.values import Text
from controller.accounts_roles import Role
from tests.chromium import NEEDS_CHROMIUM
from tests.web.browsing import EVERYWHERE, visit
from tests.web.busy import BusyHall
from tests.web.test_accessible import LOOKED_AT

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]

MAIN_JOBS = {
    "/": "test_jobs_counter.test_the_overview_leads_to_whoever_asks_for_help",
    "/account": "test_jobs_rest.test_somebody_gives_a_program_a_token_and_takes_another_password",
    "/accounts": "test_jobs_office.test_an_account_is_made_and_given_another_role",
    "/board": "test_jobs_counter.test_the_board_shows_calls_and_gives_way_to_an_emergency",
    "/board/{zone:str}": "test_jobs_rest.test_a_zones_board_shows_the_calls_of_its_zone",
    "/cases": "test_jobs_office.test_a_case_is_assigned_taken_a_step_on_and_appealed",
    "/desk": "test_desk.test_a_ticket_is_given_by_keyboard_printed_and_shown_to_photograph",
    "/devices": "test_browser.test_devices_page_asks_a_device_to_show_itself",
    "/inventory": "test_jobs_rest.test_a_device_is_found_by_what_is_due",
    "/inventory/{device:str}": "test_upkeep_browser.test_facilities_walk_the_round_look_after_a_device_and_check_a_room",
    "/maintenance": "test_jobs_rest.test_a_device_is_found_by_what_is_due",
    "/nodes": "test_jobs_office.test_a_new_machine_is_let_in",
    "/nodes/cards": "test_jobs_rest.test_a_device_is_found_by_what_is_due",
    "/notices": "test_browser.test_an_emergency_takes_over_the_boards_once_it_is_confirmed",
    "/ratings": "test_browser.test_ratings_and_rooms_follow_what_happens",
    "/reports": "test_jobs_office.test_a_report_is_taken_home",
    "/rooms": "test_upkeep_browser.test_facilities_walk_the_round_look_after_a_device_and_check_a_room",
    "/rooms/sheet": "test_upkeep_browser.test_facilities_walk_the_round_look_after_a_device_and_check_a_room",
    "/round": "test_upkeep_browser.test_facilities_walk_the_round_look_after_a_device_and_check_a_room",
    "/settings": "test_settings_page.test_the_hall_closes_early_for_a_day_and_is_as_before_again",
    "/sign-in": "test_browser.test_signing_in_leads_to_the_page_one_wanted",
    "/slips": "test_slips.test_a_slip_is_filled_in_seen_printed_and_printed_again",
    "/t/{ticket:str}": "test_jobs_counter.test_a_ticket_tells_its_holder_where_they_stand_and_takes_their_word",
    "/window/{window:str}": "test_jobs_counter.test_a_window_serves_its_people",
    "/windows": "test_jobs_rest.test_a_window_is_chosen_and_its_console_opens",
}
"""Route to the test in which somebody does what its page is for, in both languages, at a desk and on a phone."""


def everywhere(test: Callable[..., object]) -> bool:
    """Whether a test is run in both languages at both sizes; the tabs of `test_browser` have both sizes by themselves."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    runs = {
        name: mark.args[1] for mark in marks for name in (mark.args[0] if isinstance(mark.args[0], tuple) else (mark.args[0],))
    }
    if "size" in runs:
        return {run[:2] for run in runs["size"]} == {(lang, size) for lang in ("zh", "en") for size in ("desk", "phone")}
    return {*runs.get("lang", ())} == {"zh", "en"} and "page" in test.__annotations__


async def test_every_page_has_its_main_job_done_in_both_languages_and_sizes() -> None:
    assert MAIN_JOBS.keys() == LOOKED_AT.keys()
    for job in set(MAIN_JOBS.values()):
        module, _, name = job.partition(".")
        assert everywhere(getattr(import_module(f"tests.web.{module}"), name)), job


@EVERYWHERE
async def test_a_window_is_chosen_and_its_console_opens(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with visit(chrome, busy, lang, size, "one-window") as here:
        await here.go("/windows")
        tile = here.page.locator("[data-key=w-window-1] a")
        await expect(tile.locator(".chip")).to_have_text("已叫号" if lang == "zh" else "Called")
        await tile.click()
        await here.page.wait_for_url("**/window/window-1*")
        await expect(here.page.locator("h1")).to_contain_text("1号" if lang == "zh" else "1")
        await expect(here.page.locator(".now-number")).to_be_visible()


@EVERYWHERE
async def test_a_zones_board_shows_the_calls_of_its_zone(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with visit(chrome, busy, lang, size, user=None) as here:
        await here.go("/board/zone-b")
        elsewhere, _ = await call(busy, "zone-a")
        number, name = await call(busy, "zone-b")
        await expect(here.page.locator("#live")).to_contain_text(number)
        await expect(here.page.locator("#live")).to_contain_text(name.within(lang))
        await expect(here.page.locator("#live")).not_to_contain_text(elsewhere)


async def call(busy: BusyHall, zone: str) -> tuple[str, Text]:
    """Somebody new is called to an open window of a zone: the number, and the window's name."""
    open_ = {window.window for window in busy.hall.view().windows if window.state == "open"}
    window = [window for window in busy.morning.config.window if window.zone == zone and window.id in open_][-1]
    number = (await busy.ask(dispatch.IssueTicket(service=window.services[0]))).number
    for end in (dispatch.Start, dispatch.Finish):
        await busy.ask(end(window=window.id))
    called = await busy.ask(dispatch.CallChosen(window=window.id, number=str(number)))
    assert called.outcome == "done", called
    return str(number), window.name.text


@EVERYWHERE
async def test_somebody_gives_a_program_a_token_and_takes_another_password(
    chrome: Browser, busy: BusyHall, lang: str, size: str
) -> None:
    name = f"own-{lang}-{size}"
    busy.accounts.add_user(name, Role.VIEWER, by="admin")
    async with visit(chrome, busy, lang, size, name) as here:
        await here.go("/account")
        making = here.page.locator("form[action='/account/tokens']")
        await making.locator("[name=label]").fill("prometheus")
        await making.locator("[type=submit]").click()
        await expect(here.page.locator(".success .secret")).to_contain_text("hw_")
        row = here.page.locator("li.row", has_text="prometheus")
        await expect(row).to_contain_text("从未使用" if lang == "zh" else "never used")
        await row.locator("button").click()
        await expect(row).to_have_count(0)
        changing = here.page.locator("form[action='/account/password']")
        await changing.locator("[name=password]").fill("a longer password 8")
        await changing.locator("[type=submit]").click()
        await expect(here.page.locator(".success")).to_be_visible()
        assert next(user for user in busy.accounts.users() if user.name == name).has_password


@EVERYWHERE
async def test_a_device_is_found_by_what_is_due(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    async with visit(chrome, busy, lang, size, "one-facilities") as here:
        await here.go("/maintenance")
        await expect(here.page.locator("[data-key=records]")).to_contain_text("切纸不齐")
        await here.page.locator("[data-key=low] a[href='/inventory/kiosk-1']").click()
        await expect(here.page.locator("[data-key=supplies]")).to_contain_text("约剩" if lang == "zh" else "About")
        await here.go("/inventory")
        row = here.page.locator("[data-key=row-kiosk-1]")
        await expect(row.locator(".chip")).to_have_text("需留意" if lang == "zh" else "Attention")
        await row.locator("a").click()
        await here.page.wait_for_url("**/inventory/kiosk-1*")
        async with here.page.expect_download() as turns:
            await here.go("/inventory")
            await here.page.locator("a[href^='/inventory/turns.csv']").click()
        assert "paper-low" in (await (await turns.value).path()).read_text(encoding="utf-8-sig")
        await here.page.goto(f"{busy.address}/nodes/cards")
        card = here.page.locator("section.label", has=here.page.locator(".id", has_text="kiosk-1"))
        await expect(card.first.locator("svg")).to_be_visible()
