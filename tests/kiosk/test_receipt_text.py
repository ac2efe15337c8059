"""Text by cell width, and what no printer can print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.receipt_text import cells, printable, runs, wrap


def test_a_chinese_character_takes_two_cells() -> None:
    assert cells("A012 请到3号窗口") == 5 + 4 + 1 + 6


@pytest.mark.parametrize(
    ("text", "printed", "replaced"),
    [
        ("张三丰 Zhang", "张三丰 Zhang", ""),
        ("𠮷野家", "□野家", "𠮷"),
        ("5 € – 3 €", "5 ? - 3 ?", "€€"),
        ("☎ 12345", "? 12345", "☎"),
        ("镕·啰", "镕·啰", ""),
        ("don’t", "don't", ""),
    ],
)
def test_what_the_printer_lacks_is_replaced_and_named(text: str, printed: str, replaced: str) -> None:
    assert printable(text) == (printed, replaced)


def test_no_text_can_command_the_printer() -> None:
    assert printable("A\x1b@\x1dV\x00B\x9b\x7f") == ("A @ V B  ", "")


def test_english_breaks_between_words() -> None:
    assert wrap("Please wait in zone A", 12) == ["Please wait", "in zone A"]


def test_chinese_breaks_anywhere_but_before_a_full_stop() -> None:
    assert wrap("三个号之后重新叫号。", 18) == ["三个号之后重新叫", "号。"]


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert wrap("ABCDEFGH", 3) == ["ABC", "DEF", "GH"]


def test_line_breaks_are_kept() -> None:
    assert wrap("一\n\n二", 10) == ["一", "", "二"]


@given(st.text(), st.integers(min_value=2, max_value=48))
def test_no_line_is_wider_than_the_paper_and_no_letter_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text())
def test_whatever_is_printable_can_be_encoded(text: str) -> None:
    found, _ = printable(text)
    for wide, piece in runs(found):
        assert len(piece.encode("gbk")) == (2 if wide else 1) * len(piece)
    assert not any(ord(character) < 0x20 for character in found)
