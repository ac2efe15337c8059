"""Overrides: what staff may change of hall.toml for a while, without touching it."""

from typing import Annotated

from msgspec import Meta

from contract.settings import TimeOfDay
from contract.values import Day, Id, Value

Limit = Annotated[int, Meta(ge=0, le=100_000)]


class HoursOn(Value, frozen=True, kw_only=True, tag="hours"):
    """The hours of one day: closed when neither time is given, closing early or opening late with one, open just so with both."""

    day: Day
    opens: TimeOfDay | None = None
    closes: TimeOfDay | None = None
    service: Id | None = None
    """Of one service alone; absent: of the hall, and of every service that goes by its hours."""


class Quota(Value, frozen=True, kw_only=True, tag="quota"):
    """How many tickets of a service may be given: in a day, in an hour of the clock. What is absent stays."""

    service: Id
    daily: Limit | None = None
    hourly: Limit | None = None


class CallLimits(Value, frozen=True, kw_only=True, tag="calls"):
    """How often a ticket is called before no-show may be said, and how long between two calls. What is absent stays."""

    times: Annotated[int, Meta(ge=1, le=10)] | None = None
    interval: Annotated[float, Meta(ge=0, le=3600)] | None = None


class RatingTime(Value, frozen=True, kw_only=True, tag="rating"):
    """How many seconds an invitation to rate stays open."""

    window: Annotated[float, Meta(ge=5, le=3600)]


Override = HoursOn | Quota | CallLimits | RatingTime


def subject(what: Override) -> tuple[str, ...]:
    """What an override is about; a newer one about the same takes its place."""
    match what:
        case HoursOn(day=day, service=service):
            return "hours", str(day), service or ""
        case Quota(service=service):
            return "quota", service
        case CallLimits():
            return ("calls",)
        case RatingTime():
            return ("rating",)
