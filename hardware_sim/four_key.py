"""The four-key RS-485 caller: `01 | ADDR | KEY 31..34 | 07` from it, `01 | ADDR | LAMP 30..34 | 07` to it, and no answers."""

import re
from collections.abc import Callable

_SET = re.compile(rb"\x01(.)([\x30-\x34])\x07", re.DOTALL)
_LAMPS = {0x30: "off", 0x31: "red", 0x32: "green", 0x33: "blink-red", 0x34: "blink-green"}
HELD_AGAIN = 0.2
"""Seconds between two frames of a key that is held."""


def pack(address: int, what: int) -> bytes:
    """A frame."""
    return bytes((0x01, address, what, 0x07))


class Caller:
    """One caller at its address. Everything is called with the line's lock held. Keys are named as they are sent: `31`."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.dead = False
        self.lamp = "off"
        self.held: str | None = None
        self.changed: Callable[[], None] = lambda: None
        self._heard = b""
        self._to_say = b""
        self._hold_at = 0.0

    def hear(self, data: bytes, now: float) -> bytes:
        """What the host says to its lamp."""
        self._heard = (self._heard + data)[-256:]
        while frame := _SET.search(self._heard):
            self._heard = self._heard[frame.end() :]
            if frame[1][0] == self.address and not self.dead:
                self.lamp = _LAMPS[frame[2][0]]
                self.changed()
        return b""

    def work(self, now: float) -> tuple[bytes, float | None]:
        """Keys that were pressed and that are held."""
        if self.held is not None and now >= self._hold_at:
            self._hold_at = now + HELD_AGAIN
            self.press(self.held)
        said, self._to_say = self._to_say, b""
        return b"" if self.dead else said, self._hold_at if self.held is not None else None

    def press(self, key: str) -> None:
        """A key goes down: told once."""
        self._to_say += pack(self.address, int(key, 16))

    def frames(self, key: str) -> tuple[bytes, bytes]:
        """What a key says, and what would acknowledge it: nothing."""
        return pack(self.address, int(key, 16)), b""

    def hold(self, key: str) -> None:
        """A key goes down and stays down."""
        self.held, self._hold_at = key, 0.0

    def let_go(self) -> None:
        """It comes up again."""
        self.held = None
