"""A rater that speaks the frame of JT/T 905: `55 AA | LEN_H LEN_L | DEV | VENDOR | CMD_H CMD_L | DATA | XOR | 55 AA`.

LEN counts DEV to DATA, XOR runs from LEN to the end of DATA. Which command opens it and which one tells a rating is its maker's.
"""

from collections.abc import Iterator

from hardware_sim.telling_keys import TellingKeys

_MARK = b"\x55\xaa"
_MOST_HEARD = 512
LONGEST = _MOST_HEARD // 2
"""Bytes; a frame that says that it is longer is none, or whoever waits for it hears nothing else."""
OPEN_FOR = 60.0


def pack(device: int, vendor: int, command: int, data: bytes = b"") -> bytes:
    """A frame."""
    counted = (4 + len(data)).to_bytes(2, "big") + bytes([device, vendor, command >> 8, command & 0xFF, *data])
    check = 0
    for byte in counted:
        check ^= byte
    return _MARK + counted + bytes([check]) + _MARK


class Ear:
    """Frames out of bytes that are cut anyhow."""

    def __init__(self) -> None:
        self._heard = b""

    def hear(self, data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
        """Device, vendor, command and data of each whole frame."""
        self._heard = (self._heard + data)[-_MOST_HEARD:]
        while (start := self._heard.find(_MARK)) >= 0:
            self._heard = self._heard[start:]
            if len(self._heard) < 4:
                return
            size = int.from_bytes(self._heard[2:4], "big") + 7
            there = 11 <= size <= LONGEST
            if there and len(self._heard) < size:
                return
            frame = self._heard[:size]
            good = there and frame == pack(*_parts(frame))
            self._heard = self._heard[size if good else 1 :]
            if good:
                yield _parts(frame)


def _parts(frame: bytes) -> tuple[int, int, int, bytes]:
    """Device, vendor, command and data of a frame."""
    return frame[4], frame[5], int.from_bytes(frame[6:8], "big"), frame[8:-3]


class Rater(TellingKeys):
    """The one rater on its line. Keys are named as they are sent: `02`."""

    def __init__(self, device: int, vendor: int, rating: int, invite: int, *, echoes: bool = False) -> None:
        super().__init__()
        self.device, self.vendor, self.rating, self.invite, self.echoes = device, vendor, rating, invite, echoes
        self.opened = 0
        self.pressed: str | None = None
        self.open_until = 0.0
        self._ear = Ear()

    def hear(self, data: bytes, now: float) -> bytes:
        """What the host says."""
        answer = b""
        for device, vendor, command, said in self._ear.hear(data):
            if device == self.device and command == self.invite and not self.dead:
                self.open_until, self.pressed = now + OPEN_FOR, None
                self.opened += 1
                self.changed()
                answer += pack(device, vendor, command, said) if self.echoes else b""
        return answer

    def press(self, key: str) -> None:
        """A key goes down."""
        self.pressed = key
        super().press(key)

    def frames(self, key: str) -> tuple[bytes, bytes]:
        """What a key says, and what acknowledges it: nothing."""
        return pack(self.device, self.vendor, self.rating, bytes.fromhex(key)), b""

    def lit(self, key: str, now: float) -> bool:
        """Whether the lamp of a key is lit: all while it is open, then the pressed one."""
        return not self.dead and now < self.open_until and self.pressed in (None, key)
