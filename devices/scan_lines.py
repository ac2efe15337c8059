"""A scanner's lines: bytes or keys as they come, put together to codes; what is none is named for what it is.

A code ends with a carriage return or a line feed (on keys: Enter). What is longer than any code, is no text, or was
left off in the middle is garbage. Noise that nothing ends is forgotten after a silence, and spoils no code that follows.
"""

from typing import Literal

import msgspec

LONGEST = 512
"""Bytes of a code; a full QR code of a hall has some sixty."""
GAP = 0.5
"""Seconds of silence after which what has no end yet is over. A scanner sends a code in one go."""

Why = Literal["too-long", "not-text", "unfinished"]


class Scan(msgspec.Struct, frozen=True):
    """A code was read, `at` monotonic seconds."""

    text: str
    at: float


class Garbage(msgspec.Struct, frozen=True):
    """Something came that is no code."""

    why: Why
    at: float


class Lines:
    """Puts bytes together to codes. Never keeps more than `LONGEST` bytes."""

    def __init__(self, gap: float = GAP) -> None:
        self._gap = gap
        self._kept = bytearray()
        self._too_long = False
        self._last = float("-inf")

    def feed(self, data: bytes, at: float) -> list[Scan | Garbage]:
        """Bytes came; the codes that they end, and what was garbage."""
        found = self._after_silence(at)
        self._last = at
        for byte in data:
            if byte in b"\r\n":
                found += self._end(at)
            elif len(self._kept) >= LONGEST:
                self._too_long = True
            else:
                self._kept.append(byte)
        return found

    def forget(self, at: float) -> list[Scan | Garbage]:
        """Some of what came is lost: the rest of it is no code either."""
        found: list[Scan | Garbage] = [Garbage("unfinished", at)] if self._kept else []
        self._kept.clear()
        self._too_long = False
        return found

    def _after_silence(self, at: float) -> list[Scan | Garbage]:
        return self.forget(self._last) if at - self._last > self._gap else []

    def _end(self, at: float) -> list[Scan | Garbage]:
        line, too_long = bytes(self._kept), self._too_long
        self._kept.clear()
        self._too_long = False
        if too_long:
            return [Garbage("too-long", at)]
        try:
            text = line.decode().strip()
        except UnicodeDecodeError:
            return [Garbage("not-text", at)]
        if not text.isprintable():
            return [Garbage("not-text", at)]
        return [Scan(text, at)] if text else []


_SHIFTED = dict(zip("1234567890", "!@#$%^&*()", strict=True))
_NAMED = {
    "SPACE": "  ", "MINUS": "-_", "EQUAL": "=+", "LEFTBRACE": "[{", "RIGHTBRACE": "]}", "BACKSLASH": "\\|", "SEMICOLON": ";:",
    "APOSTROPHE": "'\"", "GRAVE": "`~", "COMMA": ",<", "DOT": ".>", "SLASH": "/?", "KPSLASH": "//", "KPMINUS": "--",
    "KPPLUS": "++", "KPASTERISK": "**", "KPDOT": "..", "TAB": "\t\t", "ENTER": "\r\r", "KPENTER": "\r\r",
}  # fmt: skip
_SHIFTS = frozenset({"KEY_LEFTSHIFT", "KEY_RIGHTSHIFT"})


class Keys:
    """Turns a scanner's key events (a US keyboard, as scanners pretend to be) into the bytes that it means."""

    def __init__(self) -> None:
        self._shifts: set[str] = set()
        self._capitals = False

    def move(self, key: str, *, down: bool) -> bytes:
        """A key went down or came up; the byte that it means, or none. A key that means nothing spoils its code."""
        if key in _SHIFTS:
            (self._shifts.add if down else self._shifts.discard)(key)
            return b""
        if not down:
            return b""
        if key == "KEY_CAPSLOCK":
            self._capitals = not self._capitals
            return b""
        return self._meant(key.removeprefix("KEY_"))

    def _meant(self, name: str) -> bytes:
        shifted = bool(self._shifts)
        if name in _NAMED:
            return _NAMED[name][shifted].encode()
        name = name.removeprefix("KP") if name[:2] == "KP" and name[2:].isdigit() else name
        if len(name) == 1 and name.isascii() and name.isalpha():
            return (name if shifted != self._capitals else name.lower()).encode()
        if len(name) == 1 and name in _SHIFTED:
            return (_SHIFTED[name] if shifted else name).encode()
        return b"\0"
