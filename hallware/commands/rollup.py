"""`hallware rollup`: count the days that are over, for reports; the controller does the same by itself while it runs."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from contract.values import Text
from controller.config import load
from controller.hall_rules import HallRules
from controller.store.errors import StoreError
from controller.store.store import Store
from hallware.commands import client


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("hall", type=Path, metavar="hall.toml")
    parser.add_argument("--again", action="store_true", help="count anew what is counted, where the rows still are")


def run(args: argparse.Namespace) -> int:
    """Count them, one line for each; 1 when the store cannot be had, as while the controller runs."""
    config = load(args.hall)
    rules, now = HallRules.of(config).queue, datetime.now(UTC)
    store = Store(config.store, config.hall.id)
    counted = 0
    try:
        store.open()
        if args.again:
            store.forget_rollups()
        while (day := store.roll_up(rules.day(now), rules.timezone, now)) is not None:
            print(day.isoformat(), flush=True)
            counted += 1
    except StoreError as problem:
        print(f"hallware rollup: {problem}", file=sys.stderr)
        return 1
    finally:
        store.close()
    print(Text(zh=f"已汇总 {counted} 天。", en=f"{counted} days counted.").within(client.language()))
    return 0
