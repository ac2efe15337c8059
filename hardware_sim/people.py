"""A hall's worth of people: citizens and staff who know only what they see, hear and press."""

from dataclasses import dataclass
from typing import TypeVar

from contract.calling import Call
from hardware_sim.people_eyes import CallerSeen, HallSeen, Hand, KioskSeen, RaterSeen, RoomSeen
from hardware_sim.people_kiosk import Entrance
from hardware_sim.people_pace import Chance, Manners, Pace
from hardware_sim.people_room import RoomVisitors
from hardware_sim.people_window import Counter


@dataclass(frozen=True)
class Figures:
    """What the people have done so far."""

    arrived: int = 0
    tickets: int = 0
    gave_up: int = 0
    waiting: int = 0
    served: int = 0
    rated: int = 0
    no_shows: int = 0
    room_visits: int = 0


class Crowd:
    """Everybody in the hall. Give it the time and what can be seen; it says what hands do."""

    def __init__(self, *, seed: int = 1, speed: float = 1.0, manners: Manners | None = None) -> None:
        """People who are the same for the same seed and do everything `speed` times as fast."""
        self._pace, self._manners, self._chance = Pace().faster(speed), manners or Manners(), Chance(seed)
        self._entrances: dict[str, Entrance] = {}
        self._counters: dict[str, Counter] = {}
        self._rooms: dict[str, RoomVisitors] = {}
        self._seated: set[str] = set()
        self._tickets = 0

    def step(self, now: float, hall: HallSeen) -> list[Hand]:
        """What hands do now. `now` is in seconds and never runs backwards."""
        self._find_places(hall)
        hands: list[Hand] = []
        for kiosk, entrance in self._entrances.items():
            pressed, numbers = entrance.step(now, _named(hall, kiosk, KioskSeen))
            hands += pressed
            self._sit_down(numbers)
        for window, counter in self._counters.items():
            hands += counter.step(now, hall.windows.get(window), _at(hall, window, CallerSeen), _at(hall, window, RaterSeen))
        for room, visitors in self._rooms.items():
            hands += visitors.step(now, _named(hall, room, RoomSeen))
        return hands

    def hear(self, call: Call, now: float) -> None:
        """A call is heard in the hall; whoever holds the number goes there."""
        counter = self._counters.get(call.window)
        if counter is not None and call.number in self._seated:
            counter.comes(call.number, now)
            self._seated.discard(call.number)

    def figures(self) -> Figures:
        """What the people have done so far."""
        entrances, counters = self._entrances.values(), self._counters.values()
        return Figures(
            arrived=sum(entrance.arrived for entrance in entrances),
            tickets=self._tickets,
            gave_up=sum(entrance.gave_up + entrance.turned_away for entrance in entrances),
            waiting=len(self._seated),
            served=sum(counter.served for counter in counters),
            rated=sum(counter.rated for counter in counters),
            no_shows=sum(counter.no_shows for counter in counters),
            room_visits=sum(visitors.visits for visitors in self._rooms.values()),
        )

    def _sit_down(self, numbers: list[str]) -> None:
        self._tickets += len(numbers)
        self._seated |= {number for number in numbers if not self._chance.happens(self._manners.stays_away)}

    def _find_places(self, hall: HallSeen) -> None:
        """Go to every kiosk, window and room that has been seen at least once."""
        for seen in hall.devices.values():
            if isinstance(seen, KioskSeen) and seen.device not in self._entrances:
                self._entrances[seen.device] = Entrance(self._pace, self._manners, self._chance)
            if isinstance(seen, RoomSeen) and seen.device not in self._rooms:
                self._rooms[seen.device] = RoomVisitors(self._pace, self._chance)
            if isinstance(seen, CallerSeen) and seen.window not in self._counters:
                self._counters[seen.window] = Counter(self._pace, self._manners, self._chance)


S = TypeVar("S")
W = TypeVar("W", CallerSeen, RaterSeen)


def _named(hall: HallSeen, device: str, kind: type[S]) -> S | None:
    seen = hall.devices.get(device)
    return seen if isinstance(seen, kind) else None


def _at(hall: HallSeen, window: str, kind: type[W]) -> W | None:
    return next((seen for seen in hall.devices.values() if isinstance(seen, kind) and seen.window == window), None)
