"""What a print head leaves on paper: characters, images and symbols, side by side on lines. Distances are dots."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How characters look."""

    wide: int = 1
    tall: int = 1
    bold: bool = False
    underline: int = 0
    reverse: bool = False
    small: bool = False
    """Font B, 9 x 17 dots."""


@dataclass(frozen=True)
class Glyph:
    """One character; `cell` is its width before enlarging, 24 for a Chinese one; `gap` is blank to its right."""

    character: str
    cell: int
    style: Style
    gap: int = 0

    @property
    def width(self) -> int:
        """Dots from this character to the next."""
        return (self.cell + self.gap) * self.style.wide

    @property
    def height(self) -> int:
        """Dots from its top to its bottom."""
        return (17 if self.style.small and self.cell < 24 else 24) * self.style.tall


@dataclass(frozen=True)
class Raster:
    """A bit image of packed rows, the highest bit left, each dot `across` x `down` dots of the head."""

    columns: int
    rows: int
    data: bytes
    across: int = 1
    down: int = 1

    @property
    def width(self) -> int:
        """Dots over its whole width."""
        return self.columns * self.across

    @property
    def height(self) -> int:
        """Dots over its whole height."""
        return self.rows * self.down


@dataclass(frozen=True)
class QrSymbol:
    """A QR code of model 2, without quiet zone, each module `module` dots wide."""

    data: bytes
    level: int
    version: int
    module: int

    @property
    def width(self) -> int:
        """Dots over its whole width."""
        return (17 + 4 * self.version) * self.module

    height = width


Mark = Glyph | Raster | QrSymbol


@dataclass(frozen=True)
class Line:
    """Marks side by side, each with its left edge; they stand on the line's bottom."""

    top: int
    height: int
    marks: tuple[tuple[int, Mark], ...]

    @property
    def text(self) -> str:
        """What a person reads in it."""
        words, end = "", 0
        for left, mark in sorted(self.marks, key=lambda placed: placed[0]):
            if isinstance(mark, Glyph):
                words += " " * bool(words and left - end >= 12 and words[-1] != " ") + mark.character
                end = left + mark.width
        return words.strip()
