"""The doctor's look at what must outlive a power cut: behind an overlay in memory, a node's facts need a disk of their own."""

from pathlib import Path

from provisioning.finding import Finding, ill, unknown, well

VOLATILE = frozenset({"overlay", "tmpfs", "ramfs"})


def data_finding(data: Path, mounts: str) -> Finding:
    """Whether `data` lies on a disk; `mounts` is the text of /proc/mounts."""
    where, kind, options = _mount_of(data, mounts)
    if kind in VOLATILE:
        return ill(
            "data",
            (
                f"{data} 在内存中（{where}：{kind}），断电即丢失",
                f"{data} is in memory ({where}: {kind}): a power cut takes it all",
            ),
            (
                "为 /var/lib/hallware 挂载单独的分区或 U 盘，或关闭只读覆盖层，见 docs/provisioning.md",
                "give /var/lib/hallware a partition or stick of its own, or switch the overlay off: docs/provisioning.md",
            ),
        )
    if kind and "ro" in options:
        return ill(
            "data",
            (f"{data} 所在的 {where} 为只读", f"{data} is on {where}, which can only be read"),
            ("检查存储卡；dmesg 中有无错误", "the card may be failing: look for errors in dmesg, and swap the node"),
        )
    if not kind:
        return unknown("data", "无法得知数据所在的磁盘", "it cannot be told where the data lies")
    return well("data", f"数据在磁盘上（{where}：{kind}）", f"the data is on a disk ({where}: {kind})")


def lasts(path: Path, mounts: str) -> bool:
    """Whether what is written at `path` is there after a power cut; where that cannot be told, it is taken to be."""
    return _mount_of(path, mounts)[1] not in VOLATILE


def _mount_of(path: Path, mounts: str) -> tuple[str, str, list[str]]:
    """The mount that holds `path`, its kind and its options: the last of the longest, for one may be mounted over another."""
    found = ("", "", [""])
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 4:
            continue
        where = Path(words[1].replace("\\040", " "))
        if (path == where or where in path.parents) and len(str(where)) >= len(found[0]):
            found = (str(where), words[2], words[3].split(","))
    return found
