"""A thousand nodes that come back at once: real links in several processes, a real controller, a broker killed and restarted.

The baseline is what the same broker takes from bare paho clients that connect, subscribe and say one retained message, one after
the other. Both come with passwords and through the access list, as in a hall.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from benchmarks.figures import Figure
from benchmarks.reconnecting import HALL, name
from benchmarks.running import ROOT, resident
from broker_config.access import CONTROLLER, access_list
from broker_config.process import MosquittoProcess
from contract.settings import parse
from contract.topics import NODE_STATUS
from controller.config import HallConfig
from controller.running import running
from controller.service import HallService
from link.link import Link
from link.weather import Backoff
from tests.controller.halls import text

NODES, PROCESSES = 1000, 4
VIEWER = "viewer"
AWAY = 8.0
"""Seconds for which the killed broker stays away: longer than the longest wait between two attempts."""
STEADY = Backoff().steady + 1.0
"""Seconds after which every link begins with its shortest wait again, as it does when all are cut on an ordinary day."""
RIGHT_WITHIN = 30.0
"""Seconds within which a whole hall of so many nodes is to be back."""
PATIENCE = 180.0
STEP = 0.1
"""Seconds in which attempts count as made at once."""


def measure(*, short: bool = False) -> list[Figure]:
    """All figures of a reconnection."""
    nodes, processes = (100, 2) if short else (NODES, PROCESSES)
    _allow_files(4 * nodes + 200)
    return asyncio.run(_measure(nodes, processes))


def _allow_files(wanted: int) -> None:
    """Let this process and its children, the broker among them, hold so many files and sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


@dataclass
class Episode:
    """What happened from the moment in which the broker was there (again) until everybody was back."""

    began: float
    there: float
    """When the broker said that it runs; it takes connections a moment before that."""
    failed: list[float] = field(default_factory=list)
    up: list[float] = field(default_factory=list)
    proven: list[float] = field(default_factory=list)
    seconds: float = 0.0
    """Until the last node had its echo."""
    known: float = 0.0
    """Until the controller knew that all are there."""
    cpu: float = 0.0
    """The broker's."""

    @property
    def refused(self) -> int:
        """Attempts that failed though the broker was there."""
        return sum(at > self.there for at in self.failed)

    @property
    def busiest(self) -> int:
        """Most connections that stood within one `STEP`."""
        return max(Counter(int((at - self.began) / STEP) for at in self.up).values())


class Herd:
    """The processes in which the nodes' links are."""

    def __init__(self, processes: list["subprocess.Popen[str]"], nodes: int) -> None:
        self._processes, self.nodes = processes, nodes

    async def back(self, episode: Episode) -> None:
        """Return when every node has had an echo since the episode began."""
        async with asyncio.timeout(PATIENCE):
            while sum(at > episode.began for at in episode.proven) < self.nodes:
                await asyncio.sleep(0.2)
                await asyncio.to_thread(self._gather, episode)
        episode.seconds = max(episode.proven) - episode.began

    def _gather(self, episode: Episode) -> None:
        for process in self._processes:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("?\n")
            process.stdin.flush()
            failed, up, proven = json.loads(process.stdout.readline())
            episode.failed += failed
            episode.up += up
            episode.proven += proven


async def _measure(nodes: int, processes: int) -> list[Figure]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-bench-")))
        passwords = {user: user[::-1] for user in (CONTROLLER, VIEWER, *map(name, range(nodes)))}
        access = access_list(HALL, viewers=[VIEWER])
        broker = await stack.enter_async_context(MosquittoProcess(passwords=passwords, access=access))
        bare = await asyncio.to_thread(_one_by_one, broker, nodes)
        await broker.restart()
        empty = _memory(broker)
        hall = await stack.enter_async_context(_controller(broker, folder, nodes))
        births = await stack.enter_async_context(_births(broker))
        herd = stack.enter_context(_herd(broker, nodes, processes))
        there: dict[str, str] = {}
        first = await _episode(broker, hall, herd, there, _nothing)
        full = _memory(broker)
        await broker.kill()
        await asyncio.sleep(AWAY)
        killed = await _episode(broker, hall, herd, there, broker.start)
        await asyncio.sleep(STEADY)
        cut = await _episode(broker, hall, herd, there, broker.restart)
        connections = len(first.up) + len(killed.up) + len(cut.up)
    return _figures(nodes, bare, (killed, cut), (empty, full), (births.total(), connections))


def _figures(
    nodes: int, bare: float, episodes: tuple[Episode, Episode], memory: tuple[float, float], births: tuple[int, int]
) -> list[Figure]:
    of, figures = f"{nodes} bare clients one after the other", []
    for words, episode in zip(("the broker was killed", "all were cut at once"), episodes, strict=True):
        figures += [
            Figure(f"{nodes} nodes back, echo proven, after {words}", episode.seconds, "s", bare, of),
            Figure("  the controller knows all of them", episode.known, "s", limit=RIGHT_WITHIN),
            Figure("  attempts that failed while the broker was there", episode.refused / nodes, "a node", limit=0.1),
            Figure("  connections in the busiest tenth of a second", episode.busiest, "", nodes, "all in step"),
            Figure("  the broker's CPU for it", episode.cpu, "s", episode.seconds, "of one core, all the while"),
        ]
    empty, full = memory
    return [
        *figures,
        Figure(f"the broker's memory with {nodes} nodes", full, "MiB", empty, "the broker with none"),
        Figure("births heard by a listener", births[0], "", births[1], "connections", goal=1.0),
    ]


