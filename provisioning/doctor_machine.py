"""The doctor's look at the machine itself: power, clock, disk, overlay, watchdog, as the kernel tells below `root`."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from provisioning.doctor_data import data_finding
from provisioning.doctor_overlay import OVERLAY_ASKED, overlay_finding
from provisioning.finding import Finding, ill, look, unknown, well

FLOOR = datetime(2026, 1, 1, tzinfo=UTC)
"""An earlier time is that of a machine that has lost its clock."""
TIME_ERROR = 5
"""adjtimex's word for a clock that nobody keeps right."""
LEAST_FREE, LEAST_SHARE = 200 * 1024 * 1024, 0.05
WORN = 0x08
"""eMMC's life in tenths: eight of ten are over."""
UNDER_NOW, THROTTLED_NOW, UNDER_BEFORE = 0x1, 0x4, 0x10000
"""Bits of the firmware's word about power."""


def examine(root: Path, data: Path, now: datetime) -> Iterator[Finding]:
    """Everything that the machine itself tells; `data` is the folder of the outbox or the database."""
    yield _power(_read(root / "sys/devices/platform/soc/soc:firmware/get_throttled"))
    yield _clock(root, now)
    yield _space(data)
    yield _wear(_read(root / "sys/block/mmcblk0/device/life_time"))
    yield overlay_finding(_read(root / "proc/cmdline"), _read(root / "proc/mounts"), asked=(root / OVERLAY_ASKED).exists())
    yield data_finding(data, _read(root / "proc/mounts"))
    yield _watchdog(root / "sys/class/watchdog/watchdog0")


def _power(said: str) -> Finding:
    try:
        bits = int(said, 16)
    except ValueError:
        return unknown("power", "本机不报告供电状况", "this machine does not tell of its power")
    do = ("更换电源适配器（5 V 3 A，Pi 5 用 5 A）和电源线", "another power supply (5 V 3 A, 5 A for a Pi 5) and a shorter cable")
    if bits & (UNDER_NOW | THROTTLED_NOW):
        return ill("power", ("供电电压过低", "the supply voltage is too low now"), do)
    if bits & UNDER_BEFORE:
        return look("power", ("开机以来出现过电压过低", "the supply voltage was too low at some time since the start"), do)
    return well("power", "供电正常", "the supply voltage is well")


def _clock(root: Path, now: datetime) -> Finding:
    if now < FLOOR:
        return ill(
            "clock",
            (f"时钟停在 {now:%Y-%m-%d}", f"the clock says {now:%Y-%m-%d}"),
            (
                "检查时间服务器（大厅电脑）是否开启、网络是否连通",
                "is the time server (the hall's computer) on, and the network plugged in?",
            ),
        )
    if not ((root / "run/systemd/timesync/synchronized").exists() or (root == Path("/") and _kernel_says_right())):
        return look(
            "clock",
            ("时钟尚未与时间服务器同步", "the clock was not set by a time server since the start"),
            (
                "检查 timesyncd 或 chrony 的时间服务器设置与网络",
                "look at the time servers in the settings of timesyncd or chrony, and at the network",
            ),
        )
    return well("clock", "时钟已同步", "the clock is set by a time server")


def _kernel_says_right() -> bool:
    """chrony leaves no such file behind; the kernel knows of either whether somebody keeps its clock right."""
    asked = ctypes.create_string_buffer(256)  # struct timex of zeros: change nothing
    return 0 <= int(ctypes.CDLL(None).adjtimex(asked)) < TIME_ERROR


def _space(data: Path) -> Finding:
    try:
        disk = os.statvfs(data)
    except OSError as error:
        return ill(
            "space",
            (f"{data} 不可用", f"{data}: {error.strerror}"),
            ("检查数据目录是否存在、属主是否为 hallware", "is the folder there, and does it belong to hallware?"),
        )
    free, share = disk.f_bavail * disk.f_frsize, disk.f_bavail / max(1, disk.f_blocks)
    what = (f"剩余 {free // 2**20} MB（{share:.0%}）", f"{free // 2**20} MB free ({share:.0%})")
    if free < LEAST_FREE or share < LEAST_SHARE:
        return ill("space", what, ("清理或更换更大的存储卡", "take away what fills it, or use a larger card"))
    return well("space", *what)


def _wear(said: str) -> Finding:
    lives = [int(word, 16) for word in said.split() if word.startswith("0x")]
    if not lives:
        return unknown("wear", "存储卡不报告磨损程度", "a card does not tell how worn it is")
    if max(lives) >= WORN:
        return look(
            "wear",
            (f"存储已用寿命约 {max(lives) * 10}%", f"about {max(lives) * 10} % of the storage's life is over"),
            ("择期更换，用“换卡”流程", "replace it at a quiet time, by swapping the node"),
        )
    return well("wear", f"已用寿命约 {max(lives) * 10}%", f"about {max(lives) * 10} % of its life is over")


def _watchdog(folder: Path) -> Finding:
    state, timeout = _read(folder / "state"), _read(folder / "timeout")
    if not state:
        return unknown("watchdog", "本机没有硬件看门狗", "this machine has no hardware watchdog")
    if state != "active":
        return ill(
            "watchdog",
            ("看门狗未启用，死机后不会自动重启", "the watchdog is not armed: a hung machine stays hung"),
            (
                "设置 RuntimeWatchdogSec=14s（/etc/systemd/system.conf.d/hallware-watchdog.conf）并重启",
                "RuntimeWatchdogSec=14s in /etc/systemd/system.conf.d/hallware-watchdog.conf, then restart",
            ),
        )
    return well("watchdog", f"看门狗已启用（{timeout} 秒）", f"the watchdog is armed ({timeout} s)")


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    return ""
