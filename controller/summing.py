"""Sums: what was counted of some days, added up in every way in which a report cuts it. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from controller.figures import Additive, Care, Counted, Counts, DeviceCounts, HourCounts, RoomHourCounts, RoomUse

K = TypeVar("K", bound=Hashable)
A = TypeVar("A", bound=Additive)

Appliance = tuple[str, str]
"""A node and its device, whose name is empty for the node itself."""
CubicleHour = tuple[str, str, int]
"""A room, its cubicle, and an hour of the clock."""


@dataclass(frozen=True)
class Summed:
    """The figures of some days; two of them add up to those of both. A database sums a year like this in a moment."""

    days: Mapping[date, Counts] = field(default_factory=dict)
    services: Mapping[str, Counts] = field(default_factory=dict)
    windows: Mapping[str, Counts] = field(default_factory=dict)
    staff: Mapping[str, Counts] = field(default_factory=dict)
    hours: Mapping[int, HourCounts] = field(default_factory=dict)
    load: Mapping[tuple[str, int], HourCounts] = field(default_factory=dict)
    """The same by service and hour."""
    rooms: tuple[RoomUse, ...] = ()
    """Day by day still: there are few."""
    room_hours: Mapping[CubicleHour, RoomHourCounts] = field(default_factory=dict)
    care: tuple[Care, ...] = ()
    devices: Mapping[Appliance, DeviceCounts] = field(default_factory=dict)
    device_days: Mapping[date, DeviceCounts] = field(default_factory=dict)

    @classmethod
    def of(cls, counted: Counted) -> "Summed":
        """The sums of what was counted piece by piece."""
        return cls(
            days=_by(counted.work, lambda row: row.day),
            services=_by(counted.work, lambda row: row.service),
            windows=_by(counted.work, lambda row: row.window),
            staff=_by(counted.work, lambda row: row.staff),
            hours=_by(counted.hours, lambda row: row.hour),
            load=_by(counted.hours, lambda row: (row.service, row.hour)),
            rooms=counted.rooms,
            room_hours=_by(counted.room_hours, lambda row: (row.room, row.cubicle, row.hour)),
            care=counted.care,
            devices=_by(counted.devices, lambda row: (row.node, row.device)),
            device_days=_by(counted.devices, lambda row: row.day),
        )

    def __add__(self, other: "Summed") -> "Summed":
        return Summed(
            _both(self.days, other.days), _both(self.services, other.services), _both(self.windows, other.windows),
            _both(self.staff, other.staff), _both(self.hours, other.hours), _both(self.load, other.load),
            self.rooms + other.rooms, _both(self.room_hours, other.room_hours),
            self.care + other.care, _both(self.devices, other.devices),
            _both(self.device_days, other.device_days),
        )  # fmt: skip


def _by(rows: Iterable[Any], key: Callable[[Any], K]) -> Mapping[K, Any]:
    groups: dict[K, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row.counts)
    return {found: type(counts[0]).sum(counts) for found, counts in groups.items()}


def _both(one: Mapping[K, A], other: Mapping[K, A]) -> Mapping[K, A]:
    return {**one, **{key: one[key] + counts if key in one else counts for key, counts in other.items()}}
