"""The stage: a small hall in real processes, every client behind a cable of its own, with people in it and a witness."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from broker_config.access import access_list
from broker_config.mosquitto import Persistence
from broker_config.process import MosquittoProcess
from contract.settings import parse
from controller.config import HallConfig
from hallware.demo.files import DemoFiles, new_passwords
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.hall_hearing import hear
from hardware_sim.hall_wires import HallWires
from hardware_sim.people import Crowd
from hardware_sim.people_run import People
from link.address import BrokerAddress
from link.link import Link
from provisioning.plan import Folders, node_files, write_node_files
from tests.chaos.cables import Cable, own_port
from tests.chaos.units import Unit
from tests.chaos.witness import Witness

HERE = Path(__file__).parent
VIEWER, CONTROLLER = "viewer", "controller"
DISK = 24
"""Megabytes of a program's own disk."""
STARTS_WITHIN = 60.0
SPEED = 5.0


class NotReady(Exception):
    """The hall did not come up; the text has the last lines of its programs."""


class Files(DemoFiles):
    """Where everything lies; the controller's database on a disk of its own."""

    def disk(self, program: str) -> Path:
        """A program's own disk."""
        return self.folder / "nodes" / program

    @property
    def database(self) -> Path:
        """The controller's database."""
        return self.disk(CONTROLLER) / "hall.db"

    @property
    def store(self) -> str:
        """The same as an SQLAlchemy URL."""
        return f"sqlite:///{self.database}"


class Broker:
    """Mosquitto, started again as systemd would; what it keeps can be broken before it starts."""

    def __init__(self, process: MosquittoProcess, *, truncate: Random | None) -> None:
        """With `truncate` its database is cut off at a random place before each start."""
        self.process = process
        self._truncate = truncate
        self.truncated = 0

    @property
    def set_aside(self) -> int:
        """How often the guard found that it would not start with its database."""
        return self.process.set_aside

    def save(self) -> None:
        """Let it write its database now, as it does by itself every half hour."""
        if (pid := self.process.pid) is not None:
            os.kill(pid, signal.SIGUSR1)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        if (pid := self.process.pid) is not None:
            os.kill(pid, number)

    async def start(self) -> None:
        """Start it, with what is left of its database."""
        database = self.process.database
        if self._truncate is not None and database.exists():
            size = database.stat().st_size
            os.truncate(database, self._truncate.randrange(size + 1))
            self.truncated += 1
        await self.process.start()


@dataclass
class Stage:
    """A running hall."""

    files: Files
    config: HallConfig
    broker: Broker
    cables: dict[str, Cable]
    units: dict[str, Unit]
    hall: Hall
    wires: HallWires
    people: People
    witness: Witness
    orders: Link
    """A connection in the controller's name, for what its web pages will one day order."""
    clocks: dict[str, Path]
    """Each program's wall clock: the seconds by which it is wrong."""
    disks: dict[str, Path]
    """Each program's own small disk; empty where none could be made."""
    homes: dict[str, str] = field(default_factory=dict)
    """Device to node."""

    @property
    def nodes(self) -> list[str]:
        """All nodes."""
        return [node.id for node in self.config.node]

    def online(self, node: str) -> bool:
        """Whether a node says so and its wires are there."""
        status = self.hall.statuses.get(node)
        return node in self.hall.connected and status is not None and status.state == "online"

    async def move(self, device: str, hand: str, **how: Any) -> bool:
        """Move a hand; whether it could be moved."""
        try:
            await self.wires.move(device, hand, how)
        except CannotDo:
            return False
        return True


async def until(true: Callable[[], object], within: float) -> bool:
    """Wait until something is so; whether it came to be in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while not true():  # noqa: ASYNC110  any condition at all, also one outside this process
                await asyncio.sleep(0.02)
            return True
    return False


def hall_config() -> HallConfig:
    """The hall, where it is about noon now: an hour's jump of a clock makes no new day."""
    hall = parse((HERE / "hall.toml").read_text(encoding="utf-8"), HallConfig, name="hall.toml")
    ahead = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
    return msgspec.structs.replace(hall, hall=msgspec.structs.replace(hall.hall, timezone=zone))


def wrong_clock(folder: Path) -> Path | None:
    """The library that makes a program's wall clock wrong; None without a C compiler."""
    compiler, library = shutil.which("cc"), folder / "wrong_clock.so"
    if compiler is None:
        return None
    subprocess.run([compiler, "-O2", "-fPIC", "-shared", "-o", library, HERE / "wrong_clock.c", "-ldl"], check=True)
    return library


