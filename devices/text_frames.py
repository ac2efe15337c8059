"""Frames of LED strips and text cards, from values; every layout is a fact found elsewhere, none was tried on hardware.

`sum8` is the low byte of a sum, CRC-16/XMODEM has polynomial 0x1021 and begins with 0, both as the boards reckon them.
"""

from binascii import crc_hqx
from collections.abc import Iterable
from functools import reduce
from operator import xor
from typing import NamedTuple

from devices.characters import Number

Colour = str
"""`red`, `green` or `yellow`."""


class Showing(NamedTuple):
    """What one place of a board shall show."""

    address: int
    text: str
    characters: tuple[bytes, ...]
    """The text's characters, each encoded for the board."""
    columns: int
    stacked: bool = False
    sequence: int = 0
    blinks: int = 0
    """How often it blinks at first."""
    colour: Colour = "red"
    nothing: int = 0xFFFF
    """The number by which a digit board shows none."""
    dwell: float = 4.0

    @property
    def encoded(self) -> bytes:
        """The whole text."""
        return b"".join(self.characters)


def sum8(data: Iterable[int]) -> int:
    """The low byte of the arithmetic sum."""
    return sum(data) & 0xFF


def strip_aa(show: Showing) -> bytes:
    """`AA ADDR BB 51 54 CK 01 00 99 00 63 text FF`; `08 02` instead of `01 00` for a board stacked from strips."""
    form = b"\x08\x02" if show.stacked else b"\x01\x00"
    body = form + b"\x99\x00\x63" + show.encoded + b"\xff"
    return bytes((0xAA, show.address, 0xBB, 0x51, 0x54, sum8(body))) + body


def strip_a0(show: Showing) -> bytes:
    """`A0 90 ADDR A5 LEN_H LEN_L DATA XOR`; in DATA a zero stands after each character."""
    data = b"".join([character + b"\0" for character in show.characters])
    checked = bytes((show.address, 0xA5)) + len(data).to_bytes(2) + data
    return b"\xa0\x90" + checked + bytes((reduce(xor, checked),))


def strip_fe(show: Showing) -> bytes:
    """`ADDR FE LEN SEQ 86 3C 00 05 00 text 00 CRC`, or `… 8C 00 text 00 CRC` on a board stacked from strips."""
    form = b"\x8c\x00" if show.stacked else b"\x86\x3c\x00\x05\x00"
    body = form + show.encoded + b"\0"
    head = bytes((show.address, 0xFE, 4 + len(body) + 2, show.sequence & 0xFF))
    return head + body + crc_hqx(head + body, 0).to_bytes(2)


def queue_show(show: Showing) -> bytes:
    """`01 ADDR BLINK characters 07`; the text replaces only as many characters as are sent, so it is padded to the board."""
    blink = 0x20 if show.blinks <= 0 else min(0x21 + show.blinks, 0x7F)
    return bytes((0x01, show.address, blink)) + show.encoded.ljust(show.columns) + b"\x07"


def queue_dim(address: int, level: int) -> bytes:
    """`02 ADDR 20..23 07`, 20 the brightest; `level` is 0 to 15."""
    return bytes((0x02, address, 0x23 - min(max(level, 0), 15) // 4, 0x07))


def queue_address(new: int, old: int = 0xFF) -> bytes:
    """`03 OLD NEW 07`; FF reaches every board on the line, so hang only one there."""
    return bytes((0x03, old, new, 0x07))


_CARD_COLOURS = {"red": 1, "green": 2, "yellow": 3}


def udp_card(show: Showing) -> bytes:
    """`21 21 55 AA zone colour effect speed dwell count text`; effect 0 turns pages, and each page fits."""
    head = bytes((show.address, _CARD_COLOURS[show.colour], 0, 0))
    dwell = round(10 * show.dwell)
    return b"\x21\x21\x55\xaa" + head + dwell.to_bytes(4, "little") + len(show.encoded).to_bytes(2, "little") + show.encoded


_DIGIT_COLOURS = {"green": 0, "yellow": 1, "red": 2}


def digits(show: Showing) -> bytes:
    """`ID HI LO sum8`."""
    frame = bytes((show.address,)) + _number(show).to_bytes(2)
    return frame + bytes((sum8(frame),))


def digits_colour(show: Showing) -> bytes:
    """`3A colour LO HI info sum8 0A`; info is 0, and the sum is taken over all that stands before it, as without colour."""
    frame = bytes((0x3A, _DIGIT_COLOURS[show.colour])) + _number(show).to_bytes(2, "little") + b"\0"
    return frame + bytes((sum8(frame), 0x0A))


def _number(show: Showing) -> int:
    value, width = Number.of(show.text)
    return show.nothing if value is None or width > show.columns else value
