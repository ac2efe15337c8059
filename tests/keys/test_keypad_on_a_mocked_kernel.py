"""The keypad driver with unmodified python-evdev, on a device that umockdev pretends to be the kernel's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NODE = "/dev/input/event5"

DEVICE = """\
P: /devices/usb1/1-1/input/input5/event5
N: input/event5
E: DEVNAME=/dev/input/event5
E: SUBSYSTEM=input
A: dev=13:69
"""

EVENTS = """\
E: 0.000001 0001 0060 0001
E: 0.000001 0000 0000 0000
E: 0.050000 0001 0060 0002
E: 0.050000 0000 0000 0000
E: 0.100000 0001 0060 0000
E: 0.100000 0000 0000 0000
E: 0.150000 0001 0052 0001
E: 0.150000 0000 0000 0000
E: 0.200000 0001 0052 0000
E: 0.200000 0000 0000 0000
"""
"""KEY_KPENTER (0x60) down, repeated by the kernel, up; KEY_KP0 (0x52) down, up; each with its SYN_REPORT."""

PROGRAM = f"""\
import asyncio
from devices.keypad import Keypad
from devices.real_wires import RealWires

async def main():
    with Keypad(RealWires(), {NODE!r}) as pad:
        presses = pad.presses()
        for _ in range(2):
            print((await anext(presses)).key)

asyncio.run(asyncio.wait_for(main(), 20))
"""


def answers() -> str:
    """What the pretended kernel answers to the questions that python-evdev asks when it opens a device."""
    keys = bytearray(96)
    for code in (0x60, 0x52):
        keys[code // 8] |= 1 << code % 8
    rows = (
        ("EVIOCGVERSION", 0, bytes.fromhex("01000100")),
        ("EVIOCGID", 0, bytes.fromhex("0300F30507000001")),
        ("EVIOCGNAME(0)", 7, b"Keypad".ljust(256, b"\0")),
        ("EVIOCGPHYS(0)", 4, b"usb".ljust(256, b"\0")),
        ("EVIOCGUNIQ(0)", 1, bytes(256)),
        ("EVIOCGBIT(0)", 4, bytes([0b11, 0, 0, 0])),
        ("EVIOCGBIT(1)", 96, bytes(keys)),
        ("EVIOCGEFFECTS", 0, bytes(4)),
    )
    return "".join(f"{name} {returns} {data.hex().upper()}\n" for name, returns, data in rows)


@pytest.mark.skipif(shutil.which("umockdev-run") is None, reason="umockdev-run is not installed: apt install umockdev")
def test_presses_are_read_through_the_kernels_interface(tmp_path: Path) -> None:
    for name, text in (("pad.umockdev", DEVICE), ("pad.ioctl", answers()), ("pad.events", EVENTS)):
        (tmp_path / name).write_text(text)
    command = ["umockdev-run", "--device", "pad.umockdev", "--ioctl", f"{NODE}=pad.ioctl"]
    command += ["--evemu-events", f"{NODE}=pad.events", "--", sys.executable, "-c", PROGRAM]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout.split() == ["KEY_KPENTER", "KEY_KP0"], ran.stderr
