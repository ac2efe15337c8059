"""Weather: how long to wait before the next try, and what to write about an outage."""

import logging
import random
from dataclasses import dataclass, field

log = logging.getLogger("hallware.link")


@dataclass
class Backoff:
    """Seconds between tries: growing, never regular, so that a whole hall does not come back in step.

    Chance has nearly the whole of a step, also of the first one: a broker that restarts cuts everybody in the same moment, and
    a thousand handshakes within a tenth of a second would be late for each other's sake.
    """

    first: float = 1.0
    most: float = 5.0
    steady: float = 5.0
    """Seconds after which a connection counts as one that holds, so that the next loss starts with short waits again."""
    chance: random.Random = field(default_factory=random.Random)
    _tries: int = 0

    def next(self) -> float:
        """How long to wait now: between a tenth and the whole of the present step."""
        step: float = min(self.most, self.first * 2 ** min(self._tries, 16))
        self._tries += 1
        return step * (0.1 + 0.9 * self.chance.random())

    def reset(self) -> None:
        """Begin anew: it went well."""
        self._tries = 0


@dataclass
class Outage:
    """Writes one line when something is lost, one for every new reason, and one when it is back."""

    of: str
    _since: float | None = None
    _reasons: set[str] = field(default_factory=set)

    def lost(self, reason: str, now: float) -> None:
        """It is lost, or still is; `now` in monotonic seconds."""
        if self._since is None:
            self._since = now
        if reason in self._reasons:
            log.debug("%s: %s", self.of, reason)
            return
        self._reasons.add(reason)
        log.warning("%s is out of reach: %s; trying on", self.of, reason)

    def disputed(self, reason: str, now: float) -> None:
        """It is lost to somebody who must be stopped; this heals by no waiting."""
        if self._since is None:
            self._since = now
        if reason not in self._reasons:
            self._reasons.add(reason)
            log.error("%s: %s", self.of, reason)

    def back(self, now: float) -> None:
        """It is there and holds; without an outage this is no news."""
        if self._since is None:
            log.debug("%s is there", self.of)
            return
        log.info("%s is back after %.0f s", self.of, now - self._since)
        self._since = None
        self._reasons.clear()
