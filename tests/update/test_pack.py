"""Packing: exactly what a node needs and all of it, by what the wheels ask for; what is missing or twice there is named."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hardware_sim.machine.recipe import DEBIANS
from provisioning.ca_folder import CaFolder
from provisioning.update_bundle import opened
from provisioning.update_guard import Tree
from provisioning.update_install import install
from provisioning.update_key import SigningFolder
from provisioning.update_manifest import SUFFIX, BadBundle
from provisioning.update_pack import Incomplete, Packing
from provisioning.wheels import SYSTEMS, best, raspberry, this_machine
from tests.update.stage import ROOT, Hall, now, pip
from tests.update.wheels import wheel

NEEDS = (
    'deep; extra == "node"', 'arm-only; extra == "node" and platform_machine == "aarch64"', 'web; extra == "controller"',
    'hallware[inner]; extra == "enrol"', 'sealed>=2; extra == "inner"',
)  # fmt: skip


def test_machine_and_scripts_know_the_same_releases_and_their_pythons() -> None:
    told = subprocess.check_output(
        ["bash", "-c", '. scripts/other_debian.sh; for suite in "${!python_of[@]}"; do echo "$suite ${python_of[$suite]}"; done'],
        text=True, cwd=ROOT,
    )  # fmt: skip
    scripts = {suite: tuple(map(int, python.split("."))) for suite, python in map(str.split, told.splitlines())}
    assert SYSTEMS == DEBIANS == scripts


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small Hallware, with wheels for this machine and for a Raspberry Pi."""
    folder = tmp_path / "wheels"
    wheel(folder, "hallware", "1.0", {"hw.py": ""}, requires=NEEDS)
    wheel(
        folder,
        "deep",
        "1.1",
        {"deep.py": ""},
        requires=("deeper<3; python_version >= '3.8'", "rpi-ws281x; sys_platform == 'linux'"),
    )
    wheel(folder, "deeper", "2.0", {"deeper.py": ""})
    wheel(folder, "sealed", "2.4", {"sealed.py": ""})
    wheel(folder, "web", "9.0", {"web.py": ""})
    wheel(folder, "arm_only", "1.0", {"arm.py": ""}, tag="cp311-cp311-manylinux_2_34_aarch64")
    shutil.copy(pip(), folder)
    return folder


def names(packing: Packing) -> set[str]:
    return {path.name.partition("-")[0] for path in packing.choose().wheels}


def test_what_a_node_needs_goes_in_and_nothing_of_the_controllers(house: Path) -> None:
    assert names(Packing(house, [this_machine()])) == {"hallware", "deep", "deeper", "sealed", "pip"}


def test_markers_are_judged_by_the_machine_that_it_is_for(house: Path) -> None:
    assert "arm_only" in names(Packing(house, [raspberry("bookworm")]))


def test_what_a_release_lacks_is_named_with_who_needs_it(house: Path) -> None:
    with pytest.raises(Incomplete, match="arm-only, for hallware: trixie"):
        Packing(house, [raspberry("bookworm"), raspberry("trixie")]).choose()
    next(house.glob("deeper-*")).unlink()
    with pytest.raises(Incomplete, match="deeper, for deep"):
        Packing(house, [this_machine()]).choose()


def test_a_version_that_nobody_wants_is_missing_too(house: Path) -> None:
    next(house.glob("sealed-*")).unlink()
    wheel(house, "sealed", "1.9", {"sealed.py": ""})
    with pytest.raises(Incomplete, match=r"sealed>=2, for hallware \(there is 1.9\)"):
        Packing(house, [this_machine()]).choose()


def test_two_versions_leave_open_which_is_meant(house: Path) -> None:
    wheel(house, "deep", "1.2", {"deep.py": ""})
    with pytest.raises(Incomplete, match=r"more than one version of: deep 1.1 and 1.2"):
        Packing(house, [this_machine()]).choose()


def test_an_empty_folder_lacks_hallware_and_pip(tmp_path: Path) -> None:
    with pytest.raises(Incomplete, match=r"pip: .*\n.*hallware: "):
        Packing(tmp_path, [this_machine()]).choose()


def test_of_two_wheels_the_closer_one_is_taken() -> None:
    pi = raspberry("bookworm")
    files = ["x-1-py3-none-any.whl", "x-1-cp311-cp311-manylinux_2_17_aarch64.whl", "x-1-cp313-cp313-manylinux_2_17_aarch64.whl"]
    assert best(files, pi)["x"].file == files[1]
    assert best(files, raspberry("trixie"))["x"].file == files[2]
    newer_glibc = "x-1-cp311-cp311-manylinux_2_40_aarch64.whl"
    assert pi.rank(newer_glibc) is None
    assert raspberry("trixie").rank("x-1-cp311-abi3-manylinux_2_28_aarch64.whl") is not None


def test_a_bundle_for_another_kind_of_machine_says_so(house: Path, hall: Hall, tmp_path: Path) -> None:
    out = tmp_path / "pi.hallware"
    Packing(house, [raspberry("bookworm")]).choose().write(out, hall.signer, now(), timedelta(days=1))
    with opened(out, hall.ca.certificate) as bundle, pytest.raises(BadBundle, match="it is for cp311-aarch64"):
        install(Tree(tmp_path / "tree"), bundle)


def command(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "hallware.main", "update", *words], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_the_commands_pack_verify_and_exchange_the_key(house: Path, tmp_path: Path) -> None:
    ca = CaFolder(tmp_path / "trust").make("centre", datetime.now(UTC))
    key, out = tmp_path / "updates", tmp_path / f"new{SUFFIX}"
    SigningFolder(key).make(ca, datetime.now(UTC))
    packing = ["pack", "--wheels", str(house), "--out", str(out), "--key", str(key), "--for"]
    lacking = command(*packing, "trixie")
    assert (lacking.returncode, "arm-only" in lacking.stderr, out.exists()) == (1, True, False)
    assert "hallware 1.0, 5 wheels" in command(*packing, "this").stdout
    verifying = ["verify", str(out), "--root", str(tmp_path / "none"), "--ca"]
    assert "✓ hallware 1.0 · centre" in command(*verifying, str(tmp_path / "trust/ca.crt")).stdout
    before = SigningFolder(key).open().certificate
    assert command("key", "--key", str(key), "--ca", str(tmp_path / "trust")).returncode == 0
    after = SigningFolder(key).open()
    assert after.certificate.public_key() != before.public_key()
    assert (key / "private/updates.key").stat().st_mode & 0o777 == 0o600
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (key / "private/updates.key").read_bytes()
