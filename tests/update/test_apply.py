"""An update is tried and kept when the new program is well, and in every other case the version before runs again."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.pem import pem
from provisioning.update_bundle import opened
from provisioning.update_install import needed
from tests.runtime.waiting import until
from tests.update.stage import ROOT, Hall, Node, now

BEFORE = "1.0"


@contextmanager
def at_work(node: Node) -> Iterator[None]:
    """The program of the card runs and is well."""
    with node.running():
        asyncio.run(until(lambda: node.runs() == BEFORE))
        yield


def test_a_well_update_stays_and_the_release_before_is_kept(node: Node, newer: Path) -> None:
    with at_work(node):
        assert node.apply(newer)[0] == 0
        assert node.runs() == node.says == "1.1"
    assert node.last == ("1.1", "kept", "ok")
    assert [name.partition("-")[0] for name in node.tree.whole()] == ["1.1", "1.0"]
    assert "trying" not in node.state
    assert not node.tree.mark.exists()
    assert not (node.tree.opt / "incoming").exists()


@pytest.mark.parametrize(
    ("behaves", "code"),
    [
        ("dies", "died"), ("hangs", "no-start"), ("no-echo", "no-echo"), ("no-controller", "no-controller"),
        ("silent", "device-silent"), ("silent-device", "device-silent"),
    ],
)  # fmt: skip
def test_a_program_that_is_not_well_goes_and_the_one_before_runs_again(node: Node, hall: Hall, behaves: str, code: str) -> None:
    bundle = hall.pack("1.2", behaves)
    with at_work(node):
        node.settle(restart=json_restart(node), within=4.0)
        returned, said = node.apply(bundle)
        assert (returned, said["result"], said["code"]) == (3, "returned", code)
        asyncio.run(until(lambda: node.runs() == BEFORE))
    assert node.last == ("1.2", "returned", code)
    assert node.says == BEFORE
    assert len(node.tree.whole()) == 1, "what did not stay takes no room"


@pytest.mark.parametrize(("behaves", "code"), [("does-not-start", "does-not-start"), ("refuses", "bad-settings")])
def test_what_does_not_start_or_refuses_the_settings_is_never_switched_to(
    node: Node, hall: Hall, behaves: str, code: str
) -> None:
    with at_work(node):
        session = node.session()
        assert node.apply(hall.pack("1.2", behaves))[1]["code"] == code
        assert node.session() == session, "nothing was stopped for it"
    assert node.last == ("1.2", "refused", code)
    assert node.tree.whole() == [node.tree.current]


def test_nothing_is_begun_while_the_hall_is_not_reached(node: Node, hall: Hall, newer: Path) -> None:
    with node.running():
        asyncio.run(until(lambda: node.runs() == BEFORE))
        away = json.loads((node.root / "run/hallware/wellness.json").read_bytes()) | {"echo": False, "at": time.monotonic() + 60}
        node.settle(restart=["true"])
        (node.tree.settings).write_text(node.tree.settings.read_text() + 'wellness = "away.json"\n')
        (node.root / "away.json").write_text(json.dumps(away))
        assert node.apply(newer)[1]["code"] == "hall-away"
    assert node.says == BEFORE


def test_a_tampered_a_foreign_an_expired_and_an_older_bundle_change_nothing(
    node: Node, hall: Hall, first: Path, newer: Path, tmp_path: Path
) -> None:
    content = bytearray(newer.read_bytes())
    content[-500] ^= 1
    (tmp_path / "tampered").write_bytes(content)
    (tmp_path / "truncated").write_bytes(newer.read_bytes()[:-500])
    foreign = Hall.make(tmp_path / "elsewhere", "elsewhere").pack("1.1")
    expired = hall.pack("1.1", made=now().replace(year=now().year - 1))
    codes = {"tampered": "bad-wheel", "truncated": "too-short"}
    with at_work(node):
        session = node.session()
        refused = [
            node.apply(bundle)[1]
            for bundle in (tmp_path / "tampered", tmp_path / "truncated", foreign, expired, hall.pack("0.9"))
        ]
        assert [one["code"] for one in refused] == [*codes.values(), "other-hall", "signer-expired", "older"]
        assert node.session() == session
    assert node.says == BEFORE
    assert node.last == ("0.9", "refused", "older")


def test_an_older_version_is_taken_when_somebody_at_the_machine_asks(node: Node, hall: Hall) -> None:
    back = hall.pack("0.9")
    with at_work(node):
        assert node.apply(back)[1]["code"] == "older"
        assert node.apply(back, "--older")[0] == 0
        assert node.runs() == "0.9"


def test_a_machine_that_never_enrolled_takes_nothing(node: Node, newer: Path) -> None:
    (node.tree.etc / "updates/ca.crt").unlink()
    assert node.apply(newer)[1]["code"] == "no-anchor"


def test_the_node_itself_cannot_choose_whom_it_believes(node: Node, tmp_path: Path) -> None:
    """Whoever has broken into the node's program may write to its identity, and not to the anchor of updates."""
    mine = Hall.make(tmp_path / "mine", "centre")
    (node.tree.etc / "identity").mkdir()
    (node.tree.etc / "identity/ca.crt").write_text(pem(mine.ca.certificate))
    assert node.apply(mine.pack("9.9"))[1]["code"] == "other-hall"


