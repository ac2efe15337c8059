"""A call for help as its lamp tells it: blinking until staff say that they come, then steady for a while, then dark.

The button's own press lights the lamp; the controller's word of the place (`HelpState`) keeps it true over restarts of either.
"""

from datetime import datetime
from typing import Literal

from contract.helping import HelpSpot

BLINK = 0.5
"""Seconds lit, then as many dark."""

Stage = Literal["idle", "asked", "coming"]


class HelpRules:
    """One button's lamp. Times are monotonic seconds, but for moments that end with `_at`: those are the hall's time."""

    def __init__(self, coming: float) -> None:
        """`coming`: how many seconds the lamp is steady after staff have answered."""
        self._coming = coming
        self._asked_at: datetime | None = None
        self._since = 0.0
        self._known = False
        self._until: float | None = None

    def stage(self, now: float) -> Stage:
        """Whether help is asked for, is coming, or neither."""
        if self._asked_at is not None:
            return "asked"
        return "coming" if self._until is not None and now < self._until else "idle"

    def ask(self, now: float, now_at: datetime) -> None:
        """The button was pressed, and the press is safe on the disk."""
        if self._asked_at is None:
            self._asked_at, self._since, self._known = now_at, now, False

    def hear(self, spot: HelpSpot, now: float) -> None:
        """The controller says how it is; what it said before it knew of the present call changes nothing."""
        if spot.asked is not None:
            if self._asked_at is None:
                self._asked_at, self._since = spot.asked, now
            self._known = True
        elif self._asked_at is not None and (self._known or _after(spot.answered, self._asked_at)):
            self._asked_at, self._until = None, now + self._coming

    def lit(self, now: float) -> bool:
        """Whether the lamp is lit."""
        stage = self.stage(now)
        return stage == "coming" or (stage == "asked" and self._halves(now) % 2 == 0)

    def due(self, now: float) -> float | None:
        """When the lamp changes next if nothing happens before."""
        match self.stage(now):
            case "asked":
                return self._since + (self._halves(now) + 1) * BLINK
            case "coming":
                return self._until
            case "idle":
                return None

    def _halves(self, now: float) -> int:
        return int((now - self._since) / BLINK)


def _after(answered: datetime | None, asked: datetime) -> bool:
    return answered is not None and answered >= asked


def spot_of(spots: tuple[HelpSpot, ...], cubicle: str | None) -> HelpSpot:
    """What the controller says of one button's spot; nothing, when it names none."""
    return next((spot for spot in spots if spot.cubicle == cubicle), HelpSpot(cubicle=cubicle))
