"""Text as a receipt printer sees it: what it can print, how many cells a character takes, where a line breaks."""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Literal

Encoding = Literal["gbk", "gb18030", "utf-8"]
"""How a printer takes Chinese: by its own setting, which its self-test page names."""

WIDE_PLACEHOLDER = "□"
NARROW_PLACEHOLDER = "?"

_NO_LINE_START = frozenset("，。、；：？！）》」』】〉”’…·,.;:?!)]}%")
_NO_LINE_END = frozenset("（《「『【〈“‘([{")
_SAME = {"\u00a0": " ", "\u2013": "-", "\u2212": "-", "\u2018": "'", "\u2019": "'", "\t": " "}
"""Characters that print as well, and narrower, by their plain neighbours."""
_NO_GLYPH = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mc", "Me", "Mn", "Zl", "Zp"})
"""Unicode categories of what no printer has a glyph of its own for."""


def is_wide(character: str) -> bool:
    """Whether the printer gives this character two cells: all that is not ASCII comes from its Chinese font."""
    return character > "\x7f"


def cells(text: str) -> int:
    """Width of `text` in cells; a cell is half as wide as a Chinese character."""
    return sum(2 if is_wide(character) else 1 for character in text)


def printable(text: str, encoding: Encoding = "gbk") -> tuple[str, str]:
    """`text` as the printer can print it, and the characters that had to be replaced.

    Printers have fonts for the two-byte codes; GB18030's four-byte codes, and what lies beyond Unicode's first plane, they lack.

    No control character passes, so that no text from outside can command the printer.
    """
    found, replaced = [], []
    for character in text:
        same = _SAME.get(character, character)
        if _can_print(same, encoding):
            found.append(same)
        elif _is_control(same):
            found.append(" ")
        else:
            found.append(WIDE_PLACEHOLDER if _is_east_asian(same) else NARROW_PLACEHOLDER)
            replaced.append(same)
    return "".join(found), "".join(replaced)


def _can_print(character: str, encoding: Encoding) -> bool:
    if not is_wide(character):
        return " " <= character <= "~"
    if unicodedata.category(character) in _NO_GLYPH or character > "\uffff":
        return False
    try:
        return encoding == "utf-8" or len(character.encode(encoding)) == 2
    except UnicodeEncodeError:
        return False


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character < "\xa0"


def _is_east_asian(character: str) -> bool:
    return "\u2e80" <= character <= "\uffef" or character >= "\U00020000"


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """`text` in pieces that are all wide or all narrow, each with whether it is wide."""
    for wide, piece in groupby(text, is_wide):
        yield wide, "".join(piece)


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells; breaks between words and between Chinese characters, not before a comma."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        lines += _wrap_paragraph(paragraph, width)
    return lines


def _wrap_paragraph(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text):
        if cells(line) + cells(piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while cells(line.rstrip()) > width:
            head = _head(line, width)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterator[str]:
    """What a line may not be broken within: words with the space behind them, Chinese characters with their punctuation."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after in _NO_LINE_START or before in _NO_LINE_END or after == " ":
        return False
    return before == " " or is_wide(before) or is_wide(after)


def _head(text: str, width: int) -> str:
    used = 0
    for at, character in enumerate(text):
        used += cells(character)
        if used > width:
            return text[: max(at, 1)]
    return text
