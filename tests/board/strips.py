"""A text board at work: the real agent, its wire, and the simulated sign at the wire's end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from contract.calling import CallAnswer
from contract.commands import CommandAnswer
from firmware.agents.strip import build
from firmware.config import NodeConfig, NodeIdentity, StripConfig
from hallware.simulated import Simulation
from hardware_sim.bench_sign import SimulatedStrip
from tests.board.station import HandStation
from tests.runtime.waiting import until

SERIAL = "/dev/serial/by-id/usb-rs485-if00"
CARD = "udp://192.0.2.7:8453"
COLUMNS = {"queue": 8, "digits": 3, "digits-colour": 3}


def strip_config(dialect: str, **settings: Any) -> StripConfig:
    """A strip over window 3 that is refreshed often, so that no test waits long for it."""
    wire = CARD if dialect == "udp-card" else SERIAL
    usual: dict[str, Any] = {
        "id": "board-1",
        "dialect": dialect,
        "wire": wire,
        "window": "w3",
        "columns": COLUMNS.get(dialect, 16),
        "refresh": 1.0,
    }
    return StripConfig(**usual | settings)


def node_of(*configs: StripConfig) -> NodeConfig:
    """A node with these boards and nothing else."""
    return NodeConfig(node=NodeIdentity(id="node-1", hall="centre"), device=configs)


@dataclass
class Work:
    """An agent at work and its sign."""

    config: StripConfig
    station: HandStation
    strip: SimulatedStrip

    def texts(self) -> list[str]:
        with self.strip.wire.lock:
            return self.strip.sign.texts()

    def shows(self, *texts: str) -> bool:
        return self.texts() == list(texts)

    async def showing(self, *texts: str) -> None:
        await until(lambda: self.shows(*texts))

    async def being(self, condition: str, code: str) -> None:
        await until(lambda: self.state == (condition, code))

    @property
    def said(self) -> str:
        """The last state's words, in both languages, with what to touch."""
        texts = [text for text in self.station.words[-1] if text is not None]
        return " ".join(f"{text.zh} {text.en}" for text in texts)

    @property
    def answers(self) -> list[tuple[str, str]]:
        return [(said.call, said.outcome) for said in self.station.said if isinstance(said, CallAnswer)]

    @property
    def replies(self) -> list[tuple[str, str]]:
        return [(said.id, said.outcome) for said in self.station.said if isinstance(said, CommandAnswer)]

    @property
    def state(self) -> tuple[str, str]:
        return self.station.states[-1] if self.station.states else ("", "")


@asynccontextmanager
async def at_work(*configs: StripConfig) -> AsyncIterator[list[Work]]:
    """The agents of these boards on one node."""
    async with Simulation(node_of(*configs)) as simulation:
        works, tasks = [], []
        for config in configs:
            station, strip = HandStation(config.id), simulation.bench.peripherals[config.id]
            assert isinstance(strip, SimulatedStrip)
            works.append(Work(config, station, strip))
            tasks.append(asyncio.create_task(build(config, simulation.wires, station).run()))
        try:
            yield works
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task


@asynccontextmanager
async def one(dialect: str, **settings: Any) -> AsyncIterator[Work]:
    """The agent of one board."""
    async with at_work(strip_config(dialect, **settings)) as works:
        yield works[0]
