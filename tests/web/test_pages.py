"""The pages as HTML: both languages, every role, every state, and what the scenes work out."""

import re
from datetime import timedelta
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Literal

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from contract.dispatch import Action, CallNext, Finish, NoShow, PostNotice, Recall, Start
from contract.overrides import HoursOn, Override, Quota
from contract.values import Text
from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.config_parts import Board
from controller.view import CallView, OverrideView, RatingRow
from controller.web import pages, scenes
from controller.web.app import create_app
from controller.web.language import catalogue, choose
from controller.web.live import Picture
from hallware.press import Press
from tests.web.clock import Clock
from tests.web.conftest import browser
from tests.web.hall import PaperHall, request
from tests.web.paper import token
from tests.web.scene import config

STAFF_PAGES = ("/", "/windows", "/window/w1", "/devices", "/ratings", "/rooms", "/reports", "/account", "/accounts")
WEB = Path(str(files("controller.web")))
HANZI = re.compile(r"[\u4e00-\u9fff]")


async def do(hall: PaperHall, *actions: Action) -> None:
    for action in actions:
        await hall.ask(request(hall, action), "test")


@pytest.mark.parametrize("path", [*STAFF_PAGES, "/board", "/board/a", "/sign-in"])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_comes_in_both_languages(staff: httpx.AsyncClient, hall: PaperHall, path: str, lang: str) -> None:
    hall.take("social-security")
    page = await staff.get(path, params={"lang": lang})
    assert page.status_code == 200
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' in page.text
    assert ("综合便民服务中心" if lang == "zh" else "Civic Service Centre") in page.text
    assert not re.findall(r"<script(?![^>]*src=)|\son\w+=|style=", page.text)


async def test_language_is_remembered_and_the_switch_keeps_the_place(staff: httpx.AsyncClient) -> None:
    page = await staff.get("/ratings?window=w1&lang=en")
    assert 'href="/ratings?window=w1&amp;lang=zh"' in page.text
    assert "Ratings" in (await staff.get("/ratings")).text


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "chosen"),
    [
        ("en", "zh", "zh", "en"),
        (None, "en", "zh", "en"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "fr, en;q=0.3, zh-CN;q=0.8", "zh"),
        (None, None, "fr", "zh"),
        ("xx", "", "en;q=x", "zh"),
        (None, None, "", "zh"),
    ],
)
def test_language_by_address_then_cookie_then_browser(asked: str, remembered: str, accepted: str, chosen: str) -> None:
    assert choose(asked, remembered, accepted) == chosen


def test_catalogue_says_everything_twice_and_nothing_in_vain() -> None:
    sources = [path.read_text(encoding="utf-8") for path in WEB.rglob("*") if path.suffix in (".html", ".py")]
    parts = {key.partition(".")[0] for key in catalogue()}
    literal = {key for text in sources for key in re.findall(r"""['"]([a-z-]+\.[a-z0-9-]+)['"]""", text)}
    prefixes = {key for text in sources for key in re.findall(r"""['"]([a-z-]+\.[a-z0-9-]*)['"]\s*~""", text)} | {"problem."}
    used = {key for key in literal if key.partition(".")[0] in parts and not key.endswith(("-", ".html", ".css", ".js", ".svg"))}
    assert used <= set(catalogue())
    assert not [key for key in catalogue() if key not in used and not key.startswith(tuple(prefixes))]
    for key, text in catalogue().items():
        assert text.zh, key
        assert text.en, key
        assert not HANZI.search(text.en), key
        assert set(re.findall(r"{\w+}", text.zh)) == set(re.findall(r"{\w+}", text.en)), key


def test_templates_and_scripts_hold_no_words_of_their_own() -> None:
    for path in WEB.rglob("*"):
        if path.suffix in (".html", ".js"):
            assert not HANZI.search(path.read_text(encoding="utf-8")), path


def test_pages_load_nothing_from_elsewhere() -> None:
    for path in WEB.rglob("*"):
        if path.suffix in (".html", ".js", ".css"):
            text = path.read_text(encoding="utf-8")
            assert not re.findall(r"(?:src|href)=[\"']https?:|@import|url\([\"']?https?:|import .*https?:", text), path


@pytest.mark.parametrize("role", Role)
async def test_buttons_are_for_those_who_may_press_them(
    anybody: httpx.AsyncClient, accounts: Accounts, hall: PaperHall, role: Role
) -> None:
    hall.take("social-security")
    await anybody.get("/enter", params={"token": accounts.entry_link(f"one-{role.value}")})
    window = (await anybody.get("/window/w1")).text
    assert ('data-do="call-next"' in window) is (role in (Role.WINDOW, Role.DISPATCH, Role.ADMINISTRATOR))
    devices = (await anybody.get("/devices")).text
    assert ('data-do="command-device"' in devices) is (role not in (Role.VIEWER, Role.WINDOW))
    notices = (await anybody.get("/notices")).text
    assert ('data-do="post-notice"' in notices) is (role in (Role.DISPATCH, Role.ADMINISTRATOR))


