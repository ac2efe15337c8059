"""The inventory: every device and node of hall.toml, in the order in which one walks through the hall. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from controller.config import HallConfig
from controller.config_parts import PlannedNode

NODE = "node"
"""The kind of the nodes themselves."""


@dataclass(frozen=True)
class Appliance:
    """A device, or a node itself."""

    id: str
    kind: str
    node: str
    driver: str
    """Its dialect, where its kind has several; else what it is wired by."""
    place: str
    zone: str | None
    """Where it stands; None for what belongs to the whole hall."""
    room: str | None = None


class ForSome(Protocol):
    """What holds for some kinds, or for some devices by name."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of devices."""
        ...

    @property
    def devices(self) -> tuple[str, ...]:
        """Single ones."""
        ...


def concerns(what: ForSome, appliance: Appliance) -> bool:
    """Whether something holds for `appliance`."""
    return appliance.id in what.devices or appliance.kind in what.kinds


@lru_cache(maxsize=8)
def appliances(nodes: tuple["_Node", ...], windows: tuple[tuple[str, str], ...], zones: tuple[str, ...]) -> tuple[Appliance, ...]:
    """See `of`; kept, since it is asked for with every picture of the hall."""
    zone_of = dict(windows)
    found = [one for node in nodes for one in _on(node, zone_of)]
    order = {zone: place for place, zone in enumerate(zones)}
    return tuple(sorted(found, key=lambda one: -1 if one.zone is None else order.get(one.zone, len(order))))


def of(config: HallConfig) -> tuple[Appliance, ...]:
    """All of them: first what belongs to no zone, then zone by zone as hall.toml names them, in each node by node."""
    nodes = tuple(_Node.of(node) for node in config.node)
    windows = tuple((window.id, window.zone) for window in config.window)
    return appliances(nodes, windows, tuple(zone.id for zone in config.zone))


def named(config: HallConfig, device: str) -> Appliance | None:
    """One by its id."""
    return next((one for one in of(config) if one.id == device), None)


@dataclass(frozen=True)
class _Device:
    id: str
    kind: str
    driver: str
    window: str | None
    room: str | None


@dataclass(frozen=True)
class _Node:
    """A planned node as something that can be kept."""

    id: str
    place: str
    devices: tuple[_Device, ...]

    @classmethod
    def of(cls, node: PlannedNode) -> "_Node":
        return cls(node.id, node.place, tuple(_device(table) for table in node.device if "id" in table))


def _device(table: Mapping[str, Any]) -> _Device:
    def text(name: str) -> str | None:
        return str(table[name]) if name in table else None

    return _Device(str(table["id"]), text("kind") or "", _driver(table), text("window"), text("room"))


def _driver(table: Mapping[str, Any]) -> str:
    """What tells this device from others of its kind."""
    printer = table.get("printer")
    own = table.get("dialect") or table.get("speaks") or table.get("layout")
    if own is None and isinstance(printer, Mapping):
        own = printer.get("wire")
    return "" if own is None else str(own)


def _on(node: _Node, zone_of: Mapping[str, str]) -> Iterable[Appliance]:
    zones = [zone_of.get(device.window or "") for device in node.devices]
    own = next((zone for zone in zones if zone is not None), None)
    if all(device.id != node.id for device in node.devices):
        room = next((device.room for device in node.devices if device.room is not None), None)
        yield Appliance(node.id, NODE, node.id, "", node.place, own, room)
    for device, zone in zip(node.devices, zones, strict=True):
        yield Appliance(device.id, device.kind, node.id, device.driver, node.place, zone or own, device.room)
