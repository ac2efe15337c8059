"""The doctor's look at the overlay before the root file system: in force where it is wanted, and over nothing that must last."""

from pathlib import Path

from provisioning.doctor_data import lasts
from provisioning.finding import Finding, ill, look, unknown, well

OVERLAY_ASKED = Path("boot/firmware/hallware/overlay")
"""There when the card asked for one."""
WISHES = ("init=/usr/lib/hallware/overlay-init", "overlayroot=tmpfs", "boot=overlay")
"""Words of the kernel's command line: ours, and raspi-config's of both times."""
KEPT = (Path("/etc/hallware"), Path("/opt/hallware"))
"""Identity and releases; the data has a finding of its own."""
ON = "sudo sh /usr/lib/hallware/overlay on"


def overlay_finding(cmdline: str, mounts: str, *, asked: bool) -> Finding:
    """How it is by the texts of /proc/cmdline and /proc/mounts; `asked` by the card, perhaps in vain."""
    wanted = any(word.startswith(WISHES) for word in cmdline.split())
    real = any(line.split()[1:3] == ["/", "overlay"] for line in mounts.splitlines() if line.count(" ") >= 2)
    if real:
        return _real(mounts)
    if wanted:
        return ill(
            "overlay",
            (
                "只读覆盖层已设置但未生效，断电会损坏系统卡",
                "the overlay is switched on but not in force: a power cut may harm the card",
            ),
            (
                "重启；仍未生效时运行 dmesg | grep hallware 查看原因",
                "restart; if it is still not in force, dmesg | grep hallware says why",
            ),
        )
    if asked:
        return look(
            "overlay",
            ("卡要求使用只读覆盖层，但没有打开", "the card asks for an overlay, and it is not switched on"),
            (
                f"插上卷标为 hallware-data 的盘，运行 sudo sh /usr/lib/hallware/data-disk 和 {ON}，然后重启",
                f"plug in a disk labelled hallware-data, then: sudo sh /usr/lib/hallware/data-disk; {ON}; restart",
            ),
        )
    return unknown("overlay", "未使用只读覆盖层", "no overlay is in use")


def _real(mounts: str) -> Finding:
    lost = [str(folder) for folder in KEPT if not lasts(folder, mounts)]
    if not lost:
        return well("overlay", "只读覆盖层生效", "the root file system is behind an overlay")
    return ill(
        "overlay",
        (
            f"{lost[0]} 在内存覆盖层中，断电即丢失",
            f"{lost[0]} is in the overlay's memory: a power cut takes what was changed there",
        ),
        (
            "插好卷标为 hallware-data 的盘并重启；若覆盖层由 raspi-config 设置，先在其中关闭，再用 " + ON,
            f"plug in the disk labelled hallware-data and restart; an overlay of raspi-config: switch it off there, then {ON}",
        ),
    )
