"""Imports, on a Raspberry Pi's processor, every library of a node and every module of ours there, and checks a node.toml."""

import importlib
import pkgutil
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

LIBRARIES = (
    "msgspec", "aiomqtt", "paho.mqtt.client", "gpiozero", "lgpio", "spidev", "evdev", "serial", "escpos.constants", "PIL.Image",
    "PIL.ImageDraw", "PIL.ImageFont", "luma.led_matrix.device", "luma.core.interface.serial", "cryptography.x509",
)  # fmt: skip
OURS = ("contract", "link", "devices", "firmware")
COMMANDS = (
    "hallware.commands.node", "hallware.commands.check", "hallware.commands.enrol", "hallware.commands.update_node",
    "hallware.commands.update_stick", "hallware.commands.doctor", "provisioning.doctor_door", "provisioning.doctor_laptop",
    "provisioning.doctor_machine", "provisioning.doctor_program", "provisioning.doctor_touch", "provisioning.doctor_trust",
    "provisioning.doctor_wires",
)  # fmt: skip
"""What a node's own commands need; the doctor imports its looks only when it looks."""
NODE = """
[node]
id = "node-1"
hall = "centre"

[[device]]
kind = "board"
id = "board-1"
wire = "/dev/spidev0.0"
width = 128
layout = "calls"

[[device]]
kind = "caller"
id = "caller-1"
dialect = "keypad"
window = "w1"
wire = "/dev/input/by-id/x-event-kbd"

[[device]]
kind = "room"
id = "room-1"
room = "r1"
cubicles = [{ id = "c1", door = 12, motion = 13, help = 17 }]
"""


def modules() -> Iterator[str]:
    """Everything that is to be imported."""
    yield from LIBRARIES
    for name in OURS:
        package = importlib.import_module(name)
        yield from (found.name for found in pkgutil.walk_packages(package.__path__, f"{name}.") if "__main__" not in found.name)
    yield from COMMANDS


def main() -> int:
    """0 when everything is there; else what is missing, each with its reason."""
    if platform.machine() != "aarch64":
        print(f"this is {platform.machine()}; scripts/arm64_check.sh starts this on arm64")
        return 2
    names, failed = list(modules()), []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001  whatever it is, it would be the node's end
            failed.append(name)
            print(f"FAILED {name}\n{traceback.format_exc(limit=-2)}")
    failed += check()
    count = sum(1 for _ in distributions())
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    print(f"{machine}: {len(names) - len(failed)} of {len(names)} modules, {count} distributions")
    return 1 if failed else 0


def check() -> list[str]:
    """`hallware check` on an example."""
    from hallware.main import main as hallware

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "node.toml"
        file.write_text(NODE, encoding="utf-8")
        return [] if hallware(["check", str(file)]) == 0 else ["hallware check"]


if __name__ == "__main__":
    sys.exit(main())
