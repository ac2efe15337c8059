"""Layouts of boards as data: what stands where, on boards of every height, and that no text is cut without a sign."""

from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.values import Text
from devices.text_dialects import DIALECTS
from firmware.agents.board_layouts import LAYOUTS
from firmware.agents.board_paging import paged
from firmware.config_boards import LayoutName, StripConfig
from tests.board.halls import call, notice, picture
from tests.board.looking import MEASURE, after, at, board, strip
from tests.board.station import NOON

LONG = "今日不动产登记窗口延时服务至七点，请提前取号"


def test_the_names_in_node_toml_are_those_of_the_tables() -> None:
    assert set(get_args(LayoutName)) == set(LAYOUTS)
    assert set(StripConfig.__annotations__["dialect"].__args__) == set(DIALECTS)


@pytest.mark.parametrize(
    ("height", "shown", "scale"),
    [(16, "请A012到3号窗口", 1), (24, "请A012到3号窗口", 1), (32, "请A012", 2), (48, "A012", 3), (64, "A012", 4)],
)
def test_the_letters_of_a_strip_are_as_large_as_its_height_allows(height: int, shown: str, scale: int) -> None:
    rules = strip(height=height)
    rules.hear(call("A012"), after(0))
    face, _ = rules.face(after(0))
    assert [(row.text, row.scale) for row in face.rows] == [(shown, scale)]


@pytest.mark.parametrize(("height", "rows"), [(16, 1), (24, 1), (32, 2), (48, 3), (64, 4)])
def test_the_board_of_a_zone_has_a_row_for_every_sixteen_pixels(height: int, rows: int) -> None:
    rules = board(height=height, page=4.0)
    rules.see(picture(*[call(f"A01{n}", n, at=NOON + timedelta(seconds=n)) for n in range(9, 0, -1)]), after(10))
    assert len(at(rules, 10).split("/")) == rows
    pages = {at(rules, 10 + 4 * turn) for turn in range(9)}
    assert {row for page in pages for row in page.split("/")} == {f"请A01{n}到{n}号窗口" for n in range(1, 10)}


@pytest.mark.parametrize("width", [128, 256])
def test_a_main_board_has_its_newest_call_on_top_blinking_and_notices_below(width: int) -> None:
    rules = board(layout="main", width=width, height=64)
    calls = [call(f"A01{n}", n, at=NOON + timedelta(seconds=n)) for n in (4, 3, 2, 1)]
    rules.see(picture(*calls, notices=(notice("周六照常"), notice("保管物品"))), after(10))
    form = "请{}号到{}号窗口" if width == 256 else "请{}到{}号窗口"
    rows = [form.format(f"A01{n}", n) for n in (4, 3, 2)]
    assert at(rules, 10).split("/") == [*rows, "周六照常"]
    assert at(rules, 14).split("/") == [*rows, "保管物品"]
    rules.hear(call("B001", 8, at=NOON + timedelta(seconds=15)), after(15))
    new = form.format("B001", 8)
    assert at(rules, 15).split("/") == [new, *rows[:2], "周六照常"]
    assert at(rules, 15.6).split("/") == ["", *rows[:2], "周六照常"]


def test_a_main_board_without_calls_shows_its_notices_large_and_without_notices_the_idle_text() -> None:
    rules = board(layout="main", width=256, height=64)
    rules.see(picture(notices=(notice("周六照常"),)), after(0))
    assert at(rules, 0) == "周六照常"
    rules.see(picture(version=2), after(1))
    assert at(rules, 1) == "欢迎光临"
    rules.see(picture(call("A012"), version=3), after(2))
    assert at(rules, 2).split("/") == ["请A012号到3号窗口", "", "", "欢迎光临"]


def test_a_long_notice_moves_in_the_lowest_row_while_the_calls_stand() -> None:
    rules = board(layout="main", height=64, scroll=48.0)
    rules.see(picture(call("A012"), notices=(notice(LONG),)), after(0))
    face, _ = rules.face(after(0))
    face, due = rules.face(after(3))
    assert [row.offset > 0 for row in face.rows] == [False, False, False, True]
    assert due < 0.05


