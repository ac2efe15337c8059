"""Held keys: those that nobody lets go, told by their releases or by a device that repeats what is held."""

from firmware.agents.stuck import HELD

APART = 1.0
"""Seconds between two frames of one key that is held, at most."""
_LET_GO = 1.5 * APART


class Held:
    """The keys of one device. Times are monotonic seconds."""

    def __init__(self, limit: float = HELD) -> None:
        self._limit = limit
        self._since: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self.tells_release = True
        """Whether the device tells of releases; else a key is let go when it repeats no more."""

    def press(self, key: str, at: float) -> None:
        """A key went down, or is told to be down still."""
        if not self.tells_release and at - self._last.get(key, at) > _LET_GO:
            self._since.pop(key, None)
        self._since.setdefault(key, at)
        self._last[key] = at

    def release(self, key: str) -> None:
        """It came up."""
        self._since.pop(key, None)

    def clear(self) -> None:
        """Nothing is known of the keys any more: the device was unplugged."""
        self._since.clear()

    def stuck(self, now: float) -> list[str]:
        """The keys that are held longer than anybody means it, longest first."""
        held = [key for key in self._since if self.tells_release or now - self._last[key] <= _LET_GO]
        return sorted((key for key in held if now >= self._since[key] + self._limit), key=self._since.__getitem__)
