"""`hallware node`: run this machine's agents from node.toml, on real wires or on simulated ones."""

import argparse
import asyncio
import importlib.metadata
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from devices.tapping import tap_with
from devices.wires import Wires
from firmware.config import NodeConfig, load
from firmware.node import Node
from firmware.recording import recorder
from firmware.threads import DaemonExecutor
from hallware.commands import typed
from hallware.commands.daemon import asked_to_stop, log_on
from hallware.main import UsageProblem
from link.apart import beside

LEVELS = ("debug", "info", "warning", "error")


log = logging.getLogger("hallware.node")


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
    parser.add_argument("--record", type=Path, metavar="DIR", help="record what the wires carry into DIR (see docs/recording.md)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="do a recording's presses again at the --simulate'd wires")
    parser.add_argument(
        "--replay-speed",
        type=typed.above_zero(1000),
        default=1.0,
        metavar="X",
        help="so many times as fast as it was (default 1)",
    )
    parser.add_argument(
        "--log", choices=LEVELS, default="info", metavar="LEVEL", help=f"one of {', '.join(LEVELS)} (default: info)"
    )


def run(args: argparse.Namespace) -> int:
    """Run the node until SIGTERM or Ctrl-C."""
    if args.control is not None and not args.simulate:
        raise UsageProblem("--control belongs to --simulate")
    if args.replay is not None and not args.simulate:
        raise UsageProblem("--replay plays into simulated wires; say --simulate too")
    refuse_stale_escpos()
    config = load(args.file)
    log_on(args.log)
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


async def _run(config: NodeConfig, args: argparse.Namespace) -> None:
    asyncio.get_running_loop().set_default_executor(DaemonExecutor())
    stop = asked_to_stop()
    control = args.control or config.node.data / "sim.sock"
    async with AsyncExitStack() as stack:
        if (keeper := recorder(config, args.record)) is not None:
            tap_with(stack.enter_context(keeper).tap)
        wires = await stack.enter_async_context(_simulated(config, control, args) if args.simulate else _real())
        version = importlib.metadata.version("hallware")
        await Node(config, wires, version=version, reread=partial(load, args.file)).run(stop)


@asynccontextmanager
async def _simulated(config: NodeConfig, control: Path, args: argparse.Namespace) -> AsyncIterator[Wires]:
    from hallware.simulated import Simulation
    from hardware_sim.control import ControlServer

    async with Simulation(config) as simulation, ControlServer(simulation.bench, control):
        if args.replay is None:
            yield simulation.wires
            return
        from hallware.replay import play_into

        async with beside(play_into(simulation, args.replay, args.replay_speed), _say_how, name="replay"):
            yield simulation.wires


def _say_how(replay: asyncio.Task[int]) -> None:
    if not replay.cancelled():
        if problem := replay.exception():
            log.error("the replay ended early: %s", problem)
        else:
            log.info("replayed %d presses", replay.result())


@asynccontextmanager
async def _real() -> AsyncIterator[Wires]:
    from devices.real_wires import RealWires

    yield RealWires()
