"""The show: starts broker, controller, nodes, page and people in that order, and ends them backwards."""

import asyncio
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from broker_config.access import access_list
from broker_config.process import MosquittoProcess, free_port
from controller.accounts import Accounts
from controller.config import HallConfig
from hallware.demo.children import Child, ChildDied, Children
from hallware.demo.files import VIEWER, DemoFiles, demo_hall, new_passwords, touch_pages
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.hall_hearing import hear
from hardware_sim.hall_wires import HallWires
from hardware_sim.page.app import Setting, make_app
from hardware_sim.page.parts import Parts
from hardware_sim.page.serve import serving
from hardware_sim.people import Crowd
from hardware_sim.people_run import People
from link.link import Link

STARTS_WITHIN = 60.0
LOOK_EVERY = 0.05
HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What kind of show it shall be."""

    folder: Path
    speed: float = 1.0
    seed: int = 1
    port: int = 0
    people: bool = True
    page: bool = True
    plan: HallConfig | None = None
    """Another hall than the demonstration's."""


@dataclass
class Show:
    """A running demonstration."""

    files: DemoFiles
    config: HallConfig
    hall: Hall
    broker: MosquittoProcess
    children: Children
    wires: HallWires | None = None
    people: People | None = None
    page_link: str = ""
    controller_link: str = ""
    died: list[str] = field(default_factory=list)
    """Who ended unasked."""
    controller: Child | None = None
    nodes: dict[str, Child] = field(default_factory=dict)

    @property
    def touch_links(self) -> dict[str, str]:
        """The pages of touch screens, by kiosk."""
        return touch_pages(self.config)

    def online(self, node: str) -> bool:
        """Whether a node says so and its control socket is there."""
        status = self.hall.statuses.get(node)
        return node in self.hall.connected and status is not None and status.state == "online"

    async def way_in(self, goal: str) -> str:
        """A link that signs in at the controller once and leads to `goal`."""
        return await asyncio.to_thread(self._way_in, goal)

    def _way_in(self, goal: str) -> str:
        with Accounts.open(self.files.store, self.config.hall.id) as accounts:
            token = accounts.entry_link(accounts.ensure_administrator(), by="demo")
        return f"http://{HOST}:{self.config.http.port}/enter?token={token}&next={quote(goal)}"


Say = Callable[[str], None]


@asynccontextmanager
async def show(wish: Wish, say: Say) -> AsyncIterator[Show]:
    """A whole hall, running while inside. Raises `BrokerProblem`, `ChildDied`, `TimeoutError`."""
    async with AsyncExitStack() as stack:
        files, hall_plan = DemoFiles(wish.folder), wish.plan or demo_hall(wish.speed)
        files.prepare()
        say("starting Mosquitto · 启动消息代理")
        broker = await stack.enter_async_context(_broker(files, hall_plan))
        config, node_files = files.write(hall_plan, broker.address("controller"), free_port)
        files.write_client(config, broker.address(config.dispatcher[0]))
        hall = Hall({node.id: node.place for node in config.node})
        running = Show(files, config, hall, broker, Children(lambda child: _mourn(running, child, say)))
        await stack.enter_async_context(running.children)
        start = await stack.enter_async_context(background())
        link = await stack.enter_async_context(Link(broker.address(VIEWER), "demo", config.hall.id))
        start(hear(hall, link))
        await _start_controller(running, say)
        # A socket's path has at most 107 bytes, so sockets do not lie under a folder of somebody's choice.
        short = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-")))
        sockets = {node: short / f"{node}.sock" for node in node_files}
        files.write_sockets(sockets)
        running.wires = await _start_nodes(running, node_files, sockets, start, say)
        if wish.page:
            await _open_page(running, wish, running.wires, start, stack, say)
        yield running


@asynccontextmanager
async def _broker(files: DemoFiles, hall: HallConfig) -> AsyncIterator[MosquittoProcess]:
    passwords = new_passwords(hall)
    access = access_list(hall.hall.id, dispatchers=hall.dispatcher, viewers=[VIEWER])
    async with MosquittoProcess(passwords=passwords, access=access, folder=files.broker) as broker:
        for user in passwords:
            broker.address(user)
        yield broker


