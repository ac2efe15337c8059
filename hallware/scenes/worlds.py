"""Worlds for scenarios: a hall of its own in real processes, or one that runs already."""

import asyncio
import os
import secrets
import signal
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from contract.dispatch import DispatchReply
from contract.settings import BadSettings, read
from controller.config import load
from hallware.commands.client import ClientSettings
from hallware.demo.files import DemoFiles, faster
from hallware.demo.show import Show, Wish, background, show
from hallware.scenes import stored
from hallware.scenes.voice import Voice, voice
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.hall_hearing import hear
from hardware_sim.hall_wires import HallWires
from link.link import Link

COMES_WITHIN = 5.0
SIGNALS = {"freeze": signal.SIGSTOP, "thaw": signal.SIGCONT}


class Grip(Protocol):
    """A process that can be ended and started."""

    @property
    def pid(self) -> int | None:
        """Its process id."""
        ...

    async def start(self) -> None:
        """Start it."""
        ...

    async def stop(self) -> None:
        """End it as an operator would."""
        ...

    async def kill(self) -> None:
        """End it as a power cut would."""
        ...


class RunningHall:
    """A hall to play in. Implements `hardware_sim.scenario.world.World`."""

    def __init__(self, hall: Hall, wires: HallWires, speaking: Voice, store: str, grips: Mapping[str, Grip]) -> None:
        """`speaking` is a dispatcher's; `store` is the controller's database, `grips` its processes by name."""
        self.hall, self._wires, self._voice, self._store = hall, wires, speaking, store
        self._grips = dict(grips)

    async def move(self, device: str, hand: str, how: Mapping[str, Any]) -> None:
        """Move a hand; a node that is just coming back is waited for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(COMES_WITHIN):
                while not self.hall.reachable(device):  # noqa: ASYNC110  what is waited for is told by another process
                    await asyncio.sleep(0.02)
        await self._wires.move(device, hand, how)

    async def ask(self, action: Mapping[str, Any]) -> DispatchReply:
        """Ask the controller and wait for its answer."""
        return await self._voice.ask(action)

    async def process(self, who: str, act: str) -> None:
        """Do it to one of this hall's processes."""
        grip = self._grips.get(who)
        if grip is None:
            raise CannotDo(f"no process `{who}` here can be touched; there are {', '.join(self._grips) or 'none'}")
        if act in SIGNALS:
            if grip.pid is None:
                raise CannotDo(f"{who} does not run")
            os.kill(grip.pid, SIGNALS[act])
            return
        if act in ("kill", "stop", "restart"):
            await (grip.kill() if act == "kill" else grip.stop())
        if act in ("start", "restart"):
            await grip.start()

    async def stored(self, table: str, where: Mapping[str, Any], since: datetime) -> int:
        """Count rows in the store."""
        return await asyncio.to_thread(stored.count, self._store, table, where, since)


@asynccontextmanager
async def own_hall(
    plan: Path, speed: float, folder: Path, say: Callable[[str], None], *, page: int | None = None
) -> AsyncIterator[RunningHall]:
    """A hall of this plan in real processes, with nobody in it; with `page` also a page to watch, at that port."""
    wish = Wish(folder=folder, plan=faster(load(plan), speed), people=False, page=page is not None, port=page or 0)
    async with show(wish, say) as running:
        dispatcher = running.broker.address(running.config.dispatcher[0])
        async with voice(dispatcher, running.config.hall.id) as speaking:
            if running.page_link:
                say(f"watch it · 观看: {running.page_link}")
            yield _world(running, speaking)


def _world(running: Show, speaking: Voice) -> RunningHall:
    if running.wires is None or running.controller is None:
        raise RuntimeError("the show has not started")
    grips: dict[str, Grip] = {"broker": running.broker, "controller": running.controller, **running.nodes}
    return RunningHall(running.hall, running.wires, speaking, running.files.store, grips)


@asynccontextmanager
async def present_hall(folder: Path) -> AsyncIterator[RunningHall]:
    """The hall of a demonstration that runs with `--keep folder`; its processes are not ours to touch. Raises `BadSettings`."""
    files = DemoFiles(folder)
    settings = read(files.client, ClientSettings)
    config = load(files.hall)
    sockets = _sockets(files.sockets)
    hall = Hall({node.id: node.place for node in config.node})
    wires = HallWires(hall, sockets)
    async with AsyncExitStack() as stack:
        start = await stack.enter_async_context(background())
        link = await stack.enter_async_context(Link(settings.broker, f"scenario-{secrets.token_hex(4)}", settings.hall))
        start(hear(hall, link))
        start(wires.run())
        speaking = await stack.enter_async_context(voice(settings.broker, settings.hall))
        yield RunningHall(hall, wires, speaking, files.store, {})


def _sockets(path: Path) -> dict[str, Path]:
    try:
        return {node: Path(socket) for node, socket in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except OSError as error:
        raise BadSettings(f"{path}: {error.strerror}; is a demonstration running with --keep {path.parent}?") from error
