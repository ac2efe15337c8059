"""Flashing: lamps that show themselves on command, for a self-test or to be found."""

import msgspec

from contract.commands import Command, Identify, SelfTest
from firmware.agents.answering import DONE, FOREIGN, answer
from firmware.station import Station

HALF = 0.25
"""Seconds lit, then as many dark."""
SELF_TEST = 3.0
"""Seconds of flashing for a self-test."""


class Flashing(msgspec.Struct, frozen=True):
    """All lamps flash from `since` until `until`, in monotonic seconds; this one has long ended."""

    since: float = 0.0
    until: float = 0.0

    def runs(self, now: float) -> bool:
        """Whether the lamps flash at this moment, rather than say what they usually say."""
        return self.since <= now < self.until

    def lit(self, now: float) -> bool:
        """Whether the flashing lamps are in their lit half."""
        return self._halves(now) % 2 == 0

    def due(self, now: float) -> float | None:
        """When they change next; None when they do not flash."""
        return min(self.until, self.since + (self._halves(now) + 1) * HALF) if self.runs(now) else None

    def _halves(self, now: float) -> int:
        return int((now - self.since) / HALF)


async def flash_on(command: Command, station: Station, flashing: Flashing) -> Flashing:
    """Start flashing as the command asks, and answer it; any other command is refused and changes nothing."""
    now = station.clock.monotonic()
    match command.do:
        case SelfTest():
            flashing = Flashing(now, now + SELF_TEST)
        case Identify(seconds=seconds):
            flashing = Flashing(now, now + seconds)
        case _:
            await answer(station, command, "refused", FOREIGN)
            return flashing
    await answer(station, command, "done", DONE)
    return flashing
