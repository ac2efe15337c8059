"""Lettering: text becomes one-bit pixels in GNU Unifont, crisp at 16 px and its multiples, glyph by glyph from a cache.

Pixels are packed as boards take them: rows from the top, one bit a pixel, the highest bit left, `width / 8` bytes a row.
They are put together as bytes and not as images: Unifont's glyphs are one or two bytes wide, and a line is ready sooner
than an image library has made an empty one.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

CELL = 8
"""Width in pixels of half a Chinese character at 16 px; every glyph is one or two cells wide."""
SIZE = 16
LEAST_MARGIN = 8
"""Pixels that rows must leave free for bars: half above, half below."""
BAR = 2
"""Height of a bar in pixels."""
TEXTS = 64
"""Texts whose columns are kept: one is measured, then shown lit and dark by turns."""
FONT = Path(__file__).with_name("fonts") / "unifont-gb2312.otf"

_ABSENT = "\U0010ffff"


class Row(NamedTuple):
    """One row of text on a board: `scale` times 16 px high, moved `offset` pixels to the left, dark when not `lit`.

    A text narrower than the board stands in its middle, give or take half a cell, whatever its offset.
    """

    text: str
    scale: int = 1
    offset: int = 0
    lit: bool = True


class Lettering:
    """Sets text at one size.

    Glyphs are kept as columns of 8 pixels, 16 bytes each at 16 px, so that a line is their concatenation, turned once;
    all of GB2312 would take less than 1 MB, and a board's words take a few kB.
    """

    def __init__(self, scale: int, missing: Callable[[str], None], font: Path = FONT) -> None:
        """Set text `scale` times 16 px high; `missing` is told once of each character that the font lacks."""
        self.scale = scale
        self.height = SIZE * scale
        self._font = ImageFont.truetype(font, self.height, layout_engine=ImageFont.Layout.BASIC)
        self._missing = missing
        self._glyphs: dict[str, tuple[bytes, ...]] = {}
        self.columns = lru_cache(maxsize=TEXTS)(self._columns)
        """The text from left to right in columns of 8 pixels, each `height` bytes from the top."""
        self._nothing = self._draw(_ABSENT, CELL * scale).tobytes()

    def _columns(self, text: str) -> list[bytes]:
        return [column for character in text for column in self._glyphs.get(character) or self._cut(character)]

    def turned(self, columns: Sequence[bytes]) -> bytes:
        """Columns side by side, as packed pixels."""
        joined, height = b"".join(columns), self.height
        return b"".join([joined[y::height] for y in range(height)])

    def _cut(self, character: str) -> tuple[bytes, ...]:
        """The columns of one glyph, from left to right; kept."""
        shown = " " if character.isspace() and character != "\u3000" else character
        width = int(self._font.getlength(shown))
        image = self._draw(shown, width)
        if width < CELL or image.tobytes() == self._nothing:
            self._missing(character)
            image = self._box(character)
        columns = tuple(image.crop((x, 0, x + CELL, self.height)).tobytes() for x in range(0, image.width, CELL))
        self._glyphs[character] = columns
        return columns

    def _draw(self, character: str, width: int) -> Image.Image:
        image = Image.new("1", (max(width, CELL), self.height))
        pen = ImageDraw.Draw(image)
        pen.fontmode = "1"
        pen.text((0, 0), character, font=self._font, fill=1)
        return image

    def _box(self, character: str) -> Image.Image:
        width = CELL * self.scale * (2 if unicodedata.east_asian_width(character) in "WF" else 1)
        image = Image.new("1", (width, self.height))
        edge, below = self.scale, self.height - 2 * self.scale
        ImageDraw.Draw(image).rectangle((edge, edge, width - edge - 1, below), outline=1, width=self.scale)
        return image


class Typesetter:
    """Lays rows of text out on a board of one size; a line that moves is set once."""

    def __init__(self, width: int, height: int, missing: Callable[[str], None]) -> None:
        """Set text for boards of `width` x `height` pixels; `missing` is told once of each character that the font lacks."""
        self._across, self._high = width // CELL, height
        self._at = cache(partial(Lettering, missing=missing))
        self._long = lru_cache(maxsize=4)(self._set_long)

    def width(self, text: str) -> int:
        """Width of the text at 16 px, in pixels."""
        return CELL * len(self._at(1).columns(text))

    def page(self, rows: Sequence[Row]) -> bytes:
        """The rows below one another, in the middle of the board, as packed pixels.

        While a row is dark that stands in its turn again, bars shine where there is room above and below the rows: a board
        of 24 px that blinks is never wholly dark.
        """
        blank = self._high - sum(SIZE * row.scale for row in rows)
        if not blank and len(rows) == 1:
            return self._row(rows[0])
        above, size = blank // 2, self._across * self._high
        page = bytes(self._across * max(above, 0)) + b"".join(map(self._row, rows))
        page = page[self._across * max(-above, 0) :][:size].ljust(size, b"\0")
        return self._with_bars(page) if blank >= LEAST_MARGIN and not all(row.lit for row in rows) else page

    def lit(self) -> bytes:
        """Every pixel lit."""
        return b"\xff" * self._across * self._high

    def chequered(self, phase: int) -> bytes:
        """Every other pixel lit; `phase` 0 and 1 light all of them between them."""
        return b"".join((b"\xaa" if (y + phase) % 2 else b"\x55") * self._across for y in range(self._high))

    def _with_bars(self, page: bytes) -> bytes:
        bar = b"\xff" * self._across * BAR
        return bar + page[len(bar) : -len(bar)] + bar

    def _row(self, row: Row) -> bytes:
        lettering = self._at(row.scale)
        if not row.lit or not row.text:
            return bytes(self._across * lettering.height)
        columns = lettering.columns(row.text)
        if (blank := self._across - len(columns)) < 0:
            return self._cut_out(row)
        nothing = bytes(lettering.height)
        return lettering.turned([nothing] * (blank // 2) + columns + [nothing] * (blank - blank // 2))

    def _cut_out(self, row: Row) -> bytes:
        """As much as the board shows of a line that is wider."""
        width, lines = self._long(row.text, row.scale)
        across = CELL * self._across
        shift, mask = width - across - row.offset, (1 << across) - 1
        return b"".join([(line >> shift & mask).to_bytes(self._across) for line in lines])

    def _set_long(self, text: str, scale: int) -> tuple[int, list[int]]:
        """The line's width in pixels, and its rows as numbers."""
        columns = self._at(scale).columns(text)
        pixels, across = self._at(scale).turned(columns), len(columns)
        return CELL * across, [int.from_bytes(pixels[at : at + across]) for at in range(0, len(pixels), across)]
