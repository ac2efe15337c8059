"""People at a kiosk: they line up, press a key, read their number off the ticket and sit down."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from hardware_sim.people_eyes import Hand, KioskKey, KioskSeen, Page
from hardware_sim.people_pace import Chance, Manners, Pace

NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9]{3,4}(?![A-Za-z0-9])")
LONGEST_LINE = 15
TRIES = 2


def number_on(page: Page) -> str | None:
    """The ticket number that stands on a page."""
    found = NUMBER.search(page.text)
    return found[0] if found else None


@dataclass
class _Customer:
    """Whoever stands at the kiosk now."""

    key: str | None = None
    pressed: float = 0.0
    tries: int = 0
    before: frozenset[str | int] = frozenset()


class Entrance:
    """Everybody between the door and a ticket, at one kiosk."""

    def __init__(self, pace: Pace, manners: Manners, chance: Chance) -> None:
        """Nobody is there yet; the first one comes at once."""
        self._pace, self._manners, self._chance = pace, manners, chance
        self._line: deque[float] = deque()
        self._customer: _Customer | None = None
        self._arrives: float | None = None
        self._free_at = 0.0
        self.arrived = self.turned_away = self.gave_up = 0

    @property
    def waiting(self) -> int:
        """How many stand in line or at the kiosk."""
        return len(self._line) + (self._customer is not None)

    def step(self, now: float, kiosk: KioskSeen | None) -> tuple[list[Hand], list[str]]:
        """What hands do now, and the numbers that people have just read off their tickets."""
        self._arrivals(now)
        self._leave_the_line(now)
        if self._customer is not None:
            return self._at_the_kiosk(now, self._customer, kiosk)
        if kiosk is not None and kiosk.printer.usable and kiosk.keys and self._line and now >= self._free_at:
            self._line.popleft()
            self._customer = _Customer(self._choose(kiosk.keys))
            return [self._press(now, self._customer, kiosk)], []
        return [], []

    def _arrivals(self, now: float) -> None:
        self._arrives = now if self._arrives is None else self._arrives
        while self._arrives <= now:
            self.arrived += 1
            if len(self._line) < LONGEST_LINE:
                self._line.append(self._arrives)
            else:
                self.turned_away += 1
            self._arrives += self._chance.between_arrivals(self._pace.arrival)

    def _leave_the_line(self, now: float) -> None:
        while self._line and now - self._line[0] > 3 * self._pace.kiosk_patience:
            self._line.popleft()
            self.gave_up += 1

    def _choose(self, keys: Sequence[KioskKey]) -> str:
        prior = self._chance.happens(self._manners.priority)
        fitting = [key.key for key in keys if key.prior == prior]
        return self._chance.one_of(fitting or [key.key for key in keys])

    def _press(self, now: float, customer: _Customer, kiosk: KioskSeen) -> Hand:
        customer.pressed, customer.tries = now, customer.tries + 1
        customer.before = frozenset(page.id for page in kiosk.pages)
        return Hand(kiosk.device, "press", {"key": str(customer.key)})

    def _at_the_kiosk(self, now: float, customer: _Customer, kiosk: KioskSeen | None) -> tuple[list[Hand], list[str]]:
        fresh = [page for page in kiosk.pages if page.id not in customer.before] if kiosk else []
        numbers = [number for page in fresh if (number := number_on(page))]
        if numbers:
            self._done(now)
            return [], numbers[:1]
        if now - customer.pressed < self._pace.kiosk_patience:
            return [], []
        if customer.tries >= TRIES or kiosk is None or not kiosk.printer.usable:
            self.gave_up += 1
            self._done(now)
            return [], []
        return [self._press(now, customer, kiosk)], []

    def _done(self, now: float) -> None:
        self._customer = None
        self._free_at = now + self._chance.about(self._pace.take)
