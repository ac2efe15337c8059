"""`python -m benchmarks [NAME …] [--short]`: run the benchmarks and print their figures."""

import argparse
import importlib
import logging
import sys

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
    args = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)  # a broker that is stopped on purpose is no news
    for name in args.names or ROWS:
        print(f"==> {name}: {ROWS[name]}", flush=True)
        print(table(importlib.import_module(f"benchmarks.{name}").measure(short=args.short)), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
