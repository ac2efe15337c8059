"""A machine: a User-Mode Linux process with its disk, its boot card and its cable, and a hand in it that carries out commands."""

import asyncio
import itertools
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from hardware_sim.machine import enclosure, needs
from hardware_sim.machine.problems import CommandFailed, MachineEnded
from hardware_sim.machine.recipe import Built
from hardware_sim.machine.relay import Relay

LONGEST = 4 * 1024 * 1024
BOOTS_WITHIN = 180.0


@dataclass(frozen=True)
class Plan:
    """What a machine is started with. `disk` keeps what it writes; a new one begins as the built one."""

    built: Built
    disk: Path
    card: Path | None = None
    """The image of its boot partition."""
    data: Path | None = None
    """The image of a further disk, such as one labelled hallware-data."""
    ports: tuple[int, ...] = ()
    """Ports of the host's loopback that it reaches at `enclosure.HOST`."""
    memory: int = 512
    """Megabytes."""
    serial: str = "10000000cafe0001"
    """What stands on its board."""
    words: tuple[str, ...] = ()
    """More words for the kernel."""
    patience: int | None = 60
    """Seconds after which the kernel's watchdog ends it, since a crowded host may not feed it in time; None: as is set in it."""
    log: Path = field(default=Path("/dev/null"))
    """Where its console goes."""

    def command(self, console: int, hand: int) -> list[str]:
        """The command line of the kernel."""
        disks = [f"ubd0={self.disk},{self.built.disk}"] + ([f"ubd1={self.card}"] if self.card else [])
        disks += [f"ubd2={self.data}"] if self.data else []
        patience = () if self.patience is None else (f"systemd.watchdog_sec={self.patience}",)
        return [
            str(self.built.kernel), *disks, "root=/dev/ubda", "rw", "rootfstype=ext4", f"mem={self.memory}M", "con=null",
            f"ssl0=fd:{console},fd:1", f"ssl1=fd:{hand},fd:{hand}", "console=ttyS0", "panic=-1", "quiet", "dummy_hcd.num=4",
            "softdog.soft_panic=1",  # else it would try to start itself anew, which this kind of kernel cannot
            f"vec0:transport=tap,ifname={enclosure.CABLE},depth=64", f"board_serial={self.serial}", *patience, *self.words,
        ]  # fmt: skip


class Machine:
    """Runs while it is entered; leaving pulls the plug."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.relays: dict[int, Relay] = {}
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._following: dict[int, Callable[[str], None]] = {}
        self._greeted = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        needs.refuse_missing("a machine", needs.missing(needs.RUN))
        needs.refuse_no_tap()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._stack.aclose)
            await self._start()
            undo.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        ours, hand = socket.socketpair()
        out, inside = socket.socketpair()
        console, still = os.pipe()
        with hand, inside, self.plan.log.open("ab") as log:
            ports = list(self.plan.ports)
            command = enclosure.wrapped(inside.fileno(), ports, self.plan.command(console, hand.fileno()))
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                pass_fds=(hand.fileno(), inside.fileno(), console), env=os.environ | {"PATH": needs.SYSTEM_PATH},
            )  # fmt: skip
        os.close(console)
        self._stack.callback(os.close, still)  # an end of the console's input that never comes
        self._stack.push_async_callback(self.kill)
        with out:
            out.settimeout(30)
            sockets = await asyncio.to_thread(enclosure.receive, out, len(ports))
        if len(sockets) != len(ports):
            raise MachineEnded(f"no cable could be laid to the machine; see {self.plan.log}")
        for port, listening in zip(ports, sockets, strict=True):
            self.relays[port] = await self._stack.enter_async_context(Relay(listening, port))
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=LONGEST)
        self._stack.callback(self._writer.close)
        hearing = asyncio.create_task(self._hear(), name="machine-hand")
        self._stack.callback(hearing.cancel)

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process.returncode is None

    async def kill(self) -> None:
        """Pull the plug: every process of it is killed at once, whatever it does. Safe to call twice."""
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def ended(self, within: float) -> None:
        """Come back when it has ended by itself. Raises `TimeoutError`."""
        async with asyncio.timeout(within):
            await self._process.wait()

    async def greeted(self, within: float = BOOTS_WITHIN) -> None:
        """Come back when its hand can be asked. Raises `MachineEnded`."""
        await self._or_ended(self._greeted.wait(), within, "has not started")

    async def run(self, command: str, *, within: float = 60.0) -> str:
        """What a shell command in it says. Raises `CommandFailed`, `MachineEnded`."""
        status, said = await self.tried(command, within=within)
        if status:
            raise CommandFailed(f"{command}: {status}: {said}")
        return said

    async def tried(self, command: str, *, within: float = 60.0) -> tuple[int, str]:
        """Status and words of a shell command in it. Raises `MachineEnded`."""
        return await self._ask({"run": command}, within)

    async def follow(self, command: str, hear: Callable[[str], None]) -> None:
        """Run a command in it and give every line that it says to `hear`; comes back when it ends. Raises `MachineEnded`."""
        await self._ask({"follow": command}, None, hear)

    async def move(self, device: str, hand: str, /, **given: Any) -> None:
        """Move a hand of what hangs on its wires. Raises `CommandFailed`."""
        status, said = await self._ask(_far({"device": device, "hand": hand, "with": given}), 30.0)
        if status:
            raise CommandFailed(f"{device}: {hand}: {said}")

    async def view(self, device: str) -> dict[str, Any]:
        """What a person sees of a device on its wires. Raises `CommandFailed`."""
        status, said = await self._ask(_far({"device": device}), 30.0)
        if status:
            raise CommandFailed(f"{device}: {said}")
        view: dict[str, Any] = json.loads(said)
        return view

    async def _ask(
        self, what: Mapping[str, Any], within: float | None, hear: Callable[[str], None] | None = None
    ) -> tuple[int, str]:
        number = next(self._numbers)
        if hear is not None:
            self._following[number] = hear
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(json.dumps({"id": number} | dict(what)).encode() + b"\n")
            done = await self._or_ended(answer, within, f"has not answered: {what}")
            return int(done["status"]), str(done["said"])
        finally:
            self._waiting.pop(number, None)
            self._following.pop(number, None)

    async def _or_ended(self, waited: Any, within: float | None, why: str) -> Any:
        wanted, end = asyncio.ensure_future(waited), asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({wanted, end}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
            if wanted.done():
                return wanted.result()
            what = "the machine has ended" if end.done() else f"the machine {why} in {within or 0:g} s"
            raise MachineEnded(f"{what}; its console: {self.plan.log}")
        finally:
            end.cancel()
            wanted.cancel()

    async def _hear(self) -> None:
        while line := await self._reader.readline():
            try:
                said = json.loads(line)
            except ValueError:
                continue  # the end of a line that began before the line was quiet
            if "hello" in said:
                self._greeted.set()
            elif "line" in said:
                self._following.get(said["id"], _nobody)(said["line"])
            elif (answer := self._waiting.get(said.get("id", 0))) and not answer.done():
                answer.set_result(said)


def _nobody(_: str) -> None:
    """Whoever followed has left."""


def _far(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"tell": "/run/far-end.sock", "line": dict(request)}
