"""The `hallware` command: a table of subcommands, each imported only when it is asked for."""

import argparse
import importlib
import importlib.metadata
import io
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from contract.settings import BadSettings


@dataclass(frozen=True)
class Row:
    """A subcommand, the module that does it, and what it does."""

    name: str
    module: str
    does: str


ROWS = (
    Row("init", "hallware.commands.init", "set up a hall's machine: CA, broker, hall.toml, services; keeps what is there"),
    Row("node", "hallware.commands.node", "run this machine's agents from node.toml (--simulate: with simulated wires)"),
    Row("check", "hallware.commands.check", "check node.toml or hall.toml and print what is in force"),
    Row("preview", "hallware.commands.preview", "show a ticket or slip template as it will be printed, or list all"),
    Row("strip", "hallware.commands.strip", "try a text board on its wire, or give a queue board its address"),
    Row("city", "hallware.commands.city", "print what a city's broker and its halls' bridges need"),
    Row("city-page", "hallware.commands.city_page", "serve the page of all halls that share one PostgreSQL"),
    Row("doctor", "hallware.commands.doctor", "say what is wrong with this machine, and what to touch"),
    Row("plan", "hallware.commands.plan", "write the files of nodes and broker from the plan in hall.toml"),
    Row("broker-guard", "hallware.commands.broker_guard", "set aside a broker's database with which Mosquitto would not start"),
    Row("rehearse", "hallware.commands.rehearse", "play a hall's day with simulated people, faster than time"),
    Row("controller", "hallware.commands.controller", "run the hall's controller from hall.toml"),
    Row("provision", "hallware.commands.provision", "make the boot card of a node (`provision card NODE`)"),
    Row("registrar", "hallware.commands.registrar", "give certificates to approved machines, and shut out the revoked"),
    Row("enrol", "hallware.commands.enrol", "get this machine its certificate with its card's token, or renew it"),
    Row("nodes", "hallware.commands.nodes", "show the fleet; approve, refuse, revoke or swap a node"),
    Row(
        "update",
        "hallware.commands.update",
        "update nodes: pack and sign a bundle, install it, push it to many; goes back by itself",
    ),
    Row("backup", "hallware.commands.backup", "copy the hall's database while the controller works"),
    Row("restore", "hallware.commands.restore", "put a backup in the place of the hall's database, which is set aside"),
    Row("rollup", "hallware.commands.rollup", "count the days that are over, for reports"),
    Row("ledger", "hallware.commands.ledger", "show the way of a ticket, call, rating or stay, step by step"),
    Row("webhook", "hallware.commands.webhook", "show messages to other systems; try a webhook, or send again what was given up"),
    Row("demo", "hallware.commands.demo", "run a whole simulated hall on this machine"),
    Row("sim", "hallware.commands.sim", "play scenarios in a simulated hall: people, faults, and what must come of them"),
    Row("call", "hallware.commands.dispatch", "call the next ticket, or a chosen one, to a window"),
    Row("recall", "hallware.commands.dispatch", "call a window's present ticket once more"),
    Row("no-show", "hallware.commands.dispatch", "say that the called person did not come"),
    Row("park", "hallware.commands.dispatch", "let the present person step aside, to be called back later"),
    Row("call-back", "hallware.commands.dispatch", "call back whoever stepped aside at a window"),
    Row("transfer", "hallware.commands.dispatch", "send the present person on to another service or window"),
    Row("notice", "hallware.commands.dispatch", "show a notice on the boards, or take it off"),
    Row("slip", "hallware.commands.slip", "print a slip at a kiosk, print one again, or read the log of what was printed"),
    Row("watch", "hallware.commands.watch", "watch the hall live in the terminal"),
    Row("topics", "hallware.commands.topics", "print the table of MQTT topics, its schemas or its AsyncAPI document"),
)


class UsageProblem(Exception):
    """What was asked cannot be done as asked; the text says what to do. Ends the command with code 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    wanted = next((word for word in words if not word.startswith("-")), None)
    _take_any_letter()
    try:
        try:
            return _run(words, wanted)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except (BadSettings, UsageProblem) as problem:
        _complain(wanted, str(problem))
        return 2
    except ModuleNotFoundError as error:
        _complain(wanted, _missing(error))
        return 2
    except BrokenPipeError:
        # Whoever read has gone (`hallware check … | head`); what is left to say must not become a second error.
        _say_no_more()
        return 141
    except OSError as problem:
        if (log := logging.getLogger("hallware")).hasHandlers():  # a service, whose log tells where it came from
            log.error("it came from here", exc_info=True)
        where = f"{problem.filename}: " if problem.filename is not None else ""
        _complain(wanted, f"{where}{problem.strerror or problem}")
        _say_no_more()
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)  # what the shell says next begins a line
        return 130


def _run(words: list[str], wanted: str | None) -> int:
    parser = argparse.ArgumentParser(prog="hallware", description="The hardware of a public-service hall. 政务服务大厅硬件系统。")
    parser.add_argument("--version", action="version", version=f"hallware {importlib.metadata.version('hallware')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for row in ROWS:
        sub = commands.add_parser(row.name, help=row.does, description=f"{row.does[0].upper()}{row.does[1:]}.")
        if row.name == wanted:
            module = importlib.import_module(row.module)
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    args = parser.parse_args(words)
    return int(args.run(args) or 0)


def _take_any_letter() -> None:
    """A terminal of another time or place lacks letters of ours, as GBK does ✓: what it cannot show becomes a question mark."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")


def _complain(command: str | None, what: str) -> None:
    print(f"hallware {command}: {what}" if command else f"hallware: {what}", file=sys.stderr)


def _say_no_more() -> None:
    """Where nothing can be written any more, Python's own last attempt must not become an error too."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):  # no file at all, as under a test
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _missing(error: ModuleNotFoundError) -> str:
    module = (error.name or "").partition(".")[0]
    return f"{module} is not installed here; install hallware with the extra of this role"


if __name__ == "__main__":
    # Commands import `hallware.main`: under the name `__main__` its exceptions would be other classes than theirs.
    sys.exit(importlib.import_module("hallware.main").main())
