"""Turns, movement, drills and brightness of a board, as arithmetic."""

from datetime import timedelta
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.agents.board_drill import Drill, DrillEnd, identify, name_plate, self_test
from firmware.agents.board_rules import brightness
from firmware.agents.board_turns import Face
from firmware.config import Brightness
from tests.board.halls import call, notice, picture
from tests.board.looking import after, at, board, strip
from tests.board.station import NOON, SHANGHAI


def test_languages_take_turns() -> None:
    rules = strip(languages=("zh", "en"), page=4.0)
    rules.see(picture(call("A012")), after(0))
    assert [at(rules, 4 * turn) for turn in range(3)] == ["请A012到3号窗口", "A012 to Window 3", "请A012到3号窗口"]
    rules.presence(False, after(12))
    at(rules, 15)
    assert {at(rules, 15 + 4 * turn) for turn in range(3)} == {"请到窗口咨询", "Ask at the desk"}


def test_a_board_of_two_rows_lists_two_calls_at_once() -> None:
    rules = board(height=32)
    calls = [call(f"A01{n}", n, at=NOON + timedelta(seconds=n)) for n in (3, 2, 1)]
    rules.see(picture(*calls), after(5))
    assert [at(rules, 5), at(rules, 9)] == ["请A013到3号窗口/请A012到2号窗口", "请A011到1号窗口"]
    rules.hear(call("B001", 8, at=NOON + timedelta(seconds=10)), after(10))
    assert [at(rules, 10), at(rules, 10.6)] == ["请B001到8号窗口/请A013到3号窗口", "/请A013到3号窗口"]


def test_a_text_wider_than_the_board_moves_smoothly_from_end_to_end() -> None:
    rules = strip(scroll=48.0)
    rules.see(picture(notices=(notice("今日不动产登记窗口延时服务至七点"),)), after(0))  # 256 px on a board of 128
    offsets, now, frames = [], 0.0, []
    while now < 1 + 128 / 48 + 1 - 0.01:
        face, due = rules.face(after(now))
        offsets.append(face.rows[0].offset)
        frames.append(due)
        now += due
    assert offsets[:2] == [0, 0]
    assert offsets[-1] == 128
    assert {b - a for a, b in pairwise(offsets[1:])} == {1}
    assert frames[0] == pytest.approx(1.0)
    assert all(frame == pytest.approx(1 / 48, abs=1e-4) for frame in frames[2:-1])
    assert rules.face(after(now))[0].rows[0].offset == 0


def test_a_fast_text_moves_by_more_than_a_pixel_but_not_more_than_fifty_times_a_second() -> None:
    rules = strip(scroll=200.0)
    rules.see(picture(notices=(notice("今日不动产登记窗口延时服务至七点"),)), after(0))
    at(rules, 0)
    face, due = rules.face(after(1.1))
    assert face.rows[0].offset == 20
    assert due == pytest.approx(0.02)


@given(st.lists(st.floats(0.001, 30), min_size=1, max_size=60))
def test_whenever_one_looks_the_next_change_lies_ahead(pauses: list[float]) -> None:
    rules = board(languages=("zh", "en"))
    rules.see(picture(call("A012"), notices=(notice("今日不动产登记窗口延时服务至七点"),)), after(0))
    now = 0.0
    for number, pause in enumerate(pauses):
        now += pause
        if number % 7 == 3:
            rules.hear(call(f"B{number:03}", number, at=NOON + timedelta(seconds=now)), after(now))
            rules.face(after(now))
        face, due = rules.face(after(now))
        assert due > 0
        assert all(row.offset >= 0 for row in face.rows)


def test_a_self_test_lights_every_pixel_and_ends_by_itself() -> None:
    rules = strip()
    rules.see(picture(call("A012")), after(0))
    rules.drill(Drill("command-1", tuple(self_test("board-1")), 1000.0))
    assert rules.face(after(0)) == (Face(pattern="lit"), 1.0)
    assert [rules.face(after(second))[0].pattern for second in (1.1, 1.9)] == ["even", "odd"]
    assert at(rules, 3) == "board-1"
    assert rules.ended_drills() == []
    assert at(rules, 3.5) == "请A012到3号窗口"
    assert rules.ended_drills() == [DrillEnd("command-1", completed=True)]


def test_a_call_ends_a_self_test() -> None:
    rules = strip()
    rules.drill(Drill("command-1", tuple(self_test("board-1")), 1000.0))
    rules.hear(call("A012"), after(1))
    assert at(rules, 1) == "请A012到3号窗口"
    assert rules.ended_drills() == [DrillEnd("command-1", completed=False)]


def test_an_urgent_notice_ends_an_identification() -> None:
    rules = strip()
    rules.drill(Drill(None, tuple(identify("board-1", 10)), 1000.0))
    rules.see(picture(notices=(notice("请立即疏散", urgent=True),)), after(1))
    assert at(rules, 1) == "请立即疏散"
    assert rules.ended_drills() == []


def test_a_name_that_does_not_fit_ends_with_a_sign() -> None:
    assert name_plate("board-1", 64) == "board-1"
    assert name_plate("main-board-east", 64) == "main-b…"


SCHEDULE = (Brightness(since="08:00", level=12), Brightness(since="18:30", level=2))


@pytest.mark.parametrize(
    ("local", "level", "seconds"),
    [("08:00", 12, 10.5 * 3600), ("12:00", 12, 6.5 * 3600), ("18:30", 2, 13.5 * 3600), ("03:00", 2, 5 * 3600)],
)
def test_brightness_follows_the_halls_own_time(local: str, level: int, seconds: float) -> None:
    hour, minute = map(int, local.split(":"))
    moment = NOON.astimezone(SHANGHAI).replace(hour=hour, minute=minute)
    assert brightness(SCHEDULE, moment, SHANGHAI) == (level, seconds)


def test_one_brightness_never_changes() -> None:
    assert brightness((Brightness(since="00:00", level=7),), NOON, SHANGHAI) == (7, inf)
