"""One scanner's rules: what a scan asks, which scan is the same as the last one, and what the lamps say of the answer."""

from collections import deque
from typing import Literal

import msgspec

from firmware.agents.scanner_codes import Code, read

NOISY, NOISE_SPAN = 5, 60.0
"""So much garbage in so many seconds comes from the line and not from people."""

Lamp = Literal["green", "red"]


class Read(msgspec.Struct, frozen=True):
    """What becomes of a scan: a code to ask the controller for, or the word under which it is counted."""

    ask: Code | None = None
    count: str = ""


class ScannerRules:
    """One scanner. Times are monotonic seconds."""

    def __init__(self, *, again: float, patience: float, show: float) -> None:
        """`again`: seconds in which a code is the same scan; `patience`: for an answer; `show`: how long a lamp is lit."""
        self._again, self._patience, self._show = again, patience, show
        self._text, self._seen = "", float("-inf")
        self._asked: str | None = None
        self._until = 0.0
        self._lamp: Lamp | None = None
        self._dark_at = 0.0
        self._garbage: deque[float] = deque(maxlen=NOISY)
        self.unanswered = False
        """Whether the controller kept silent after the last scan."""

    def scan(self, text: str, at: float) -> Read:
        """A code was read. One that stays before the scanner is one scan, however long it lies there."""
        repeated = text == self._text and at - self._seen < self._again
        self._text, self._seen = text, at
        self._garbage.clear()
        if repeated:
            return Read(count="repeated-scan")
        code = read(text)
        if code is None:
            self._light("red", at)
            return Read(count="foreign-code")
        return Read(ask=code)

    def garbage(self, at: float) -> None:
        """Something came that is no code."""
        self._garbage.append(at)

    def noisy(self, now: float) -> bool:
        """Whether so much garbage came lately that somebody should look at the cable."""
        return len(self._garbage) == NOISY and now - self._garbage[0] < NOISE_SPAN

    def asked(self, request: str, now: float) -> None:
        """The controller was asked; an older question does not matter any more."""
        self._asked, self._until = request, now + self._patience

    def replied(self, request: str, now: float, *, good: bool) -> bool:
        """The controller answered; whether that is the answer which is waited for."""
        if request != self._asked:
            return False
        self._asked, self.unanswered = None, False
        self._light("green" if good else "red", now)
        return True

    def look(self, now: float) -> bool:
        """Let time pass; True when the controller's time to answer is over just now."""
        if self._asked is None or now < self._until:
            return False
        self._asked, self.unanswered = None, True
        self._text = ""
        self._light("red", now)
        return True

    def lamp(self, now: float) -> Lamp | None:
        """The lamp that is lit."""
        return self._lamp if now < self._dark_at else None

    def due(self, now: float) -> float | None:
        """When to look again if nothing happens before."""
        times = [self._until] if self._asked is not None else []
        return min([*times, *([self._dark_at] if now < self._dark_at else [])], default=None)

    def _light(self, lamp: Lamp, now: float) -> None:
        self._lamp, self._dark_at = lamp, now + self._show
