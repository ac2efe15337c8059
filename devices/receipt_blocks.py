"""What a receipt is made of, whatever printer it goes to: texts, QR codes, pictures, rules, spaces and cuts."""

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Line:
    """A text, wrapped to the paper; `width` and `height` are multiples of the single size, 1 to 8, Chinese 1 to 2."""

    text: str
    width: int = 1
    height: int = 1
    align: Align = "left"
    bold: bool = False
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, centred."""

    data: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A bit image, centred: packed rows, the highest bit left, a set bit is black."""

    columns: int
    rows: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    character: str = "-"


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper, in dots of 1/8 mm."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of a receipt."""


Block = Line | Qr | Picture | Rule | Space | Cut
