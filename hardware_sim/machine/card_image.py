"""A boot card as a file, a FAT file system named `bootfs` as Raspberry Pi OS has it, and a USB stick as a file."""

import os
import struct
import subprocess
from pathlib import Path

from hardware_sim.machine import needs
from hardware_sim.machine.problems import CannotStart

LABEL = "bootfs"
BEGINS = 2048
"""The sector at which a stick's partition begins."""


def write_card(folder: Path, image: Path, megabytes: int = 256) -> None:
    """Put the files of `folder` onto a new card. Raises `CannotStart`."""
    needs.refuse_missing("writing a card", needs.missing(needs.WRITE_CARD))
    image.unlink(missing_ok=True)
    _run("mkfs.vfat", "-n", LABEL, "-C", str(image), str(megabytes * 1024))
    _run("mcopy", "-s", "-m", "-i", str(image), *sorted(map(str, folder.iterdir())), "::")


def write_stick(folder: Path, image: Path, megabytes: int = 128) -> None:
    """Put the files of `folder` onto a new USB stick: a partition table and one FAT partition. Raises `CannotStart`."""
    needs.refuse_missing("writing a stick", needs.missing(needs.WRITE_CARD))
    sectors = megabytes * 2048 - BEGINS
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
        file.seek(446)
        # Not active, no cylinders and heads, FAT32 with LBA, where it begins, how long it is.
        file.write(struct.pack("<B3xB3xII", 0, 0x0C, BEGINS, sectors))
        file.seek(510)
        file.write(b"\x55\xaa")
    _run("mkfs.vfat", "-F", "32", "-n", "STICK", f"--offset={BEGINS}", str(image), str(sectors // 2))
    _run("mcopy", "-s", "-m", "-i", f"{image}@@{BEGINS * 512}", *sorted(map(str, folder.iterdir())), "::")


def read_card(image: Path, name: str) -> bytes | None:
    """A file of the card, such as `hallware/first-boot.log`; None when there is none."""
    ran = _tried("mtype", "-i", str(image), f"::{name}")
    return ran.stdout if ran.returncode == 0 else None


def listing(image: Path) -> list[str]:
    """Every file on the card by its path."""
    found = _run("mdir", "-/", "-b", "-i", str(image), "::").stdout.decode(errors="replace").split("\n")
    return [name.removeprefix("::/") for name in found if name and not name.endswith("/")]


def _run(*words: str) -> subprocess.CompletedProcess[bytes]:
    ran = _tried(*words)
    if ran.returncode:
        raise CannotStart(f"{words[0]}: {ran.stderr.decode(errors='replace').strip()}")
    return ran


def _tried(*words: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PATH": needs.SYSTEM_PATH, "MTOOLS_SKIP_CHECK": "1"}
    return subprocess.run(words, capture_output=True, env=environment, check=False)