async def test_names_from_outside_are_escaped(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    await do(hall, PostNotice(text=Text(zh="<script>alert(1)</script>", en="'\"><img src=x>")))
    for path in ("/", "/board"):
        for lang in ("zh", "en"):
            page = (await staff.get(path, params={"lang": lang})).text
            assert "<script>alert" not in page
            assert "<img" not in page


async def test_ticket_page_tells_its_story(anybody: httpx.AsyncClient, hall: PaperHall, clock: Clock) -> None:
    hall.take("property")
    ticket = hall.take("property")
    last = hall.take("property")

    async def says(which: str = ticket.ticket) -> str:
        return unescape((await anybody.get(f"/t/{which}?lang=en")).text)

    assert re.search(r"Ahead of you</dt><dd>1<", await says())
    assert "about 12–25 min" in await says()
    assert "Zone B · Registration" in await says()
    await do(hall, CallNext(window="w3"))
    assert "You are next" in await says()
    await do(hall, CallNext(window="w3"))
    assert re.search(r"Please go to</p><p class=\"paper-window\">Window 3<", await says())
    await do(hall, NoShow(window="w3"))
    assert "called after 3 others" in await says()
    await do(hall, CallNext(window="w3"), Start(window="w3"))
    assert "You are being served at" in await says(last.ticket)
    await do(hall, Finish(window="w3"))
    assert "Thank you for coming" in await says(last.ticket)
    waiting = hall.take("property")
    clock.pass_by(days=1)
    assert "earlier day" in await says(waiting.ticket)


async def test_a_notice_says_on_which_day_it_ends(staff: httpx.AsyncClient, hall: PaperHall, clock: Clock) -> None:
    midnight = (clock() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    for until in (midnight - timedelta(minutes=1), midnight, midnight + timedelta(days=4, hours=17)):
        await do(hall, PostNotice(text=Text(zh="停机", en="Down"), until=until))
    page = (await staff.get("/notices?lang=en")).text
    assert re.findall("· until ([^<]+)<", page) == ["23:59", "24:00", f"{midnight + timedelta(days=4):%Y-%m-%d} 17:00"]


@pytest.mark.parametrize("ticket", ["0123456789abcdef", "short", "%00%00%00%00%00%00%00%00", "..%2f..%2fetc"])
async def test_unknown_tickets_are_told_in_words(anybody: httpx.AsyncClient, ticket: str) -> None:
    assert (await anybody.get(f"/t/{ticket}")).status_code == 404


async def test_board_of_a_zone_shows_its_calls_and_notices_only(anybody: httpx.AsyncClient, hall: PaperHall) -> None:
    hall.take("social-security")
    hall.take("property")
    await do(hall, CallNext(window="w1"), CallNext(window="w3"), PostNotice(text=Text(zh="乙", en="only b"), zones=("b",)))
    a, b, both = [(await anybody.get(path, params={"lang": "en"})).text for path in ("/board/a", "/board/b", "/board")]
    assert "A001" in a
    assert "C001" not in a
    assert "only b" not in a
    assert "C001" in b
    assert "only b" in b
    assert "A001" in both
    assert "C001" in both
    assert (await anybody.get("/board/z")).status_code == 404


async def test_urgent_notice_takes_the_board_over_and_ends_in_time(
    anybody: httpx.AsyncClient, hall: PaperHall, clock: Clock
) -> None:
    until = clock() + timedelta(minutes=10)
    await do(hall, PostNotice(text=Text(zh="请撤离", en="Please leave the building"), urgent=True, until=until))
    page = (await anybody.get("/board?lang=zh")).text
    assert "tv-urgent" in page
    assert "请撤离" in page
    assert "Please leave the building" in page
    clock.pass_by(minutes=11)
    assert "tv-urgent" not in (await anybody.get("/board")).text


async def test_the_board_says_of_whom_no_ticket_is_given_and_not_that_their_turn_is_soon(
    anybody: httpx.AsyncClient, hall: PaperHall
) -> None:
    hall.take("property")
    why = Text(zh="不在服务时间", en="the hall is closed now")
    hall._view = replace(hall.view(), services=tuple(replace(service, why_closed=why) for service in hall.view().services))
    page = (await anybody.get("/board?lang=en")).text
    assert page.count("the hall is closed now") == sum(s.windows_open > 0 and not s.count for s in hall.view().services) > 0
    assert "any moment" not in page


async def test_only_a_young_call_blinks(anybody: httpx.AsyncClient, hall: PaperHall, clock: Clock) -> None:
    hall.take("property")
    await do(hall, CallNext(window="w3"))
    assert "tv-now fresh" in (await anybody.get("/board")).text
    clock.pass_by(seconds=7)
    assert "tv-now fresh" not in (await anybody.get("/board")).text


async def test_dispatch_sees_on_which_boards_a_call_was_shown(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    hall.take("social-security")
    await do(hall, CallNext(window="w1"))
    hall.show("board-main")
    hall.show("board-1")
    hall.show("board-a", outcome="late")
    page = (await staff.get("/?lang=en")).text
    assert "Shown on 2 of 3" in page
    assert "Not shown: board-a" in page
    assert "Too late on: board-a" in page


async def test_recalled_ticket_stands_on_the_board_once(hall: PaperHall) -> None:
    hall.take("property")
    await do(hall, CallNext(window="w3"), Recall(window="w3"))
    (call,) = scenes.board_calls(config(), hall.view(), None)
    assert call.times == 2


async def test_devices_page_says_what_to_touch(staff: httpx.AsyncClient) -> None:
    page = (await staff.get("/devices?lang=en")).text
    assert "2 to see to" in page
    assert "Open the grey cover on the right of the kiosk" in page
    assert "Check power and network cable" in page
    assert "3 events to be sent" in page


@pytest.mark.parametrize(("state", "counted"), [("lost", 3), ("offline", 1)])
async def test_of_a_node_that_is_away_nobody_says_that_its_devices_are_well(
    staff: httpx.AsyncClient, hall: PaperHall, clock: Clock, state: Literal["lost", "offline"], counted: int
) -> None:
    here = next(node for node in hall.view().nodes if node.node == "room")
    assert here.status is not None
    devices = tuple(msgspec.structs.replace(here.devices[0], device=name) for name in ("room-1", "room-2"))
    away = clock() - timedelta(minutes=7)
    hall.node(msgspec.structs.replace(here, status=msgspec.structs.replace(here.status, state=state), devices=devices, away=away))
    for language, since, before in (
        ("en", f"Unknown since {away:%H:%M}", "Before: All is well."),
        ("zh", f"未知，自 {away:%H:%M}", "之前：一切正常。"),
    ):
        page = (await staff.get(f"/devices?lang={language}")).text
        room = page[page.index('data-key="node-room"') :]
        assert (room.count(since), room.count(before), room.count("chip-ready")) == (2, 2, 0)
    assert f"{counted} to see to" in (await staff.get("/devices?lang=en")).text
    assert f'<strong>{counted}<small aria-hidden="true"> !</small></strong></a>' in (await staff.get("/?lang=en")).text


async def test_of_a_node_that_was_away_before_the_controller_came_no_moment_is_made_up(
    staff: httpx.AsyncClient, hall: PaperHall
) -> None:
    here = next(node for node in hall.view().nodes if node.node == "room")
    hall.node(msgspec.structs.replace(here, away=None))
    page = (await staff.get("/devices?lang=en")).text
    assert '<span class="chip chip-unknown">Unknown</span>' in page


async def test_staff_read_at_once_that_the_broker_is_out_of_reach(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    paths = ("/", "/window/w1", "/desk", "/devices")
    assert not [path for path in paths if "Cut off" in (await staff.get(f"{path}?lang=en")).text]
    hall._version += 1
    hall._view = msgspec.structs.replace(hall.view(), out_of_reach=hall.clock() - timedelta(minutes=2))
    for path in paths:
        page = (await staff.get(f"{path}?lang=en")).text
        assert "Cut off from every device" in page, path
        assert "ask an administrator to look at the service mosquitto" in page
    assert "hallware_broker_out_of_reach 1.0" in (await staff.get("/metrics")).text


async def test_pages_are_made_anew_for_a_late_check_and_for_whoever_is_far_back_in_line(hall: PaperHall) -> None:
    hall.take("property")
    view = hall.view()
    late = replace(view, rooms=tuple(replace(room, late=True, due=view.at) for room in view.rooms))
    moved = replace(view, services=tuple(replace(service, count=service.count + 5) for service in view.services))
    parts = {page.name: page.part for page in pages.PAGES}
    assert parts["overview"](Picture(view), {}) != parts["overview"](Picture(late), {})
    far_back = {"ticket": "of-somebody-far-back"}
    assert parts["ticket"](Picture(view), far_back) != parts["ticket"](Picture(moved), far_back)


async def test_a_change_for_a_service_that_hall_toml_has_no_more_can_still_be_ended(
    staff: httpx.AsyncClient, hall: PaperHall
) -> None:
    at = hall.clock()
    whats: tuple[Override, ...] = (Quota(service="given-up", daily=9), HoursOn(day=at.date(), service="given-up"))
    kept = [
        OverrideView(override=f"override-{n}", what=what, since=at, until=at + timedelta(hours=1), by="web:li", why="busy")
        for n, what in enumerate(whats)
    ]
    hall._view = replace(hall.view(), overrides=tuple(kept))
    page = await staff.get("/settings")
    assert page.status_code == 200
    assert page.text.count("given-up") == page.text.count('data-do="end-override"') == 2


async def test_help_is_asked_for_on_overview_and_room_page(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    hall.cry("baby-room", "a")
    for path in ("/", "/rooms"):
        page = (await staff.get(path, params={"lang": "en"})).text
        assert "Help is asked for" in page
        assert "Baby room, ground floor" in page
        assert 'data-do="answer-help"' in page


async def test_a_complaint_stands_on_the_ratings_page_until_somebody_sees_to_it(
    staff: httpx.AsyncClient, hall: PaperHall
) -> None:
    hall.complain("w1", "A001")
    page = (await staff.get("/ratings?lang=en")).text
    assert "Please send somebody to the window to listen." in page
    assert 'data-do="see-complaint"' in page
    assert "请派人到窗口了解情况。" in (await staff.get("/ratings?lang=zh")).text


async def test_response_rate_stands_beside_satisfaction(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    for level in (5, 3, 2, None):
        hall.rate("w1", level, "A001")
    hall.rate("w2", 1, "A002", after=1.0)
    page = (await staff.get("/ratings?window=w1&lang=en")).text
    assert "66.7%" in page
    assert "75.0%" in page
    assert "Very quick" not in page
    assert "Very quick" in (await staff.get("/ratings?lang=en")).text


@pytest.mark.parametrize(("levels", "least", "found"), [
    ([5] * 30, 30, (30, 5)), ([5] * 29, 30, None), ([5] * 15 + [4] + [5] * 15, 30, None), ([None, 5] * 30, 30, (30, 5)),
    ([3, *[1] * 4, 3, 3], 4, (4, 1)), ([5] * 99, 0, None), ([], 1, None),
])  # fmt: skip
def test_many_of_one_level_in_a_row_are_marked(
    clock: Clock, levels: list[int | None], least: int, found: tuple[int, int] | None
) -> None:
    assert scenes.alike((RatingRow(at=clock(), window="w1", level=level) for level in levels), least) == found


@pytest.mark.parametrize(("lang", "said"), [("zh", "连续 30 次均为“非常满意”"), ("en", "30 in a row")])
async def test_a_window_whose_ratings_are_all_alike_is_marked_for_a_look(
    staff: httpx.AsyncClient, hall: PaperHall, lang: str, said: str
) -> None:
    for number in range(29):
        hall.rate("w1", 5, f"A{number:03}")
    assert said not in (await staff.get(f"/ratings?lang={lang}")).text
    hall.rate("w1", 5, "A029")
    assert (await staff.get(f"/ratings?lang={lang}")).text.count(said) == 1


def test_nobody_rated_is_no_satisfaction_rather_than_none(clock: Clock) -> None:
    found = scenes.figures([RatingRow(at=clock(), window="w1")])
    assert (found.satisfaction, found.response) == (None, 0.0)


@pytest.mark.parametrize(
    ("window", "boards"),
    [("w1", ["board-main", "board-a", "board-1"]), ("w2", ["board-main", "board-a"]), ("w3", ["board-main"])],
)
def test_boards_that_a_call_concerns(window: str, boards: list[str], clock: Clock) -> None:
    assert [board.id for board in scenes.boards_for(config(), window)] == boards
    call = CallView(call=token(), at=clock(), number="A001", window=window, window_name=Text(zh="", en=""), times=1)
    assert scenes.shown(config(), call).missing == tuple(boards)


def test_nobody_waits_for_a_board_of_notices_to_show_a_call(clock: Clock) -> None:
    with_notices = msgspec.structs.replace(config(), board=(Board(id="board-main"), Board(id="board-notices", lines=0)))
    assert [board.id for board in scenes.boards_for(with_notices, "w1")] == ["board-main"]


@pytest.mark.parametrize(("lang", "said"), [("zh", "模板文件有误"), ("en", "the one before serves meanwhile")])
async def test_a_broken_template_is_named_with_its_line(
    hall: PaperHall, accounts: Accounts, tmp_path: Path, lang: str, said: str
) -> None:  # fmt: skip
    (tmp_path / "handover.toml").write_text('name = { zh = "甲", en = "A" }\n[[part]]\nkind = "picture"\n')
    own = msgspec.structs.replace(hall.config.slips, templates=tmp_path)
    press = Press(msgspec.structs.replace(hall.config, slips=own))
    hall.forms = press.forms
    async with browser(create_app(hall, accounts, press=press)) as staff:
        await staff.get("/enter", params={"token": accounts.entry_link("one-window")})
        page = (await staff.get(f"/slips?lang={lang}")).text
    assert said in page
    assert "handover.toml" in page
    assert "(at line 2)" in page
