"""Framing: whole frames out of a stream of bytes that is cut anyhow and may hold anything.

A candidate that turns out to be no frame costs its first byte only: everything behind it is looked at again, so that the frame
that follows a broken one is found. What waits for its rest is given up when the line falls silent.
"""

from collections import Counter
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import msgspec

CUT = "cut-frame"


class Encoded(Protocol):
    """A frame that can be written down again."""

    def encode(self) -> bytes:
        """Its bytes on the wire."""
        ...


F = TypeVar("F", bound=Encoded)


class Found(msgspec.Struct, Generic[F], frozen=True):
    """A whole frame of `size` bytes."""

    frame: F
    size: int


class Refused(msgspec.Struct, frozen=True):
    """No frame begins here; `why` is counted, and None where nothing looked like one."""

    why: str | None = None


Look = Callable[[bytes], Found[F] | Refused | None]
"""What begins with the first of some bytes; None while that cannot be told yet, which a dialect's longest frame bounds."""


class Frames(Generic[F]):
    """The frames of one dialect in a stream. `noise` is what a run of other bytes is counted as."""

    def __init__(self, look: Look[F], noise: str = "noise") -> None:
        self._look, self._noise = look, noise
        self._held = b""
        self._astray = False
        self._counts = Counter[str]()

    @property
    def waits(self) -> bool:
        """Whether a silence would tell something: the beginning of a frame waits for its rest, or a run of noise for its end."""
        return bool(self._held) or self._astray

    def feed(self, data: bytes) -> list[F]:
        """The frames that `data` completes, in order."""
        self._held += data
        return self._take(final=False)

    def give_up(self) -> list[F]:
        """The line is silent: what waits stays incomplete. Frames that were hidden in it, in order."""
        found = self._take(final=True)
        self._astray = False
        return found

    def take_counts(self) -> dict[str, int]:
        """What was refused since this was last asked, by word."""
        counts, self._counts = self._counts, Counter()
        return dict(counts)

    def _take(self, *, final: bool) -> list[F]:
        found: list[F] = []
        while self._held:
            seen = self._look(self._held)
            if isinstance(seen, Found):
                found.append(seen.frame)
                self._held, self._astray = self._held[seen.size :], False
            elif seen is not None:
                self._skip(seen.why)
            elif final:
                self._skip(CUT)
            else:
                break
        return found

    def _skip(self, why: str | None) -> None:
        if why is not None:
            self._counts[why] += 1
        elif not self._astray:
            self._counts[self._noise] += 1
        self._astray = True
        self._held = self._held[1:]
