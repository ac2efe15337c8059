"""Which wires of a node are recorded: those of the devices that node.toml names, else of all that carry nothing personal."""

from pathlib import Path
from typing import Any

import msgspec

from contract.recording import RecordedWire
from devices.tapping import gpio_wire
from firmware.config import DeviceConfig, KioskConfig, NodeConfig, ScannerConfig, bus_places, lines, wires
from firmware.config_record import RecordConfig
from firmware.recorder import Recorder

PERSONAL = (KioskConfig, ScannerConfig)
"""A slip may bear a name, and a code that was scanned leads to an appointment."""


def recorder(config: NodeConfig, folder: Path | None = None) -> Recorder | None:
    """The node's recorder, to be entered; None when node.toml has none and no `folder` is given."""
    wanted = config.record or (RecordConfig() if folder is not None else None)
    if wanted is None:
        return None
    devices = [device for device in config.device if _is_wanted(device, wanted)]
    found: dict[str, str] = {}
    for device in devices:
        for wire in _wires(device):
            found.setdefault(wire, device.id)
    return Recorder(
        folder or wanted.folder or config.node.data / "recordings",
        config.node.id,
        tuple(RecordedWire(wire=wire, device=device) for wire, device in found.items()),
        tuple(_table(device) for device in devices),
        most=wanted.megabytes * 1_000_000,
        files=wanted.files,
    )


def _is_wanted(device: DeviceConfig, wanted: RecordConfig) -> bool:
    return device.id in wanted.devices if wanted.devices else not isinstance(device, PERSONAL)


def _wires(device: DeviceConfig) -> list[str]:
    """All wires of a device, GPIO lines and shared ones too."""
    return [*wires(device), *(place.wire for place in bus_places(device)), *map(gpio_wire, lines(device))]


def _table(device: DeviceConfig) -> dict[str, Any]:
    """The device as node.toml has it."""
    table: dict[str, Any] = msgspec.to_builtins(device, enc_hook=str)
    return {key: value for key, value in table.items() if value is not None}
