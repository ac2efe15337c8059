"""A hall with its key for updates, its bundles, and nodes with a tree of releases and a program that runs."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from provisioning.ca import HallCa
from provisioning.pem import pem
from provisioning.update_guard import Tree
from provisioning.update_key import Signer, SigningFolder
from provisioning.update_pack import Packing
from provisioning.wheels import this_machine
from tests.update import tiny
from tests.update.wheels import pip_wheel, wheel

ROOT = Path(__file__).parents[2]
GUARD = ROOT / "provisioning" / "update_guard.py"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Hall:
    """Who signs."""

    folder: Path
    ca: HallCa
    signer: Signer

    @classmethod
    def make(cls, folder: Path, name: str = "centre", at: datetime | None = None) -> "Hall":
        ca = HallCa.make(name, at or now())
        return cls(folder, ca, SigningFolder(folder / "updates").make(ca, at or now()))

    def pack(
        self, version: str, behaves: str = "well", *, made: datetime | None = None, good_for: timedelta = timedelta(days=90),
        older: bool = False, more: dict[str, bytes] | None = None,
    ) -> Path:  # fmt: skip
        """A bundle of a tiny program that behaves like that."""
        wheels = self.folder / f"wheels-{version}-{behaves}-{len(list(self.folder.iterdir()))}"
        wheels.mkdir(parents=True)
        shutil.copy(pip(), wheels)
        module: dict[str, str | bytes] = {"tiny_hallware.py": tiny.text(version, behaves), **(more or {})}
        wheel(wheels, "hallware", version, module, scripts="hallware = tiny_hallware:main")
        out = self.folder / f"{wheels.name}.hallware"
        Packing(wheels, [this_machine()]).choose().write(out, self.signer, made or now(), good_for, older=older)
        return out


@cache
def pip() -> Path:
    """pip's wheel, made once for each process."""
    import tempfile

    return pip_wheel(Path(tempfile.mkdtemp(prefix="hallware-pip-")))


@dataclass
class Node:
    """A machine's tree, and the hands of whoever stands before it."""

    root: Path

    @property
    def tree(self) -> Tree:
        return Tree(self.root)

    @property
    def state(self) -> dict[str, Any]:
        return self.tree.read()

    @property
    def last(self) -> tuple[str, str, str]:
        """Version, result and code of the last update."""
        last = self.state["last"]
        return last["version"], last["result"], last["code"]

    @property
    def says(self) -> str:
        """The version that the program in force says it is."""
        ran = subprocess.run([self.tree.link / "bin/hallware", "--version"], capture_output=True, text=True, check=True)
        return ran.stdout.split()[-1]

    def runs(self) -> str | None:
        """The version that runs and is well, by what it says of itself."""
        said = json.loads((self.root / "run/hallware/wellness.json").read_bytes())
        return str(said["version"]) if said["echo"] else None

    def session(self) -> str:
        return str(json.loads((self.root / "run/hallware/wellness.json").read_bytes())["session"])

    def words(self, bundle: Path, *more: str) -> list[str]:
        return [sys.executable, "-m", "hallware.main", "update", "apply", str(bundle), "--root", str(self.root), "--json", *more]

    def apply(self, bundle: Path, *more: str) -> tuple[int, dict[str, Any]]:
        """Update; the exit code and what it says at its end."""
        ran = subprocess.run(self.words(bundle, *more), capture_output=True, text=True, check=False, cwd=ROOT)
        lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
        assert lines, ran.stderr
        return ran.returncode, json.loads(lines[-1])

    def boot(self) -> str:
        """What the guard does when the machine starts, by the system's own Python."""
        python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
        ran = subprocess.run([python, "-I", "-B", str(GUARD), str(self.root)], capture_output=True, text=True, check=True)
        return ran.stderr

    @contextmanager
    def running(self) -> Iterator[None]:
        """The program in force runs, and is started anew when it dies, as by systemd."""
        runtime = self.root / "run/hallware"
        runtime.mkdir(parents=True, exist_ok=True)
        program = str(self.tree.link / "bin/hallware")
        service = subprocess.Popen(
            [sys.executable, "-m", "tests.update.service", program, str(self.tree.etc / "node.toml")],
            env=os.environ | {"RUNTIME_DIRECTORY": str(runtime)}, cwd=ROOT, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.settle(restart=["kill", "-HUP", str(service.pid)])
        try:
            yield
        finally:
            service.terminate()
            service.wait(20)

    def settle(self, *, restart: list[str], within: float = 20.0, steady: float = 0.3) -> None:
        """update.toml."""
        self.tree.settings.write_text(f"restart = {json.dumps(restart)}\nwithin = {within}\nsteady = {steady}\n")


def new_node(root: Path, hall: Hall, bundle: Path) -> Node:
    """A node on which the program of `bundle` was installed from its card."""
    node = Node(root)
    for folder in (node.tree.releases, node.tree.etc / "updates", root / "run/hallware"):
        folder.mkdir(parents=True)
    (node.tree.etc / "updates/ca.crt").write_text(pem(hall.ca.certificate))
    (node.tree.etc / "node.toml").write_text("")
    from provisioning.update_bundle import opened
    from provisioning.update_install import install

    with opened(bundle, hall.ca.certificate) as open_bundle:
        install(node.tree, open_bundle)
        node.tree.switch(open_bundle.signed.release)
    return node


def copied(node: Node, folder: Path) -> Node:
    """The same node once more, in `folder`."""
    shutil.copytree(node.root, folder / "tree", symlinks=True)
    return Node(folder / "tree")
