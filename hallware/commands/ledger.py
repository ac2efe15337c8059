"""`hallware ledger`: the way of one ticket, call, rating or stay, step by step."""

import argparse
import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from contract.values import Text
from controller.config import load
from controller.hall_rules import HallRules
from controller.ledger import Ledger, ledger
from controller.store.errors import StoreError
from controller.store.reading import reading
from hallware.commands import client, typed

_KINDS = {
    "ticket": Text(zh="号票", en="ticket"),
    "call": Text(zh="叫号", en="call"),
    "rating": Text(zh="评价", en="rating"),
    "stay": Text(zh="母婴室使用", en="stay"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("hall", type=Path, metavar="hall.toml")
    parser.add_argument("what", metavar="NUMBER|ID", help="a ticket's number (A012), or the id of a ticket, call, rating or stay")
    parser.add_argument("--day", type=typed.day, metavar="YYYY-MM-DD", help="a number's day (default: the newest)")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(args: argparse.Namespace) -> int:
    """Print it; 1 when there is no such thing. The store is only read, whether a controller works on it or not."""
    config = load(args.hall)
    zone = HallRules.of(config).queue.timezone
    try:
        with reading(config.store) as connection:
            found = ledger(connection, config.hall.id, args.what, args.day)
    except StoreError as problem:
        print(f"hallware ledger: {problem}", file=sys.stderr)
        return 1
    language = client.language()
    if found is None:
        unknown = Text(zh=f"没有 {args.what}", en=f"there is no {args.what}: not a ticket, a call, a rating or a stay")
        print(f"hallware ledger: {unknown.within(language)}", file=sys.stderr)
        return 1
    print(_json(found) if args.json else _words(found, zone, language))
    return 0


def _json(found: Ledger) -> str:
    return json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2)


def _words(found: Ledger, zone: ZoneInfo, language: str) -> str:
    subject = found.subject
    head = f"{_KINDS[subject.kind].within(language)} {subject.number or ''} {subject.id} · {subject.day}"
    lines = [
        f"{step.at.astimezone(zone):%m-%d %H:%M:%S.%f}"[:-3] + f"  {step.what.within(language)}  [{step.source.within(language)}]"
        for step in found.steps
    ]
    return "\n".join([" ".join(head.split()), *lines])
