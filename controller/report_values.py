"""What a report says, as programs get it: counts, and times in seconds."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from contract.values import Id, Value

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(max_length=40)]
"""An id of hall.toml, or of an older one; empty where something belongs to none."""


class Times(Value, frozen=True, kw_only=True):
    """So many times, in seconds."""

    count: Count = 0
    total: float = 0.0
    mean: float | None = None
    """None when there was none."""
    longest: float = 0.0


class Waiting(Times, frozen=True, kw_only=True):
    """From issue to the first call."""

    within: dict[str, Count] = {}
    """Minutes to the number of those who waited no longer."""


class Rated(Value, frozen=True, kw_only=True):
    """Ratings: the response rate stands beside the satisfaction rate, or a few happy ones would mislead."""

    invited: Count = 0
    given: Count = 0
    levels: dict[str, Count] = {}
    response: Share | None = None
    """Share of the invited who rated."""
    deemed: Count = 0
    """Not rated within the days of `[rating] deemed`: they count as level 3 in the satisfaction, and nowhere else."""
    satisfaction: Share | None = None
    """Share of those who rated, or count so, with level 3 or better."""


class Figures(Value, frozen=True, kw_only=True):
    """The figures of a day, a window, a service, a staff member, or of all together."""

    tickets: Count = 0
    """Given out; a window has none of its own."""
    void: Count = 0
    """Numbers that nobody ever held."""
    unserved: Count = 0
    """Still open when their day ended."""
    visits: Count = 0
    """Tickets called to a window, each time anew after a transfer or a late return."""
    calls: Count = 0
    """All calls, repetitions included."""
    no_shows: Count = 0
    served: Count = 0
    waiting: Waiting = Waiting()
    way: Times = Times()
    """From the first call to the start of service."""
    service: Times = Times()
    ratings: Rated = Rated()


class PartFigures(Value, frozen=True, kw_only=True):
    """One service, window or staff member."""

    id: Name
    figures: Figures


class DayFigures(Value, frozen=True, kw_only=True):
    """One day."""

    day: date
    figures: Figures


class HourFigures(Value, frozen=True, kw_only=True):
    """One hour of the hall's clock, over all days of the report."""

    hour: Annotated[int, Meta(ge=0, le=23)]
    tickets: Count
    visits: Count
    served: Count
    waiting: Times


class StaffingFigures(Value, frozen=True, kw_only=True):
    """The busiest hour of a service, on the mean of the days on which the hall gave tickets out, and what it asks for."""

    id: Name
    hour: Annotated[int, Meta(ge=0, le=23)]
    arrivals: float
    """Tickets in that hour of a day."""
    took: float
    """Seconds of a service."""
    traffic: float
    """In erlang: arrivals a second times seconds of service."""
    needed: Count
    """Windows with which people wait no longer on average than the service's goal, by Erlang C."""
    windows: Count
    """Windows that serve it by hall.toml, shared ones too."""


class RoomFigures(Value, frozen=True, kw_only=True):
    """A mother-and-baby room, or another place with a help button."""

    place: Name
    stays: Count
    lasted: Times
    long: Count
    """Stays over the limit."""
    checks: Count
    helps: Count


class RoomDay(RoomFigures, frozen=True, kw_only=True):
    """One of these on one day."""

    day: date


class RoomHour(Value, frozen=True, kw_only=True):
    """One cubicle in one hour of the hall's clock, over all days of the report."""

    place: Name
    cubicle: Name
    hour: Annotated[int, Meta(ge=0, le=23)]
    stays: Count
    """Those that began in it."""
    occupied: float
    """Seconds, of stays that are over; one that goes on over the hour's end has its part in each."""


class Health(Value, frozen=True, kw_only=True):
    """How something was while it was watched."""

    troubles: Count
    """How often it began to want a person, or was lost."""
    attention: float
    """Seconds in which it worked and wanted something, such as paper."""
    down: float
    """Seconds in which it did not work."""
    watched: float
    """Seconds in which it was known how it is."""
    available: Share | None = None
    """Share of these in which it worked; None when it was never watched."""


class DeviceFigures(Health, frozen=True, kw_only=True):
    """A device that had troubles; the node itself where `device` is absent."""

    node: Id
    device: Id | None


class KindFigures(Health, frozen=True, kw_only=True):
    """All devices of a kind, such as `kiosk`; the nodes themselves are `node`, and what hall.toml does not plan is empty."""

    kind: Name
    devices: Count


class DeviceDay(Health, frozen=True, kw_only=True):
    """All devices and nodes on one day."""

    day: date


class Report(Value, frozen=True, kw_only=True):
    """The figures of some days; days, hours and parts add up to `all`."""

    hall: Id
    first: date
    last: date
    """Included."""
    timezone: str
    all: Figures
    days: tuple[DayFigures, ...]
    hours: tuple[HourFigures, ...]
    services: tuple[PartFigures, ...]
    staffing: tuple[StaffingFigures, ...] = ()
    windows: tuple[PartFigures, ...]
    staff: tuple[PartFigures, ...]
    rooms: tuple[RoomFigures, ...]
    room_days: tuple[RoomDay, ...] = ()
    """Rooms and other places on the days on which anything was there."""
    room_hours: tuple[RoomHour, ...] = ()
    """Each cubicle from the first hour in which any was used to the last."""
    devices: tuple[DeviceFigures, ...]
    kinds: tuple[KindFigures, ...] = ()
    device_days: tuple[DeviceDay, ...] = ()
