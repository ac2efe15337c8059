"""`hallware node`: run this machine's agents from node.toml, on real wires or on simulated ones."""

import argparse
import asyncio
import importlib.metadata
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from devices.wires import Wires
from firmware.config import NodeConfig, load
from firmware.node import Node
from firmware.threads import DaemonExecutor
from hallware.main import UsageProblem

LEVELS = ("debug", "info", "warning", "error")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("file", type=Path, metavar="node.toml", help="what hangs on this node")
    parser.add_argument("--simulate", action="store_true", help="simulated wires instead of this machine's own")
    parser.add_argument(
        "--control",
        type=Path,
        metavar="PATH",
        help="where --simulate serves its hands and views (default: sim.sock in the data folder)",
    )
    parser.add_argument(
        "--log", choices=LEVELS, default="info", metavar="LEVEL", help=f"one of {', '.join(LEVELS)} (default: info)"
    )


def run(args: argparse.Namespace) -> int:
    """Run the node until SIGTERM or Ctrl-C."""
    if args.control is not None and not args.simulate:
        raise UsageProblem("--control belongs to --simulate")
    refuse_stale_escpos()
    config = load(args.file)
    _log(args.log)
    asyncio.run(_run(config, args))
    return 0


def refuse_stale_escpos() -> None:
    """PyPI's `escpos` is an old fork under the import name of python-escpos. Raises `UsageProblem` when it is installed."""
    try:
        stale = importlib.metadata.version("escpos")
    except importlib.metadata.PackageNotFoundError:
        return
    raise UsageProblem(
        f"the package `escpos` {stale} is installed; it hides python-escpos and cannot print Chinese; "
        "remove it: pip uninstall escpos && pip install --force-reinstall python-escpos"
    )


def _log(level: str) -> None:
    journal = "JOURNAL_STREAM" in os.environ  # the journal knows the time itself
    form = "%(levelname)s %(name)s: %(message)s" if journal else "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level.upper(), format=form)


async def _run(config: NodeConfig, args: argparse.Namespace) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.set_default_executor(DaemonExecutor())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    control = args.control or config.node.data / "sim.sock"
    async with _simulated(config, control) if args.simulate else _real() as wires:
        version = importlib.metadata.version("hallware")
        await Node(config, wires, version=version, reread=partial(load, args.file)).run(stop)


@asynccontextmanager
async def _simulated(config: NodeConfig, control: Path) -> AsyncIterator[Wires]:
    from hallware.simulated import Simulation
    from hardware_sim.control import ControlServer

    async with Simulation(config) as simulation, ControlServer(simulation.bench, control):
        yield simulation.wires


@asynccontextmanager
async def _real() -> AsyncIterator[Wires]:
    from devices.real_wires import RealWires

    yield RealWires()
