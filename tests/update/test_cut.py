"""However and whenever an update is cut off, there is the old version or the new one afterwards, and never an unjudged one."""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from provisioning.update_bundle import opened
from provisioning.update_guard import Tree, begin, guard
from provisioning.update_install import install
from tests.runtime.waiting import until
from tests.update.stage import ROOT, Hall, Node, copied, now

POINTS, INSTALLED_POINTS = 25, 13
"""So many times an update is about to change something, and so many where the release was installed before."""
INSTALLING = (2, 5, 6, 8, 9, 10, 11, 13, 14, 15)
"""Points of the first half; those of the second are all tried on a node that has the release already, which is quicker."""


@pytest.fixture(scope="module")
def with_newer(installed: Node, hall: Hall, newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node on which the new release is whole and not in force; not to be changed."""
    found = copied(installed, tmp_path_factory.mktemp("prepared"))
    with opened(newer, hall.ca.certificate) as bundle:
        install(found.tree, bundle)
    return found


@pytest.fixture
def prepared(with_newer: Node, tmp_path: Path) -> Node:
    """One of those of one's own."""
    return copied(with_newer, tmp_path)


def cut(node: Node, bundle: Path, number: int) -> tuple[int, str]:
    """Update, and kill the updater at this point; its exit code and what it said on standard error."""
    python, _, _, *words = node.words(bundle)
    cutting = [python, "-m", "tests.update.cut", str(number), str(node.root), *words]
    ran = subprocess.run(cutting, capture_output=True, text=True, check=False, cwd=ROOT)
    return ran.returncode, ran.stderr


def points(node: Node, bundle: Path) -> list[str]:
    """All that an update is about to change, in order."""
    with node.running():
        asyncio.run(until(node.runs))
        code, said = cut(node, bundle, 0)
    assert code == 0
    return [line for line in said.splitlines() if line.startswith("cut ")]


def test_all_points_are_known(node: Node, newer: Path) -> None:
    assert len(there := points(node, newer)) == POINTS, "\n".join(there)


def test_all_points_after_the_installation_are_known(prepared: Node, newer: Path) -> None:
    assert len(there := points(prepared, newer)) == INSTALLED_POINTS, "\n".join(there)


@pytest.mark.parametrize("number", INSTALLING)
def test_killed_while_it_installs_it_is_the_old_version(node: Node, newer: Path, number: int) -> None:
    killed(node, newer, number, after="1.0")


@pytest.mark.parametrize("number", range(1, INSTALLED_POINTS + 1))
def test_killed_at_any_later_point_it_is_the_old_version_or_a_judged_new_one(prepared: Node, newer: Path, number: int) -> None:
    killed(prepared, newer, number, after="1.1" if number == INSTALLED_POINTS else "1.0")


def killed(node: Node, bundle: Path, number: int, *, after: str) -> None:
    """Kill the updater there, let the guard look, and see that this version runs."""
    with node.running():
        asyncio.run(until(node.runs))
        assert cut(node, bundle, number)[0] == -signal.SIGKILL
        assert node.says in ("1.0", "1.1"), "between the kill and the guard there is no moment without a program"
        node.boot()
        assert node.says == after
        asyncio.run(until(lambda: node.runs() == after))
    assert "trying" not in node.state
    assert not node.tree.mark.exists()
    assert node.tree.is_whole(str(node.tree.current))


@pytest.mark.parametrize("number", [10, 14, 21])
def test_the_next_try_after_a_cut_comes_to_its_end(node: Node, newer: Path, number: int) -> None:
    with node.running():
        asyncio.run(until(node.runs))
        cut(node, newer, number)
        asyncio.run(until(node.runs))  # a cut amid a restart: nothing is begun while the hall is not reached
        code, said = node.apply(newer)
        assert code == 0, f"without anybody having looked after it in between: {said}"
        assert node.runs() == node.says == "1.1"
    assert len(list(node.tree.releases.iterdir())) == 2


@pytest.mark.parametrize("after", [0.2, 0.7])
def test_killed_with_all_its_children_in_the_middle_of_installing(node: Node, newer: Path, after: float) -> None:
    child = subprocess.Popen(node.words(newer), cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    asyncio.run(until(lambda: len(list(node.tree.releases.iterdir())) > 1))
    begun = time.monotonic()
    asyncio.run(until(lambda: time.monotonic() - begun > after))
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    node.boot()
    assert node.says == "1.0"
    assert node.tree.whole() in ([node.tree.current], [*(set(node.tree.whole()) - {node.tree.current}), node.tree.current])


def test_a_machine_that_loses_its_power_on_trial_comes_back_with_the_version_before(node: Node, hall: Hall) -> None:
    """The program of the new version is never well, so it is on trial when the machine dies."""
    bundle = hall.pack("1.3", "no-echo")
    with node.running():
        asyncio.run(until(node.runs))
        child = subprocess.Popen(node.words(bundle), cwd=ROOT, stdout=subprocess.DEVNULL)
        asyncio.run(until(lambda: node.says == "1.3" and node.state.get("trying")))
        child.kill()
        child.wait()
    state = node.state
    state["trying"]["boot"] = "of the boot before"
    node.tree.write(state)
    assert "not confirmed" in node.boot()
    assert node.last == ("1.3", "returned", "power-cut")
    assert node.says == "1.0"
    assert "nothing was to be done" in node.boot()


def test_the_guard_lets_a_living_updater_judge(node: Node, hall: Hall) -> None:
    bundle = hall.pack("1.3", "no-echo")
    with node.running():
        asyncio.run(until(node.runs))
        child = subprocess.Popen(node.words(bundle), cwd=ROOT, stdout=subprocess.DEVNULL)
        asyncio.run(until(lambda: node.state.get("trying")))
        assert "is being judged" in node.boot()
        child.kill()
        child.wait()
        assert "not confirmed" in node.boot()
        asyncio.run(until(lambda: node.runs() == "1.0"))
    assert node.last == ("1.3", "returned", "updater-died")


def test_a_link_to_nothing_is_mended(node: Node) -> None:
    whole = str(node.tree.current)
    node.tree.switch("9.9-gone")
    assert f"now it is {whole}" in node.boot()
    node.tree.link.unlink()
    assert f"now it is {whole}" in node.boot()
    assert node.says == "1.0"


def test_where_the_version_before_is_damaged_the_new_one_stays(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for name in ("1.0-a", "1.1-b"):
        (tree.releases / name).mkdir(parents=True)
    (tree.releases / "1.1-b/release.json").write_text("{}")
    begin(tree, "1.1", "1.1-b", "1.0-a", now())
    tree.switch("1.1-b")
    tree.etc.mkdir(parents=True)
    tree.settings.write_text('restart = ["true"]')
    guard(tree, now())
    assert tree.current == "1.1-b"
    assert tree.read()["last"]["code"] == "no-way-back"


def test_the_guard_needs_nothing_of_ours(tmp_path: Path) -> None:
    """It runs where only its own file is, as it will lie on a node."""
    lone = tmp_path / "usr/lib/update_guard.py"
    lone.parent.mkdir(parents=True)
    lone.write_text((ROOT / "provisioning/update_guard.py").read_text())
    ran = subprocess.run(["python3", "-I", "-S", str(lone), str(tmp_path)], capture_output=True, text=True, check=True, cwd="/")
    assert "nothing was to be done" in ran.stderr
