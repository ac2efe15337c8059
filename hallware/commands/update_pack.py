"""`hallware update pack | key`: on the hall's machine, where the key for updates is."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.prompt import Prompt

from hallware.main import UsageProblem
from provisioning.sealed import CannotOpen
from provisioning.update_key import Signer, SigningFolder
from provisioning.update_manifest import SUFFIX, BadBundle
from provisioning.update_pack import Incomplete, Packing
from provisioning.wheels import SYSTEMS, Target, raspberry, this_machine

FOLDER = Path("/etc/hallware/updates")
GOOD_FOR = 90


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--wheels", type=Path, required=True, metavar="DIR", help="the wheels of Hallware and all that it needs")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"default: hallware-VERSION{SUFFIX} here")
    parser.add_argument(
        "--for", dest="targets", action="append", choices=[*SYSTEMS, "this"], metavar="SYSTEM",
        help=f"{', '.join(SYSTEMS)}: Raspberry Pi OS; this: a machine like this one (default: {', '.join(SYSTEMS)})",
    )  # fmt: skip
    parser.add_argument("--good-for", type=_days, default=GOOD_FOR, metavar="DAYS", help=f"then it expires (default: {GOOD_FOR})")
    parser.add_argument("--older", action="store_true", help="nodes may go back with it to an older version")
    parser.add_argument("--key", type=Path, default=FOLDER, metavar="DIR", help=f"the key for updates (default: {FOLDER})")


def run(args: argparse.Namespace) -> int:
    """Pack; 1 when something is missing."""
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


def _signer(folder: Path) -> Signer:
    return SigningFolder(folder).open(_ask if sys.stdin.isatty() else None)


def _ask() -> str:
    return Prompt.ask("passphrase · 口令", password=True)


def _days(text: str) -> int:
    if not 1 <= (value := int(text)) <= 3650:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 3650 days")
    return value
