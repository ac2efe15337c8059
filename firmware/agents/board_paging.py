"""Paging: a text that does not fit is broken into lines and pages, and every page that is not its last says so by a sign."""

import re
from collections.abc import Iterator, Sequence

from firmware.agents.board_words import Measure

_UNBREAKABLE = re.compile(r"[^\s\u2e80-\uffef]+|\s+|.[，。、；：！？）」』】》]*", re.DOTALL)
"""A word, a space, or a single Chinese character with what must not begin a line."""


def paged(text: str, width: int, rows: int, measure: Measure, sign: str) -> list[tuple[str, ...]]:
    """Pages of at most `rows` lines that fit into `width`; the last line of a page that goes on ends with `sign`."""
    words = list(_short_words(text, width, measure))
    pages: list[tuple[str, ...]] = []
    while words or not pages:
        lines: list[str] = []
        while words and len(lines) < rows:
            last = len(lines) == rows - 1
            lines.append(_line(words, width, measure, sign if last else ""))
        pages.append(tuple(lines) or ("",))
    return pages


def _line(words: list[str], width: int, measure: Measure, sign: str) -> str:
    """Take one line off the words; with a `sign`, room is kept for it unless the rest of the text fits."""
    rest = "".join(words).strip()
    if measure(rest) <= width:
        words.clear()
        return rest
    room = width - measure(sign) if sign and measure(sign) < width else width
    line = words.pop(0).lstrip()
    while words and measure(f"{line}{words[0]}".rstrip()) <= room:
        line += words.pop(0)
    while words and words[0].isspace():
        words.pop(0)
    return line.rstrip() + (sign if room < width else "")


def _short_words(text: str, width: int, measure: Measure) -> Iterator[str]:
    """The words, those that are wider than half a line in single characters."""
    for word in _UNBREAKABLE.findall(text.strip()):
        if 2 * measure(word) <= width or len(word) == 1:
            yield word
        else:
            yield from word


def most(pages: Sequence[Sequence[str]]) -> int:
    """How many pages the longest of several texts has."""
    return max(map(len, pages), default=0)
