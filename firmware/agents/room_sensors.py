"""A cubicle's sensors against each other: a door contact or a motion sensor that says what cannot be is found and named."""

from typing import Literal

import msgspec

SPELLS = 5
"""So often somebody moved about behind a door that is never closed: it is the contact that does not close."""
CLOSINGS = 6
"""So often the door was closed and nobody moved: it is the motion sensor that does not see."""

Doubt = Literal["door-never-closed", "door-never-opened", "motion-silent"]


class Suspect(msgspec.Struct, frozen=True):
    """What is wrong, as a word and in figures: seconds since when, and how often."""

    doubt: Doubt
    seconds: float = 0.0
    times: int = 0


class SensorRules:
    """The door contact and the motion sensor of one cubicle. Times are monotonic seconds of the sensors' own edges.

    A door that has been open for `patience` while people came and went is one that is never closed; one that has been closed
    for `patience` without any motion is one that is never opened, or has somebody behind it who needs a look. Motion after
    `stillness` of rest is a new spell.
    """

    def __init__(self, patience: float, stillness: float) -> None:
        self._patience, self._stillness = patience, stillness
        self._closed = self._motion = False
        self._door_since = self._still_since = 0.0
        self._spells = self._closings = 0

    def begin(self, closed: bool, motion: bool, now: float) -> None:
        """Start with the levels as they are; what was before is not known."""
        self._closed, self._motion = closed, motion
        self._door_since = self._still_since = now
        self._spells = self._closings = 0

    def door(self, closed: bool, at: float) -> None:
        """The door was closed or opened."""
        self._closings += closed and not self._closed
        self._closed, self._door_since, self._spells = closed, at, 0

    def motion(self, active: bool, at: float) -> None:
        """The motion sensor became active or came to rest."""
        if active and not self._motion:
            self._spells += at - self._still_since >= self._stillness
        self._motion, self._still_since, self._closings = active, at, 0

    def suspect(self, now: float) -> Suspect | None:
        """What is wrong now, if anything."""
        stood = now - self._door_since
        if not self._closed and stood >= self._patience and self._spells >= SPELLS:
            return Suspect("door-never-closed", stood, self._spells)
        if self._closed and not self._motion and min(stood, now - self._still_since) >= self._patience:
            return Suspect("door-never-opened", min(stood, now - self._still_since))
        if self._closings >= CLOSINGS:
            return Suspect("motion-silent", times=self._closings)
        return None
