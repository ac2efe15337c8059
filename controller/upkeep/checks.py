"""Checks of rooms (每日检查): when one is due, whether it was made in time, and a day's sheet of them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from controller.calendar import HallCalendar
from controller.config_parts import Room
from controller.config_upkeep import CheckItem
from controller.upkeep.defaults import ROOM_ITEMS

EARLY = timedelta(minutes=30)
"""A check counts for its time from so long before on."""
Standing = Literal["done", "late", "missed", "due", "ahead"]
"""Made in time; made, but late; never made; to be made now; not due yet."""


@dataclass(frozen=True)
class Slot:
    """One time at which a room is to be checked, and what became of it."""

    at: datetime
    standing: Standing
    checked: datetime | None = None


def items(room: Room) -> tuple[CheckItem, ...]:
    """What is looked at in a room."""
    return room.items or ROOM_ITEMS


def times(room: Room, day: date, calendar: HallCalendar) -> tuple[datetime, ...]:
    """When a room is to be checked on a day; never on one on which the hall does not work."""
    if not (calendar.hours.always or calendar.is_working_day(day)):
        return ()
    return tuple(
        datetime.combine(day, time.fromisoformat(edge), calendar.timezone).astimezone(UTC) for edge in sorted(room.checks)
    )


def sheet(room: Room, day: date, calendar: HallCalendar, checked: Iterable[datetime], now: datetime) -> tuple[Slot, ...]:
    """The day's times in their order; each check counts for the time that it is nearest after."""
    slots = times(room, day, calendar)
    ends = [*(later - EARLY for later in slots[1:]), datetime.max.replace(tzinfo=UTC)]
    made = sorted(checked)
    return tuple(_slot(room, at, end, made, now) for at, end in zip(slots, ends, strict=False))


def at_hand(room: Room, calendar: HallCalendar, now: datetime) -> datetime | None:
    """The newest time that has come, or is about to; None when none of today has."""
    day = now.astimezone(calendar.timezone).date()
    return next((slot for slot in reversed(times(room, day, calendar)) if slot - EARLY <= now), None)


def due(room: Room, calendar: HallCalendar, checked: datetime | None, now: datetime) -> datetime | None:
    """The time for which a check is wanted now; None when it was made, and between times."""
    slot = at_hand(room, calendar, now)
    return None if slot is None or (checked is not None and checked >= slot - EARLY) else slot


def is_late(room: Room, slot: datetime, now: datetime) -> bool:
    """Whether a check that was not made should have been."""
    return now > slot + timedelta(minutes=room.grace)


def following(room: Room, calendar: HallCalendar, now: datetime) -> datetime | None:
    """The next time that comes, today or on the next days."""
    day = now.astimezone(calendar.timezone).date()
    coming = (slot for n in range(8) for slot in times(room, day + timedelta(days=n), calendar))
    return next((slot for slot in coming if slot > now), None)


def _slot(room: Room, at: datetime, end: datetime, made: list[datetime], now: datetime) -> Slot:
    own = next((moment for moment in made if at - EARLY <= moment < end), None)
    if own is not None:
        return Slot(at, "late" if is_late(room, at, own) else "done", own)
    if now < at - EARLY:
        return Slot(at, "ahead")
    return Slot(at, "missed" if now >= end or is_late(room, at, now) else "due")
