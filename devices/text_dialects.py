"""Dialects of text boards: one row each, chosen by name in node.toml."""

from collections.abc import Callable

import msgspec

from devices.characters import CharacterSet
from devices.text_frames import (
    Showing,
    digits,
    digits_colour,
    queue_dim,
    queue_show,
    strip_a0,
    strip_aa,
    strip_fe,
    udp_card,
)


class Dialect(msgspec.Struct, frozen=True):
    """How a kind of board wants to be spoken to."""

    characters: CharacterSet
    show: Callable[[Showing], bytes]
    addresses: range
    bauds: tuple[int, ...] = (9600,)
    """Speeds that such boards are set to, the usual one first; empty for the network."""
    gap: float = 0.1
    """Seconds of rest that a board needs after each frame."""
    columns: int = 16
    """Cells of a usual board."""
    longest: int = 120
    """Cells that one frame can carry."""
    dim: Callable[[int, int], bytes] | None = None
    stacks: bool = False
    """Whether boards stacked from strips have a form of their own."""
    blinks: bool = False
    """Whether the board blinks by itself."""
    coloured: bool = False


DIALECTS: dict[str, Dialect] = {
    "strip-aa": Dialect("gbk", strip_aa, range(1, 256), stacks=True),
    "strip-a0": Dialect("gbk", strip_a0, range(1, 256)),
    "strip-fe": Dialect("gbk", strip_fe, range(1, 254), stacks=True),
    "queue": Dialect("ascii", queue_show, range(0x20, 0x80), bauds=(57600, 19200), gap=0.25, dim=queue_dim, blinks=True),
    "udp-card": Dialect("gb2312", udp_card, range(16), bauds=(), coloured=True),
    "digits": Dialect("digits", digits, range(1, 256), columns=3, longest=5),
    "digits-colour": Dialect("digits", digits_colour, range(1), columns=3, longest=5, coloured=True),
}
"""`strip-aa` is `AA … BB 51 54`, `strip-a0` is `A0 9x`, `strip-fe` is `ADDR FE LEN SEQ`."""
