"""Installing a release beside the others, offline, from the wheels of a bundle; it is there to its end or not at all."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.plain import plain
from provisioning.update_bundle import Bundle
from provisioning.update_guard import Tree, prune, put, settle
from provisioning.update_manifest import BadBundle, Manifest, Signed
from provisioning.wheels import Found, best, this_machine

SPARE = 48 * 1024 * 1024
"""Bytes that an update leaves free, for the outbox and the journal."""
COMPILED = 2.2
"""Python's compiled files take about as much again as what they are made from."""
INCOMING = "incoming"
"""The folder of the wheels that are being installed."""
PIP_WITHIN = 1200.0
TRIED_WITHIN = 60.0

PIP = (
    "install", "--no-index", "--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--isolated",
    "--no-warn-script-location", "--root-user-action=ignore", "--quiet",
)  # fmt: skip


def install(tree: Tree, bundle: Bundle) -> None:
    """Make the bundle's release. Raises `BadBundle`; then nothing of it is left."""
    name = bundle.signed.release
    if tree.is_whole(name):
        bundle.unpack(None)
        return
    wheels = _chosen(bundle.manifest)
    _make_room(tree, bundle.manifest)
    with _incoming(tree) as incoming, _all_or_nothing(tree.releases / name):
        bundle.unpack(incoming)
        _fill(tree.releases / name, incoming, wheels)
        _try_out(tree, tree.releases / name, bundle.manifest.version)
        _finish(tree.releases / name, bundle.signed)


def _chosen(manifest: Manifest) -> dict[str, Found]:
    """Of each project the wheel for this machine."""
    here = this_machine()
    chosen = best((wheel.name for wheel in manifest.wheels), here)
    if here.key not in manifest.machines or not {"hallware", "pip"} <= chosen.keys():
        there = ", ".join(manifest.machines)
        raise BadBundle(
            "no-wheels",
            f"更新包不适用于本机（{here.name}），只适用于 {there}",
            f"The bundle is not for this machine ({here.name}); it is for {there}",
        )
    if chosen["hallware"].version != manifest.version:
        raise BadBundle(
            "bad-manifest", "清单与程序版本不符", f"The bundle says {manifest.version} and has {chosen['hallware'].file}"
        )
    return chosen


def needed(manifest: Manifest) -> int:
    """Bytes that must be free: the wheels, and what becomes of them."""
    return int(sum(wheel.size + COMPILED * wheel.unpacked for wheel in manifest.wheels)) + SPARE


def _make_room(tree: Tree, manifest: Manifest) -> None:
    """See that there is room enough; older releases go when there is not. Raises `BadBundle`."""
    shutil.rmtree(tree.opt / INCOMING, ignore_errors=True)  # of an update that was cut off
    tree.releases.mkdir(parents=True, exist_ok=True)
    need = needed(manifest)
    if shutil.disk_usage(tree.opt).free < need and tree.current is not None:
        prune(tree, {tree.current})
    if (free := shutil.disk_usage(tree.opt).free) < need:
        lacks = (need - free) // 2**20 + 1
        raise BadBundle(
            "disk-full",
            f"存储空间不足，还缺 {lacks} MB；请换用更大的存储卡",
            f"{lacks} MB more must be free; use a larger card, or clear this one",
        )


@contextmanager
def _incoming(tree: Tree) -> Iterator[Path]:
    """A folder for the wheels, which nobody else can write to."""
    folder = tree.opt / INCOMING
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _all_or_nothing(release: Path) -> Iterator[None]:
    """Take away what is there of a release when it does not come to its end."""
    shutil.rmtree(release, ignore_errors=True)
    try:
        yield
    except OSError as error:
        shutil.rmtree(release, ignore_errors=True)
        if error.errno == errno.ENOSPC:
            raise _full() from error
        raise
    except BaseException:
        shutil.rmtree(release, ignore_errors=True)
        raise


def _fill(release: Path, incoming: Path, wheels: dict[str, Found]) -> None:
    """A virtual environment with exactly these wheels: what belongs together was decided when the bundle was packed."""
    temporary = incoming / "tmp"
    temporary.mkdir()
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(temporary), "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8"}
    _run([sys.executable, "-I", "-m", "venv", "--without-pip", str(release)], environment, release)
    program, pip = str(release / "bin/python"), str(incoming / wheels["pip"].file / "pip")
    files = [str(incoming / wheel.file) for project, wheel in sorted(wheels.items()) if project != "pip"]
    _run([program, "-I", pip, *PIP, *files], environment, release)


def _run(words: list[str], environment: dict[str, str], release: Path) -> None:
    try:
        ran = subprocess.run(
            words, capture_output=True, text=True, errors="replace", check=False, timeout=PIP_WITHIN, env=environment, cwd="/"
        )
    except subprocess.TimeoutExpired as error:
        raise BadBundle("install-failed", "安装超时", f"Installing took longer than {PIP_WITHIN:.0f} s") from error
    if ran.returncode:
        if shutil.disk_usage(release.parent).free < 2**20:
            raise _full()
        said = (ran.stderr or ran.stdout).strip().splitlines()
        why = plain(said[-1]) if said else f"exit code {ran.returncode}"
        raise BadBundle("install-failed", f"安装失败：{why}", f"The wheels could not be installed: {why}")


def _try_out(tree: Tree, release: Path, version: str) -> None:
    """Whether the program starts at all and takes this node's settings, before anything is stopped for it."""
    program = str(release / "bin/hallware")
    said = _said([program, "--version"])
    if said.split()[-1:] != [version]:
        raise BadBundle("does-not-start", f"新版本无法启动：{said}", f"The new program does not start: {said}")
    settings = tree.etc / "node.toml"
    if settings.exists():
        _said([program, "check", str(settings)], "bad-settings", "新版本不接受 node.toml", "The new program refuses node.toml")


def _said(
    words: list[str], code: str = "does-not-start", zh: str = "新版本无法启动", en: str = "The new program does not start"
) -> str:
    try:
        ran = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, timeout=TRIED_WITHIN)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadBundle(code, zh, f"{en}: {plain(str(error))}") from error
    if ran.returncode:
        why = plain(" ".join((ran.stderr or ran.stdout).strip().splitlines()[-1:]))
        raise BadBundle(code, f"{zh}：{why}", f"{en}: {why}")
    return plain(ran.stdout.strip())


def _finish(release: Path, signed: Signed) -> None:
    """Everything is on the disk before the file is that says so."""
    os.sync()
    about = {"version": signed.manifest.version, "digest": signed.digest, "made": signed.manifest.made.isoformat()}
    put(release / "release.json", json.dumps(about).encode())
    settle(release.parent)


def _full() -> BadBundle:
    return BadBundle("disk-full", "安装过程中存储空间已满", "The disk was full in the middle of the installation")
