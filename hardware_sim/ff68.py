"""What hangs at an address of an `FF 68` line: a caller with keys, digits and a beeper; a rater with keys and lamps.

Read off the format `FF 68 | L | L | 68 | ADDR | CMD | DATA[L-2] | CS | 16`. A key is told again until the host acknowledges it.
"""

import re
from collections.abc import Iterator

from hardware_sim.telling_keys import TellingKeys

_HEAD = re.compile(rb"\xff\x68([\x02-\x40])\1\x68", re.DOTALL)
_MOST_HEARD = 512
_DIGITS, _SOUND, _OPEN, _RATED = 0x02, 0x03, 0x01, 0x11
_INVITED = b"\x0b"
KEY = 0x04
"""The command with which this model's caller tells of a key; the format leaves it open."""
TELL_AGAIN, TIMES = 0.3, 3
"""Seconds until a key that was not acknowledged is told again, and how often in all."""
OPEN_FOR = 60.0


def pack(address: int, command: int, data: bytes = b"") -> bytes:
    """A frame."""
    counted = bytes([address, command, *data])
    return bytes([0xFF, 0x68, len(counted), len(counted), 0x68, *counted, sum(counted) % 256, 0x16])


class Ear:
    """Frames out of bytes that are cut anyhow."""

    def __init__(self) -> None:
        self._heard = b""

    def hear(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Address, command and data of each whole frame."""
        self._heard = (self._heard + data)[-_MOST_HEARD:]
        while head := _HEAD.search(self._heard):
            end = head.end() + head[1][0] + 2
            if len(self._heard) < end:
                return
            counted, check, last = self._heard[head.end() : end - 2], self._heard[end - 2], self._heard[end - 1]
            good = last == 0x16 and check == sum(counted) % 256
            self._heard = self._heard[end if good else head.start() + 1 :]
            if good:
                yield counted[0], counted[1], counted[2:]


class Place(TellingKeys):
    """One address."""

    def __init__(self, address: int, *, echoes: bool = True) -> None:
        super().__init__()
        self.address, self.echoes = address, echoes
        self.beeps = 0
        self.acknowledged = True
        """Whether the host has acknowledged the last key."""
        self._ear = Ear()
        self._told: tuple[bytes, bytes] | None = None
        self._tell_at, self._tells = 0.0, 0

    def hear(self, data: bytes, now: float) -> bytes:
        """What the host says."""
        answer = b""
        for address, command, said in self._ear.hear(data):
            if address == self.address and not self.dead:
                answer += self._hear(command, said, now)
        return answer

    def work(self, now: float) -> tuple[bytes, float | None]:
        """Keys that were pressed, that are held, and that nobody has acknowledged."""
        if self._told is not None and not self._to_say and now >= self._tell_at:
            self._tell()
        said, again = super().work(now)
        if said and self._told is not None:
            self._tell_at = now + TELL_AGAIN
        waits = [again, self._tell_at if self._told is not None else None]
        return said, min((wait for wait in waits if wait is not None), default=None)

    def press(self, key: str) -> None:
        """A key goes down: told at once."""
        said, acknowledged = self.frames(key)
        self._told, self._tells, self.acknowledged = (said, acknowledged), 1, False
        self._to_say += said

    def told(self, command: int, data: bytes, now: float) -> bool:
        """The host says something to this device; whether it understands that."""
        raise NotImplementedError

    def _hear(self, command: int, data: bytes, now: float) -> bytes:
        frame = pack(self.address, command, data)
        if self._told is not None and frame == self._told[1]:
            self._told, self.acknowledged = None, True
            self.changed()
            return b""
        if command == _SOUND:
            self.beeps += 1
        elif not self.told(command, data, now):
            return b""
        self.changed()
        return frame if self.echoes else b""

    def _tell(self) -> None:
        if self._told is None or self._tells >= TIMES:
            self._told = None
            return
        self._tells += 1
        self._to_say += self._told[0]


class Caller(Place):
    """A caller with six digits. Keys are named as they are sent: `0C`, or `06 0F`."""

    digits = " " * 6

    def frames(self, key: str) -> tuple[bytes, bytes]:
        """A key, and the same again."""
        frame = pack(self.address, KEY, bytes.fromhex(key))
        return frame, frame

    def told(self, command: int, data: bytes, now: float) -> bool:
        """Digits to show; `0A` is a blank."""
        if command != _DIGITS or len(data) != len(self.digits):
            return False
        self.digits = "".join(str(digit) if digit < 10 else " " for digit in data)
        return True


class Rater(Place):
    """A rater with its own lamps: all are lit while it is open, the pressed one when the host has acknowledged it."""

    open_until = 0.0
    opened = 0
    pressed: str | None = None

    def frames(self, key: str) -> tuple[bytes, bytes]:
        """A rating, and the same under another command."""
        self.pressed = key
        data = bytes.fromhex(key)
        return pack(self.address, _RATED, data), pack(self.address, _OPEN, data)

    def told(self, command: int, data: bytes, now: float) -> bool:
        """Open for one rating."""
        if (command, data) != (_OPEN, _INVITED):
            return False
        self.open_until, self.pressed = now + OPEN_FOR, None
        self.opened += 1
        return True

    def lit(self, key: str, now: float) -> bool:
        """Whether the lamp of a key is lit."""
        if self.dead:
            return False
        if self.pressed is not None:
            return self.acknowledged and self.pressed == key and now < self.open_until
        return now < self.open_until
