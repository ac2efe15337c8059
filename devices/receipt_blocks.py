"""What a receipt is made of, whatever printer it goes to: texts, QR codes, pictures, rules, spaces and cuts."""

from typing import Literal

import msgspec

Align = Literal["left", "center", "right"]


class Line(msgspec.Struct, frozen=True):
    """A text, wrapped to the paper; `width` and `height` are multiples of the single size, 1 to 8, Chinese 1 to 2."""

    text: str
    width: int = 1
    height: int = 1
    align: Align = "left"
    bold: bool = False
    inverted: bool = False


class Qr(msgspec.Struct, frozen=True):
    """A QR code, centred."""

    data: str


class Picture(msgspec.Struct, frozen=True):
    """A bit image, centred: packed rows, the highest bit left, a set bit is black."""

    columns: int
    rows: int
    data: bytes


class Rule(msgspec.Struct, frozen=True):
    """A line across the paper."""

    character: str = "-"


class Space(msgspec.Struct, frozen=True):
    """Empty paper, in dots of 1/8 mm."""

    dots: int


class Cut(msgspec.Struct, frozen=True):
    """The end of a receipt."""


Block = Line | Qr | Picture | Rule | Space | Cut
