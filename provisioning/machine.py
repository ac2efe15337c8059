"""What a machine knows of itself: the serial number and model that stand on its board."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TREE = Path("/proc/device-tree")


@dataclass(frozen=True)
class Machine:
    """As a Raspberry Pi says it; empty where the machine is none."""

    serial: str = ""
    model: str = ""


def this_machine(tree: Path = TREE) -> Machine:
    """Read the device tree, whose texts end with a zero byte."""
    return Machine(serial=_text(tree / "serial-number"), model=_text(tree / "model"))


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_bytes().rstrip(b"\0").decode("ascii", errors="replace").strip()[:100]
    return ""
