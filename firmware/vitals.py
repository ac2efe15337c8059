"""Vitals: what a node measures of itself once a second, so that its status is published when one of them has changed."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from firmware.clock import HallClock
from firmware.outbox import Outbox
from firmware.power import Power

LATE = 3.0
"""Seconds within which the controller acknowledges an event, unless something is wrong."""
LOOK = 1.0
"""Seconds between two looks."""
ASTRAY = 1.0
"""Seconds by which the clock's error must be another to be told."""


class Looks:
    """What the outbox held at some moments of the last seconds: numbers alone, so it costs the same however much waits."""

    def __init__(self) -> None:
        """Nothing was looked at yet."""
        self._looks: deque[tuple[float, int]] = deque()

    def late(self, newest: int, stored: int, now: float) -> int:
        """Look: the newest event's number, and the newest that is stored; how many have waited for `LATE` seconds."""
        if self._looks and newest < self._looks[-1][1]:
            self._looks.clear()  # a new epoch counts from 1 again
        self._looks.append((now, newest))
        while len(self._looks) > 1 and self._looks[1][0] <= now - LATE:
            self._looks.popleft()
        at, then = self._looks[0]
        return max(0, then - stored) if at <= now - LATE else 0


class _Told(NamedTuple):
    late: int
    clock_off: float
    refused: int
    dips: int
    low: bool


class Vitals:
    """Looks at the outbox, the clock, the count of refused messages and the supply voltage."""

    def __init__(
        self,
        outbox: Outbox,
        clock: HallClock,
        refused: Callable[[], int],
        changed: Callable[[bool], None],
        power: Power,
    ) -> None:
        """`changed` is told of each change, and whether it is urgent: events begin or cease to be late, the voltage to be low."""
        self.late = 0
        """Events that have waited for the controller longer than an acknowledgement takes."""
        self._outbox, self._clock, self._refused, self._changed, self._power = outbox, clock, refused, changed, power
        self._looks = Looks()
        self._told = _Told(0, 0.0, 0, 0, low=False)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._look()
            await asyncio.sleep(LOOK)

    def _look(self) -> None:
        newest, waiting = self._outbox.newest, self._outbox.waiting
        self.late = self._looks.late(newest, newest - waiting, self._clock.monotonic())
        self._power.look(self._clock.monotonic())
        low = self._power.trouble is not None
        seen, told = _Told(self.late, self._clock.off, self._refused(), self._power.dips, low), self._told
        # The clock's error is never twice the same.
        if seen._replace(clock_off=told.clock_off) != told or abs(seen.clock_off - told.clock_off) >= ASTRAY:
            self._told = seen
            self._changed(bool(seen.late) != bool(told.late) or seen.low != told.low)
