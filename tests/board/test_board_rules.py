"""What stands on a board, as arithmetic."""

from datetime import timedelta
from math import inf

import pytest

from firmware.agents.board_rules import TOLERANCE, Answer, BoardRules
from firmware.agents.board_sheet import of_pixels
from firmware.config import BoardConfig
from tests.board.halls import call, notice, picture
from tests.board.looking import MEASURE, after, at, board, strip, text
from tests.board.station import NOON


def test_a_board_that_knows_nothing_is_dark_and_then_points_to_the_desk() -> None:
    rules = BoardRules(of_pixels(BoardConfig(id="board-1")), MEASURE, after(0))
    assert at(rules, 0) == ""
    assert rules.face(after(0))[1] == pytest.approx(TOLERANCE)
    assert at(rules, TOLERANCE) == "请到窗口咨询"


def test_without_calls_the_idle_text_stands_and_nothing_is_due() -> None:
    rules = board()
    rules.see(picture(), after(0))
    face, due = rules.face(after(0))
    assert text(face) == "欢迎光临"
    assert due == inf


def test_a_new_call_blinks_for_three_seconds_and_then_stands() -> None:
    rules = strip()
    assert rules.hear(call("A012"), after(0)) == "stands"
    seen = [(at(rules, tenth / 10 + 0.01) != "") for tenth in range(50)]
    assert seen == [True] * 5 + [False] * 5 + [True] * 5 + [False] * 5 + [True] * 5 + [False] * 5 + [True] * 20


def test_the_next_change_of_a_blinking_call_is_due_half_a_second_later_and_then_never() -> None:
    rules = strip()
    rules.hear(call("A012"), after(0))
    assert rules.face(after(0))[1] == 0.0
    assert rules.face(after(0))[1] == pytest.approx(0.5)
    assert rules.face(after(0.6))[1] == pytest.approx(0.4)
    assert rules.face(after(3))[1] == inf


def test_the_fullest_form_that_fits_is_shown() -> None:
    rules = strip()
    rules.hear(call("A012"), after(0))
    assert at(rules, 0) == "请A012到3号窗口"
    wide = strip(width=256)
    wide.hear(call("A012"), after(0))
    assert at(wide, 0) == "请A012号到3号窗口"
    narrow = strip(width=64)
    narrow.hear(call("A012"), after(0))
    assert at(narrow, 0) == "请A012"
    narrowest = strip(width=32)
    narrowest.hear(call("A012"), after(0))
    assert at(narrowest, 0) == "A012"


def test_a_tall_strip_shows_its_number_large() -> None:
    rules = strip(height=32)
    rules.hear(call("A012"), after(0))
    face, _ = rules.face(after(0))
    assert (text(face), face.rows[0].scale) == ("请A012", 2)


def test_a_list_always_says_the_window() -> None:
    rules = board(width=64)
    rules.hear(call("A012"), after(0))
    assert at(rules, 0) == "A012→3号窗口"


def test_recent_calls_take_turns_newest_first() -> None:
    rules = board(page=4.0)
    older, newer = call("A011", 5, at=NOON), call("A012", 3, at=NOON + timedelta(seconds=5))
    rules.see(picture(newer, older), after(10))
    assert [at(rules, 10 + 4 * turn) for turn in range(4)] == [
        "请A012到3号窗口", "请A011到5号窗口", "请A012到3号窗口", "请A011到5号窗口",
    ]  # fmt: skip


def test_calls_of_a_picture_are_not_new_and_do_not_blink() -> None:
    rules = board()
    rules.see(picture(call("A012")), after(0))
    assert all(at(rules, tenth / 10) for tenth in range(40))


def test_a_call_that_comes_after_its_picture_still_blinks_once() -> None:
    rules = strip()
    rules.see(picture(call("A012")), after(0))
    at(rules, 0)
    assert rules.hear(call("A012"), after(0.1)) == "stands"
    assert (at(rules, 0.7), at(rules, 3.2)) == ("", "请A012到3号窗口")
    assert rules.hear(call("A012"), after(5)) == "ignored"
    assert at(rules, 5.6) == "请A012到3号窗口"


def test_its_picture_does_not_disturb_a_blinking_call() -> None:
    rules = board()
    rules.hear(call("A012"), after(0))
    at(rules, 0)
    rules.see(picture(call("A012"), at=NOON + timedelta(milliseconds=5)), after(0.2))
    assert (at(rules, 0.4), at(rules, 0.6), at(rules, 1.1)) == ("请A012到3号窗口", "", "请A012到3号窗口")


