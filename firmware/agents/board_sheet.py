"""A sheet: what the rules need to know of a board, whether it is made of pixels or of cells."""

from collections.abc import Iterable
from math import inf

import msgspec

from contract.values import Id
from devices.lettering import SIZE
from firmware.agents.board_layouts import LAYOUTS, Layout
from firmware.agents.board_words import DIGITS, HANZI, PLAIN, Words
from firmware.config import BoardConfig, StripConfig

HALF_BLINK = 0.5
"""Seconds lit, and as many dark, while a call blinks."""


class Sheet(msgspec.Struct, frozen=True):
    """Widths are in pixels at 16 px, or in cells; times in seconds."""

    layout: Layout
    words: Words
    window: Id | None
    languages: Iterable[str]
    width: int
    rows: int
    """Rows of text that fit one under another."""
    largest: int
    """How many times larger a text may be that stands alone."""
    page: float
    blink: float
    scroll: float | None
    """How fast a text wider than the board moves; None: it is turned over in pieces."""
    sign: str = "…"
    """Stands where a text goes on later."""
    half_blink: float = HALF_BLINK
    """`inf`: the board blinks by itself, or not at all."""


def of_pixels(config: BoardConfig) -> Sheet:
    """The sheet of a board of pixels. 24 px are one row of 16 px with a margin, 48 px are three rows."""
    rows = max(1, config.height // SIZE)
    return Sheet(
        LAYOUTS[config.layout], HANZI, config.window, config.languages, config.width, rows, rows,
        config.page, config.blink, config.scroll,
    )  # fmt: skip


_WORDS = {"gbk": HANZI, "gb2312": HANZI, "ascii": PLAIN, "digits": DIGITS}


def of_cells(config: StripConfig, characters: str, sign: str) -> Sheet:
    """The sheet of a text board; one without Chinese characters speaks English."""
    words = _WORDS[characters]
    languages = config.languages if words is HANZI else ("en",)
    return Sheet(
        LAYOUTS[config.layout], words, config.window, languages, config.cells, config.rows, 1,
        config.page, config.blink, None, sign, inf,
    )  # fmt: skip
