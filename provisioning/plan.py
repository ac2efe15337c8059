"""The plan: the `[[node]]` tables of hall.toml become each node's node.toml."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from contract.settings import BadSettings, convert
from controller.config import HallConfig
from controller.config_parts import PlannedNode
from firmware.config import (
    BoardConfig,
    CallerConfig,
    DeviceConfig,
    HelpConfig,
    KioskConfig,
    NodeConfig,
    RaterConfig,
    RoomConfig,
    ScannerConfig,
    StripConfig,
)
from firmware.config_sound import AnnouncerConfig
from link.address import BrokerAddress


@dataclass(frozen=True)
class Folders:
    """Where a node finds its files; `{node}` stands for its id."""

    data: str = "/var/lib/hallware"
    password: str = "/etc/hallware/broker.password"  # noqa: S105  a path, not a password

    def data_of(self, node: str) -> str:
        """The folder of the node's outbox and journals."""
        return self.data.format(node=node)

    def password_of(self, node: str) -> str:
        """The file with the node's password at the broker."""
        return self.password.format(node=node)


def node_files(hall: HallConfig, broker: BrokerAddress, folders: Folders, *, name: str = "hall.toml") -> dict[str, str]:
    """The text of every planned node's node.toml, by node id.

    `broker` says where the broker is as the nodes see it. Where it names a certificate, that is how a node shows who it is;
    else user name and password file are filled in for each.
    Raises `BadSettings`, naming `name`, the node and the key.
    """
    configs = {node.id: _config(hall, node, broker, folders, name) for node in hall.node}
    _refuse_foreign(hall, configs, name)
    return {node.id: _text(node, hall, broker, folders) for node in hall.node}


def write_node_files(files: dict[str, str], folder: Path) -> dict[str, Path]:
    """Write each text to `{folder}/{node}.toml`; returns the paths by node id."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {node: folder / f"{node}.toml" for node in files}
    for node, path in paths.items():
        path.write_text(files[node], encoding="utf-8")
    return paths


def _config(hall: HallConfig, node: PlannedNode, broker: BrokerAddress, folders: Folders, name: str) -> NodeConfig:
    return convert(_tables(node, hall, broker, folders), NodeConfig, name=f"{name}: node `{node.id}`")


def _text(node: PlannedNode, hall: HallConfig, broker: BrokerAddress, folders: Folders) -> str:
    head = f"# {hall.hall.name.zh} · node {node.id}" + (f" · {node.place}" if node.place else "")
    return f"{head}\n# Made from the plan in hall.toml; change it there.\n\n" + tomli_w.dumps(
        _tables(node, hall, broker, folders)
    )


def _tables(node: PlannedNode, hall: HallConfig, broker: BrokerAddress, folders: Folders) -> dict[str, Any]:
    identity = {
        "id": node.id,
        "hall": hall.hall.id,
        "data": folders.data_of(node.id),
        "timezone": hall.hall.timezone,
        "hall_name": msgspec.to_builtins(hall.hall.name),
    }
    password = {"username": node.id, "password_file": folders.password_of(node.id)}
    own = password if broker.certificate is None else {}
    address = {key: value for key, value in msgspec.to_builtins(broker, enc_hook=str).items() if value is not None}
    return {"node": identity, "broker": address | own, "device": [dict(device) for device in node.device]}


def _refuse_foreign(hall: HallConfig, configs: dict[str, NodeConfig], name: str) -> None:
    """Refuse devices that speak of windows, services, boards, kiosks or rooms that the hall does not have."""
    homes: dict[str, str] = {}
    for node, config in configs.items():
        for device in config.device:
            where = f"{name}: node `{node}`: device `{device.id}`"
            if (home := homes.setdefault(device.id, node)) != node:
                raise BadSettings(f"{where}: node `{home}` has a device of that id too; give each its own")
            for key, what, value, known in _references(hall, device):
                if value not in known:
                    raise BadSettings(f"{where}: `{key}`: there is no {what} `{value}`; known are {', '.join(sorted(known))}")


def _references(hall: HallConfig, device: DeviceConfig) -> Iterator[tuple[str, str, str, set[str]]]:
    """What a device's keys refer to: key, kind of thing, value, and what the hall has of it."""
    windows, services = {window.id for window in hall.window}, {service.id for service in hall.service}
    match device:
        case BoardConfig() | StripConfig():
            yield "id", "board", device.id, {board.id for board in hall.board}
            if device.window is not None:
                yield "window", "window", device.window, windows
        case KioskConfig():
            yield "id", "kiosk", device.id, {kiosk.id for kiosk in hall.kiosk}
            yield from ((f"keys[{i}].service", "service", key.service, services) for i, key in enumerate(device.keys))
            if device.touch is not None and device.touch.help is not None:
                yield "touch.help", "window, zone or room", device.touch.help, _places(hall)
            if device.touch is not None and device.touch.scanner is not None:
                scanners = {one["id"] for node in hall.node for one in node.device if one.get("kind") == "scanner"}
                yield "touch.scanner", "scanner", device.touch.scanner, scanners
        case RaterConfig() | CallerConfig():
            yield "window", "window", device.window, windows
        case ScannerConfig():
            if device.slip is not None:
                yield "slip", "kiosk", device.slip, {kiosk.id for kiosk in hall.kiosk}
        case AnnouncerConfig():
            zones = {zone.id for zone in hall.zone}
            yield from ((f"zones[{i}]", "zone", zone, zones) for i, zone in enumerate(device.zones))
            yield from ((f"windows[{i}]", "window", window, windows) for i, window in enumerate(device.windows))
            if device.board is not None:
                yield "board", "board", device.board, {board.id for board in hall.board}
        case RoomConfig():
            yield "room", "room", device.room, {room.id for room in hall.room}
        case HelpConfig():
            yield "place", "window, zone or room", device.place, _places(hall)


def _places(hall: HallConfig) -> set[str]:
    """Where somebody may need a hand."""
    return {window.id for window in hall.window} | {zone.id for zone in hall.zone} | {room.id for room in hall.room}
