"""The frame of JT/T 905: `55 AA | LEN_H LEN_L | DEV | VENDOR | CMD_H CMD_L | DATA | XOR | 55 AA`.

LEN counts from DEV to the end of DATA; XOR runs from LEN to the end of DATA. Data may hold `55 AA`.
"""

from functools import reduce
from operator import xor

import msgspec

from devices.framing import Found, Refused

RATERS = (0x06, 0x11)
"""The kinds of device that are raters."""
MOST_DATA = 64
"""A longer frame is nobody's here: what claims to be one is not waited for."""

_MARK = b"\x55\xaa"
_OWN = 4
"""Bytes from DEV to CMD, which the length counts too."""
_AROUND = 7
"""Both marks, the length and the checksum."""


class Frame(msgspec.Struct, frozen=True):
    """One frame from or to a device of kind `device`."""

    device: int
    vendor: int
    command: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Its bytes on the wire."""
        body = bytes((self.device, self.vendor)) + self.command.to_bytes(2, "big") + self.data
        counted = len(body).to_bytes(2, "big") + body
        return _MARK + counted + bytes((reduce(xor, counted),)) + _MARK


def look(data: bytes) -> Found[Frame] | Refused | None:
    """What begins with the first byte."""
    if not data.startswith(_MARK[: len(data)]):
        return Refused()
    if len(data) > 2 and data[2] != 0:
        return Refused("bad-length")
    if len(data) > 3 and not _OWN <= data[3] <= _OWN + MOST_DATA:
        return Refused("bad-length")
    if len(data) < 4 or len(data) < data[3] + _AROUND:
        return None
    return _whole(data[: data[3] + _AROUND])


def _whole(frame: bytes) -> Found[Frame] | Refused:
    counted = frame[2:-3]
    if not frame.endswith(_MARK):
        return Refused("bad-frame")
    if reduce(xor, counted) != frame[-3]:
        return Refused("bad-checksum")
    body = counted[2:]
    return Found(Frame(body[0], body[1], int.from_bytes(body[2:4], "big"), body[4:]), len(frame))
