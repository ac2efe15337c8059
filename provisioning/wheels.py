"""Wheels for a machine: which of them it takes, and which of two is the better one."""

import platform
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from packaging.markers import Environment, default_environment
from packaging.tags import Tag, compatible_tags, cpython_tags, sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

GLIBC = {"bookworm": 36, "trixie": 41}
SYSTEMS = {"bookworm": (3, 11), "trixie": (3, 13)}
"""Raspberry Pi OS, and the Python of each."""


class Target:
    """A kind of machine for which wheels are chosen."""

    def __init__(self, name: str, python: tuple[int, int], machine: str, tags: Sequence[Tag]) -> None:
        self.name, self.python, self.machine = name, python, machine
        self._order = {tag: place for place, tag in reversed(list(enumerate(tags)))}

    @property
    def key(self) -> str:
        """One word for it, as in a bundle's manifest: `cp311-aarch64`."""
        return f"cp{self.python[0]}{self.python[1]}-{self.machine}"

    def rank(self, wheel: str) -> int | None:
        """How well a wheel fits, 0 being best; None when it does not."""
        try:
            tags = parse_wheel_filename(wheel)[3]
        except InvalidWheelFilename:
            return None
        return min((self._order[tag] for tag in tags if tag in self._order), default=None)

    @cached_property
    def environment(self) -> Environment:
        """What the markers of requirements are judged by."""
        here = default_environment()
        here["platform_machine"] = self.machine
        here["platform_system"], here["sys_platform"], here["os_name"] = "Linux", "linux", "posix"
        here["python_version"] = f"{self.python[0]}.{self.python[1]}"
        here["python_full_version"] = f"{here['python_version']}.0"
        return here


def this_machine() -> Target:
    """The machine and the Python that run this."""
    version = sys.version_info[:2]
    return Target(f"Python {version[0]}.{version[1]} · {platform.machine()}", version, platform.machine(), list(sys_tags()))


def raspberry(system: str) -> Target:
    """A 64-bit Raspberry Pi with one of `SYSTEMS`."""
    python = SYSTEMS[system]
    platforms = [f"manylinux_2_{minor}_aarch64" for minor in range(GLIBC[system], 16, -1)]
    platforms += ["manylinux2014_aarch64", "linux_aarch64"]
    abi = f"cp{python[0]}{python[1]}"
    tags = [*cpython_tags(python, [abi], platforms), *compatible_tags(python, abi, platforms)]
    return Target(f"{system} (Python {python[0]}.{python[1]} · aarch64)", python, "aarch64", tags)


class Found(NamedTuple):
    """A wheel by the name of its project."""

    project: str
    version: str
    file: str


def read_name(file: str) -> Found | None:
    """What a wheel's file name says; None for a name that is no wheel's."""
    try:
        project, version, _, _ = parse_wheel_filename(file)
    except InvalidWheelFilename:
        return None
    return Found(canonicalize_name(project), str(version), file)


def best(files: Iterable[str], target: Target) -> dict[str, Found]:
    """Of each project the wheel that fits `target` best, by the project's name."""
    ranked = [(rank, found) for file in files if (rank := target.rank(file)) is not None and (found := read_name(file))]
    return {found.project: found for _, found in sorted(ranked, key=lambda one: -one[0])}
