"""The plan of nodes and devices in hall.toml: who may say what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.config import HallConfig


@dataclass(frozen=True)
class Plan:
    """Nodes, their places and their devices. A node without any planned device is trusted with all it says."""

    places: Mapping[str, str]
    devices: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Node to device to the device's own table."""

    @classmethod
    def of(cls, config: HallConfig) -> "Plan":
        """The plan of a hall."""
        return cls(
            places={node.id: node.place for node in config.node},
            devices={node.id: {str(d["id"]): d for d in node.device if "id" in d} for node in config.node},
        )

    def knows(self, node: str) -> bool:
        """Whether the node is planned at all."""
        return node in self.places

    def has(self, node: str, device: str) -> bool:
        """Whether `device` hangs on `node`."""
        devices = self.devices.get(node)
        return devices is not None and (not devices or device in devices)

    def stands_at(self, node: str, device: str, window: str) -> bool:
        """Whether a device belongs to `window`."""
        return self.has(node, device) and self._planned(node, device).get("window", window) == window

    def looks_after(self, node: str, device: str, room: str) -> bool:
        """Whether a device belongs to `room`."""
        return self.has(node, device) and self._planned(node, device).get("room", room) == room

    def caller(self, window: str) -> tuple[str, str] | None:
        """The node and the device of a window's first caller; None when none is planned."""
        return next(
            (
                (node, name)
                for node, devices in self.devices.items()
                for name, table in devices.items()
                if table.get("kind") == "caller" and table.get("window") == window
            ),
            None,
        )

    def cubicles(self, room: str) -> tuple[str, ...]:
        """The cubicles of a room, as the devices that look after it have them."""
        tables = [table for devices in self.devices.values() for table in devices.values() if table.get("room") == room]
        return tuple(str(cubicle["id"]) for table in tables for cubicle in table.get("cubicles", ()) if "id" in cubicle)

    def helped(self) -> frozenset[str]:
        """The places from which help can be called: those of help buttons and touch screens, and the rooms."""
        tables = [table for devices in self.devices.values() for table in devices.values()]
        buttons = {str(table[key]) for table in tables for key in ("place", "room") if key in table}
        return frozenset(buttons | {str(table["touch"]["help"]) for table in tables if "help" in table.get("touch", {})})

    def node_of(self, device: str) -> str | None:
        """The node on which a device hangs."""
        return next((node for node, devices in self.devices.items() if device in devices), None)

    def _planned(self, node: str, device: str) -> Mapping[str, Any]:
        return self.devices[node].get(device, {})
