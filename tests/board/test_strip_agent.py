"""The agent of text boards, over every dialect: what it hears stands on the sign, and is answered."""

from datetime import timedelta

import pytest

from contract.commands import Identify, SelfTest
from contract.topics import BOARD_PICTURE, CALL, COMMAND
from firmware.config import Brightness
from firmware.intercom import Standing
from tests.board.dialects import DESK, called, each_dialect, order
from tests.board.halls import call, notice, picture
from tests.board.station import NOON
from tests.board.strips import at_work, one, strip_config
from tests.runtime.waiting import until


@each_dialect
async def test_a_call_stands_on_the_sign_and_is_answered_once(dialect: str) -> None:
    async with one(dialect) as work:
        work.station.tell(CALL, call("A012"))
        work.station.tell(CALL, call("A012"))
        await until(lambda: work.answers)
        assert work.shows(called(dialect))
        assert work.answers == [(call("A012").id, "shown")]
        assert work.state == ("ready", "ok")


@each_dialect
async def test_a_sign_that_wakes_up_is_told_what_stands(dialect: str) -> None:
    async with one(dialect) as work:
        work.station.tell(BOARD_PICTURE, picture(call("A012")))
        await work.showing(called(dialect))
        assert work.answers == []


@pytest.mark.parametrize("dialect", ["strip-aa", "queue", "digits"])
async def test_a_board_that_loses_its_controller_points_to_the_desk_or_shows_no_number(dialect: str) -> None:
    async with one(dialect) as work:
        work.station.tell(BOARD_PICTURE, picture(call("A012")))
        await work.showing(called(dialect))
        work.station.lose_controller()
        await work.showing(DESK.get(dialect, "请到窗口咨询"))


@pytest.mark.parametrize("dialect", ["strip-aa", "queue", "digits"])
async def test_a_window_that_goes_on_without_its_controller_has_its_own_call_on_the_strip(dialect: str) -> None:
    async with one(dialect) as work:
        work.station.lose_controller()
        await work.showing(DESK.get(dialect, "请到窗口咨询"))
        work.station.tell_neighbours(Standing(own=True, call=call("A012", at=work.station.clock.now()), new=True), "w3")
        await work.showing(called(dialect))
        await until(lambda: work.answers == [(call("A012").id, "shown")])
        work.station.tell_neighbours(Standing(own=True), "w3")
        await work.showing(DESK.get(dialect, "请到窗口咨询"))


async def test_calls_faster_than_the_strip_are_each_shown_or_overtaken_and_the_newest_stands() -> None:
    async with one("queue") as work:
        await work.being("ready", "ok")
        calls = [call(f"A{number:03}", at=NOON + timedelta(milliseconds=number)) for number in range(20)]
        for each in calls:
            work.station.tell(CALL, each)
        await until(lambda: len(work.answers) == 20)
        assert {outcome for _, outcome in work.answers} == {"shown", "overtaken"}
        assert {answered for answered, _ in work.answers} == {each.id for each in calls}
        assert dict(work.answers)[calls[-1].id] == "shown"
        assert work.shows("A019>3")


async def test_calls_of_several_windows_that_come_at_once_all_stand() -> None:
    async with one("strip-aa", layout="calls", rows=4, page=1.0, blink=0.2, columns=20) as work:
        await work.being("ready", "ok")
        for window in range(1, 7):
            work.station.tell(CALL, call(f"A01{window}", window, at=NOON + timedelta(milliseconds=window)))
        await until(lambda: len(work.answers) == 6)
        assert {outcome for _, outcome in work.answers} == {"shown"}


async def test_calls_that_come_at_once_and_find_no_row_on_a_main_board_are_shown_once_before_they_go() -> None:
    async with one("udp-card", layout="main", rows=4, columns=20, page=1.0, blink=0.2) as work:
        await work.being("ready", "ok")
        for window in range(1, 8):
            work.station.tell(CALL, call(f"A01{window}", window, at=NOON + timedelta(milliseconds=window)))
        await until(lambda: len(work.answers) == 7)
        assert {outcome for _, outcome in work.answers} == {"shown"}
        await until(lambda: work.texts()[0].startswith("请A017"))


async def test_a_new_call_blinks_on_a_board_that_can_and_then_stands() -> None:
    async with one("queue", blink=0.6, refresh=60.0) as work:
        work.station.tell(CALL, call("A012"))
        await work.showing("A012>3")
        assert work.strip.sign.places[0].blinks == 1
        await until(lambda: work.strip.sign.places[0].blinks == 0)
        assert work.shows("A012>3")


@pytest.mark.parametrize("dialect", ["udp-card", "digits-colour"])
async def test_a_new_call_has_its_colour_on_a_board_that_has_colours(dialect: str) -> None:
    async with one(dialect, blink=0.6, refresh=60.0, colour="green") as work:
        work.station.tell(CALL, call("A012"))
        await work.showing(called(dialect))
        assert work.strip.sign.places[0].colour == "yellow"
        await until(lambda: work.strip.sign.places[0].colour == "green")


