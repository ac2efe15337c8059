"""People in the mother-and-baby room: they go in, close the door, move about, and leave it open."""

from dataclasses import dataclass

from hardware_sim.people_eyes import CubicleSeen, Hand, RoomSeen
from hardware_sim.people_pace import Chance, Pace

AGAIN = 1.0
"""Seconds before a hand tries once more what had no effect."""


@dataclass
class _Stay:
    """Somebody in a cubicle."""

    until: float
    moves: float
    tried: float = float("-inf")


class RoomVisitors:
    """Everybody in one room. A door that is not as its visitor wants it is moved again: a restarted node has forgotten it."""

    def __init__(self, pace: Pace, chance: Chance) -> None:
        """An empty room; the first visitor comes soon."""
        self._pace, self._chance = pace, chance
        self._stays: dict[str, _Stay] = {}
        self._arrives: float | None = None
        self._checks: float | None = None
        self.visits = 0

    def step(self, now: float, room: RoomSeen | None) -> list[Hand]:
        """What hands do in the room now."""
        if room is None:
            return []
        hands = [hand for cubicle in room.cubicles for hand in self._inside(now, room.device, cubicle)]
        return [*hands, *self._arrival(now, room), *self._check(now, room)]

    def _arrival(self, now: float, room: RoomSeen) -> list[Hand]:
        if self._arrives is None:
            self._arrives = now + 0.2 * self._pace.room_arrival
        if now < self._arrives:
            return []
        self._arrives = now + self._chance.between_arrivals(self._pace.room_arrival)
        free = [
            seen.cubicle for seen in room.cubicles if seen.cubicle not in self._stays and seen.door == "open" and not seen.lamp
        ]
        if not free:
            return []
        cubicle = self._chance.one_of(free)
        self._stays[cubicle] = _Stay(until=now + self._chance.about(self._pace.stay), moves=now, tried=now)
        self.visits += 1
        return [_hand(room.device, "close_door", cubicle)]

    def _inside(self, now: float, room: str, seen: CubicleSeen) -> list[Hand]:
        stay = self._stays.get(seen.cubicle)
        if stay is None:
            return []
        if now >= stay.until:
            return self._leave(now, room, seen, stay)
        if seen.door == "open" and now - stay.tried >= AGAIN:
            stay.tried = now
            return [_hand(room, "close_door", seen.cubicle)]
        if now >= stay.moves:
            stay.moves = now + self._chance.about(self._pace.motion)
            return [_hand(room, "move", seen.cubicle, seconds=round(0.4 * self._pace.motion, 2))]
        return []

    def _leave(self, now: float, room: str, seen: CubicleSeen, stay: _Stay) -> list[Hand]:
        if seen.door == "open":
            del self._stays[seen.cubicle]
            return []
        if now - stay.tried < AGAIN:
            return []
        stay.tried = now
        return [_hand(room, "open_door", seen.cubicle)]

    def _check(self, now: float, room: RoomSeen) -> list[Hand]:
        if self._checks is None:
            self._checks = now + self._chance.about(0.2 * self._pace.check)
        if now < self._checks:
            return []
        self._checks = now + self._chance.about(self._pace.check)
        return [Hand(room.device, "check")]


def _hand(room: str, does: str, cubicle: str, **how: float) -> Hand:
    return Hand(room, does, {"cubicle": cubicle, **how})
