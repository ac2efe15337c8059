"""Worlds for scenarios: a hall of its own in real processes, or one that runs already."""

import asyncio
import os
import secrets
import signal
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import msgspec

from contract.dispatch import Action, DispatchReply, DispatchRequest
from contract.settings import BadSettings, read
from contract.topics import DISPATCH_REPLY, DISPATCH_REQUEST
from controller.config import HallConfig, load
from hallware.commands.client import ClientSettings
from hallware.demo.files import DemoFiles, faster
from hallware.demo.show import Show, Wish, background, show
from hallware.scenes import stored
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.hall_hearing import hear
from hardware_sim.hall_wires import HallWires
from link.address import BrokerAddress
from link.link import Link

ANSWERS_WITHIN = 10.0
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

    def __init__(self, hall: Hall, wires: HallWires, link: Link, user: str, store: str, grips: Mapping[str, Grip]) -> None:
        """`link` speaks as dispatcher `user`; `store` is the controller's database, `grips` its processes by name."""
        self.hall, self._wires, self._link, self._user, self._store = hall, wires, link, user, store
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
        now = datetime.now(UTC)
        request = DispatchRequest(
            id=secrets.token_hex(8), at=now, not_after=now + timedelta(seconds=ANSWERS_WITHIN), do=as_action(action)
        )
        with self._link.hear(DISPATCH_REPLY, user=self._user) as replies:
            try:
                async with asyncio.timeout(ANSWERS_WITHIN):
                    await self._link.wait_up(ANSWERS_WITHIN)
                    await self._link.say(DISPATCH_REQUEST, request, user=self._user)
                    async for heard in replies:
                        if heard.message.id == request.id:
                            return heard.message
            except TimeoutError as error:
                raise CannotDo(f"the controller did not answer `{action['type']}` within {ANSWERS_WITHIN:.0f} s") from error
        raise CannotDo("the connection to the broker was closed")

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


def as_action(action: Mapping[str, Any]) -> Action:
    """A dispatcher's action from plain values. Raises `CannotDo`."""
    try:
        done: Action = msgspec.convert(dict(action), Action)
    except msgspec.ValidationError as error:
        raise CannotDo(f"`{action.get('type')}` cannot be asked so: {error}") from error
    return done


@asynccontextmanager
async def own_hall(
    plan: Path, speed: float, folder: Path, say: Callable[[str], None], *, page: int | None = None
) -> AsyncIterator[RunningHall]:
    """A hall of this plan in real processes, with nobody in it; with `page` also a page to watch, at that port."""
    wish = Wish(folder=folder, plan=faster(load(plan), speed), people=False, page=page is not None, port=page or 0)
    async with show(wish, say) as running, _dispatcher(running.config, running.broker.address) as (link, user):
        if running.page_link:
            say(f"watch it · 观看: {running.page_link}")
        yield _world(running, link, user)


def _world(running: Show, link: Link, user: str) -> RunningHall:
    if running.wires is None or running.controller is None:
        raise RuntimeError("the show has not started")
    grips: dict[str, Grip] = {"broker": running.broker, "controller": running.controller, **running.nodes}
    return RunningHall(running.hall, running.wires, link, user, running.files.store, grips)


@asynccontextmanager
async def _dispatcher(config: HallConfig, address: Callable[[str], BrokerAddress]) -> AsyncIterator[tuple[Link, str]]:
    user = config.dispatcher[0]
    async with Link(address(user), f"scenario-{secrets.token_hex(4)}", config.hall.id) as link:
        yield link, user


@asynccontextmanager
async def present_hall(folder: Path) -> AsyncIterator[RunningHall]:
    """The hall of a demonstration that runs with `--keep folder`; its processes are not ours to touch. Raises `BadSettings`."""
    files = DemoFiles(folder)
    settings = read(files.client, ClientSettings)
    config = load(files.hall)
    sockets = _sockets(files.sockets)
    hall = Hall({node.id: node.place for node in config.node})
    wires = HallWires(hall, sockets)
    user = settings.broker.username or "dispatch"
    async with AsyncExitStack() as stack:
        start = await stack.enter_async_context(background())
        link = await stack.enter_async_context(Link(settings.broker, f"scenario-{secrets.token_hex(4)}", settings.hall))
        start(hear(hall, link))
        start(wires.run())
        yield RunningHall(hall, wires, link, user, files.store, {})


def _sockets(path: Path) -> dict[str, Path]:
    try:
        return {node: Path(socket) for node, socket in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except OSError as error:
        raise BadSettings(f"{path}: {error.strerror}; is a demonstration running with --keep {path.parent}?") from error
