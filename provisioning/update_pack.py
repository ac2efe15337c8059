"""Packing a bundle: exactly the wheels that each kind of node needs, found by what the wheels themselves ask for."""

import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import HeaderParser
from functools import cache
from pathlib import Path
from typing import cast

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from provisioning.pem import pem
from provisioning.update_key import Signer
from provisioning.update_manifest import MEANT, BadBundle, Manifest, Wheel, head, signature
from provisioning.wheels import Found, Target, best, read_name

EXTRAS = frozenset({"node", "input", "enrol"})
"""Of Hallware, what a node needs."""
LEFT_OUT = frozenset({"rpi-ws281x"})
"""luma.led_matrix asks for it on every Linux, and uses it for WS2812 strips alone, which a hall has not."""


class Incomplete(Exception):
    """The folder does not hold what a node needs; the text says what is missing for which."""


@dataclass(frozen=True)
class Packing:
    """A folder of wheels, and the kinds of nodes that the bundle is for."""

    folder: Path
    targets: Sequence[Target]

    def choose(self) -> "Packed":
        """What goes into the bundle. Raises `Incomplete`."""
        files = sorted(path.name for path in self.folder.glob("*.whl"))
        _refuse_two_versions(files)
        chosen: dict[str, None] = {}
        missing: list[str] = []
        for target in self.targets:
            for found in self._closure(best(files, target), target, missing):
                chosen[found.file] = None
        if missing:
            lines = "\n  ".join(missing)
            raise Incomplete(f"{self.folder} lacks wheels · 缺少安装包:\n  {lines}")
        versions = {found.project: found.version for found in map(read_name, chosen) if found is not None}
        machines = tuple(target.key for target in self.targets)
        return Packed(versions["hallware"], machines, tuple(self.folder / file for file in sorted(chosen)))

    def _closure(self, wheels: dict[str, Found], target: Target, missing: list[str]) -> Iterator[Found]:
        """Hallware, pip, and all that they need on `target`."""
        wanted: list[tuple[str, frozenset[str], str]] = [("hallware", EXTRAS, ""), ("pip", frozenset(), "")]
        seen: set[tuple[str, frozenset[str]]] = set()
        while wanted:
            project, extras, asker = wanted.pop()
            if (project, extras) in seen or project in LEFT_OUT:
                continue
            seen.add((project, extras))
            if (found := wheels.get(project)) is None:
                by = f", for {asker}" if asker else ""
                missing.append(f"{project}{by}: {target.name}")
                continue
            yield found
            for need in _needs(self.folder / found.file, extras, target):
                name = canonicalize_name(need.name)
                there = wheels.get(name)
                if there is not None and not need.specifier.contains(there.version, prereleases=True):
                    missing.append(f"{name}{need.specifier}, for {project} (there is {there.version}): {target.name}")
                wanted.append((name, frozenset(need.extras), project))


@dataclass(frozen=True)
class Packed:
    """What a bundle is made of."""

    version: str
    machines: tuple[str, ...]
    wheels: tuple[Path, ...]

    def write(self, out: Path, signer: Signer, now: datetime, good_for: timedelta, *, older: bool = False) -> Manifest:
        """Sign and write the bundle; it is there as a whole or not at all. Raises `OSError`."""
        manifest = Manifest(
            hall=signer.hall, version=self.version, made=now, not_after=now + good_for, older=older,
            machines=self.machines, wheels=tuple(_measured(path) for path in self.wheels),
        )  # fmt: skip
        text = msgspec.json.encode(manifest)
        draft = out.with_name(f".{out.name}.new")
        try:
            with draft.open("wb") as file:
                file.write(head(text, signature(pem(signer.certificate), signer.sign(MEANT + text))))
                for path in self.wheels:
                    file.write(path.read_bytes())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
        return manifest


def _measured(path: Path) -> Wheel:
    content = path.read_bytes()
    try:
        with zipfile.ZipFile(path) as inside:
            unpacked = sum(member.file_size for member in inside.infolist())
        return Wheel(name=path.name, size=len(content), unpacked=unpacked, sha256=hashlib.sha256(content).hexdigest())
    except (zipfile.BadZipFile, ValueError) as error:
        raise BadBundle("bad-wheel", f"{path.name} 已损坏", f"{path.name} is no wheel: {error}") from error


@cache
def _requirements(path: Path) -> tuple[Requirement, ...]:
    """What a wheel says that it needs. Raises `Incomplete` when it cannot be read."""
    try:
        with zipfile.ZipFile(path) as inside:
            name = next(name for name in inside.namelist() if name.endswith(".dist-info/METADATA"))
            text = inside.read(name).decode("utf-8", errors="replace")
        return tuple(Requirement(line) for line in HeaderParser().parsestr(text).get_all("Requires-Dist", []))
    except (OSError, zipfile.BadZipFile, StopIteration, InvalidRequirement) as error:
        raise Incomplete(f"{path}: is no wheel that can be read: {error}") from error


def _needs(path: Path, extras: frozenset[str], target: Target) -> Iterator[Requirement]:
    """The requirements that hold on `target` with these extras."""
    for need in _requirements(path):
        here = cast("dict[str, str]", target.environment)
        environments = [{**here, "extra": extra} for extra in (extras or {""})]
        if need.marker is None or any(need.marker.evaluate(environment) for environment in environments):
            yield need


def _refuse_two_versions(files: Sequence[str]) -> None:
    """Two versions of one project would leave open which of them is meant."""
    versions: dict[str, set[str]] = {}
    for file in files:
        if (found := read_name(file)) is not None:
            versions.setdefault(found.project, set()).add(found.version)
    twice = [f"{project} {' and '.join(sorted(there))}" for project, there in versions.items() if len(there) > 1]
    if twice:
        raise Incomplete(f"more than one version of: {'; '.join(twice)}; take the old wheels away · 请删除旧版本安装包")
