"""`hallware broker-guard`: before Mosquitto starts, set aside a database that would keep it from starting."""

import argparse
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from broker_config.guard import KEPT, guard
from broker_config.process import BrokerProblem, mosquitto_binary
from hallware.commands import typed
from hallware.main import UsageProblem

DATABASE = Path("/var/lib/mosquitto/mosquitto.db")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "database", type=Path, nargs="?", default=DATABASE, help=f"what Mosquitto keeps (default {DATABASE}); none is well, too"
    )
    parser.add_argument(
        "--keep", type=typed.whole(1, 1000), default=KEPT, metavar="N", help=f"keep the newest N aside (default {KEPT})"
    )


def run(args: argparse.Namespace) -> int:
    """Look after the database; 1 when it cannot be moved. The broker must not be running."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        guard(args.database, mosquitto_binary(), datetime.now(UTC), kept=args.keep)
    except BrokerProblem as problem:
        raise UsageProblem(str(problem)) from problem
    except OSError as error:
        print(f"hallware broker-guard: {error.filename or args.database}: {error.strerror}; run it as root", file=sys.stderr)
        return 1
    return 0
