"""Figures: what can be counted of a stretch of days, so that two counts add up to the count of both. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Self

WITHIN = (5, 10, 20, 30, 60)
"""Minutes of waiting by which people are counted."""
LEVELS = (1, 2, 3, 4, 5)
SATISFIED = (3, 4, 5)
"""Levels from 基本满意 up."""


class Additive:
    """Base of counts; what begins with `longest` adds up to the longer one."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The measures."""
        return tuple(field.name for field in fields(cls))  # type: ignore[arg-type]

    def __add__(self, other: Self) -> Self:
        return self.sum((self, other))

    @classmethod
    def sum(cls, counts: Iterable[Self]) -> Self:
        """All of them together; by columns, since a year has tens of thousands."""
        names = cls.names()
        columns = zip(*map(attrgetter(*names), counts), strict=True)
        totals = [
            max(column) if name.startswith("longest") else sum(column) for name, column in zip(names, columns, strict=False)
        ]
        return cls(*totals)


@dataclass(frozen=True, slots=True)
class Counts(Additive):
    """What happened to tickets, at windows and with ratings. Times are whole microseconds, which add up exactly."""

    tickets: int = 0
    """Given out; those that nobody ever held (`void`) are not among them."""
    void: int = 0
    unserved: int = 0
    """Still open when their day ended."""
    visits: int = 0
    """First calls at a window."""
    calls: int = 0
    """All calls, repetitions included."""
    no_shows: int = 0
    served: int = 0
    """Visits that ended with the service done."""
    waited: int = 0
    """Tickets that were called: their waiting runs from issue to the first call of all."""
    waited_us: int = 0
    longest_wait_us: int = 0
    within_5: int = 0
    within_10: int = 0
    within_20: int = 0
    within_30: int = 0
    within_60: int = 0
    came: int = 0
    """Visits in which the called person came: their way runs from the first call to the start."""
    way_us: int = 0
    longest_way_us: int = 0
    attended: int = 0
    """Visits with a time of service, those that were set aside or moved on amid it among them."""
    service_us: int = 0
    longest_service_us: int = 0
    invited: int = 0
    level_1: int = 0
    level_2: int = 0
    level_3: int = 0
    level_4: int = 0
    level_5: int = 0

    @property
    def given(self) -> int:
        """Ratings that were given."""
        return sum(self.levels())

    def levels(self) -> tuple[int, ...]:
        """Counts of the levels, 1 to 5."""
        return (self.level_1, self.level_2, self.level_3, self.level_4, self.level_5)


@dataclass(frozen=True, slots=True)
class HourCounts(Additive):
    """The load of one hour of the clock."""

    tickets: int = 0
    visits: int = 0
    served: int = 0
    waited: int = 0
    waited_us: int = 0


@dataclass(frozen=True, slots=True)
class StayCounts(Additive):
    """The use of a mother-and-baby room."""

    stays: int = 0
    ended: int = 0
    stayed_us: int = 0
    longest_stay_us: int = 0
    long: int = 0
    """Stays over the limit."""


@dataclass(frozen=True, slots=True)
class RoomHourCounts(Additive):
    """The use of a cubicle in one hour of the clock."""

    stays: int = 0
    """Those that began in it."""
    occupied_us: int = 0
    """Of stays that are over; one that goes on over the hour's end has its part in each."""


@dataclass(frozen=True, slots=True)
class CareCounts(Additive):
    """How a place was looked after: rooms that were checked, calls for help."""

    checks: int = 0
    helps: int = 0


@dataclass(frozen=True, slots=True)
class DeviceCounts(Additive):
    """The troubles of one device; of the node itself when the device has no name."""

    troubles: int = 0
    """How often it began to want a person, or was lost."""
    attention_us: int = 0
    down_us: int = 0
    """For how long it did not work."""
    watched_us: int = 0
    """For how long it was known how it is; what was switched off on purpose is not watched."""


@dataclass(frozen=True, slots=True)
class Work:
    """Counts of one day by service, window and staff member; empty where a thing belongs to none."""

    counts: Counts
    day: date
    service: str
    window: str
    staff: str


@dataclass(frozen=True, slots=True)
class Hour:
    """The load of one hour of one day, by service."""

    counts: HourCounts
    day: date
    hour: int
    service: str


@dataclass(frozen=True, slots=True)
class RoomUse:
    """One day of one room."""

    counts: StayCounts
    day: date
    room: str


@dataclass(frozen=True, slots=True)
class RoomHour:
    """One hour of one day of one cubicle. A stay is all of the day on which it began, also after midnight."""

    counts: RoomHourCounts
    day: date
    hour: int
    room: str
    cubicle: str


@dataclass(frozen=True, slots=True)
class Care:
    """One day of one place that is looked after."""

    counts: CareCounts
    day: date
    place: str


@dataclass(frozen=True, slots=True)
class Troubles:
    """One day of one device."""

    counts: DeviceCounts
    day: date
    node: str
    device: str


@dataclass(frozen=True)
class Counted:
    """Everything that was counted of some days."""

    work: tuple[Work, ...] = ()
    hours: tuple[Hour, ...] = ()
    rooms: tuple[RoomUse, ...] = ()
    room_hours: tuple[RoomHour, ...] = ()
    care: tuple[Care, ...] = ()
    devices: tuple[Troubles, ...] = ()

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            self.work + other.work, self.hours + other.hours, self.rooms + other.rooms, self.room_hours + other.room_hours,
            self.care + other.care, self.devices + other.devices,
        )  # fmt: skip
