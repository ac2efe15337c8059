"""Stuck lines: what stays active longer than anybody means it."""

from collections.abc import Hashable
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)

HELD = 30.0
"""Nobody holds a key for so many seconds."""


class Stuck(Generic[N]):
    """Lines that have been active for `limit` seconds or longer. Times are monotonic seconds."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._since: dict[N, float] = {}

    def level(self, name: N, active: bool, at: float) -> None:
        """A line became active or inactive, or is so from the start."""
        if active:
            self._since.setdefault(name, at)
        else:
            self._since.pop(name, None)

    def names(self, now: float) -> list[N]:
        """The stuck lines, longest first."""
        return [name for name, since in sorted(self._since.items(), key=lambda pair: pair[1]) if now >= since + self._limit]
