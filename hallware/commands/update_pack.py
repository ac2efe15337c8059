"""`hallware update pack | key`: on the hall's machine, where the key for updates is."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hallware.commands import typed
from hallware.main import UsageProblem
from provisioning.update_manifest import SUFFIX, BadBundle
from provisioning.wheels import SYSTEMS, Target, raspberry, this_machine

# A node has this command too, and nothing that keeps the hall's keys or asks for a passphrase.
if TYPE_CHECKING:
    from provisioning.update_key import Signer

FOLDER, TRUST = Path("/etc/hallware/updates"), Path("/etc/hallware/trust")
GOOD_FOR = 90


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--key", type=Path, default=FOLDER, metavar="DIR", help=f"the key for updates (default: {FOLDER})")
    if name == "key":
        parser.add_argument("--ca", type=Path, default=TRUST, metavar="DIR", help=f"the hall's CA (default: {TRUST})")
        return
    parser.add_argument("--wheels", type=Path, required=True, metavar="DIR", help="the wheels of Hallware and all that it needs")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"default: hallware-VERSION{SUFFIX} here")
    parser.add_argument(
        "--for", dest="targets", action="append", choices=[*SYSTEMS, "this"], metavar="SYSTEM",
        help=f"{', '.join(SYSTEMS)}: Raspberry Pi OS; this: a machine like this one (default: {', '.join(SYSTEMS)})",
    )  # fmt: skip
    parser.add_argument(
        "--good-for", type=typed.whole(1, 3650), default=GOOD_FOR, metavar="DAYS", help=f"then it expires (default: {GOOD_FOR})"
    )
    parser.add_argument("--older", action="store_true", help="nodes may go back with it to an older version")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when something is missing."""
    return _new_key(args) if args.does == "key" else _pack(args)


def _new_key(args: argparse.Namespace) -> int:
    from provisioning.ca_folder import CaFolder
    from provisioning.sealed import CannotOpen
    from provisioning.update_key import SigningFolder

    ask = _ask if sys.stdin.isatty() else None
    folder = CaFolder(args.ca)
    try:
        phrase = ask() if ask is not None and folder.opened_by == "passphrase" else None
        ca = folder.open(None if phrase is None else lambda: phrase)
        signer = SigningFolder(args.key).make(ca, datetime.now(UTC), passphrase=phrase)
    except CannotOpen as problem:
        print(f"hallware update: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        raise UsageProblem(f"{problem.filename or args.key}: {problem.strerror}; run this with sudo") from problem
    print(f"✓ {args.key}: a new key, good until {signer.certificate.not_valid_after_utc:%Y-%m-%d} · 已更换更新签名密钥")
    print("  Push an update to every node now: from then on it takes nothing that the old key has signed.")
    print("  请立即向所有节点推送一次更新，此后旧密钥签名的更新包一律无效。")
    return 0


def _pack(args: argparse.Namespace) -> int:
    from provisioning.sealed import CannotOpen
    from provisioning.update_pack import Incomplete, Packing

    if not args.wheels.is_dir():
        raise UsageProblem(f"{args.wheels}: there is no such folder")
    packing = Packing(args.wheels, [_target(name) for name in args.targets or SYSTEMS])
    try:
        packed = packing.choose()
        out = args.out or Path(f"hallware-{packed.version}{SUFFIX}")
        manifest = packed.write(out, _signer(args.key), datetime.now(UTC), timedelta(days=args.good_for), older=args.older)
    except (Incomplete, CannotOpen, BadBundle) as problem:
        print(f"hallware update: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        raise UsageProblem(f"{problem.filename or args.out}: {problem.strerror}") from problem
    megabytes = out.stat().st_size / 2**20
    print(f"✓ {out}: hallware {manifest.version}, {len(manifest.wheels)} wheels, {megabytes:.1f} MB, {manifest.hall}")
    print(f"  good until · 有效期至 {manifest.not_after:%Y-%m-%d}")
    return 0


def _target(name: str) -> Target:
    return this_machine() if name == "this" else raspberry(name)


def _signer(folder: Path) -> "Signer":
    from provisioning.update_key import SigningFolder

    return SigningFolder(folder).open(_ask if sys.stdin.isatty() else None)


def _ask() -> str:
    return typed.secret("passphrase · 口令: ")
