"""What storing costs: facts on a node's disk, events in the controller's, a backlog's way, boards after the broker's return."""

import asyncio
import os
import secrets
import select
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.hall import controller
from benchmarks.raw import raw_client
from broker_config.process import MosquittoProcess
from contract.codec import encode
from contract.dispatch import Action, CallChosen, CallNext, DispatchRequest, IssueTicket
from contract.events import Event, StayStarted
from contract.settings import parse
from contract.topics import ACK, CONTROLLER_STATUS, EVENT
from controller.config import HallConfig
from controller.jobs import MOST
from controller.running import running
from controller.store.store import Store
from firmware.clock import HallClock
from firmware.config import BoardConfig, NodeConfig, NodeIdentity
from firmware.node import Node
from firmware.outbox import Outbox
from hallware.simulated import Simulation
from link.link import Link
from tests.chaos import reading
from tests.controller.halls import text as hall_toml
from tests.controller.play import now
from tests.postgres import serving

NODE, ROOM = "room-node", "room-1"
BOARDS = 50
RIGHT_WITHIN = 10.0
WINDOW = "w1"


def measure(*, short: bool = False) -> list[Figure]:
    """All figures of durability."""
    facts, events, boards = (50, 500, 8) if short else (400, 10_000, BOARDS)
    return [*asyncio.run(_facts(facts)), *_both_databases(events), asyncio.run(_boards(boards))]


# Facts on a node's disk.


async def _facts(count: int) -> list[Figure]:
    """One fact after the other, and many at once, against a bare flush of the same disk."""
    with tempfile.TemporaryDirectory(prefix="hallware-bench-", dir=Path.home()) as folder:
        flush = _flush(Path(folder) / "bare", count)
        async with _outbox(Path(folder) / "outbox.db", _nowhere) as outbox:
            await outbox.record(ROOM, _fact())
            one = await _timed(_one_by_one(outbox, count)) / count
            many = await _timed(_at_once(outbox, count)) / count
    bare = "write and fdatasync of 4 KiB"
    return [
        Figure("fact on the node's disk, alone", 1000 * one, "ms", baseline=1000 * flush, of=bare),
        Figure("fact on the node's disk, many at once", 1000 * many, "ms", baseline=1000 * flush, of=bare),
    ]


def _flush(path: Path, count: int) -> float:
    """Seconds for appending 4 KiB to a file and flushing it."""
    with path.open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(count):
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / count


async def _one_by_one(outbox: Outbox, count: int) -> None:
    for _ in range(count):
        await outbox.record(ROOM, _fact())


async def _at_once(outbox: Outbox, count: int) -> None:
    await asyncio.gather(*(outbox.record(ROOM, _fact()) for _ in range(count)))


# Events in the controller's database.


def _both_databases(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="hallware-bench-", dir=Path.home()) as folder:
        found = asyncio.run(_events(count, f"sqlite:///{folder}/hall.db", "SQLite"))
    with serving() as server:
        return [*found, *asyncio.run(_events(count, server.new_database(), "PostgreSQL"))]


async def _events(count: int, store: str, name: str) -> list[Figure]:
    """A node's backlog on its way into the controller's database, against the broker carrying the same messages to a listener,
    and against bare rows of the same size in as many commits."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(MosquittoProcess())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-bench-", dir=Path.home())))
        bare = await asyncio.to_thread(_delivered, broker, count)
        await stack.enter_async_context(controller(folder, store, broker.port))
        link = await stack.enter_async_context(Link(broker.address(), NODE, "centre"))

        async def send(event: Event) -> bool:
            return await link.say(EVENT, event, node=NODE)

        outbox = await stack.enter_async_context(_outbox(folder / "outbox.db", send))
        await _backlog(outbox, count)
        acks = asyncio.create_task(_hear_acks(link, outbox))
        await _presence(link)
        outbox.presence(True)
        drained = await _timed(_empty(outbox))
        acks.cancel()
        await asyncio.gather(acks, return_exceptions=True)
    rows = await asyncio.to_thread(_inserted, store, count)
    mosquitto = "broker to a QoS 1 subscriber"
    return [
        Figure(f"event durably stored at the controller, {name}", 1000 * drained / count, "ms", 1000 * bare / count, mosquitto),
        Figure(f"events durably stored a second, {name}", count / drained, "1/s", count / rows, "bare rows, as durable"),
        Figure(f"backlog of {count:,} events drained, {name}", drained, "s", bare, mosquitto),
    ]


def _inserted(store: str, count: int) -> float:
    """Seconds for as many bare rows of an event's size, so many in a commit as the controller takes at most."""
    kept = Store(store, "bare")
    kept.open()
    connection = kept._connection
    assert connection is not None
    body = encode(_fact()).decode()
    with connection.begin():
        connection.execute(text("CREATE TABLE bare (node VARCHAR, number BIGINT, body TEXT, PRIMARY KEY (node, number))"))
    began = time.perf_counter()
    for start in range(0, count, MOST):
        rows = [{"node": NODE, "number": n, "body": body} for n in range(start, min(start + MOST, count))]
        with connection.begin():
            connection.execute(text("INSERT INTO bare VALUES (:node, :number, :body)"), rows)
    took = time.perf_counter() - began
    kept.close()
    return took


