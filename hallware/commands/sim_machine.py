"""`hallware sim machine`: start a whole simulated machine, with a hall's wires on its kernel, and work in it."""

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from hallware.commands import typed
from hallware.main import UsageProblem
from hardware_sim.machine import enclosure
from hardware_sim.machine.card_image import write_card
from hardware_sim.machine.machine import Machine, Plan
from hardware_sim.machine.problems import CannotStart, MachineEnded
from hardware_sim.machine.recipe import DEBIANS, OF_THIS_PYTHON, built

ABOUT = f"""\
Starts Linux with systemd as a program of yours (User-Mode Linux; no KVM). Its kernel has GPIO lines, SPI, a USB keypad, a
USB printer, uinput and a watchdog that are simulated, so that a node's real drivers, units and udev rules run unmodified.
The first start builds kernel and disk and keeps them (HALLWARE_MACHINES names the folder): 10 minutes, 6 GB.

The machine reaches this one at {enclosure.HOST}, only at the ports named by --port. Lines that you type are carried out
in it by a root shell; the end of the input (Ctrl-D) pulls its plug."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.description, parser.formatter_class = ABOUT, argparse.RawDescriptionHelpFormatter
    parser.add_argument("--os", choices=sorted(DEBIANS), default=OF_THIS_PYTHON, help="the Debian on its disk (%(default)s)")
    parser.add_argument("--card", type=Path, metavar="DIR", help="boot with these files of `hallware provision card --into DIR`")
    parser.add_argument(
        "--port",
        type=typed.whole(1, 65535),
        action="append",
        default=[],
        metavar="N",
        help="a port of 127.0.0.1 here that it may reach",
    )
    parser.add_argument("--disk", type=Path, metavar="FILE", help="what it writes is kept in FILE (default: gone at the end)")
    parser.add_argument("--memory", type=typed.whole(128, 1_000_000), default=512, metavar="MB", help="its memory (default 512)")
    parser.add_argument("--console", type=Path, default=Path("/dev/null"), metavar="FILE", help="where its console goes")
    parser.add_argument("--build", action="store_true", help="only build kernel and disk, if need be")


def run(args: argparse.Namespace) -> int:
    """Build, start, work; 1 when it ends by itself."""
    _refuse_missing(args.card)  # before minutes of building
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-machine-")))
            return asyncio.run(_work(args, folder))
    except CannotStart as problem:
        raise UsageProblem(str(problem)) from problem
    except MachineEnded as problem:
        print(f"hallware sim machine: {problem}", file=sys.stderr)
        return 1


async def _work(args: argparse.Namespace, folder: Path) -> int:
    parts = built(_say, args.os)
    _say(f"kernel {parts.kernel}, disk {parts.disk}")
    if args.build:
        return 0
    plan = Plan(
        parts, args.disk or folder / "disk", card=_card(args.card, folder), ports=tuple(args.port), memory=args.memory,
        words=() if args.card else ("cloud-init=disabled",), log=args.console,
    )  # fmt: skip
    began = asyncio.get_running_loop().time()
    async with Machine(plan) as machine:
        _say("starting")
        await machine.greeted()
        _say(f"a shell is there after {asyncio.get_running_loop().time() - began:.1f} s; type commands, Ctrl-D ends")
        while machine.running and (line := await asyncio.to_thread(_typed)):
            status, said = await machine.tried(line, within=3600)
            print(said, end="" if said.endswith("\n") else "\n")
            if status:
                print(f"[{status}]")
    return 0


def _refuse_missing(files: Path | None) -> None:
    if files is not None and not files.is_dir():
        raise UsageProblem(f"{files}: there is no such folder; `hallware provision card NODE --into {files}` fills one")


def _card(files: Path | None, folder: Path) -> Path | None:
    if files is None:
        return None
    write_card(files, folder / "card")
    return folder / "card"


def _typed() -> str:
    """The next command; empty at the end of the input."""
    if sys.stdin.isatty():
        print("machine# ", end="", flush=True)
    while line := sys.stdin.readline():
        if line.strip():
            return line
    return ""


def _say(words: str) -> None:
    print(f"machine: {words}", file=sys.stderr, flush=True)
