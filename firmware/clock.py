"""The hall's clock: this machine's own, corrected by the controller's time signal when the two disagree."""

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from contract.values import FIRST_YEAR, LAST_YEAR

EARLIEST, LATEST = datetime(FIRST_YEAR, 1, 2, tzinfo=UTC), datetime(LAST_YEAR, 12, 1, tzinfo=UTC)
"""What a machine says that thinks it is earlier or later: wrong either way, but a message can carry it."""
TOLERANCE = 2.0
"""Seconds that the two may be apart before the controller is believed."""
FAR = timedelta(seconds=60)
"""Time signals that are further apart do not bear each other out; one is hardly ever held up for so long."""
BACK = timedelta(seconds=15)
"""Two signals that are both so much earlier than expected, and alike, were not held up: the controller's clock was set back. No
living link holds a message up for so long, since one whose echo stays away for three beats is cut; and what waits while this
node stands still comes all at once, each signal held up for less than the one before it."""
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
        """The hall's time, aware, UTC; always one that a message can carry."""
        wall, hall = self._wall(), self._hall()
        right = wall if hall is None or abs((wall - hall).total_seconds()) <= TOLERANCE else hall
        return min(max(right, EARLIEST), LATEST)

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        return self._monotonic()

    def signal(self, at: datetime) -> None:
        """The controller says that it is `at` now. For live signals only: an old one that the broker kept says nothing.

        A signal can be late and never early, so the one that says the latest time was held up least and is believed. But not
        when it stands alone, far from all others: that is a controller's slip or a forger's word, and would own the clock for
        as long as it is remembered. So a new time is followed with the second signal that says it, also an
        earlier one: until the former signals were forgotten, every call of twenty-five seconds would look late.
        """
        self._signals.append(at - timedelta(seconds=self._monotonic()))
        if self._was_set_back():
            self._signals = deque(list(self._signals)[-2:], maxlen=KEPT)
        self._began = _believed(tuple(self._signals))

    def _was_set_back(self) -> bool:
        if self._began is None or len(self._signals) < 3:
            return False
        last, newest = self._signals[-2], self._signals[-1]
        return abs(newest - last) <= timedelta(seconds=TOLERANCE) and self._began - max(last, newest) >= BACK

    @property
    def off(self) -> float:
        """Seconds that this machine's clock is ahead of the controller's; 0 until there was a signal."""
        hall = self._hall()
        return 0.0 if hall is None else (self._wall() - hall).total_seconds()

    def _hall(self) -> datetime | None:
        return self._began and self._began + timedelta(seconds=self._monotonic())


def _believed(signals: tuple[datetime, ...]) -> datetime:
    """Of signals in the order in which they came, the latest that another one bears out; the oldest when none is."""
    borne_out = [one for i, one in enumerate(signals) if any(abs(one - other) <= FAR for other in signals[:i] + signals[i + 1 :])]
    return max(borne_out, default=signals[0])
