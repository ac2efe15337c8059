"""How people are: how long things take them and how likely they do what."""

from dataclasses import dataclass, fields
from random import Random
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Mean durations in seconds, those of a calm hall that is good to look at."""

    arrival: float = 3.6
    """Between two people at the entrance; exponentially distributed."""
    take: float = 1.2
    """To take the ticket and make room for the next one at the kiosk."""
    kiosk_patience: float = 12.0
    walk: float = 4.0
    service: float = 17.0
    ready: float = 1.5
    """Between two visits, for the staff member to look up."""
    recall_after: float = 13.0
    pause: float = 25.0
    think: float = 2.5
    """Before a rating key is pressed."""
    rating_patience: float = 8.0
    room_arrival: float = 14.0
    stay: float = 26.0
    motion: float = 4.0
    """Between two movements in a cubicle."""
    check: float = 90.0
    """Between two inspections of the room."""

    def faster(self, speed: float) -> Self:
        """The same pace with every duration divided by `speed`."""
        return type(self)(**{field.name: getattr(self, field.name) / speed for field in fields(self)})


@dataclass(frozen=True, kw_only=True)
class Manners:
    """Shares between 0 and 1 of people who do a thing."""

    priority: float = 0.15
    stays_away: float = 0.05
    """Took a ticket and went home."""
    rates: float = 0.75
    pauses: float = 0.03
    """Staff who make a break after a visit."""
    levels: tuple[float, float, float, float, float] = (0.02, 0.04, 0.10, 0.26, 0.58)
    """Of those who rate, for the levels 1 to 5."""


class Chance:
    """The dice of one crowd: the same seed gives the same people."""

    def __init__(self, seed: int) -> None:
        """Dice that fall the same way for the same seed."""
        self._random = Random(seed)

    def about(self, mean: float) -> float:
        """A duration around `mean`, between half and one and a half of it."""
        return self._random.uniform(0.5 * mean, 1.5 * mean)

    def between_arrivals(self, mean: float) -> float:
        """The time to the next one of a Poisson stream."""
        return self._random.expovariate(1.0 / mean)

    def happens(self, share: float) -> bool:
        """True with probability `share`."""
        return self._random.random() < share

    def level(self, shares: tuple[float, ...]) -> int:
        """A rating level from 1 up."""
        return self._random.choices(range(1, len(shares) + 1), shares)[0]

    def one_of(self, things: list[str]) -> str:
        """Any of them, all alike."""
        return self._random.choice(things)
