"""The four-key RS-485 caller: `01 | ADDR | KEY 31..34 | 07` from it, `01 | ADDR | LAMP 30..34 | 07` to it, and no answers."""

import re

from hardware_sim.telling_keys import TellingKeys

_SET = re.compile(rb"\x01(.)([\x30-\x34])\x07", re.DOTALL)
_LAMPS = {0x30: "off", 0x31: "red", 0x32: "green", 0x33: "blink-red", 0x34: "blink-green"}


def pack(address: int, what: int) -> bytes:
    """A frame."""
    return bytes((0x01, address, what, 0x07))


class Caller(TellingKeys):
    """One caller at its address. Keys are named as they are sent: `31`."""

    def __init__(self, address: int) -> None:
        super().__init__()
        self.address = address
        self.lamp = "off"
        self._heard = b""

    def hear(self, data: bytes, now: float) -> bytes:
        """What the host says to its lamp."""
        self._heard = (self._heard + data)[-256:]
        while frame := _SET.search(self._heard):
            self._heard = self._heard[frame.end() :]
            if frame[1][0] == self.address and not self.dead:
                self.lamp = _LAMPS[frame[2][0]]
                self.changed()
        return b""

    def frames(self, key: str) -> tuple[bytes, bytes]:
        """What a key says, and what would acknowledge it: nothing."""
        return pack(self.address, int(key, 16)), b""
