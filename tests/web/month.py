"""A month's figures, made from a seed: weekdays with a busy morning, quiet weekends, a room, a kiosk that ran out of paper."""

import random
from datetime import date, timedelta
from typing import TypeVar

from controller.config import HallConfig
from controller.figures import (
    Care,
    CareCounts,
    Counted,
    Counts,
    DeviceCounts,
    Hour,
    HourCounts,
    RoomHour,
    RoomHourCounts,
    RoomUse,
    StayCounts,
    Troubles,
    Work,
)

R = TypeVar("R", Work, Hour, RoomUse, RoomHour, Care, Troubles)
SECOND = 1_000_000
SHAPE = {8: 4, 9: 10, 10: 12, 11: 8, 12: 2, 13: 5, 14: 9, 15: 8, 16: 5}
"""Hour to how much of a day's work falls into it."""


def month(config: HallConfig, first: date, days: int, seed: int = 7) -> Counted:
    """What was counted of so many days."""
    chance = random.Random(seed)
    counted = Counted()
    for day in (first + timedelta(days=n) for n in range(days)):
        if day.weekday() < 5:
            counted = counted + _day(config, day, chance)
    return counted


def within(counted: Counted, first: date, last: date) -> Counted:
    """What of it is of some days."""

    def some(rows: tuple[R, ...]) -> tuple[R, ...]:
        return tuple(row for row in rows if first <= row.day <= last)

    return Counted(
        some(counted.work), some(counted.hours), some(counted.rooms), some(counted.room_hours), some(counted.care),
        some(counted.devices),
    )  # fmt: skip


def _day(config: HallConfig, day: date, chance: random.Random) -> Counted:
    work, hours = [], []
    for window in config.window:
        for service in window.services:
            people = chance.randint(18, 60)
            work.append(Work(_at_window(people, chance), day, service, window.id, f"staff-{window.id[1:]}"))
            work.append(Work(Counts(tickets=people + 3, void=1, unserved=1), day, service, "", ""))
            for hour, part in SHAPE.items():
                n = round(people * part / sum(SHAPE.values()))
                waits = n * (120 + 60 * part) * SECOND
                counts = HourCounts(tickets=n + (hour < 11), visits=n, served=max(0, n - (hour == 10)), waited=n, waited_us=waits)
                hours.append(Hour(counts, day, hour, service))
    rooms = [RoomUse(StayCounts(9, 9, 9 * 700 * SECOND, 2950 * SECOND, 1), day, room.id) for room in config.room]
    uses = [
        RoomHour(RoomHourCounts(part // 4, part * 90 * SECOND), day, hour, room.id, f"cubicle-{name}")
        for room in config.room for name in "ab" for hour, part in SHAPE.items()
    ]  # fmt: skip
    care = [Care(CareCounts(checks=4, helps=int(day.day == 6)), day, room.id) for room in config.room]
    paper = Troubles(DeviceCounts(1, 1500 * SECOND, 240 * SECOND), day, "entrance", "kiosk-1")
    return Counted(tuple(work), tuple(hours), tuple(rooms), tuple(uses), tuple(care), (paper,) if day.day % 5 == 0 else ())


def _at_window(people: int, chance: random.Random) -> Counts:
    missed = people // 14
    served = people - missed
    given = served * 2 // 3
    wait, service = chance.randint(240, 1100), chance.randint(180, 620)
    within = [round(people * share) for share in (0.34, 0.58, 0.87, 0.95, 0.99)]
    return Counts(
        visits=people, calls=people + missed * 2, no_shows=missed, served=served, waited=people, waited_us=people * wait * SECOND,
        longest_wait_us=wait * 4 * SECOND, within_5=within[0], within_10=within[1], within_20=within[2], within_30=within[3],
        within_60=within[4], came=served, way_us=served * 38 * SECOND, longest_way_us=95 * SECOND, attended=served,
        service_us=served * service * SECOND, longest_service_us=service * 5 * SECOND, invited=served,
        level_1=given // 30, level_2=given // 20, level_3=given // 10, level_4=given // 4,
        level_5=given - given // 30 - given // 20 - given // 10 - given // 4,
    )  # fmt: skip
