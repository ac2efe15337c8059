"""Keys that a far end tells of once each, over and over while one is held, and without waiting for an answer."""

from collections.abc import Callable

HELD_AGAIN = 0.2
"""Seconds between two frames of a key that is held."""


class TellingKeys:
    """Everything is called with the line's lock held. `changed` is called when a person could see a change."""

    def __init__(self) -> None:
        self.dead = False
        """Without power."""
        self.held: str | None = None
        self.changed: Callable[[], None] = lambda: None
        self._to_say = b""
        self._hold_at = 0.0

    def frames(self, key: str) -> tuple[bytes, bytes]:
        """What a key says, and what acknowledges it."""
        raise NotImplementedError

    def work(self, now: float) -> tuple[bytes, float | None]:
        """Keys that were pressed and that are held."""
        if self.held is not None and now >= self._hold_at:
            self._hold_at = now + HELD_AGAIN
            self.press(self.held)
        said, self._to_say = self._to_say, b""
        return b"" if self.dead else said, self._hold_at if self.held is not None else None

    def press(self, key: str) -> None:
        """A key goes down."""
        self._to_say += self.frames(key)[0]

    def hold(self, key: str) -> None:
        """A key goes down and stays down."""
        self.held, self._hold_at = key, 0.0

    def let_go(self) -> None:
        """It comes up again."""
        self.held = None