def test_a_notice_board_turns_pages_of_lines_and_knows_no_calls() -> None:
    rules = board(layout="notices", height=32, page=4.0)
    assert rules.hear(call("A012"), after(0)) == "ignored"
    rules.see(picture(call("A012"), notices=(notice(LONG),)), after(0))
    assert [at(rules, 4 * turn) for turn in range(3)] == [
        "今日不动产登记窗/口延时服务至七…",
        "点，请提前取号",
        "今日不动产登记窗/口延时服务至七…",
    ]


def test_a_notice_board_keeps_to_the_schedule_and_what_is_urgent_stands_alone() -> None:
    rules = board(layout="notices", height=32)
    short = notice("照常办公", until=NOON + timedelta(seconds=30))
    rules.see(picture(notices=(short,)), after(0))
    assert at(rules, 29) == "照常办公"
    assert at(rules, 31) == "欢迎光临"
    rules.see(picture(notices=(short, notice("请立即疏散", urgent=True)), version=2), after(32))
    assert {at(rules, 32 + second) for second in range(20)} == {"请立即疏散"}


def test_a_notice_is_no_number_and_stands_while_the_controller_is_lost() -> None:
    rules = board(layout="notices", height=32)
    rules.see(picture(notices=(notice("照常办公"),)), after(0))
    rules.presence(False, after(1))
    assert at(rules, 60) == "照常办公"


def test_a_board_for_whoever_cannot_hear_shows_what_is_spoken_while_it_is_and_a_little_longer() -> None:
    rules = board(layout="spoken", height=32)
    rules.see(picture(notices=(notice("照常办公"),)), after(0))
    rules.caption(Text(zh="请A012号到3号窗口", en="A012 to window 3"), timedelta(seconds=4), after(1))
    assert at(rules, 1) == at(rules, 10) == "请A012号到3号窗/口"
    assert at(rules, 12) == "照常办公"


def test_a_newer_spoken_text_takes_the_place_of_the_one_before_and_nothing_that_is_urgent() -> None:
    rules = board(layout="spoken", height=32)
    rules.see(picture(), after(0))
    rules.caption(Text(zh="请A012号", en="A012"), timedelta(seconds=4), after(1))
    rules.caption(Text(zh="请A013号", en="A013"), timedelta(seconds=4), after(2))
    assert at(rules, 2) == "请A013号"
    rules.see(picture(notices=(notice("请立即疏散", urgent=True),), version=2), after(3))
    assert at(rules, 3) == "请立即疏散"


def test_other_boards_do_not_read_along() -> None:
    assert [name for name, layout in LAYOUTS.items() if layout.captions] == ["spoken"]
    assert not board(layout="notices", height=32).captions


TEXTS = st.text(st.sampled_from("今日不动产登记窗口，。 abcdefghij 0123456789\n"), max_size=120)


@given(text=TEXTS, cells=st.integers(4, 40), rows=st.integers(1, 4))
def test_pages_hold_the_whole_text_and_each_that_goes_on_says_so(text: str, cells: int, rows: int) -> None:
    pages = paged(text, 8 * cells, rows, MEASURE, "…")
    assert all(len(page) <= rows and all(MEASURE(line) <= 8 * cells for line in page) for page in pages)
    assert all(page[-1].endswith("…") for page in pages[:-1])
    assert not pages[-1][-1].endswith("…")
    told = "".join(line for page in pages for line in page)
    assert "".join(told.replace("…", "").split()) == "".join(text.split())


def test_no_line_begins_with_a_full_stop() -> None:
    assert paged("今日照常办公，谢谢。", 16 * 6, 2, MEASURE, "…") == [("今日照常办", "公，谢谢。")]


def test_words_stay_whole_where_that_costs_less_than_half_a_line() -> None:
    assert paged("Please keep your belongings with you", 8 * 16, 2, MEASURE, "…") == [
        ("Please keep your", "belongings with…"),
        ("you",),
    ]