def test_a_picture_older_than_a_call_does_not_take_the_call_off() -> None:
    rules = strip()
    rules.hear(call("A012", at=NOON + timedelta(seconds=1)), after(1))
    rules.see(picture(at=NOON), after(1.2))
    assert at(rules, 1.3) == "请A012到3号窗口"


def test_a_newer_picture_takes_a_finished_call_off() -> None:
    rules = strip()
    rules.hear(call("A012"), after(0))
    at(rules, 0)
    rules.see(picture(at=NOON + timedelta(seconds=60), version=2), after(60))
    assert at(rules, 60) == "欢迎光临"


def test_an_older_version_of_the_picture_is_ignored() -> None:
    rules = strip()
    rules.see(picture(call("A012"), version=7, at=NOON + timedelta(seconds=9)), after(9))
    rules.see(picture(version=6), after(10))
    assert at(rules, 10) == "请A012到3号窗口"


def test_a_controller_restored_from_a_backup_may_count_from_an_older_version() -> None:
    rules = strip()
    rules.see(picture(call("A012"), version=7), after(0))
    rules.see(picture(version=3, at=NOON + timedelta(minutes=1)), after(60))
    assert at(rules, 60) == "欢迎光临"


def test_a_newer_call_interrupts_and_the_older_one_blinks_in_its_next_turn() -> None:
    rules = board(blink=3.0, page=4.0)
    rules.hear(call("A012", 3), after(0))
    at(rules, 0)
    rules.hear(call("B007", 5, at=NOON + timedelta(seconds=1)), after(1))
    assert at(rules, 1) == "请B007到5号窗口"
    at(rules, 1 + 7)
    assert (at(rules, 8.1), at(rules, 8.6), at(rules, 11.1)) == ("请A012到3号窗口", "", "请A012到3号窗口")


def test_a_call_that_stood_its_whole_blinking_does_not_blink_again() -> None:
    rules = board(blink=3.0, page=4.0)
    rules.hear(call("A012", 3), after(0))
    at(rules, 0)
    rules.hear(call("B007", 5, at=NOON + timedelta(seconds=4)), after(4))
    at(rules, 4)
    at(rules, 11)
    assert all(at(rules, 11 + tenth / 10) == "请A012到3号窗口" for tenth in range(39))


def test_a_call_past_its_time_is_late_and_not_shown() -> None:
    rules = strip()
    assert rules.hear(call("A012", fresh=20), after(20.1)) == "late"
    assert at(rules, 20.1) == ""


def test_a_late_call_does_not_replace_a_newer_one() -> None:
    rules = strip()
    rules.hear(call("A013", at=NOON + timedelta(seconds=5)), after(5))
    assert rules.hear(call("A012"), after(6)) == "overtaken"
    assert at(rules, 8.1) == "请A013到3号窗口"


def test_a_newer_call_of_the_picture_overtakes_too() -> None:
    rules = strip()
    rules.see(picture(call("A013", at=NOON + timedelta(seconds=5))), after(5))
    assert rules.hear(call("A012"), after(6)) == "overtaken"


def test_an_older_call_of_another_window_is_shown() -> None:
    rules = board()
    rules.hear(call("A013", 5, at=NOON + timedelta(seconds=5)), after(5))
    assert rules.hear(call("A012", 3), after(6)) == "stands"
    assert at(rules, 6) == "请A012到3号窗口"


def test_a_late_message_of_a_ticket_that_has_moved_on_to_another_window_is_overtaken() -> None:
    rules = board()
    rules.hear(call("A012", 5, at=NOON + timedelta(seconds=2)), after(2))
    assert rules.hear(call("A012", 3), after(3)) == "overtaken"


def test_a_call_seen_before_is_never_new_again() -> None:
    rules = strip()
    assert rules.hear(call("A012"), after(0)) == "stands"
    assert rules.hear(call("A012"), after(1)) == "ignored"
    assert rules.hear(call("A013", fresh=1), after(2)) == "late"
    assert rules.hear(call("A013", fresh=1), after(2)) == "ignored"


def test_of_each_window_and_of_each_ticket_only_the_newest_call_is_listed() -> None:
    rules = board(page=4.0)
    moved = call("A012", 5, at=NOON + timedelta(seconds=9))
    old_of_five, first = call("A010", 5, at=NOON), call("A012", 3, at=NOON + timedelta(seconds=3))
    rules.see(picture(moved, first, old_of_five), after(10))
    assert {at(rules, 10 + 4 * turn) for turn in range(5)} == {"请A012到5号窗口"}


def test_a_strip_hears_only_its_window() -> None:
    rules = strip()
    assert rules.hear(call("A012", 5), after(0)) == "ignored"
    rules.see(picture(call("A011", 5)), after(1))
    assert at(rules, 1) == "欢迎光临"


