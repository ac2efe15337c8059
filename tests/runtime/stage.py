"""A node on a stage: its agents do what a test wants, and the rest of the hall listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contract.commands import Command, SelfTest
from contract.health import ControllerStatus
from contract.topics import (
    COMMAND,
    COMMAND_ANSWER,
    CONTROLLER_STATUS,
    DEVICE_STATE,
    EVENT,
    NODE_STATUS,
    Topic,
)
from contract.values import Text
from devices.real_wires import RealWires
from firmware.config import BoardConfig, NodeConfig, NodeIdentity, RaterConfig, RatingKey
from firmware.node import Node
from firmware.station import Station
from link.address import BrokerAddress
from link.link import Link
from link.weather import Backoff

HALL = "centre"
READY = Text(zh="正常", en="Ready")
Life = Callable[[Station], Awaitable[None]]


@dataclass
class Stage:
    """Builds agents from what a test wants them to do, and lets it reach their stations."""

    lives: dict[str, Life] = field(default_factory=dict)
    stations: dict[str, Station] = field(default_factory=dict)
    configs: dict[str, Any] = field(default_factory=dict)
    born: list[str] = field(default_factory=list)

    def build(self, kind: str) -> Any:
        return self._agent

    def _agent(self, config: Any, wires: Any, station: Station) -> Any:
        stage = self

        class Agent:
            async def run(self) -> None:
                stage.stations[station.device], stage.configs[station.device] = station, config
                stage.born.append(station.device)
                await stage.lives.get(station.device, contented)(station)

        return Agent()


async def contented(station: Station) -> None:
    """An agent to which nothing happens."""
    station.state("ready", "ok", READY)
    while True:
        station.alive()
        await asyncio.sleep(0.5)


def config(port: int, data: Path) -> NodeConfig:
    return NodeConfig(
        node=NodeIdentity(id="node-1", hall=HALL, data=data),
        broker=BrokerAddress(port=port),
        device=(BoardConfig(id="board-1"), RaterConfig(id="rater-1", window="w1", keys=(RatingKey(level=5, line=4),))),
    )


@asynccontextmanager
async def running(port: int, data: Path, stage: Stage, **rest: Any) -> AsyncIterator[Node]:
    node = Node(config(port, data), RealWires(), version="1", build=stage.build, **rest)
    stop = asyncio.Event()
    task = asyncio.create_task(node.run(stop))
    try:
        yield node
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await task


class Hall:
    """The rest of the hall: hears everything, and says what a controller says."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.heard: list[tuple[str, Any]] = []

    def of(self, topic: Topic[Any]) -> list[Any]:
        return [message for name, message in self.heard if name == topic.name]

    def codes(self, device: str) -> list[str]:
        return [state.code for state in self.of(DEVICE_STATE) if state.device == device]

    async def listen(self, topic: Topic[Any]) -> None:
        with self.link.hear(topic) as ear:
            async for heard in ear:
                self.heard.append((topic.name, heard.message))

    async def beat(self, **rest: Any) -> None:
        said: dict[str, Any] = {"session": "session-1", "state": "online", "at": datetime.now(UTC), "version": "1"}
        await self.link.say(CONTROLLER_STATUS, ControllerStatus(**said | rest))

    async def order(self, device: str, do: Any = None, token: str = "command-1", late: bool = False) -> None:
        now = datetime.now(UTC)
        until = now - timedelta(seconds=1) if late else now + timedelta(seconds=20)
        command = Command(id=token, device=device, at=now, not_after=until, do=do or SelfTest())
        await self.link.say(COMMAND, command, node="node-1")


@asynccontextmanager
async def hall(port: int) -> AsyncIterator[Hall]:
    topics = (NODE_STATUS, DEVICE_STATE, EVENT, COMMAND_ANSWER)
    async with Link(BrokerAddress(port=port), "controller", HALL, backoff=Backoff(first=0.05, most=0.2)) as link:
        there = Hall(link)
        tasks = [asyncio.create_task(there.listen(topic)) for topic in topics]
        await asyncio.sleep(0)
        await link.wait_up(5)
        yield there
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
