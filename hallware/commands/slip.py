"""`hallware slip`: print a slip, print one again, and read the log of what was printed."""

import argparse
import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from contract import dispatch
from contract.values import Text
from hallware.commands import client, typed
from hallware.commands.dispatch import Ordered, ask
from hallware.commands.field_words import from_words
from hallware.commands.turns import turn
from link.link import LinkDown

_OUTCOMES = {
    "printed": Text(zh="已打印", en="printed"),
    "failed": Text(zh="未打印", en="not printed"),
    "refused": Text(zh="未打印", en="not printed"),
    "late": Text(zh="未打印", en="not printed"),
    "unanswered": Text(zh="不知是否打印", en="nobody knows whether it was printed"),
    None: Text(zh="正在打印", en="on its way"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    doing = parser.add_subparsers(dest="doing", metavar="WHAT", required=True)
    new = doing.add_parser("print", help="print a new slip under the next number")
    new.add_argument("template", metavar="TEMPLATE", help="such as acceptance; `hallware preview` lists them")
    new.add_argument("--field", action="append", default=[], metavar="NAME=VALUE", help="fill a field; again for a list")
    again = doing.add_parser("again", help="print a slip once more, marked as a reprint")
    again.add_argument("template", metavar="TEMPLATE")
    again.add_argument("number", metavar="NUMBER", help="such as 20261125-0007")
    again.add_argument("--why", required=True, help="for the log")
    for sub in (new, again):
        sub.add_argument("--at", required=True, metavar="KIOSK", help="the kiosk whose printer shall print it")
        sub.add_argument("--json", action="store_true", help="answer as JSON")
        client.add_arguments(sub)
    log = doing.add_parser("log", help="read what was printed")
    log.add_argument("hall", type=Path, metavar="hall.toml")
    log.add_argument("--day", type=typed.day, metavar="YYYY-MM-DD", help="a day (default: today)")
    log.add_argument("--number", metavar="NUMBER", help="every print of this number, on any day")
    log.add_argument("--json", action="store_true", help="print it as JSON")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when nothing was printed."""
    return _log(args) if args.doing == "log" else _print(args)


def _print(args: argparse.Namespace) -> int:
    order: dispatch.Action
    if args.doing == "print":
        order = dispatch.IssueSlip(template=args.template, fields=dict(from_words(args.field)), at=args.at)
    else:
        order = dispatch.ReprintSlip(template=args.template, number=args.number, at=args.at, why=args.why)
    settings = client.settings(args)
    try:
        with turn(settings.broker, "slip"):
            ordered = asyncio.run(ask(settings, order))
    except LinkDown as problem:
        print(f"hallware slip: {problem}", file=sys.stderr)
        return 1
    if ordered is None:
        print("hallware slip: the controller did not answer; is it running?", file=sys.stderr)
        return 1
    print(_json(ordered) if args.json else _words(ordered))
    return 0 if ordered.printed is not None and ordered.printed.outcome == "done" else 1


def _words(ordered: Ordered) -> str:
    language = client.language()
    words = ordered.reply.what.within(language)
    if ordered.reply.outcome == "refused":
        return words
    if ordered.printed is None:
        unknown = Text(zh="取号机没有回答，请查看出纸口", en="the kiosk has not answered; look whether it printed")
        return f"{words}\n{unknown.within(language)}"
    return f"{words}\n{ordered.printed.what.within(language)}"


def _json(ordered: Ordered) -> str:
    answer = msgspec.to_builtins(ordered.reply) | {"printed": msgspec.to_builtins(ordered.printed)}
    return json.dumps(answer, ensure_ascii=False)


def _log(args: argparse.Namespace) -> int:
    from controller.config import load
    from controller.store.errors import StoreError
    from controller.store.reading import reading
    from controller.store.slip_tables import prints

    config = load(args.hall)
    zone = ZoneInfo(config.hall.timezone)
    day = None if args.number else args.day or datetime.now(zone).date()
    try:
        with reading(config.store) as connection:
            rows = prints(connection, config.hall.id, day, args.number)
    except StoreError as problem:
        print(f"hallware slip: {problem}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(msgspec.to_builtins(rows), ensure_ascii=False, indent=2))
        return 0
    language = client.language()
    for row in rows:
        mark = f" [{Text(zh='补打', en='reprint').within(language)}: {row.why}]" if row.mark else ""
        what = _OUTCOMES[row.outcome].within(language)
        print(f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {row.template}  {row.number}  {row.device}  {row.by}  {what}{mark}")
    return 0