def test_a_zone_board_hears_only_its_zones_once_its_picture_has_come() -> None:
    rules = board()
    rules.see(picture(zones=("east",)), after(0))
    assert rules.hear(call("A012", zone="west"), after(0)) == "ignored"
    assert rules.hear(call("A013", zone="east"), after(0)) == "stands"


def test_notices_take_turns_with_calls_on_a_list_and_stand_on_an_idle_strip() -> None:
    listing, idle = board(page=4.0), strip()
    listing.see(picture(call("A012"), notices=(notice("今日延时服务"),)), after(0))
    idle.see(picture(notices=(notice("今日延时服务"),)), after(0))
    assert [at(listing, 0), at(listing, 4)] == ["请A012到3号窗口", "今日延时服务"]
    assert at(idle, 0) == "今日延时服务"


def test_a_strip_with_a_number_keeps_it() -> None:
    rules = strip()
    rules.see(picture(call("A012"), notices=(notice("今日延时服务"),)), after(0))
    assert {at(rules, second) for second in range(20)} == {"请A012到3号窗口"}


def test_a_notice_goes_when_its_time_is_over_and_that_is_when_the_board_wakes_up() -> None:
    rules = strip()
    rules.see(picture(notices=(notice("今日延时服务", until=NOON + timedelta(seconds=90)),)), after(0))
    assert rules.face(after(0))[1] == pytest.approx(90)
    assert (at(rules, 89), at(rules, 90)) == ("今日延时服务", "欢迎光临")


def test_an_urgent_notice_pushes_all_off_even_when_the_controller_is_lost() -> None:
    rules = strip()
    rules.see(picture(call("A012"), notices=(notice("请立即疏散", urgent=True),)), after(0))
    assert at(rules, 0) == "请立即疏散"
    rules.presence(False, after(1))
    assert at(rules, 60) == "请立即疏散"


def test_a_call_behind_an_urgent_notice_is_answered_when_it_is_seen_or_too_late() -> None:
    rules = strip()
    rules.see(picture(notices=(notice("请立即疏散", urgent=True, until=NOON + timedelta(seconds=5)),)), after(0))
    rules.hear(call("A012", at=NOON + timedelta(seconds=1)), after(1))
    assert rules.settle(rules.face(after(1))[0], after(1)) == []
    assert rules.unanswered_for(after(1)) == pytest.approx(20)
    assert rules.settle(rules.face(after(5))[0], after(5)) == [Answer(call("A012").id, "shown")]

    forever = strip()
    forever.see(picture(notices=(notice("请立即疏散", urgent=True),)), after(0))
    forever.hear(call("A012"), after(1))
    assert forever.settle(forever.face(after(21))[0], after(21)) == [Answer(call("A012").id, "late")]


def test_each_call_is_answered_once() -> None:
    rules = strip()
    rules.hear(call("A012"), after(0))
    face, _ = rules.face(after(0))
    assert rules.settle(face, after(0)) == [Answer(call("A012").id, "shown")]
    assert rules.settle(face, after(1)) == []


def test_a_board_that_cannot_be_written_answers_failed_when_the_call_is_past() -> None:
    rules = strip()
    rules.hear(call("A012"), after(0))
    assert rules.settle(None, after(0)) == []
    assert rules.settle(None, after(21)) == [Answer(call("A012").id, "failed")]


def test_an_unseen_call_is_overtaken_by_the_next_of_its_window() -> None:
    rules = strip()
    rules.hear(call("A012"), after(0))
    rules.settle(None, after(0))
    rules.hear(call("A013", at=NOON + timedelta(seconds=2)), after(2))
    answers = rules.settle(rules.face(after(2))[0], after(2))
    assert {(answer.call, answer.outcome) for answer in answers} == {
        (call("A012").id, "overtaken"),
        (call("A013").id, "shown"),
    }


def test_without_its_controller_a_board_points_to_the_desk_after_the_tolerance_and_comes_back() -> None:
    rules = strip()
    rules.see(picture(call("A012")), after(0))
    rules.presence(False, after(10))
    assert rules.face(after(10))[1] == pytest.approx(TOLERANCE)
    assert (at(rules, 12.9), at(rules, 13)) == ("请A012到3号窗口", "请到窗口咨询")
    rules.presence(True, after(30))
    assert at(rules, 30) == "请A012到3号窗口"


def test_a_short_absence_shows_nothing() -> None:
    rules = strip()
    rules.see(picture(call("A012")), after(0))
    rules.presence(False, after(10))
    rules.presence(True, after(12))
    assert at(rules, 20) == "请A012到3号窗口"