@asynccontextmanager
async def stage(folder: Path, seed: int, persistence: str, say: Callable[[str], None]) -> AsyncIterator[Stage]:
    """The hall, running with people in it. Raises `NotReady`, `BrokerProblem`."""
    async with AsyncExitStack() as stack:
        files, plan = Files(folder), hall_config()
        files.prepare()
        names = (CONTROLLER, *(node.id for node in plan.node))
        disks = _disks(files, names, stack)
        broker = await stack.enter_async_context(_broker(files, plan, persistence, seed))
        cables = {name: await stack.enter_async_context(Cable(broker.process.port)) for name in names}
        config, nodes = _write(files, plan, broker, cables)
        library = wrong_clock(folder)
        clocks = {name: folder / f"{name}.clock" for name in names if library is not None}
        units = {name: _unit(name, files, nodes, library, clocks) for name in names}
        hall = Hall({node.id: node.place for node in config.node})
        homes = {str(device["id"]): node.id for node in config.node for device in node.device}
        witness = Witness(hall, lambda device: units[homes[device]].starts)
        wires = HallWires(hall, {node: path.with_suffix(".sock") for node, path in nodes.items()})
        people = People(hall, Crowd(seed=seed, speed=SPEED), wires.move)
        people.live = False
        link = await stack.enter_async_context(Link(broker.process.address(VIEWER), VIEWER, config.hall.id))
        orders = await stack.enter_async_context(Link(broker.process.address(CONTROLLER), "orders", config.hall.id))
        await stack.enter_async_context(_running([hear(hall, link), witness.hear(link), wires.run(), people.run()]))
        built = Stage(files, config, broker, cables, units, hall, wires, people, witness, orders, clocks, disks, homes)
        stack.push_async_callback(_end, units)
        await _up(built, say)
        yield built


def _disks(files: Files, names: tuple[str, ...], stack: AsyncExitStack) -> dict[str, Path]:
    """A small file system for each program, where this user may mount one."""
    disks = {}
    for name in names:
        folder = files.disk(name)
        folder.mkdir(parents=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "hallware-chaos", str(folder)]
        if os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0:
            stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=False)
            disks[name] = folder
    return disks


@asynccontextmanager
async def _broker(files: Files, hall: HallConfig, persistence: str, seed: int) -> AsyncIterator[Broker]:
    kept = Persistence.DEFAULT if persistence == "truncated" else Persistence(persistence)
    passwords = new_passwords(hall)
    access = access_list(hall.hall.id, dispatchers=hall.dispatcher, viewers=[VIEWER])
    async with MosquittoProcess(
        passwords=passwords, access=access, folder=files.broker, persistence=kept, port=own_port()
    ) as process:
        for user in passwords:
            process.address(user)
        yield Broker(process, truncate=Random(seed) if persistence == "truncated" else None)


def _write(files: Files, plan: HallConfig, broker: Broker, cables: dict[str, Cable]) -> tuple[HallConfig, dict[str, Path]]:
    """All configuration files, each program's with the near end of its own cable."""
    address = broker.process.address(CONTROLLER)
    config, nodes = files.write(plan, msgspec.structs.replace(address, port=cables[CONTROLLER].port), own_port)
    folders = Folders(data=str(files.folder / "nodes" / "{node}"), password=str(files.broker / "{node}.password"))
    for node in nodes:
        near = BrokerAddress(host=address.host, port=cables[node].port)
        write_node_files({node: node_files(config, near, folders)[node]}, files.folder / "nodes")
    return config, nodes


def _unit(name: str, files: Files, nodes: dict[str, Path], library: Path | None, clocks: dict[str, Path]) -> Unit:
    if name == CONTROLLER:
        words = ["controller", str(files.hall)]
    else:
        words = ["node", str(nodes[name]), "--simulate", "--control", str(nodes[name].with_suffix(".sock"))]
    environment = {}
    if library is not None:
        clocks[name].write_bytes(bytes(8))
        environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(clocks[name])}
    return Unit(name, words, files.log(name), environment)


@asynccontextmanager
async def _running(works: list[Any]) -> AsyncIterator[None]:
    """Tasks that end with the stage; one that breaks breaks the run."""
    owner = asyncio.current_task()
    broken: list[BaseException] = []

    def ended(task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            broken.append(error)
            if owner is not None:
                owner.cancel()

    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if broken:
            raise broken[0] from None
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _up(stage: Stage, say: Callable[[str], None]) -> None:
    say("starting the controller and five nodes")
    for unit in stage.units.values():
        unit.start()
    there = await until(
        lambda: stage.hall.controller is not None and all(stage.online(node) for node in stage.nodes), STARTS_WITHIN
    )
    if not there:
        logs = "\n".join(f"  {name}:\n{unit.last_lines()}" for name, unit in stage.units.items())
        raise NotReady(f"the hall is not up after {STARTS_WITHIN:.0f} s; last lines:\n{logs}")


async def _end(units: dict[str, Unit]) -> None:
    await asyncio.gather(*(unit.end() for name, unit in units.items() if name != CONTROLLER))
    await units[CONTROLLER].end()