def test_the_same_bundle_again_is_no_update(node: Node, first: Path) -> None:
    with at_work(node):
        session = node.session()
        assert node.apply(first) == (0, {"version": "1.0", "result": "kept", "code": "already",
                                         "what": {"zh": "此版本已在运行", "en": "This very bundle runs already"}})  # fmt: skip
        assert node.session() == session


def test_only_one_update_at_a_time(node: Node, newer: Path) -> None:
    with node.tree.held():
        ran = subprocess.run(node.words(newer), capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 2
    assert "another update is under way" in ran.stderr


def test_whoever_lost_the_line_finds_the_update_done(node: Node, newer: Path) -> None:
    with at_work(node):
        line, end = os.pipe()
        child = subprocess.Popen(node.words(newer), stdout=end, cwd=ROOT, start_new_session=True)
        os.close(end)
        os.read(line, 1)
        os.close(line)
        os.killpg(child.pid, 1)
        assert child.wait(60) == 0
        assert node.runs() == "1.1"


def test_a_full_disk_is_noticed_before_anything_is_stopped(node: Node, hall: Hall, newer: Path, tmp_path: Path) -> None:
    with opened(newer, hall.ca.certificate) as bundle:
        needs = needed(bundle.manifest)
    with small_disk(node, tmp_path, needs // 2**20 - 16) as small:
        code, said = small.apply(newer)
        assert (code, said["code"]) == (1, "disk-full")
        assert "MB" in said["what"]["en"]
        assert small.says == BEFORE


def test_a_disk_that_fills_up_in_the_middle_leaves_what_was_there(node: Node, hall: Hall, newer: Path, tmp_path: Path) -> None:
    with opened(newer, hall.ca.certificate) as bundle:
        needs = needed(bundle.manifest)
    with small_disk(node, tmp_path, needs // 2**20 + 24) as small:
        child = subprocess.Popen(small.words(newer), stdout=subprocess.PIPE, text=True, cwd=ROOT)
        asyncio.run(until(lambda: (small.tree.opt / "incoming").exists()))
        hog = small.root / "hog"
        subprocess.run(["dd", "if=/dev/zero", f"of={hog}", "bs=64k"], stderr=subprocess.DEVNULL, check=False)
        said = json.loads(child.communicate(timeout=60)[0].splitlines()[-1])
        hog.unlink()
        assert said["code"] == "disk-full"
        assert small.says == BEFORE
        assert len(list(small.tree.releases.iterdir())) == 1
        assert not (small.tree.opt / "incoming").exists()
        assert small.apply(newer)[1]["code"] == "no-start", (
            "with room again it is tried again; nothing runs here that could be well"
        )


@contextmanager
def small_disk(node: Node, tmp_path: Path, megabytes: int) -> Iterator[Node]:
    """The node on a disk of its own, with about so much free."""
    place = tmp_path / "small"
    place.mkdir()
    used = sum(path.stat().st_size for path in node.root.rglob("*") if path.is_file()) // 2**20 + 8
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={used + megabytes}m", "t", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nobody may mount here")
    try:
        shutil.copytree(node.root, place / "tree", symlinks=True)
        small = Node(place / "tree")
        small.settle(restart=["true"], within=1.0)
        yield small
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def json_restart(node: Node) -> list[str]:
    """How the program of this node is started anew."""
    line = node.tree.settings.read_text().splitlines()[0]
    return [str(word) for word in json.loads(line.partition(" = ")[2])]


def test_what_is_running_is_told_by_status(node: Node, newer: Path) -> None:
    with at_work(node):
        node.apply(newer)
    words = [sys.executable, "-m", "hallware.main", "update", "status", "--root", str(node.root)]
    told = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | {"LC_ALL": "zh_CN.UTF-8"})
    assert f"→ {node.tree.current}" in told.stdout
    assert "1.1: 已更新 · 更新成功" in told.stdout
