"""The four-key RS-485 caller: `01 | ADDR | KEY 31..34 | 07` from it, `01 | ADDR | LAMP 30..34 | 07` to it.

There is no checksum: whatever is not exactly such a frame is a collision of two callers, and is answered by nothing.
"""

from typing import Literal

import msgspec

from devices.framing import Found, Refused

_START, _END = 0x01, 0x07
_SIZE = 4
KEYS = ("31", "32", "33", "34")
Lamp = Literal["off", "red", "green", "blink-red", "blink-green"]
LAMPS: dict[Lamp, int] = {"off": 0x30, "red": 0x31, "green": 0x32, "blink-red": 0x33, "blink-green": 0x34}


class Frame(msgspec.Struct, frozen=True):
    """A key of the caller at `address`, or what its lamp shall do."""

    address: int
    what: int

    def encode(self) -> bytes:
        """Its bytes on the wire."""
        return bytes((_START, self.address, self.what, _END))


def look(data: bytes) -> Found[Frame] | Refused | None:
    """What begins with the first byte."""
    if data[0] != _START or (len(data) > 2 and not 0x30 <= data[2] <= 0x34) or (len(data) > 3 and data[3] != _END):
        return Refused()
    return None if len(data) < _SIZE else Found(Frame(data[1], data[2]), _SIZE)


def key(frame: Frame) -> str | None:
    """The key that a frame of a caller tells of, as node.toml spells it; None for what no key says."""
    name = f"{frame.what:02X}"
    return name if name in KEYS else None


def lamp(address: int, lamp: Lamp) -> Frame:
    """Sets the lamp of the caller at `address`."""
    return Frame(address, LAMPS[lamp])