@asynccontextmanager
async def background() -> AsyncIterator[Callable[[Any], None]]:
    """Starts coroutines that are cancelled at the end; one that breaks ends the show."""
    owner = asyncio.current_task()
    tasks: set[asyncio.Task[Any]] = set()
    broken: list[BaseException] = []

    def ended(task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            broken.append(error)
            if owner is not None:
                owner.cancel()

    def start(work: Any) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(ended)

    try:
        yield start
    except asyncio.CancelledError:
        if broken:
            raise broken[0] from None
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _mourn(running: Show, child: Child, say: Say) -> None:
    running.died.append(child.name)
    say(f"{child.name} ended unasked with code {child.code}; its last lines · {child.name} 意外退出:\n{child.last_lines()}")


async def _start_controller(running: Show, say: Say) -> None:
    say("starting the controller · 启动控制器")
    words = hallware("controller", str(running.files.hall))
    (child,) = await running.children.start(("controller", words, running.files.log("controller")))
    running.controller = child
    await until(lambda: running.hall.controller is not None and running.hall.controller.state == "online", [child])
    await until(lambda: _listens(running.config.http.port), [child])


async def _start_nodes(
    running: Show, node_files: Mapping[str, Path], sockets: Mapping[str, Path], start: Callable[[Any], None], say: Say
) -> HallWires:
    say(f"starting {len(node_files)} nodes, each with the real drivers on simulated wires · 启动节点: {', '.join(node_files)}")
    wires = HallWires(running.hall, sockets)
    start(wires.run())
    orders = [
        (node, hallware("node", str(path), "--simulate", "--control", str(sockets[node])), running.files.log(node))
        for node, path in node_files.items()
    ]
    children = await running.children.start(*orders)
    running.nodes.update({child.name: child for child in children})
    await until(lambda: all(running.online(node) for node in node_files), children)
    return wires


async def _open_page(
    running: Show, wish: Wish, wires: HallWires, start: Callable[[Any], None], stack: AsyncExitStack, say: Say
) -> None:
    say("opening the page" + (" and letting people in · 打开页面，放人进场" if wish.people else " · 打开页面"))
    hands = _Hands(running, wires)
    parts = Parts(running.hall, hands.can)
    hands.parts = parts
    setting = Setting(
        name=running.config.hall.name.text,
        key=secrets.token_urlsafe(16),
        hall_link="/go?to=/",
        window_link="/go?to=/window/{window}",
        touch_links=running.touch_links,
        people=wish.people,
    )
    listening = stack.enter_context(listen_on(wish.port))
    await stack.enter_async_context(serving(make_app(running.hall, parts, hands, setting), listening))
    stack.callback(parts.close)
    running.page_link = f"http://{HOST}:{listening.getsockname()[1]}/?key={setting.key}"
    running.controller_link = await running.way_in("/")
    if wish.people:
        people = running.people = People(running.hall, Crowd(seed=wish.seed, speed=wish.speed), wires.move)
        people.watchers.append(lambda: parts.people(on=people.live, figures=people.figures()))
        start(people.run())


class _Hands:
    """The page's hands in this demonstration."""

    def __init__(self, running: Show, wires: HallWires) -> None:
        self.parts: Parts | None = None
        self._running, self._wires = running, wires

    def can(self, node: str) -> tuple[str, ...]:
        """What can be done to a node now."""
        child = self._running.nodes.get(node)
        return () if child is None else ("kill",) if child.running else ("start",)

    async def move(self, device: str, hand: str, how: dict[str, Any]) -> None:
        """Move a hand at a device."""
        await self._wires.move(device, hand, how)

    async def order(self, node: str, order: Literal["kill", "start"]) -> None:
        """Kill or start a node's process."""
        child = self._running.nodes.get(node)
        if child is None:
            raise CannotDo(f"there is no node `{node}`")
        await (child.kill() if order == "kill" else child.start())
        if self.parts is not None:
            self.parts.node(node)

    def let_people(self, *, live: bool) -> None:
        """Let the people go on, or hold them."""
        if self._running.people is not None:
            self._running.people.live = live

    async def way_in(self, goal: str) -> str:
        """A link that signs in at the controller."""
        return await self._running.way_in(goal)


def hallware(*words: str) -> tuple[str, ...]:
    """The command line of a subcommand in this same environment."""
    return (sys.executable, "-m", "hallware.main", *words)


async def until(true: Callable[[], bool], children: Sequence[Child]) -> None:
    """Wait until something is so. Raises `ChildDied` when one that must make it so has ended, `TimeoutError` in the end."""
    end = asyncio.get_running_loop().time() + STARTS_WITHIN
    while not true():
        for child in children:
            if not child.running:
                raise ChildDied(f"{child.name} does not start; its last lines:\n{child.last_lines()}")
        if asyncio.get_running_loop().time() > end:
            slow = "\n".join(f"  {child.name}:\n{child.last_lines(3)}" for child in children)
            raise TimeoutError(f"not everything is up after {STARTS_WITHIN:.0f} s; last lines:\n{slow}")
        await asyncio.sleep(LOOK_EVERY)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def listen_on(port: int) -> socket.socket:
    """A socket of loopback at `port`, 0 for a free one. Raises `OSError` when somebody uses it."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise
    listening.set_inheritable(False)
    return listening
