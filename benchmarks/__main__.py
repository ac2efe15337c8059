"""`python -m benchmarks [NAME …] [--short]`: run the benchmarks and print their figures."""

import argparse
import importlib
import logging
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.figures import table

ROWS = {
    "board": "frames and CPU of the board against luma sending every frame",
    "strips": "every kind of board against its wire's own limit",
    "call": "a call from publishing to latched pixels against a raw paho round trip",
    "queue": "calling the next ticket with 10, 1,000 and 100,000 waiting, by the rules and through the whole controller",
    "viewers": "from an order to the last of 200 live viewers, and what it costs the controller",
    "press": "a kiosk key's press to the ticket's bytes",
    "durability": "facts on a node's disk, events in the controller's, boards after the broker's return",
    "reports": "a month and a year from roll-ups against every row, and a call's commit against a bare one, on both databases",
    "reconnect": "a thousand nodes that come back at once, after the broker was killed and after all were cut",
    "recording": "a recorded wire against one that is not",
    "enrol": "a card, one node from asking to its certificate, fifty at once",
    "update": "one node's update, and twenty nodes by ssh, against the bare installation of the same wheels",
    "node": "memory and start of a node with every kind of device",
    "full": "memory and idle CPU of a node with 24 devices",
}


def main() -> int:
    """Run what was asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ROWS, []], metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--short", action="store_true", help="fewer rounds: shows that it runs, not how fast it is")
    parser.add_argument(
        "--at-once", type=int, default=1, metavar="N", help="so many at a time; for the short form, whose figures mean nothing"
    )
    args = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)  # a broker that is stopped on purpose is no news
    names = args.names or list(ROWS)
    return _at_once(names, args) if args.at_once > 1 else _one_by_one(names, args)


def _one_by_one(names: Sequence[str], args: argparse.Namespace) -> int:
    for name in names:
        print(f"==> {name}: {ROWS[name]}", flush=True)
        print(table(importlib.import_module(f"benchmarks.{name}").measure(short=args.short)), end="\n\n", flush=True)
    return 0


def _at_once(names: Sequence[str], args: argparse.Namespace) -> int:
    """Each in a process of its own, told when it is over; 1 when one has failed."""
    with ThreadPoolExecutor(args.at_once) as workers:
        codes = list(workers.map(lambda name: _told(name, ["--short"] * args.short), names))
    return int(any(codes))


def _told(name: str, words: Sequence[str]) -> int:
    command = [sys.executable, "-m", "benchmarks", name, *words]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(run.stdout, end="", flush=True)
    if run.returncode:
        print(f"the benchmark {name} failed with code {run.returncode}", flush=True)
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