async def _nothing() -> None:
    """The broker is there already."""


async def _episode(
    broker: MosquittoProcess, hall: HallService, herd: Herd, before: dict[str, str], bring: Callable[[], Awaitable[None]]
) -> Episode:
    """From bringing the broker until every node and the controller are well; `before` is who was there in the last one."""
    began = time.perf_counter()
    await bring()
    episode, cpu = Episode(began, time.perf_counter()), _cpu(broker)
    knowing = asyncio.create_task(_all_known(hall, herd.nodes, dict(before), episode.began))
    await herd.back(episode)
    episode.known = await knowing
    episode.cpu = _cpu(broker) - cpu
    before.update(_sessions(hall))
    return episode


async def _all_known(hall: HallService, nodes: int, before: dict[str, str], began: float) -> float:
    """Seconds until the controller has heard a new birth of every node."""
    async with asyncio.timeout(PATIENCE):
        while sum(before.get(node) != session for node, session in _sessions(hall).items()) < nodes:  # noqa: ASYNC110  a view
            await asyncio.sleep(0.2)
    return time.perf_counter() - began


def _sessions(hall: HallService) -> dict[str, str]:
    """The sessions of the nodes that the controller takes to be there."""
    found = ((node.node, node.status) for node in hall.view().nodes)
    return {node: status.session for node, status in found if status is not None and status.state == "online"}


@asynccontextmanager
async def _controller(broker: MosquittoProcess, folder: Path, nodes: int) -> AsyncIterator[HallService]:
    """The controller of a hall with all the nodes in its plan."""
    planned = "".join(
        f'\n[[node]]\nid = "{name(n)}"\n\n[[node.device]]\nid = "caller-{name(n)}"\nkind = "caller"\nwindow = "w1"\n'
        for n in range(nodes)
    )
    hall = parse(text(f"sqlite:///{folder}/hall.db") + planned, HallConfig, name="hall.toml")
    async with running(msgspec.structs.replace(hall, broker=broker.address(CONTROLLER))) as held:
        await held.link.wait_up(PATIENCE)
        yield held.hall


@asynccontextmanager
async def _births(broker: MosquittoProcess) -> AsyncIterator[Counter[str]]:
    """How often the birth of each session is heard."""
    heard_births: Counter[str] = Counter()

    async def listen(link: Link) -> None:
        with link.hear(NODE_STATUS) as ear:
            async for heard in ear:
                if heard.message.state == "online":
                    heard_births[heard.message.session] += 1

    async with Link(broker.address(VIEWER), VIEWER, HALL) as link:
        listening = asyncio.create_task(listen(link))
        await link.wait_up(PATIENCE)
        yield heard_births
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@contextmanager
def _herd(broker: MosquittoProcess, nodes: int, processes: int) -> Iterator[Herd]:
    each = nodes // processes
    words = [sys.executable, "-m", "benchmarks.reconnecting", str(broker.port)]
    with ExitStack() as stack:
        children = [
            stack.enter_context(
                subprocess.Popen(
                    [*words, str(n * each), str(each)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
                )
            )
            for n in range(processes)
        ]
        try:
            yield Herd(children, nodes)
        finally:
            for child in children:
                assert child.stdin is not None
                child.stdin.close()


def _cpu(broker: MosquittoProcess) -> float:
    """Seconds of CPU that the broker has used."""
    fields = Path(f"/proc/{broker.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(broker: MosquittoProcess) -> float:
    assert broker.pid is not None
    return resident(broker.pid)


def _one_by_one(broker: MosquittoProcess, count: int) -> float:
    """Seconds in which so many bare clients connect, subscribe to one topic and say one retained message."""
    began = time.perf_counter()
    for number in range(count):
        user = name(number)
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(user, user[::-1])
        answered: list[str] = []
        client.on_connect = lambda *_, answered=answered: answered.append("connected")
        client.on_subscribe = lambda *_, answered=answered: answered.append("subscribed")
        client.on_publish = lambda *_, answered=answered: answered.append("published")
        client.connect("127.0.0.1", broker.port)
        _turn(client, answered, 1)
        client.subscribe(f"hall/v1/{HALL}/node/{user}/echo", qos=0)
        client.publish(f"hall/v1/{HALL}/node/{user}/status", b"x" * 200, qos=1, retain=True)
        _turn(client, answered, 3)
        client.disconnect()
        _close(client)  # paho waits by `select`, which takes no socket above 1023
    return time.perf_counter() - began


def _close(client: mqtt.Client) -> None:
    while client.socket() is not None:
        client.loop(timeout=1.0)


def _turn(client: mqtt.Client, answered: list[str], wanted: int) -> None:
    while len(answered) < wanted:
        client.loop(timeout=1.0)
