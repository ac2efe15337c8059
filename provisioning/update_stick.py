"""A USB stick with an update: mounted so that nothing on it can run, and looked through for a bundle of this hall."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509

from contract.enrolment import Pattern
from contract.updating import UpdateResult
from provisioning.lamp import Lamp
from provisioning.update_bundle import opened
from provisioning.update_manifest import SUFFIX, BadBundle

MOST = 20
"""Bundles that are looked at on one stick."""
TYPES = "vfat,exfat"
"""What sticks have. Each further file system would be more of the kernel for a stranger's stick to try."""
PATTERNS: dict[UpdateResult, Pattern] = {"kept": (1, 1, 1, 1, 1), "refused": (2, 2, 2, 2, 2), "returned": (3, 3, 3, 3, 3)}
"""What the lamp shows at the end: single blinks, pairs, threes."""
SHOWN = 8
"""So many times."""
JUST_STARTED = 180.0
"""Seconds after the machine's start in which a stick was not plugged in by somebody, but has been in it all the time."""


@contextmanager
def mounted(device: Path, place: Path) -> Iterator[Path]:
    """The folder of a stick; one that is a folder already is it. Raises `BadBundle`."""
    if device.is_dir():
        yield device
        return
    place.mkdir(parents=True, exist_ok=True)
    options = "ro,nosuid,nodev,noexec"
    ran = subprocess.run(
        ["mount", "-t", TYPES, "-o", options, str(device), str(place)], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise BadBundle(
            "stick-unreadable", "U 盘无法读取，请用 FAT32 或 exFAT 格式", "The stick cannot be read; format it as FAT32 or exFAT"
        )
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=False, capture_output=True)


def newest(folder: Path, anchor: x509.Certificate) -> Path | None:
    """Of this hall's bundles on a stick the one that was made last; None when there is no bundle at all.

    Raises `BadBundle` with what is wrong about the last one, when there are some and none is this hall's.
    """
    made: list[tuple[float, Path]] = []
    wrong: BadBundle | None = None
    for path in _found(folder):
        try:
            with opened(path, anchor) as bundle:
                made.append((bundle.manifest.made.timestamp(), path))
        except BadBundle as bad:
            wrong = bad
    if not made and wrong is not None:
        raise wrong
    return max(made)[1] if made else None


def _found(folder: Path) -> list[Path]:
    try:
        return _candidates(folder)
    except OSError as error:  # it was pulled out
        raise BadBundle(
            "stick-unreadable", "读取 U 盘时出错，请重新插入", "The stick could not be read to its end; plug it in again"
        ) from error


def show(result: UpdateResult, lamp: Lamp) -> None:
    """Blink what became of it, for a minute or so; a lamp that is not there is not waited for."""
    if lamp.folder.exists():
        with lamp.taken():
            for _ in range(SHOWN):
                lamp.show(PATTERNS[result])


def _candidates(folder: Path) -> list[Path]:
    """What may be a bundle: in the stick's top folder, or in one named hallware."""
    places = (folder, folder / "hallware")
    found = [path for place in places if place.is_dir() for path in sorted(place.glob(f"*{SUFFIX}"))]
    return [path for path in found if not path.name.startswith(".")][:MOST]