async def test_a_text_that_does_not_fit_comes_in_pieces_that_say_so() -> None:
    async with one("strip-a0", page=0.4, refresh=60.0) as work:
        work.station.tell(BOARD_PICTURE, picture(notices=(notice("今日不动产登记窗口延时服务至七点"),)))
        for piece in ("今日不动产登记…", "窗口延时服务至…", "七点"):
            await work.showing(piece)
        assert work.strip.sign.counts["too long"] == 0


async def test_two_languages_take_turns() -> None:
    async with one("strip-fe", languages=("zh", "en"), page=0.4, columns=20) as work:
        work.station.tell(BOARD_PICTURE, picture(call("A012")))
        for text in ("请A012号到3号窗口", "A012 to Window 3", "请A012号到3号窗口"):
            await work.showing(text)


async def test_a_main_board_has_the_newest_call_on_top_and_notices_below() -> None:
    async with one("udp-card", layout="main", rows=4, columns=20, page=1.0, blink=1.0) as work:
        calls = [call(f"A01{window}", window, at=NOON + timedelta(seconds=window)) for window in (2, 1)]
        work.station.tell(BOARD_PICTURE, picture(*calls, notices=(notice("周六照常办公"), notice("请保管好随身物品"))))
        await work.showing("请A012号到2号窗口", "请A011号到1号窗口", "", "周六照常办公")
        await until(lambda: work.texts()[3] == "请保管好随身物品")
        work.station.tell(CALL, call("B003", 3, at=NOON + timedelta(seconds=5)))
        await until(lambda: work.texts()[:3] == ["请B003号到3号窗口", "请A012号到2号窗口", "请A011号到1号窗口"])
        assert [place.colour for place in work.strip.sign.places] == ["yellow", "red", "red", "red"]


async def test_a_notice_board_turns_pages_and_shows_what_is_urgent_alone() -> None:
    async with one("strip-aa", layout="notices", window=None, rows=2, columns=12, page=0.4) as work:
        work.station.tell(BOARD_PICTURE, picture(notices=(notice("今日不动产登记窗口延时服务至七点"),)))
        await work.showing("今日不动产登", "记窗口延时…")
        await work.showing("服务至七点", "")
        work.station.tell(CALL, call("A012"))
        urgent = notice("请立即疏散", urgent=True)
        work.station.tell(
            BOARD_PICTURE, picture(notices=(notice("周六照常办公"), urgent), version=2, at=NOON + timedelta(seconds=1))
        )
        await work.showing("请立即疏散", "")
        assert work.answers == []


async def test_a_stacked_strip_is_spoken_to_in_its_own_form() -> None:
    for dialect in ("strip-aa", "strip-fe"):
        async with one(dialect, stacked=True) as work:
            work.station.tell(CALL, call("A012"))
            await work.showing("请A012到3号窗口")
            assert work.strip.sign.counts["refused: form"] == 0


async def test_strips_on_one_line_are_each_told_their_own() -> None:
    configs = [strip_config("strip-aa", id=f"board-{n}", address=n, window=f"w{n}") for n in (1, 2, 3)]
    async with at_work(*configs) as works:
        for window, work in enumerate(works, 1):
            for number in (1, 2, 3):
                work.station.tell(CALL, call(f"A01{number}", number))
            await work.showing(f"请A01{window}到{window}号窗口")
        works[0].strip.unplug()
        for work in works:
            await work.being("fault", "wire-gone")
            work.strip.power_cut()
        works[2].strip.plug()
        for window, work in enumerate(works, 1):
            await work.showing(f"请A01{window}到{window}号窗口")


async def test_a_queue_board_is_as_bright_as_the_hour_wants_it_also_after_a_power_cut() -> None:
    night = (Brightness(since="00:00", level=2),)
    async with one("queue", brightness=night) as work:
        await until(lambda: work.strip.sign.brightness == 0)
        work.strip.power_cut()
        assert work.strip.sign.brightness == 3
        await until(lambda: work.strip.sign.brightness == 0)


@each_dialect
async def test_a_self_test_is_shown_and_answered_and_a_call_cuts_it_short(dialect: str) -> None:
    async with one(dialect) as work:
        await work.being("ready", "ok")
        work.station.tell(COMMAND, order(SelfTest()))
        await work.showing("8" * work.config.cells)
        work.station.tell(CALL, call("A012"))
        await work.showing(called(dialect))
        await until(lambda: work.replies)
        assert work.replies == [("command-1", "failed")]


async def test_a_strip_is_recognised_by_its_name_and_a_board_of_digits_by_its_address() -> None:
    for dialect, name in (("strip-aa", "board-1"), ("digits", "007")):
        async with one(dialect, address=7) as work:
            await work.being("ready", "ok")
            work.station.tell(COMMAND, order(Identify(seconds=2)))
            await work.showing(name)
            assert work.replies == [("command-1", "done")]


async def test_a_board_unknown_to_its_controller_wants_a_person() -> None:
    async with one("digits") as work:
        await work.being("attention", "no-picture")