def _delivered(broker: MosquittoProcess, count: int) -> float:
    """Seconds in which `count` messages go from a publisher through the broker to `mosquitto_sub` at QoS 1."""
    payload = encode(Event(node=NODE, epoch="benchmark", number=1, device=ROOM, at=now(), age=0.1, fact=_fact()))
    words = ["stdbuf", "-oL", "mosquitto_sub", "-p", str(broker.port), "-V", "mqttv5", "-q", "1", "-t", "raw", "-F", "x"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as listener, raw_client(broker.address(), "raw-sayer") as sayer:
        assert listener.stdout is not None
        try:
            lines = listener.stdout.fileno()
            while not _lines(lines, 0.1):  # until it has subscribed
                sayer.publish("raw", payload, qos=1)
            while _lines(lines, 0.3):
                pass
            began = time.perf_counter()
            for _ in range(count):
                sayer.publish("raw", payload, qos=1)
            came = 0
            while came < count and (more := _lines(lines, 30.0)):
                came += more
            took = time.perf_counter() - began
        finally:
            listener.terminate()
    assert came == count, f"{came} of {count} messages were delivered"
    return took


def _lines(descriptor: int, patience: float) -> int:
    """Lines that can be read now; 0 when none came in time."""
    ready, _, _ = select.select([descriptor], [], [], patience)
    return os.read(descriptor, 65536).count(b"\n") if ready else 0


async def _backlog(outbox: Outbox, count: int) -> None:
    for start in range(0, count, 500):
        await _at_once(outbox, min(500, count - start))


async def _presence(link: Link) -> None:
    """Wait for the controller."""
    async with asyncio.timeout(90):
        with link.hear(CONTROLLER_STATUS) as ear:
            async for heard in ear:
                if heard.message.state == "online":
                    return


async def _hear_acks(link: Link, outbox: Outbox) -> None:
    with link.hear(ACK, node=NODE) as ear:
        async for heard in ear:
            outbox.acked(heard.message)


async def _empty(outbox: Outbox) -> None:
    async with asyncio.timeout(300):
        while outbox.waiting:  # noqa: ASYNC110  told by its own tasks
            await asyncio.sleep(0.005)


# Boards after the broker's return.


async def _boards(count: int) -> Figure:
    """From the broker's return to the moment at which every board shows a call that was made while it was away."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(MosquittoProcess())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-bench-")))
        held = await stack.enter_async_context(running(_hall_of_boards(broker, folder, count)))
        hall = held.hall

        async def ask(do: Action) -> Any:
            at = now()
            request = DispatchRequest(id=secrets.token_hex(8), at=at, not_after=at + timedelta(minutes=1), do=do)
            reply = await hall.ask(request, "benchmark")
            assert reply.outcome == "done", reply.what.en
            return reply

        boards = [await stack.enter_async_context(_board(broker, folder, n)) for n in range(count)]
        first, second = [(await ask(IssueTicket(service="social"))).number for _ in range(2)]
        await ask(CallNext(window=WINDOW))
        await _shown(boards, first)
        await broker.kill()
        await asyncio.sleep(4.0)  # longer than a board believes that nothing has happened
        await ask(CallChosen(window="w2", number=second))
        await broker.start()
        took = await _timed(_shown(boards, second))
    return Figure(f"{count} boards right after the broker's return", took, "s", limit=RIGHT_WITHIN)


def _hall_of_boards(broker: MosquittoProcess, folder: Path, count: int) -> HallConfig:
    boards = "".join(f'\n[[board]]\nid = "board-{n}"\n' for n in range(count))
    nodes = "".join(f'\n[[node]]\nid = "node-{n}"\n\n[[node.device]]\nid = "board-{n}"\nkind = "board"\n' for n in range(count))
    return parse(hall_toml(f"sqlite:///{folder}/hall.db", port=broker.port) + boards + nodes, HallConfig, name="hall.toml")


@asynccontextmanager
async def _board(broker: MosquittoProcess, folder: Path, number: int) -> AsyncIterator[Callable[[], tuple[str, ...]]]:
    """A node with one board on simulated wires; what is given reads the numbers that it shows."""
    config = NodeConfig(
        node=NodeIdentity(id=f"node-{number}", hall="centre", data=folder / f"node-{number}"),
        broker=broker.address(),
        device=(BoardConfig(id=f"board-{number}", width=192, page=0.5, blink=0.1),),
    )
    async with Simulation(config) as simulation:
        stop = asyncio.Event()
        node = asyncio.create_task(Node(config, simulation.wires, version="1").run(stop))
        yield lambda: reading.numbers(simulation.bench.view(f"board-{number}"))
        stop.set()
        await node


async def _shown(boards: list[Callable[[], tuple[str, ...]]], number: str) -> None:
    """Wait until every board has shown a number."""
    left = list(boards)
    async with asyncio.timeout(60):
        while left:
            left = [board for board in left if number not in board()]
            await asyncio.sleep(0.02)


# Common.


@asynccontextmanager
async def _outbox(path: Path, send: Callable[[Event], Awaitable[bool]]) -> AsyncIterator[Outbox]:
    async with Outbox(path, NODE, HallClock(), boot="benchmark", send=send) as outbox:
        yield outbox


async def _nowhere(event: Event) -> bool:
    return False


def _fact() -> StayStarted:
    return StayStarted(stay=secrets.token_hex(8), room="nursery", cubicle="left")


async def _timed(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began
