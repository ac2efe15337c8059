"""The driver's frames: golden bytes, what a board lacks, and what no board may be asked for."""

import pytest

from devices.characters import Characters, Number
from devices.text_board import Look, TextBoard
from devices.text_dialects import DIALECTS
from devices.text_frames import Showing, digits, queue_address, queue_dim
from tests.board.golden import FRAMES, Golden


def refuse(character: str) -> None:
    raise AssertionError(f"the board lacks {character!r}")


def text_board(dialect: str, address: int = 3, *, columns: int = 16, stacked: bool = False) -> TextBoard:
    return TextBoard(dialect, "wire", address, columns=columns, stacked=stacked, missing=refuse)


@pytest.mark.parametrize("golden", FRAMES.values(), ids=FRAMES)
def test_a_frame_is_the_golden_one(golden: Golden) -> None:
    board = text_board(golden.dialect, golden.address, columns=golden.columns, stacked=golden.stacked)
    assert board.frame(0, Look(golden.text)) == golden.frame


def test_every_dialect_has_a_golden_frame() -> None:
    assert {golden.dialect for golden in FRAMES.values()} == set(DIALECTS)


def test_a_queue_board_that_blinks_for_ever_is_the_frame_of_the_layout() -> None:
    """`01 20 21 41 31 33 35 3E 37 32 07`, but that 21 is for ever and we never ask for that: 22 is once, 24 three times."""
    board = text_board("queue", 0x20, columns=7)
    assert board.frame(0, Look("A135>72", blinks=3)).hex(" ") == "01 20 24 41 31 33 35 3e 37 32 07"
    assert board.frame(0, Look("A135>72", blinks=500))[2] == 0x7F


@pytest.mark.parametrize(("level", "byte"), [(15, 0x20), (12, 0x20), (8, 0x21), (7, 0x22), (0, 0x23), (99, 0x20), (-1, 0x23)])
def test_brightness_of_a_queue_board_has_four_steps(level: int, byte: int) -> None:
    assert queue_dim(0x20, level) == bytes((0x02, 0x20, byte, 0x07))


def test_the_address_of_a_queue_board_is_set_from_any_or_from_a_known_one() -> None:
    assert queue_address(0x21).hex(" ") == "03 ff 21 07"
    assert queue_address(0x22, old=0x21).hex(" ") == "03 21 22 07"


def test_rows_have_the_addresses_that_follow() -> None:
    board = text_board("strip-aa", 7)
    assert [board.frame(row, Look("A012"))[1] for row in range(3)] == [7, 8, 9]


def test_each_frame_of_a_sequenced_strip_has_the_next_number_and_begins_again_at_the_byte_s_end() -> None:
    board = text_board("strip-fe")
    numbers = [board.frame(0, Look("A012"))[3] for _ in range(257)]
    assert numbers[:3] == [1, 2, 3]
    assert numbers[254:] == [255, 0, 1]


def test_colour_is_red_unless_something_else_is_said() -> None:
    assert text_board("udp-card", 2).frame(0, Look("A012", colour="yellow"))[4:6] == bytes((2, 3))
    assert text_board("digits-colour").frame(0, Look("012", colour="green"))[1] == 0


@pytest.mark.parametrize("text", ["", "---", "A12345", "abc"])
def test_a_digit_board_shows_nothing_instead_of_a_number_that_it_cannot_show(text: str) -> None:
    frame = digits(Showing(5, text, (), columns=4, nothing=0xFFFF))
    assert frame[1:3] == b"\xff\xff"


@pytest.mark.parametrize(("text", "value"), [("A012", 12), ("012", 12), ("B1234", 1234), ("", None), ("ABC", None), ("-", None)])
def test_a_number_is_the_digits_of_a_ticket(text: str, value: int | None) -> None:
    assert Number.of(text).value == value


def test_a_character_that_a_board_lacks_is_replaced_in_its_width_and_reported_once() -> None:
    missing: list[str] = []
    characters = Characters("gb2312", missing.append)
    assert characters.encode("A龘B🙂龘").decode("gb2312") == "A□B□□"
    assert characters.cells("A龘B🙂龘") == 8
    assert Characters("gb2312", missing.append).encode("x\u0e01").decode() == "x?"
    assert missing == ["龘", "🙂", "\u0e01"]


def test_gbk_knows_more_than_gb2312() -> None:
    assert Characters("gbk", refuse).encode("龘").decode("gbk") == "龘"


@pytest.mark.parametrize("name", ["gbk", "gb2312", "ascii"])
def test_no_character_becomes_a_byte_that_would_end_a_frame(name: str) -> None:
    characters = Characters(name, lambda character: None)  # type: ignore[arg-type]
    encoded = characters.encode("".join(map(chr, range(0x250))) + "请到窗口")
    assert not set(encoded) & {0x00, 0x01, 0x02, 0x03, 0x07, 0x0A, 0x0D, 0x1B, 0x7F, 0xFF}


def test_a_line_break_is_a_space() -> None:
    assert Characters("gbk", refuse).encode("a\nb\tc") == b"a b c"
