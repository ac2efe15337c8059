"""`hallware update verify | apply | status`: on a node, with what a node's extras install."""

import argparse
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from firmware.last_update import LastUpdate
from hallware.commands.client import language, spoken
from hallware.main import UsageProblem
from provisioning.update_apply import Outcome, Step, Updating, running
from provisioning.update_bundle import anchor_of, opened
from provisioning.update_guard import Busy, Tree
from provisioning.update_manifest import BadBundle
from provisioning.update_rules import Floor, refuse_stale
from provisioning.update_settings import update_settings

STEPS: dict[Step, tuple[str, str]] = {
    "verify": ("验证签名", "looking at the signature"),
    "install": ("离线安装新版本，现用版本继续运行", "installing beside what runs"),
    "switch": ("切换版本并重启程序", "switching over"),
    "judge": ("观察新版本：服务器、回声、设备", "watching the new version: broker, echo, devices"),
    "prune": ("清理旧版本", "taking old releases away"),
}
RESULTS = {
    "kept": ("已更新", "updated"),
    "returned": ("已恢复原版本", "went back to the version before"),
    "refused": ("未更新", "not updated"),
    "trying": ("试运行中", "on trial"),
}
CODES = {"kept": 0, "trying": 0, "refused": 1, "returned": 3}


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The command line."""
    if name != "status":
        parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the file that `hallware update pack` made")
    if name == "verify":
        parser.add_argument("--ca", type=Path, metavar="ca.crt", help="the hall's CA (default: what this node was enrolled with)")
    if name == "apply":
        parser.add_argument("--older", action="store_true", help="take a bundle that is older than what runs")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    add_root(parser)


def add_root(parser: argparse.ArgumentParser) -> None:
    """Of every command that looks at a machine's releases."""
    parser.add_argument(
        "--root", type=Path, default=Path("/"), metavar="DIR", help="where the machine's tree begins (default: /)"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; 0 when it runs, 1 when nothing was changed, 3 when the node went back."""
    return {"verify": _verify, "apply": _apply, "status": _status}[args.does](args)


def _verify(args: argparse.Namespace) -> int:
    tree = Tree(args.root)
    own = tree.etc / "updates/ca.crt"
    try:
        with opened(args.bundle, anchor_of(args.ca or own)) as bundle:
            bundle.unpack(None)
            manifest = bundle.manifest
            refuse_stale(bundle.signed, Floor.read(tree.read()), running(tree), datetime.now(UTC))
    except BadBundle as bad:
        print(f"✗ {bad.what.within(language())}", file=sys.stderr)
        return 1
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(manifest), indent=2).decode())
    else:
        megabytes = sum(wheel.size for wheel in manifest.wheels) / 2**20
        made, until = manifest.made.astimezone(), manifest.not_after.astimezone()
        print(f"✓ hallware {manifest.version} · {manifest.hall} · {made:%Y-%m-%d %H:%M} – {until:%Y-%m-%d}")
        print(f"  {len(manifest.wheels)} wheels, {megabytes:.1f} MB")
    return 0


def _apply(args: argparse.Namespace) -> int:
    # Whoever started this by ssh may lose the line; what has been begun comes to its end all the same.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.umask(0o022)
    tree = Tree(args.root)
    try:
        outcome = updating(tree).apply(args.bundle, older=args.older)
    except Busy as busy:
        raise UsageProblem(f"{busy}; wait until it is over: hallware update status") from busy
    except OSError as problem:
        raise UsageProblem(f"{problem.filename or tree.opt}: {problem.strerror}; run this with sudo") from problem
    if args.json:
        _say(msgspec.json.encode(outcome).decode())
    else:
        tell_end(outcome)
    return CODES[outcome.result]


def updating(tree: Tree) -> Updating:
    """The updater of this machine, which tells how far it is."""
    return Updating(
        tree=tree, settings=update_settings(tree), now=lambda: datetime.now(UTC), monotonic=time.monotonic, sleep=time.sleep,
        tell=_tell,
    )  # fmt: skip


def _tell(step: Step) -> None:
    _say(f"… {spoken(STEPS[step])}")


def tell_end(outcome: Outcome) -> None:
    """What became of it, in the language of whoever reads."""
    word = spoken(RESULTS[outcome.result])
    _say(f"{'✓' if outcome.result == 'kept' else '✗'} {word} · {outcome.version} · {outcome.what.within(language())}")


def _say(words: str) -> None:
    """Say it, if anybody still listens."""
    try:
        print(words, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  for the rest of this process


NO_RELEASE = ("本机没有由制卡或更新安装的版本", "no release from a card or an update is on this machine; updates are for nodes")


def _status(args: argparse.Namespace) -> int:
    tree = Tree(args.root)
    name, last = tree.current, LastUpdate(tree.state, lambda: None).report
    if args.json:
        print(msgspec.json.encode({"current": name, "version": running(tree), "releases": tree.whole(), "last": last}).decode())
        return 0
    if name is None and last is None:
        print(spoken(NO_RELEASE))
    for release in tree.whole():
        print(f"{'→' if release == name else ' '} {release}")
    if last is not None:
        at, what = last.at.astimezone(), last.what.within(language())
        print(f"{at:%Y-%m-%d %H:%M} {last.version}: {spoken(RESULTS[last.result])} · {what}")
    return 0 if name is not None else 1
