"""Figures of what is looked after: rooms and how they were used and checked, devices and how well they were. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from controller.figures import CareCounts, DeviceCounts, RoomHourCounts, StayCounts
from controller.plan import Plan
from controller.report_values import DeviceDay, DeviceFigures, KindFigures, RoomDay, RoomFigures, RoomHour, Times
from controller.summing import Summed

NODE = "node"
"""The kind under which nodes themselves are counted."""


def times(count: int, total_us: int, longest_us: int) -> dict[str, Any]:
    """So many times in seconds, as `Times` has them."""
    total = total_us / 1e6
    return {"count": count, "total": total, "mean": total / count if count else None, "longest": longest_us / 1e6}


def rooms(found: Summed, known: list[str]) -> tuple[RoomFigures, ...]:
    """Each room of hall.toml, then other places at which anything was."""
    stays: dict[str, list[StayCounts]] = defaultdict(list)
    care: dict[str, list[CareCounts]] = defaultdict(list)
    for use in found.rooms:
        stays[use.room].append(use.counts)
    for looked in found.care:
        care[looked.place].append(looked.counts)
    places = [*known, *sorted((set(stays) | set(care)) - set(known))]
    return tuple(
        RoomFigures(place=place, **_room(StayCounts.sum(stays.get(place, ())), CareCounts.sum(care.get(place, ()))))
        for place in places
    )


def room_days(found: Summed) -> tuple[RoomDay, ...]:
    """Day by day, each place at which anything was."""
    stays = {(use.day, use.room): use.counts for use in found.rooms}
    care = {(looked.day, looked.place): looked.counts for looked in found.care}
    return tuple(
        RoomDay(day=key[0], place=key[1], **_room(stays.get(key, StayCounts()), care.get(key, CareCounts())))
        for key in sorted(stays.keys() | care.keys())
    )


def room_hours(found: Summed, known: list[str]) -> tuple[RoomHour, ...]:
    """Each cubicle from the first hour in which any was used to the last, in the order of hall.toml's rooms."""
    used = sorted({hour for _, _, hour in found.room_hours})
    cubicles = sorted({(room, cubicle) for room, cubicle, _ in found.room_hours}, key=lambda one: (_place(one[0], known), one))
    return tuple(
        _room_hour(room, cubicle, hour, found.room_hours.get((room, cubicle, hour), RoomHourCounts()))
        for room, cubicle in cubicles
        for hour in range(used[0], used[-1] + 1)
    )


def _place(room: str, known: list[str]) -> int:
    return known.index(room) if room in known else len(known)


def _room_hour(room: str, cubicle: str, hour: int, counts: RoomHourCounts) -> RoomHour:
    return RoomHour(place=room, cubicle=cubicle, hour=hour, stays=counts.stays, occupied=counts.occupied_us / 1e6)


def _room(use: StayCounts, care: CareCounts) -> dict[str, Any]:
    lasted = Times(**times(use.ended, use.stayed_us, use.longest_stay_us))
    return {"stays": use.stays, "lasted": lasted, "long": use.long, "checks": care.checks, "helps": care.helps}


def devices(found: Summed) -> tuple[DeviceFigures, ...]:
    """Devices that had troubles, those first that were down for longest."""
    rows = [
        DeviceFigures(node=node, device=device or None, **health(counts))
        for (node, device), counts in found.devices.items()
        if counts.troubles or counts.attention_us or counts.down_us
    ]
    return tuple(sorted(rows, key=lambda row: (-row.down, -row.attention, row.node, row.device or "")))


def kinds(found: Summed, plan: Plan) -> tuple[KindFigures, ...]:
    """All devices by their kind, the least available first."""
    groups: dict[str, list[DeviceCounts]] = defaultdict(list)
    for (node, device), counts in found.devices.items():
        groups[kind_of(plan, node, device)].append(counts)
    rows = [KindFigures(kind=kind, devices=len(own), **health(DeviceCounts.sum(own))) for kind, own in groups.items()]
    return tuple(sorted(rows, key=lambda row: (1.0 if row.available is None else row.available, row.kind)))


def kind_of(plan: Plan, node: str, device: str) -> str:
    """What a device is, by the plan; empty when it is not in it."""
    if not device:
        return NODE
    return str(plan.devices.get(node, {}).get(device, {}).get("kind", ""))[:40]


def device_days(found: Summed) -> tuple[DeviceDay, ...]:
    """All devices together, day by day."""
    days: Mapping[date, DeviceCounts] = found.device_days
    return tuple(DeviceDay(day=day, **health(counts)) for day, counts in sorted(days.items()))


def health(counts: DeviceCounts) -> dict[str, Any]:
    """Counts in seconds, and the share of the time in which it worked."""
    return {
        "troubles": counts.troubles,
        "attention": counts.attention_us / 1e6,
        "down": counts.down_us / 1e6,
        "watched": counts.watched_us / 1e6,
        "available": 1 - counts.down_us / counts.watched_us if counts.watched_us else None,
    }
