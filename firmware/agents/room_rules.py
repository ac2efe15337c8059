"""A cubicle's occupancy, from its door contact and its motion sensor.

A stay starts with a closed door and motion. It ends when the door is open and nothing has moved for the stillness time;
while the door is closed nothing ends it, so that somebody who sleeps inside never reads as free. A door that opens
and closes again within the stillness time is the same stay. Times are monotonic seconds of the sensors' own edges.
"""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from contract.events import StayEnded, StayLong, StayStarted

StayFact = StayStarted | StayLong | StayEnded


class Stay(msgspec.Struct, frozen=True):
    """A stay in progress; `long` once staff were told of it."""

    token: str
    since: float
    long: bool = False


class Cubicle(msgspec.Struct, frozen=True):
    """Which cubicle, and the room's settings in seconds."""

    room: str
    id: str
    limit: float
    stillness: float


class CubicleRules:
    """One cubicle's stays: at most one at a time, each with a new token from `token()`."""

    def __init__(self, cubicle: Cubicle, token: Callable[[], str]) -> None:
        self._cubicle = cubicle
        self._token = token
        self._closed = False
        self._motion = False
        self._quiet_since = 0.0
        self.stay: Stay | None = None

    def begin(self, closed: bool, motion: bool, stay: Stay | None, now: float) -> list[StayFact]:
        """Start with the levels as they are and the stay that was in progress when this node last ran.

        A stay in progress is told again with its own token, in case its start was never recorded.
        """
        self._closed, self._motion, self._quiet_since, self.stay = closed, motion, now, stay
        return self._started() if stay else self._start(now)

    def door(self, closed: bool, at: float) -> list[StayFact]:
        """The door was closed or opened."""
        facts = self.look(at)
        self._closed, self._quiet_since = closed, at
        return facts + self._start(at)

    def motion(self, active: bool, at: float) -> list[StayFact]:
        """The motion sensor became active or came to rest."""
        facts = self.look(at)
        self._motion, self._quiet_since = active, at
        return facts + self._start(at)

    def look(self, now: float) -> list[StayFact]:
        """Let time pass."""
        return self._grow_long(now) + self._end(now)

    @property
    def due(self) -> float | None:
        """When to look again if nothing happens before; None while only a sensor can change anything."""
        if self.stay is None:
            return None
        times = [self._free_at] if self._leaving else []
        return min([*times, *([] if self.stay.long else [self.stay.since + self._cubicle.limit])], default=None)

    @property
    def _leaving(self) -> bool:
        return not self._closed and not self._motion

    @property
    def _free_at(self) -> float:
        return self._quiet_since + self._cubicle.stillness

    def _start(self, at: float) -> list[StayFact]:
        if self.stay or not (self._closed and self._motion):
            return []
        self.stay = Stay(self._token(), at)
        return self._started()

    def _started(self) -> list[StayFact]:
        return [StayStarted(stay=self.stay.token, room=self._cubicle.room, cubicle=self._cubicle.id)] if self.stay else []

    def _grow_long(self, now: float) -> list[StayFact]:
        stay = self.stay
        grown_at = stay.since + self._cubicle.limit if stay else 0.0
        if stay is None or stay.long or now < grown_at or (self._leaving and self._free_at <= grown_at):
            return []
        self.stay = replace(stay, long=True)
        return [StayLong(stay=stay.token, room=self._cubicle.room, cubicle=self._cubicle.id, lasted=now - stay.since)]

    def _end(self, now: float) -> list[StayFact]:
        stay = self.stay
        if stay is None or not self._leaving or now < self._free_at:
            return []
        self.stay = None
        lasted = max(0.0, self._free_at - stay.since)
        return [StayEnded(stay=stay.token, room=self._cubicle.room, cubicle=self._cubicle.id, lasted=lasted)]
