"""`hallware update stick`: what udev starts for a USB stick: look for an update of this hall, apply it, show the result."""

import argparse
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from hallware.commands import update_node
from provisioning.lamp import ACT, Lamp
from provisioning.update_bundle import anchor_of
from provisioning.update_guard import Busy, Tree
from provisioning.update_manifest import BadBundle
from provisioning.update_stick import JUST_STARTED, mounted, newest, show


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("device", type=Path, metavar="DEVICE|DIR", help="the stick's partition, or a folder where it is mounted")
    parser.add_argument("--lamp", type=Path, default=ACT, metavar="DIR", help=f"the lamp that shows the result (default: {ACT})")
    update_node.add_root(parser)


def run(args: argparse.Namespace) -> int:
    """Do it; 0 when there is nothing for this machine on the stick, too."""
    tree = Tree(args.root)
    os.umask(0o022)
    updating = update_node.updating(tree)
    try:
        with mounted(args.device, tree.opt / "stick") as folder:
            bundle = newest(folder, anchor_of(tree.etc / "updates/ca.crt"))
            if bundle is None:
                print("no update on this stick · U 盘上没有更新包")
                return 0
            outcome = updating.apply(bundle, again=_uptime() > JUST_STARTED)
    except BadBundle as bad:
        outcome = updating.refuse(bad)
    except Busy as busy:
        print(f"hallware update: {busy}", file=sys.stderr)
        return 1
    update_node.tell_end(outcome)
    show(outcome.result, Lamp(args.lamp, time.sleep))
    return update_node.CODES[outcome.result]


def _uptime() -> float:
    with suppress(OSError, ValueError, IndexError):
        return float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    return JUST_STARTED + 1
