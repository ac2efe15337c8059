"""Contact bounce: what a bouncing, stuttering line means, on event time."""

QUIET = 1.0
"""Seconds without an edge after which a line has calmed down."""


class Debounce:
    """One line's contact bounce, on event time and without a clock of its own.

    Time spent active charges it, time spent inactive discharges it, between nothing and `settle` seconds; the settled
    level changes when an end is reached. So a bouncing contact gives one change, a spike shorter than `settle` none, and a worn
    contact that stutters while it is held is still a press.
    """

    def __init__(self, settle: float, active: bool = False) -> None:
        self.active = active
        self.restless = 0
        """Edges since the last settled change, or since the line was last calm."""
        self._settle = settle
        self._level = active
        self._charge = settle if active else 0.0
        self._at = 0.0
        self._began = 0.0

    @property
    def due(self) -> float | None:
        """When to `look` again if no edge comes before; None while the line rests."""
        if self._level == self.active:
            return None
        return self._at + (self._settle - self._charge if self._level else self._charge)

    def edge(self, active: bool, at: float) -> tuple[bool, float] | None:
        """Take an edge; returns the settled change that it brings to light: the level and when it began.

        Time does not run backwards: an edge that is older than the last one counts as simultaneous with it.
        """
        self.restless = 1 if at - self._at > QUIET else self.restless + 1
        change = self._advance(at)
        if self._resting and active != self._level:
            self._began = self._at
        self._level = active
        return self._advance(at) or change

    def look(self, now: float) -> tuple[bool, float] | None:
        """Let time pass without an edge; returns a settled change as `edge` does."""
        return self._advance(now)

    @property
    def _resting(self) -> bool:
        return self._charge == (self._settle if self.active else 0.0)

    def _advance(self, at: float) -> tuple[bool, float] | None:
        passed = max(0.0, at - self._at)
        reached = self.due is not None and at >= self.due
        self._at = max(self._at, at)
        charge = self._charge + (passed if self._level else -passed)
        self._charge = min(self._settle, max(0.0, charge))
        if not reached:
            return None
        self._charge = self._settle if self._level else 0.0
        self.active = self._level
        self.restless = 0
        return self.active, self._began
