"""What it costs to update nodes: one alone, and twenty by ssh in stages, against the bare installation of the same wheels.

The nodes are our own program on simulated wires, each with its tree of releases and its connection to one Mosquitto; what is
installed are the real wheels of a node, and each update is judged as in a hall.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure
from broker_config.process import MosquittoProcess
from provisioning.files import write
from provisioning.pem import pem
from provisioning.update_bundle import opened
from provisioning.update_install import PIP
from provisioning.update_judge import read_wellness
from tests.runtime.waiting import until
from tests.update.plan import hall_toml
from tests.update.real import NODE, pack_real, real_node, services, wheelhouse
from tests.update.sshd import Sshd, sshd
from tests.update.stage import ROOT, Hall, Node

NODES = 20
JUDGED = 2.0
"""Seconds for which a new program must be well here; on a node it is ten."""
ONE_GOAL, ALL_GOAL = 3.0, 1.5
"""Most that one update, and each of many, may cost in units of the bare installation."""


def measure(*, short: bool = False) -> list[Figure]:
    """All figures of updates."""
    return asyncio.run(_measured(2 if short else NODES))


async def _measured(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="hallware-bench-") as name:
        folder = Path(name)
        hall = Hall.make(folder / "hall")
        house = wheelhouse(folder / "wheels")
        first, second, third = (pack_real(hall, house, version) for version in ("0.1.0", "0.2.0", "0.3.0"))
        async with MosquittoProcess() as broker:
            nodes = await asyncio.to_thread(_nodes, folder, hall, first, count, broker.port)
            bare = min([await asyncio.to_thread(_bare, folder, hall, second) for _ in range(1 if count < NODES else 3)])
            with services(nodes):
                await until(lambda: all(map(_is_well, nodes)), within=300)
                one = await asyncio.to_thread(_one, nodes[0], second)
                all_ = await asyncio.to_thread(_pushed, folder, hall, nodes, third)
    return [
        Figure(
            "one node, from its bundle to the confirmed update", one, "s", bare, "venv and pip of the same wheels", goal=ONE_GOAL
        ),
        Figure(
            f"{count} nodes by ssh, one first and then the rest", all_, "s", count * bare, f"{count} times that", goal=ALL_GOAL
        ),
    ]


def _nodes(folder: Path, hall: Hall, bundle: Path, count: int, port: int) -> list[Node]:
    """One is installed, the others are copies of it with their own path in the program: only updates are measured."""
    first = real_node(folder / "node-0", hall, bundle, "node-0", port)
    nodes = [first]
    for number in range(1, count):
        root = folder / f"node-{number}"
        subprocess.run(["cp", "-a", "--reflink=auto", str(first.root), str(root)], check=True)
        text = NODE.format(name=root.name, hall=hall.ca.hall, data=root / "data", port=port)
        (root / "etc/hallware/node.toml").write_text(text)
        program = Node(root).tree.link / "bin/hallware"
        program.write_text(program.read_text().replace(str(first.root), str(root)))
        nodes.append(Node(root))
    return nodes


def _bare(folder: Path, hall: Hall, bundle: Path) -> float:
    """Seconds that a virtual environment and pip need for the same wheels, and nothing else."""
    wheels, place = folder / "bare-wheels", folder / "bare"
    wheels.mkdir()
    with opened(bundle, hall.ca.certificate) as read:
        read.unpack(wheels)
    pip = next(wheels.glob("pip-*.whl"))
    files = [str(path) for path in wheels.glob("*.whl") if path != pip]
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    subprocess.run([str(place / "bin/python"), str(pip / "pip"), *PIP, *files], check=True)
    taken = time.perf_counter() - begun
    shutil.rmtree(place)
    shutil.rmtree(wheels)
    return taken


def _one(node: Node, bundle: Path) -> float:
    begun = time.perf_counter()
    code, said = node.apply(bundle)
    assert code == 0, said
    return time.perf_counter() - begun - JUDGED


def _pushed(folder: Path, hall: Hall, nodes: Sequence[Node], bundle: Path) -> float:
    """All of them by the command that staff use."""
    with sshd(folder / "sshd") as server:
        files = _hall_machine(folder, hall, nodes, server)
        begun = time.perf_counter()
        ran = subprocess.run(
            [sys.executable, "-m", "hallware.main", "update", "push", str(bundle), *files, "--stage", "1,all"],
            capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | {"LC_ALL": "C"},
        )  # fmt: skip
        taken = time.perf_counter() - begun
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {node.says for node in nodes} == {"0.3.0"}
    return taken - 2 * JUDGED


def _hall_machine(folder: Path, hall: Hall, nodes: Sequence[Node], server: Sshd) -> list[str]:
    """The files that `push` reads."""
    trust, toml, hosts = folder / "trust", folder / "hall.toml", folder / "hosts.toml"
    trust.mkdir()
    write(trust / "ca.crt", pem(hall.ca.certificate))
    toml.write_text(hall_toml(folder, trust, [node.root.name for node in nodes]))
    hosts.write_text(server.hosts({node.root.name: node.root for node in nodes}))
    return ["--hall", str(toml), "--hosts", str(hosts)]


def _is_well(node: Node) -> bool:
    told = read_wellness(node.root / "run/hallware/wellness.json")
    return told is not None and told.echo and not told.silent
