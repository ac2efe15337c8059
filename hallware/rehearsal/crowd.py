"""The crowd: who comes when, for what, how long it takes and how they rate, drawn from one seed. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from controller.calendar import Opening
from controller.config_parts import Service

PEAKS = ((0.18, 0.08, 1.6), (0.70, 0.10, 1.1))
"""Where in the day most people come, how broad that is, and how many more than at other times: mid-morning and after lunch."""
SCATTER = 0.45
"""Service times are log-normal with this sigma, as they were found in many halls and call centres."""
LEVELS = ((5, 0.72), (4, 0.17), (3, 0.06), (2, 0.03), (1, 0.02))


@dataclass(frozen=True)
class Habits:
    """How people behave, as shares of them and seconds."""

    priority: float = 0.08
    booked: float = 0.1
    absent: float = 0.06
    """Walk away while they wait."""
    late: float = 0.4
    """Of those, come back."""
    rates: float = 0.65
    parked: float = 0.02
    moved: float = 0.02
    """Are sent on to another service."""
    way: tuple[float, float] = (8.0, 40.0)


@dataclass(frozen=True)
class Person:
    """One person's day, as chance has it."""

    arrives: datetime
    service: str
    priority: bool
    booked: bool
    absent: bool
    returns: float | None
    """So many seconds after the no-show; None: not at all."""
    way: float
    takes: float
    level: int | None
    parks: float | None
    moves: bool


def crowd(count: int, services: Sequence[Service], openings: Sequence[Opening], habits: Habits, chance: Random) -> list[Person]:
    """So many people, in the order in which they arrive, within the first 93 % of the opening hours."""
    weights = [1 / service.expected for service in services]
    return sorted(
        (_person(chance.choices(services, weights)[0], openings, habits, chance) for _ in range(count)), key=lambda p: p.arrives
    )


def _person(service: Service, openings: Sequence[Opening], habits: Habits, chance: Random) -> Person:
    absent = chance.random() < habits.absent
    rates = chance.random() < habits.rates
    return Person(
        arrives=_moment(openings, chance),
        service=service.id,
        priority=chance.random() < habits.priority,
        booked=service.appointments is not None and chance.random() < habits.booked,
        absent=absent,
        returns=chance.uniform(60, 1200) if absent and chance.random() < habits.late else None,
        way=chance.uniform(*habits.way),
        takes=service.expected * chance.lognormvariate(-SCATTER * SCATTER / 2, SCATTER),
        level=chance.choices([level for level, _ in LEVELS], [share for _, share in LEVELS])[0] if rates else None,
        parks=chance.uniform(60, 600) if chance.random() < habits.parked else None,
        moves=chance.random() < habits.moved,
    )


def _moment(openings: Sequence[Opening], chance: Random) -> datetime:
    """By rejection from a flat day with two peaks."""
    while True:
        share = chance.random() * 0.93
        if chance.random() * 2.7 < _busy(share):
            return _at(openings, share)


def _busy(share: float) -> float:
    return 1 + sum(height * math.exp(-(((share - middle) / breadth) ** 2)) for middle, breadth, height in PEAKS)


def _at(openings: Sequence[Opening], share: float) -> datetime:
    """The moment at which so much of the opening hours has passed."""
    left = share * sum(((o.closes - o.opens) for o in openings), timedelta())
    for opening in openings:
        if left < opening.closes - opening.opens:
            return opening.opens + left
        left -= opening.closes - opening.opens
    return openings[-1].closes
