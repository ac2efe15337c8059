"""A USB stick: what is this hall's is applied, what is not is refused, and the lamp tells which it was."""

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from contract.updating import UpdateResult
from hallware.commands.update_node import updating
from provisioning.lamp import PAUSE, Lamp
from provisioning.update_stick import JUST_STARTED, SHOWN, show
from tests.runtime.waiting import until
from tests.update.stage import ROOT, Hall, Node, now


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    (folder / "hallware").mkdir(parents=True)
    (folder / "holiday.jpg").write_bytes(b"\xff\xd8")
    return folder


def plugged(node: Node, stick: Path, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """What udev starts."""
    words = [sys.executable, "-m", "hallware.main", "update", "stick", str(stick), "--root", str(node.root)]
    return subprocess.run(
        [*words, "--lamp", str(tmp_path / "lamp")], capture_output=True, text=True, check=False, cwd=ROOT,
        env=os.environ | {"LC_ALL": "C"},
    )  # fmt: skip


def test_the_newest_bundle_of_this_hall_is_applied(
    node: Node, hall: Hall, first: Path, newer: Path, stick: Path, tmp_path: Path
) -> None:
    shutil.copy(newer, stick / "hallware")
    shutil.copy(first, stick)
    shutil.copy(Hall.make(tmp_path / "elsewhere", "elsewhere").pack("9.9"), stick)
    with node.running():
        asyncio.run(until(node.runs))
        ran = plugged(node, stick, tmp_path)
        assert (ran.returncode, node.runs()) == (0, "1.1"), ran.stderr
    assert node.last == ("1.1", "kept", "ok")


def test_a_stick_with_holiday_pictures_is_nothing_to_a_node(node: Node, stick: Path, tmp_path: Path) -> None:
    ran = plugged(node, stick, tmp_path)
    assert ran.returncode == 0
    assert "no update on this stick" in ran.stdout
    assert "last" not in node.state


def test_another_halls_stick_is_refused_and_the_hall_sees_it(node: Node, stick: Path, tmp_path: Path) -> None:
    shutil.copy(Hall.make(tmp_path / "elsewhere", "elsewhere").pack("9.9"), stick)
    assert plugged(node, stick, tmp_path).returncode == 1
    assert node.last[1:] == ("refused", "other-hall")


def test_a_stolen_old_stick_takes_no_node_back(node: Node, hall: Hall, stick: Path, tmp_path: Path) -> None:
    shutil.copy(hall.pack("0.9", made=now() - timedelta(hours=1)), stick)
    assert plugged(node, stick, tmp_path).returncode == 1
    assert node.last[1:] == ("refused", "older")


@pytest.mark.parametrize(("result", "group"), [("kept", 1), ("refused", 2), ("returned", 3)])
def test_the_lamp_tells_what_became_of_it(tmp_path: Path, result: UpdateResult, group: int) -> None:
    (tmp_path / "trigger").write_text("none [mmc0]")
    lit: list[bool] = []
    show(result, Lamp(tmp_path, lambda seconds: lit.append(seconds < PAUSE and (tmp_path / "brightness").read_text() == "1")))
    groups = "".join("1" if on else "0" for on in lit).split("00")
    assert {one.count("1") for one in groups if one} == {group}
    assert sum(lit) == 5 * group * SHOWN
    assert (tmp_path / "trigger").read_text() == "mmc0", "the lamp is given back"


def test_what_went_back_is_not_tried_again_by_a_stick_that_stayed_in(node: Node, hall: Hall) -> None:
    bundle = hall.pack("1.2", "no-echo")
    with node.running():
        asyncio.run(until(node.runs))
        node.tree.settings.write_text(node.tree.settings.read_text().replace("within = 20.0", "within = 2.0"))
        assert node.apply(bundle)[1]["code"] == "no-echo"
        assert updating(node.tree).apply(bundle, again=False).code == "went-back"
        assert node.apply(bundle)[1]["code"] == "no-echo", "a person may try again"
    assert JUST_STARTED > 60


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mkfs.vfat", path="/usr/sbin:/sbin:/usr/bin") is None, reason="needs root and dosfstools"
)
def test_a_real_file_system_is_mounted_so_that_nothing_on_it_runs(node: Node, newer: Path, tmp_path: Path) -> None:
    image = tmp_path / "stick.img"
    with image.open("wb") as out:
        out.truncate(8 * 2**20)
    subprocess.run(["/usr/sbin/mkfs.vfat", str(image)], check=True, capture_output=True)
    if shutil.which("mcopy") is None:
        pytest.skip("needs mtools")
    subprocess.run(["mcopy", "-i", str(image), str(newer), "::"], check=True)
    loop = subprocess.run(["losetup", "--find", "--show", str(image)], capture_output=True, text=True, check=False)
    if loop.returncode:
        pytest.skip("no loop devices here")
    try:
        with node.running():
            asyncio.run(until(node.runs))
            ran = plugged(node, Path(loop.stdout.strip()), tmp_path)
            if "cannot be read" in ran.stdout:
                pytest.skip("this kernel knows no vfat")
            assert node.runs() == "1.1"
    finally:
        subprocess.run(["losetup", "-d", loop.stdout.strip()], check=True)
