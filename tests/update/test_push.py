"""A bundle goes to many nodes by a real sshd, stage by stage, and stops where one does not come through."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from provisioning.files import write
from provisioning.pem import pem
from provisioning.update_stages import BadStages, staged
from tests.update.plan import hall_toml
from tests.update.sshd import Sshd, sshd, there
from tests.update.stage import ROOT, Hall, Node

NAMES = ("entrance", "boards", "windows", "room")


@pytest.mark.parametrize(
    ("stages", "counts"),
    [("1,25%,all", [1, 4, 15]), ("all", [20]), ("1,all", [1, 19]), ("1,1,50%", [1, 9]), ("30%", [6]), ("100", [20])],
)
def test_stages_count_the_nodes_that_are_done_after_each(stages: str, counts: list[int]) -> None:
    nodes = [f"node-{number}" for number in range(20)]
    assert [len(stage) for stage in staged(nodes, stages)] == counts


def test_the_first_node_is_the_one_that_was_named() -> None:
    assert staged(["a", "b", "c"], "1,all", "b") == [["b"], ["a", "c"]]


@pytest.mark.parametrize("stages", ["", "0", "half", "120%", "all,1", "-1", "1;2"])
def test_what_is_no_order_of_stages_is_refused(stages: str) -> None:
    with pytest.raises(BadStages):
        staged(["a", "b"], stages)


pytest_sshd = pytest.mark.skipif(not there(), reason="there is no sshd here")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


class Fleet:
    """Four nodes, and the hall's machine from which they are pushed to."""

    def __init__(self, folder: Path, hall: Hall, installed: Node, server: Sshd) -> None:
        self.nodes = {name: Node(shutil.copytree(installed.root, folder / name, symlinks=True)) for name in NAMES}
        self.server, self.hosts, self.toml = server, folder / "hosts.toml", folder / "hall.toml"
        self.hosts.write_text(server.hosts({name: node.root for name, node in self.nodes.items()}))
        trust = folder / "trust"
        trust.mkdir()
        write(trust / "ca.crt", pem(hall.ca.certificate))
        self.toml.write_text(hall_toml(folder, trust, NAMES))

    def push(self, bundle: Path, *more: str) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, "-m", "hallware.main", "update", "push", str(bundle), "--hall", str(self.toml)]
        return subprocess.run(
            [*words, "--hosts", str(self.hosts), *more], capture_output=True, text=True, check=False, cwd=ROOT,
            env=os.environ | {"LC_ALL": "en_GB.UTF-8", "COLUMNS": "200"}, timeout=110,
        )  # fmt: skip

    def versions(self) -> list[str]:
        return [node.says for node in self.nodes.values()]


@pytest.fixture
def fleet(tmp_path: Path, hall: Hall, installed: Node, server: Sshd) -> Iterator[Fleet]:
    made = Fleet(tmp_path, hall, installed, server)
    with ExitStack() as stack:
        for node in made.nodes.values():
            stack.enter_context(node.running())
        yield made


@pytest_sshd
def test_one_node_first_and_then_all(fleet: Fleet, newer: Path) -> None:
    ran = fleet.push(newer, "--first", "boards", "--stage", "1,all")
    assert ran.returncode == 0, ran.stderr
    lines = [line.strip() for line in ran.stdout.splitlines()]
    assert "1/2: boards" in lines
    assert "2/2: entrance, windows, room" in lines
    assert lines.index("✓ boards: The update was successful") < lines.index("2/2: entrance, windows, room")
    assert fleet.versions() == ["1.1"] * 4
    assert not list(Path("/var/tmp").glob(f"*-{newer.name}"))
    again = fleet.push(newer)
    assert again.returncode == 0
    assert again.stdout.count("runs already") == 4


@pytest_sshd
def test_the_first_failure_stops_it_and_it_says_what_to_do(fleet: Fleet, hall: Hall) -> None:
    for node in fleet.nodes.values():
        node.tree.settings.write_text(node.tree.settings.read_text().replace("within = 20.0", "within = 4.0"))
    ran = fleet.push(hall.pack("1.2", "silent-device"))
    assert ran.returncode == 1
    assert "stopped; 3 nodes were left as they are" in ran.stderr
    assert "entrance: These do not answer: kiosk-1" in ran.stderr
    assert "look at that device's power and cable" in ran.stderr
    assert fleet.versions() == ["1.0"] * 4
    assert [node.state.get("last") is not None for node in fleet.nodes.values()] == [True, False, False, False]


@pytest_sshd
def test_a_node_that_is_not_there_and_a_key_that_is_not_allowed_are_said(fleet: Fleet, newer: Path, tmp_path: Path) -> None:
    text = fleet.hosts.read_text()
    fleet.hosts.write_text(text.replace(f"port = {fleet.server.port}", "port = 1"))
    gone = fleet.push(newer)
    assert "entrance: It cannot be reached by ssh" in gone.stderr
    assert "is the node on and plugged in" in gone.stderr
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "stranger")], check=True)
    fleet.hosts.write_text(text.replace(str(fleet.server.key), str(tmp_path / "stranger")))
    refused = fleet.push(newer)
    assert "entrance: It cannot be reached by ssh" in refused.stderr
    assert fleet.versions() == ["1.0"] * 4


@pytest_sshd
def test_a_bundle_that_is_not_the_halls_is_not_even_sent(fleet: Fleet, tmp_path: Path) -> None:
    ran = fleet.push(Hall.make(tmp_path / "elsewhere", "elsewhere").pack("1.1"))
    assert ran.returncode == 2
    assert "signed for another hall" in ran.stderr
    assert not any("last" in node.state for node in fleet.nodes.values())
