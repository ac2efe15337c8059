"""Code scanners: one that types what it reads as a US keyboard does, one that sends it down a serial line."""

import asyncio
import string
from typing import Protocol

from hardware_sim.errors import CannotDo
from hardware_sim.keypad import Keypad
from hardware_sim.serial_line import SerialLine

_PLAIN = {
    " ": "SPACE", "-": "MINUS", "=": "EQUAL", "[": "LEFTBRACE", "]": "RIGHTBRACE", "\\": "BACKSLASH", ";": "SEMICOLON",
    "'": "APOSTROPHE", "`": "GRAVE", ",": "COMMA", ".": "DOT", "/": "SLASH", "\t": "TAB", "\r": "ENTER",
}  # fmt: skip
_WITH_SHIFT = dict(zip('_+{}|:"~<>?!@#$%^&*()', "-=[]\\;'`,./1234567890", strict=True))
SHIFT = "KEY_LEFTSHIFT"
BETWEEN, BURST = 0.0005, 20
"""Seconds between two keys; so many come before the machine can look."""
KEYS = (SHIFT, *(f"KEY_{name}" for name in (*string.ascii_uppercase, *string.digits, *_PLAIN.values())))


class Head(Protocol):
    """What reads a code and tells it."""

    async def tell(self, text: str, end: str) -> None:
        """Send a code and what ends it. Raises `CannotDo`."""
        ...


class TypingHead:
    """A scanner that is a keyboard: a key for each character, shift held where a US keyboard needs it."""

    def __init__(self, keypad: Keypad) -> None:
        self.keypad = keypad
        self._turn = asyncio.Lock()

    async def tell(self, text: str, end: str) -> None:
        """Type it, as fast as scanners do."""
        strokes = [stroke(letter) for letter in text + end]
        async with self._turn:
            for number, (key, shifted) in enumerate(strokes, 1):
                self._strike(key, shifted)
                if number % BURST == 0:
                    await asyncio.sleep(BURST * BETWEEN)

    def _strike(self, key: str, shifted: bool) -> None:
        if shifted:
            self.keypad.down(SHIFT)
        self.keypad.down(key)
        self.keypad.up(key)
        if shifted:
            self.keypad.up(SHIFT)


def stroke(letter: str) -> tuple[str, bool]:
    """The key of a character, and whether shift is held. Raises `CannotDo` for what no US keyboard types."""
    if letter in _WITH_SHIFT:
        return stroke(_WITH_SHIFT[letter])[0], True
    if letter in _PLAIN:
        return f"KEY_{_PLAIN[letter]}", False
    if letter.isascii() and letter.isalnum():
        return f"KEY_{letter.upper()}", letter.isupper()
    raise CannotDo(f"a scanner that is a keyboard cannot type {letter!r}")


class SendingHead:
    """A scanner on a serial line."""

    def __init__(self, line: SerialLine) -> None:
        self.line = line
        line.join(self)

    async def tell(self, text: str, end: str) -> None:
        """Send it."""
        if not self.line.plugged:
            raise CannotDo("the cable is pulled; what is scanned reaches nobody")
        self.line.say((text + end).encode("utf-8", "surrogateescape"))

    def hear(self, data: bytes, now: float) -> bytes:
        """It does not listen."""
        return b""

    def work(self, now: float) -> tuple[bytes, float | None]:
        """It says nothing by itself."""
        return b"", None
