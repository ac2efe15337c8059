"""Lettering: text becomes a one-bit image in GNU Unifont, crisp at 16 px and its multiples, glyph by glyph from a cache."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL = 8
"""Width in pixels of half a Chinese character at 16 px; every glyph is one or two cells wide."""
SIZE = 16
Frame = Image.Image
"""What a board shows: an image of mode `1` and the board's size."""
FONT = Path(__file__).with_name("fonts") / "unifont-gb2312.otf"

_ABSENT = "\U0010ffff"


def _ignore(character: str) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of text on a board: `scale` times 16 px high, moved `offset` pixels to the left, dark when not `lit`.

    A text narrower than the board stands in its middle.
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

    def __init__(self, scale: int = 1, *, missing: Callable[[str], None] = _ignore, font: Path = FONT) -> None:
        """Set text `scale` times 16 px high; `missing` is told once of each character that the font lacks."""
        self.scale = scale
        self.height = SIZE * scale
        self._font = ImageFont.truetype(font, self.height, layout_engine=ImageFont.Layout.BASIC)
        self._missing = missing
        self._columns: dict[str, tuple[bytes, ...]] = {}
        self._nothing = self._draw(_ABSENT, CELL * scale)

    def width(self, text: str) -> int:
        """Width of the text in pixels; a multiple of `8 * scale`."""
        return CELL * sum(map(len, map(self._glyph, text)))

    def line(self, text: str) -> Image.Image:
        """The text as an image of mode `1`, as wide as it needs and `height` pixels high."""
        columns = [column for glyph in map(self._glyph, text) for column in glyph]
        joined, height = b"".join(columns), self.height
        rows = [joined[y::height] for y in range(height)]
        return Image.frombytes("1", (CELL * len(columns), height), b"".join(rows))

    def _glyph(self, character: str) -> tuple[bytes, ...]:
        found = self._columns.get(character)
        if found is None:
            found = self._columns[character] = self._cut(character)
        return found

    def _cut(self, character: str) -> tuple[bytes, ...]:
        """The columns of one glyph, from left to right."""
        if character.isspace() and character != "\u3000":
            character = " "
        width = int(self._font.getlength(character))
        image = self._draw(character, width)
        if image.tobytes() == self._nothing.tobytes() or width < CELL:
            self._missing(character)
            image = self._box(character)
        return tuple(image.crop((x, 0, x + CELL, self.height)).tobytes() for x in range(0, image.width, CELL))

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
    """Lays rows of text out on a board of one size; the same line is set once while it scrolls or blinks."""

    def __init__(self, width: int, height: int, *, missing: Callable[[str], None] = _ignore) -> None:
        """Set text for boards of `width` x `height` pixels; `missing` as for `Lettering`."""
        self.size = (width, height)
        self._missing = missing
        self._letterings: dict[int, Lettering] = {}
        self._line = lru_cache(maxsize=16)(self._set)
        self._width = lru_cache(maxsize=64)(lambda text: self._at(1).width(text))

    def width(self, text: str) -> int:
        """Width of the text at 16 px, in pixels."""
        return self._width(text)

    def page(self, rows: Sequence[Row]) -> Image.Image:
        """The rows below one another, in the middle of the board."""
        image = Image.new("1", self.size)
        across, high = self.size
        top = (high - sum(SIZE * row.scale for row in rows)) // 2
        for row in rows:
            if row.lit and row.text:
                line = self._line(row.text, row.scale)
                left = (across - line.width) // 2 if line.width <= across else -row.offset
                image.paste(line, (left, top))
            top += SIZE * row.scale
        return image

    def lit(self) -> Image.Image:
        """Every pixel lit."""
        return Image.new("1", self.size, 1)

    def chequered(self, phase: int) -> Image.Image:
        """Every other pixel lit; `phase` 0 and 1 light all of them between them."""
        across, high = self.size
        rows = (b"\xaa" if (y + phase) % 2 else b"\x55" for y in range(high))
        return Image.frombytes("1", self.size, b"".join(row * (across // CELL) for row in rows))

    def _at(self, scale: int) -> Lettering:
        if scale not in self._letterings:
            self._letterings[scale] = Lettering(scale, missing=self._missing)
        return self._letterings[scale]

    def _set(self, text: str, scale: int) -> Image.Image:
        return self._at(scale).line(text)
