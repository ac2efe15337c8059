"""Hallware's own wheel with all that a node needs, made from what is installed here, and nodes that run it on simulated wires."""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from provisioning.pem import pem
from provisioning.update_bundle import opened
from provisioning.update_install import install
from provisioning.update_pack import EXTRAS, LEFT_OUT, Packing
from provisioning.wheels import this_machine
from tests.update.stage import ROOT, Hall, Node, now
from tests.update.wheels import again, pip_wheel, wheel

NODE = """
[node]
id = "{name}"
hall = "{hall}"
data = "{data}"
[broker]
port = {port}
[[device]]
kind = "board"
id = "board-{name}"
wire = "/dev/spidev0.0"
width = 128
[[device]]
kind = "rater"
id = "rater-{name}"
window = "w1"
keys = [{{ level = 5, line = 5, lamp = 6 }}]
"""


def needs() -> list[str]:
    """The projects that a node's extras ask for, as they are installed here."""
    found: dict[str, None] = {}
    wanted: list[tuple[str, str]] = [("hallware", extra) for extra in sorted(EXTRAS)]
    seen: set[tuple[str, str]] = set()
    while wanted:
        project, extra = wanted.pop()
        if (project, extra) in seen or project in LEFT_OUT:
            continue
        seen.add((project, extra))
        if project != "hallware":
            found[project] = None
        for need in map(Requirement, importlib.metadata.requires(project) or []):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                wanted += [(canonicalize_name(need.name), one) for one in (need.extras or {""})]
    return sorted(found)


def wheelhouse(folder: Path) -> Path:
    """All wheels but our own."""
    for project in needs():
        again(folder, project)
    pip_wheel(folder)
    return folder


def our_wheel(folder: Path, version: str, changed: Mapping[str, bytes] | None = None) -> Path:
    """Our own, as hatchling would build it from this tree; `changed` puts other files in the place of some."""
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    files: dict[str, str | bytes] = {
        str(path.relative_to(ROOT)): path.read_bytes()
        for package in packages
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    requires = tuple(importlib.metadata.requires("hallware") or ())
    return wheel(
        folder, "hallware", version, files | dict(changed or {}), requires=requires, scripts="hallware = hallware.main:main"
    )


def pack_real(hall: Hall, house: Path, version: str, changed: Mapping[str, bytes] | None = None) -> Path:
    """A bundle of our own program in this version."""
    folder = hall.folder / f"real-{version}"
    folder.mkdir(parents=True)
    for path in house.glob("*.whl"):
        (folder / path.name).hardlink_to(path)
    our_wheel(folder, version, changed)
    out = hall.folder / f"hallware-{version}.hallware"
    Packing(folder, [this_machine()]).choose().write(out, hall.signer, now(), timedelta(days=90))
    return out


def real_node(root: Path, hall: Hall, bundle: Path, name: str, port: int) -> Node:
    """A node with our own program installed."""
    node = Node(root)
    for folder in (node.tree.releases, node.tree.etc / "updates", root / "run/hallware", root / "data"):
        folder.mkdir(parents=True)
    (node.tree.etc / "updates/ca.crt").write_text(pem(hall.ca.certificate))
    (node.tree.etc / "node.toml").write_text(NODE.format(name=name, hall=hall.ca.hall, data=root / "data", port=port))
    with opened(bundle, hall.ca.certificate) as read:
        install(node.tree, read)
        node.tree.switch(read.signed.release)
    return node


@contextmanager
def services(nodes: Iterable[Node]) -> Iterator[None]:
    """All of them run on simulated wires, as by systemd; one process looks after each."""
    started = []
    try:
        for node in nodes:
            runtime = node.root / "run/hallware"
            program = str(node.tree.link / "bin/hallware")
            words = [sys.executable, "-m", "tests.update.service", program, str(node.tree.etc / "node.toml"), "--simulate"]
            service = subprocess.Popen(
                words, env=os.environ | {"RUNTIME_DIRECTORY": str(runtime)}, cwd=ROOT, stderr=subprocess.DEVNULL
            )
            started.append(service)
            node.settle(restart=["kill", "-HUP", str(service.pid)], within=90.0, steady=2.0)
        yield
    finally:
        for service in started:
            service.terminate()
        for service in started:
            service.wait(30)
