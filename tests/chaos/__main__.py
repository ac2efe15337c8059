"""`python -m tests.chaos`: break a small hall at random moments and check what every layer of it recorded."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import msgspec

from broker_config.process import BrokerProblem
from tests.chaos.checker import check
from tests.chaos.faults import table
from tests.chaos.run import Outcome, run
from tests.chaos.stage import NotReady, stage

PERSISTENCE = ("default", "none", "truncated", "safe")


def main() -> int:
    """Run once; 0 only if every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200, metavar="N", help="how many (default 200; 30 for a short run)")
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same series of faults (default: any)")
    parser.add_argument("--broker-persistence", choices=PERSISTENCE, default="default", help="what the broker keeps")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep databases and logs in DIR")
    args = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
    say(f"seed {seed}, {args.faults} faults, broker persistence {args.broker_persistence}")
    try:
        outcome = asyncio.run(_run(args, seed))
    except (NotReady, BrokerProblem) as problem:
        print(f"chaos: {problem}", file=sys.stderr)
        return 2
    return report(outcome, seed)


async def _run(args: argparse.Namespace, seed: int) -> Outcome:
    with ExitStack() as stack:
        folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-chaos-")))
        async with stage(folder.resolve(), seed, args.broker_persistence, say) as hall:
            if not hall.disks:
                say("this user may mount nothing, so no disk will be full")
            if not hall.clocks:
                say("there is no C compiler, so no clock will be wrong")
            outcome = await run(hall, args.faults, seed, say)
            (folder / "history.json").write_bytes(msgspec.json.format(msgspec.json.encode(outcome.history)))
            for program, disk in hall.disks.items():
                shutil.copytree(disk, folder / "disks" / program)
            return outcome


def report(outcome: Outcome, seed: int) -> int:
    """Print everything; returns the exit code."""
    violations = [*(f"died: {how}" for how in outcome.died), *check(outcome.history)]
    print(f"\nfaults with seed {seed}:\n{table(outcome.counts)}\n  total {outcome.counts.total()}\n", flush=True)
    for name, figure in outcome.figures.items():
        print(f"  {name}: {figure}")
    print()
    for violation in violations:
        print(f"  VIOLATION {violation}")
    say("every promise was kept" if not violations else f"{len(violations)} violations")
    return 1 if violations else 0


def say(words: str) -> None:
    """Progress."""
    print(f"==> {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
