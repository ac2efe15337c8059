"""The doctor's look at what hangs on a node: every wire of node.toml is there, and this user may use it."""

import os
from collections.abc import Iterator
from pathlib import Path

from firmware.config import NodeConfig, bus_places, lines, wires
from provisioning.finding import Finding, ill, well

CHIPS = ("dev/gpiochip0", "dev/gpiochip4")
GROUPS = {"spidev": "spi", "gpiochip": "gpio", "input": "input", "lp": "lp", "tty": "dialout", "serial": "dialout", "i2c": "i2c"}
"""Which group may use which device."""


def examine_wires(config: NodeConfig, root: Path) -> Iterator[Finding]:
    """A finding for every wire, once."""
    seen: set[str] = set()
    for device in config.device:
        for wire in (*wires(device), *(place.wire for place in bus_places(device))):
            if wire.startswith("/") and wire not in seen:
                seen.add(wire)
                yield _wire(device.id, wire, root)
    if any(lines(device) for device in config.device):
        yield _gpio(root)


def _wire(device: str, wire: str, root: Path) -> Finding:
    path, name = root / wire.lstrip("/"), f"wire of {device}"
    if not path.exists():
        return ill(
            name,
            (f"{wire} 不存在", f"{wire} is not there"),
            ("检查插头、电源，以及 config.txt 中的接口开关", "plug and power of the device; for SPI, I2C and UART config.txt"),
        )
    return _permitted(name, wire, path, write="input" not in wire)


def _gpio(root: Path) -> Finding:
    chip = next((root / chip for chip in CHIPS if (root / chip).exists()), None)
    if chip is None:
        return ill(
            "gpio",
            ("没有 GPIO 芯片设备", "there is no GPIO chip"),
            ("这台机器是 Raspberry Pi 吗？", "is this machine a Raspberry Pi, with its own kernel?"),
        )
    return _permitted("gpio", f"/{chip.relative_to(root)}", chip, write=True)


def _permitted(name: str, wire: str, path: Path, *, write: bool) -> Finding:
    if not os.access(path, os.R_OK | (os.W_OK if write else 0)):
        group = next((group for sign, group in GROUPS.items() if sign in wire), "dialout")
        return ill(
            name,
            (f"无权使用 {wire}", f"this user may not use {wire}"),
            (f"把用户加入 {group} 组：usermod -a -G {group} hallware，然后重启", f"usermod -a -G {group} hallware, then restart"),
        )
    return well(name, f"{wire} 可用", f"{wire} is there")
