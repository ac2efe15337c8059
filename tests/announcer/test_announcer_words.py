"""What is said of a call, digit by digit as halls read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.values import Text
from firmware.agents.announcer import volume_at
from firmware.agents.announcer_words import in_words, of_call, of_text, shown
from firmware.config_sound import Volume
from tests.announcer.calls import call


def said(number: str, window: int, language: str) -> str:
    return " ".join(piece.text for piece in of_call(call(number, window), language))


def test_mandarin_reads_the_number_digit_by_digit() -> None:
    assert said("A012", 3, "zh") == "请 A 零 一 二 号， 到 三号窗口"


def test_english_reads_it_so_too() -> None:
    assert said("A012", 3, "en") == "Ticket A, 0 1 2 , please go to Window 3"


def test_a_number_without_a_letter_and_one_of_four_digits() -> None:
    assert said("007", 1, "zh") == "请 零 零 七 号， 到 一号窗口"
    assert said("AB1600", 1, "zh") == "请 A B 一 六 零 零 号， 到 一号窗口"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10号窗口", "十号窗口"),
        ("12号窗口", "十二号窗口"),
        ("20号", "二十号"),
        ("35号", "三十五号"),
        ("108室", "一零八室"),
        ("05", "零五"),
    ],
)
def test_a_windows_number_is_read_as_a_number(written: str, read: str) -> None:
    assert in_words(written, "zh") == read


def test_each_piece_has_a_recordings_name() -> None:
    names = [piece.clip for piece in of_call(call("A012", 3), "zh")]
    assert names == ["please", "A", "0", "1", "2", "number", "to", "window-3"]


def test_a_notice_in_one_language_is_spoken_in_that_one_by_every_voice() -> None:
    assert of_text(Text(zh="请疏散", en=""), "en")[0].text == "请疏散"


def test_what_people_read_of_it() -> None:
    assert shown(call("A012", 3)) == Text(zh="请 A012 号到 3号窗口", en="Ticket A012, please go to Window 3")


@given(st.text(max_size=50))
def test_no_digit_is_left_for_a_chinese_voice(text: str) -> None:
    assert not any(digit in in_words(text, "zh") for digit in "0123456789")


def test_the_volume_follows_the_time_of_day_over_midnight() -> None:
    schedule = (Volume(since="08:00", percent=100), Volume(since="12:00", percent=60), Volume(since="20:00", percent=20))
    assert [volume_at(schedule, clock) for clock in ("07:59", "08:00", "13:30", "23:59")] == [20, 100, 60, 20]
