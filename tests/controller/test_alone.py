"""One hall has one controller: a second one at its port or its broker is told so, and the first one does not feel it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from broker_config.process import MosquittoProcess, free_port
from contract import topics
from contract.health import ControllerStatus
from controller.alone import AnotherController, refuse_another
from controller.config import HallConfig
from tests.controller.halls import hall, sqlite, text
from tests.controller.play import Client, now, running_hall, until
from tests.controller.test_crash import born, controller


def prepare(broker: MosquittoProcess, folder: Path, port: int) -> Path:
    """A hall.toml in a folder of its own, with a store of its own."""
    folder.mkdir()
    plan = text(sqlite(folder), port=broker.port).replace("port = 0", f"port = {port}")
    (folder / "hall.toml").write_text(plan, encoding="utf-8")
    return folder


async def refused(folder: Path) -> str:
    """What a controller says that ends by itself."""
    async with controller(folder) as process, asyncio.timeout(30):
        assert await process.wait() == 1
    return (folder / "log").read_text(encoding="utf-8")


async def test_a_second_controller_at_the_same_port_fails_before_it_touches_broker_and_store(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    port = free_port()
    first, second = prepare(broker, tmp_path / "first", port), prepare(broker, tmp_path / "second", port)
    async with Client(broker) as client, controller(first):
        session = await born(client)
        said = await refused(second)
        assert said.startswith(f"hallware controller: http.host `127.0.0.1` port {port}: another program uses it")
        assert len(said.splitlines()) == 1
        assert not (second / "hall.db").exists()
        heard = client.messages(topics.CONTROLLER_STATUS)
        assert {(status.session, status.state) for status in heard} == {(session, "online")}


async def test_a_second_controller_at_another_port_hears_that_the_first_one_lives(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    first, second = prepare(broker, tmp_path / "first", 0), prepare(broker, tmp_path / "second", 0)
    async with Client(broker) as client, controller(first):
        session = await born(client)
        said = await refused(second)
        assert said.startswith(f"hallware controller: another controller (session {session}) keeps hall `centre` at the broker")
        assert {status.session for status in client.messages(topics.CONTROLLER_STATUS)} == {session}
        assert not (second / "hall.db").exists()


async def test_a_killed_controller_does_not_stand_in_the_way(broker: MosquittoProcess, tmp_path: Path) -> None:
    folder = prepare(broker, tmp_path / "only", 0)
    async with Client(broker) as client:
        async with controller(folder):
            await born(client)
        await until(lambda: client.messages(topics.CONTROLLER_STATUS)[-1].state == "lost", "the will")
        began = time.monotonic()
        await refuse_another(hall(port=broker.port))
        assert time.monotonic() - began < 4.5, "another heartbeat, five seconds later, is not waited for"


@asynccontextmanager
async def left_behind(broker: MosquittoProcess, age: float, every: float) -> AsyncIterator[HallConfig]:
    """A hall whose broker keeps a heartbeat that nobody took back."""
    async with Client(broker) as client:
        status = ControllerStatus(
            session="session-gone", state="online", at=now() - timedelta(seconds=age), version="1", every=every
        )
        assert await client.link.say(topics.CONTROLLER_STATUS, status)
        yield hall(port=broker.port)


@pytest.mark.parametrize(("age", "every", "within"), [(0.0, 0.5, 15.0), (600.0, 30.0, 15.0)])
async def test_a_heartbeat_that_none_follows_does_not_stand_in_the_way(
    broker: MosquittoProcess, age: float, every: float, within: float
) -> None:
    async with left_behind(broker, age, every) as config:
        began = time.monotonic()
        await refuse_another(config)
        assert time.monotonic() - began < within


async def test_a_hall_without_a_broker_is_not_held_up() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        began = time.monotonic()
        await refuse_another(hall(port=taken.getsockname()[1]))
    assert time.monotonic() - began < 15


async def test_a_controller_thrown_out_by_another_says_what_to_do(
    broker: MosquittoProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (tmp_path / name for name in ("first", "second"))
    for folder in (first, second):
        folder.mkdir()
    async with running_hall(broker, first), running_hall(broker, second):
        said = "uses this broker for this hall; stop one of them"
        await until(lambda: [r for r in caplog.records if r.levelname == "ERROR" and r.getMessage().endswith(said)], said)


async def test_a_heartbeat_that_another_one_follows_stands_in_the_way(broker: MosquittoProcess) -> None:
    async with left_behind(broker, 0.0, 0.5) as config, Client(broker, "living") as client:
        refusing = asyncio.create_task(refuse_another(config))
        while not refusing.done():
            status = ControllerStatus(session="session-gone", state="online", at=now(), version="1", every=0.5)
            await client.link.say(topics.CONTROLLER_STATUS, status)
            await asyncio.wait({refusing}, timeout=0.1)
        with pytest.raises(AnotherController, match="session-gone"):
            refusing.result()
