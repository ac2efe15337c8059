"""A boot card as a file: a FAT file system named `bootfs`, as the first partition of Raspberry Pi OS is."""

import os
import subprocess
from pathlib import Path

from hardware_sim.machine import needs
from hardware_sim.machine.problems import CannotStart

LABEL = "bootfs"


def write_card(folder: Path, image: Path, megabytes: int = 256) -> None:
    """Put the files of `folder` onto a new card. Raises `CannotStart`."""
    needs.refuse_missing("writing a card", needs.missing(needs.WRITE_CARD))
    image.unlink(missing_ok=True)
    _run("mkfs.vfat", "-n", LABEL, "-C", str(image), str(megabytes * 1024))
    _run("mcopy", "-s", "-m", "-i", str(image), *sorted(map(str, folder.iterdir())), "::")


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
