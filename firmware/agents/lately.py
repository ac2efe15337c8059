"""Lately: whether something has happened so often in the last while that a person should look."""

from collections import deque


class Often:
    """`times` within `seconds`. Times are monotonic seconds."""

    def __init__(self, times: int, seconds: float) -> None:
        self._seconds = seconds
        self._last: deque[float] = deque(maxlen=times)

    def add(self, times: int, now: float) -> None:
        """It happened so many times just now."""
        self._last.extend([now] * min(times, self._last.maxlen or 0))

    def now(self, now: float) -> bool:
        """Whether it happens often now."""
        return len(self._last) == self._last.maxlen and now - self._last[0] <= self._seconds
