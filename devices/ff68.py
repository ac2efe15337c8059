"""The `FF 68` frame of window callers and raters: `FF 68 | L | L | 68 | ADDR | CMD | DATA[L-2] | CS | 16`.

CS is the low byte of the sum from ADDR to the last byte of DATA. Data may hold `FF`, `68` and `16`, and a checksum may equal the
end byte, so only length, checksum and end together make a frame.
"""

import msgspec

from devices.framing import Found, Refused

SHOW, BEEP, START, RATING = 0x02, 0x03, 0x01, 0x11
BLANK = 0x0A
INVITE = 0x0B
PLACES = 6
"""Digits of a caller's display."""
MOST_DATA = 32
"""A longer frame is nobody's: what claims to be one is not waited for."""

_HEAD = (0xFF, 0x68)
_MIDDLE, _END = 0x68, 0x16
_AROUND = 7
"""Bytes of a frame that its length does not count."""


class Frame(msgspec.Struct, frozen=True):
    """One frame from or to the device at `address`."""

    address: int
    command: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Its bytes on the wire."""
        body = bytes((self.address, self.command)) + self.data
        return bytes((*_HEAD, len(body), len(body), _MIDDLE)) + body + bytes((sum(body) & 0xFF, _END))


def look(data: bytes) -> Found[Frame] | Refused | None:
    """What begins with the first byte."""
    if data[0] != _HEAD[0] or (len(data) > 1 and data[1] != _HEAD[1]):
        return Refused()
    if len(data) > 2 and not 2 <= data[2] <= MOST_DATA + 2:
        return Refused("bad-length")
    if len(data) > 3 and data[3] != data[2]:
        return Refused("bad-length")
    if len(data) > 4 and data[4] != _MIDDLE:
        return Refused("bad-frame")
    if len(data) < 5 or len(data) < data[2] + _AROUND:
        return None
    return _whole(data[: data[2] + _AROUND])


def _whole(frame: bytes) -> Found[Frame] | Refused:
    body = frame[5:-2]
    if frame[-1] != _END:
        return Refused("bad-frame")
    if sum(body) & 0xFF != frame[-2]:
        return Refused("bad-checksum")
    return Found(Frame(body[0], body[1], body[2:]), len(frame))


def key(frame: Frame) -> str | None:
    """The key that a caller's frame tells of, as node.toml spells it: `0C`, or `06 0F` for a pair that ends in 0F."""
    if not frame.data:
        return None
    if frame.data[-1] == 0x0F and len(frame.data) > 1:
        return f"{frame.data[-2]:02X} 0F"
    return f"{frame.data[-1]:02X}"


def ticket(address: int, number: str) -> Frame:
    """Shows the digits of a ticket's number on the right: `037` of A037."""
    digits = [int(letter) for letter in number if letter.isascii() and letter.isdigit()][-PLACES:]
    return _digits(address, [BLANK] * (PLACES - len(digits)) + digits)


def waiting(address: int, count: int) -> Frame:
    """Shows how many wait, three digits on the left."""
    return _digits(address, [int(digit) for digit in f"{min(count, 999):03d}"] + [BLANK] * 3)


def blank(address: int) -> Frame:
    """Shows nothing."""
    return _digits(address, [BLANK] * PLACES)


def every_segment(address: int) -> Frame:
    """Lights every segment: six times 8."""
    return _digits(address, [8] * PLACES)


def beep(address: int) -> Frame:
    """A short sound."""
    return Frame(address, BEEP)


def start_rating(address: int) -> Frame:
    """Opens the rater for one rating."""
    return Frame(address, START, bytes((INVITE,)))


def echo(frame: Frame) -> Frame:
    """What acknowledges a frame of the device: the same again; a rating is acknowledged with another command."""
    return Frame(frame.address, START, frame.data) if frame.command == RATING else frame


def _digits(address: int, digits: list[int]) -> Frame:
    return Frame(address, SHOW, bytes(digits))
