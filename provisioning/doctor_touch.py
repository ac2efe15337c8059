"""The doctor's look at a touch screen: its programs are there, its unit is switched on, and all three places name one port."""

import json
from collections.abc import Iterator
from pathlib import Path

from firmware.config import KioskConfig, NodeConfig
from provisioning.finding import Finding, ill, look, well

PROGRAMS = ("usr/bin/cage", "usr/bin/chromium", "usr/bin/seatd", "usr/bin/Xwayland")
UNIT = "etc/systemd/system/hallware-touch.service"
WANTED = "etc/systemd/system/multi-user.target.wants/hallware-touch.service"
POLICY = "etc/chromium/policies/managed/hallware-touch.json"
INSTALL = "apt install --no-install-recommends cage seatd xwayland chromium fonts-noto-cjk"
ENABLE = "systemctl enable --now seatd hallware-touch"


def examine_touch(config: NodeConfig, root: Path) -> Iterator[Finding]:
    """A finding for each touch screen of the node."""
    for device in config.device:
        if isinstance(device, KioskConfig) and device.touch is not None:
            yield _screen(f"touch screen of {device.id}", device.touch.port, root)


def _screen(name: str, port: int, root: Path) -> Finding:
    if missing := [program for program in PROGRAMS if not (root / program).exists()]:
        return ill(
            name,
            (f"触摸屏浏览器不全，缺 /{missing[0]}", f"the screen's browser is not installed: /{missing[0]} is missing"),
            (INSTALL, INSTALL),
        )
    if foreign := _other_port(root, port):
        return ill(
            name,
            (f"/{foreign} 中的端口不是 {port}", f"/{foreign} names another port than node.toml: {port}"),
            (
                "三处端口须一致：node.toml、服务单元、浏览器策略",
                "one port in node.toml, the unit and the browser's policy",
            ),
        )
    if not (root / WANTED).is_symlink():
        return look(name, ("触摸屏服务未启用", "the screen's service is not switched on"), (ENABLE, ENABLE))
    return well(name, f"触摸屏已启用，端口 {port}", f"the screen is switched on, port {port}")


def _other_port(root: Path, port: int) -> str | None:
    """The file that does not lead to the page."""
    page = f"http://127.0.0.1:{port}"
    if f"PAGE={page}/ PORT={port}" not in _read(root / UNIT):
        return UNIT
    try:
        allowed = json.loads(_read(root / POLICY) or "{}").get("URLAllowlist", [])
    except (ValueError, AttributeError):
        return POLICY
    return None if page in allowed else POLICY


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
