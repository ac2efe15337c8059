"""The hall's clock: this machine's own, corrected by the controller's time signal when the two disagree."""

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

TOLERANCE = 2.0
"""Seconds that the two may be apart before the controller is believed."""
KEPT = 5
"""Time signals that are looked at together."""


def _wall() -> datetime:
    return datetime.now(UTC)


class HallClock:
    """Both kinds of time; the hall's is right also on a machine that woke up without knowing the time."""

    def __init__(self, wall: Callable[[], datetime] = _wall, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`wall` is this machine's idea of the time, `monotonic` its seconds that never jump."""
        self._wall, self._monotonic = wall, monotonic
        self._signals: deque[datetime] = deque(maxlen=KEPT)
        self._began: datetime | None = None

    def now(self) -> datetime:
        """The hall's time, aware, UTC."""
        wall, hall = self._wall(), self._hall()
        return wall if hall is None or abs((wall - hall).total_seconds()) <= TOLERANCE else hall

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        return self._monotonic()

    def signal(self, at: datetime) -> None:
        """The controller says that it is `at` now. For live signals only: an old one that the broker kept says nothing."""
        self._signals.append(at - timedelta(seconds=self._monotonic()))
        # A signal can be late and never early, so the one that says the latest time was held up least.
        self._began = max(self._signals)

    @property
    def off(self) -> float:
        """Seconds that this machine's clock is ahead of the controller's; 0 until there was a signal."""
        hall = self._hall()
        return 0.0 if hall is None else (self._wall() - hall).total_seconds()

    def _hall(self) -> datetime | None:
        return self._began and self._began + timedelta(seconds=self._monotonic())
