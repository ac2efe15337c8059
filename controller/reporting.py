"""Reporting: what was counted of some days, put together into a report. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date, timedelta
from typing import Any, TypeVar

from controller.config import HallConfig
from controller.figures import LEVELS, SATISFIED, WITHIN, CareCounts, Counted, Counts, DeviceCounts, HourCounts, StayCounts, Work
from controller.report_values import (
    DayFigures,
    DeviceFigures,
    Figures,
    HourFigures,
    PartFigures,
    Rated,
    Report,
    RoomFigures,
    Times,
    Waiting,
)

K = TypeVar("K", bound=Hashable)
LONGEST = timedelta(days=366)
"""A report is of a year at most."""


def report(config: HallConfig, first: date, last: date, counted: Counted) -> Report:
    """The report on the days from `first` to `last`."""
    work = counted.work
    return Report(
        hall=config.hall.id,
        first=first,
        last=last,
        timezone=config.hall.timezone,
        all=figures(Counts.sum(row.counts for row in work)),
        days=tuple(
            DayFigures(day=day, figures=figures(counts)) for day, counts in sorted(_by(work, lambda row: row.day).items())
        ),
        hours=_hours(counted),
        services=_parts(work, lambda row: row.service, [service.id for service in config.service]),
        windows=_parts(work, lambda row: row.window, [window.id for window in config.window]),
        staff=_parts(work, lambda row: row.staff, [person.id for person in config.staff], empty=False),
        rooms=_rooms(counted, [room.id for room in config.room]),
        devices=_devices(counted),
    )


def figures(counts: Counts) -> Figures:
    """Counts in seconds and shares."""
    return Figures(
        tickets=counts.tickets, void=counts.void, unserved=counts.unserved, visits=counts.visits, calls=counts.calls,
        no_shows=counts.no_shows, served=counts.served,
        waiting=Waiting(
            **_times(counts.waited, counts.waited_us, counts.longest_wait_us),
            within={str(minutes): getattr(counts, f"within_{minutes}") for minutes in WITHIN},
        ),
        way=Times(**_times(counts.came, counts.way_us, counts.longest_way_us)),
        service=Times(**_times(counts.attended, counts.service_us, counts.longest_service_us)),
        ratings=_rated(counts),
    )  # fmt: skip


def _rated(counts: Counts) -> Rated:
    levels = dict(zip(LEVELS, counts.levels(), strict=True))
    return Rated(
        invited=counts.invited,
        given=counts.given,
        levels={str(level): count for level, count in levels.items()},
        response=_share(counts.given, counts.invited),
        satisfaction=_share(sum(levels[level] for level in SATISFIED), counts.given),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _times(count: int, total_us: int, longest_us: int) -> dict[str, Any]:
    total = total_us / 1e6
    return {"count": count, "total": total, "mean": total / count if count else None, "longest": longest_us / 1e6}


def _by(rows: Iterable[Work], key: Callable[[Work], K]) -> dict[K, Counts]:
    groups: dict[K, list[Counts]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row.counts)
    return {found: Counts.sum(counts) for found, counts in groups.items()}


def _parts(rows: Iterable[Work], key: Callable[[Work], str], known: list[str], *, empty: bool = True) -> tuple[PartFigures, ...]:
    """Those of hall.toml in its order, then those that are no longer in it; `empty`: also those without figures."""
    found = {name: counts for name, counts in _by(rows, key).items() if name}
    order = [name for name in known if empty or name in found] + sorted(set(found) - set(known))
    return tuple(PartFigures(id=name, figures=figures(found.get(name, Counts()))) for name in order)


def _hours(counted: Counted) -> tuple[HourFigures, ...]:
    """From the first hour in which anything happened to the last."""
    groups: dict[int, list[HourCounts]] = defaultdict(list)
    for row in counted.hours:
        groups[row.hour].append(row.counts)
    if not groups:
        return ()
    return tuple(_hour(hour, HourCounts.sum(groups.get(hour, ()))) for hour in range(min(groups), max(groups) + 1))


def _hour(hour: int, counts: HourCounts) -> HourFigures:
    waiting = Times(**_times(counts.waited, counts.waited_us, 0))
    return HourFigures(hour=hour, tickets=counts.tickets, visits=counts.visits, served=counts.served, waiting=waiting)


def _rooms(counted: Counted, known: list[str]) -> tuple[RoomFigures, ...]:
    stays: dict[str, list[StayCounts]] = defaultdict(list)
    care: dict[str, list[CareCounts]] = defaultdict(list)
    for use in counted.rooms:
        stays[use.room].append(use.counts)
    for looked in counted.care:
        care[looked.place].append(looked.counts)
    places = [*known, *sorted((set(stays) | set(care)) - set(known))]
    return tuple(_room(place, StayCounts.sum(stays.get(place, ())), CareCounts.sum(care.get(place, ()))) for place in places)


def _room(place: str, use: StayCounts, care: CareCounts) -> RoomFigures:
    lasted = Times(**_times(use.ended, use.stayed_us, use.longest_stay_us))
    return RoomFigures(place=place, stays=use.stays, lasted=lasted, long=use.long, checks=care.checks, helps=care.helps)


def _devices(counted: Counted) -> tuple[DeviceFigures, ...]:
    groups: dict[tuple[str, str], list[DeviceCounts]] = defaultdict(list)
    for row in counted.devices:
        groups[row.node, row.device].append(row.counts)
    found = [_device(*key, DeviceCounts.sum(counts)) for key, counts in groups.items()]
    return tuple(sorted(found, key=lambda device: (-device.down, -device.attention, device.node, device.device or "")))


def _device(node: str, device: str, counts: DeviceCounts) -> DeviceFigures:
    attention, down = counts.attention_us / 1e6, counts.down_us / 1e6
    return DeviceFigures(node=node, device=device or None, troubles=counts.troubles, attention=attention, down=down)
