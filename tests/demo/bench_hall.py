"""A real bench behind a real control socket, with the hall's messages told by the test: what wires and page stand on."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract.calling import BoardPicture, WindowState
from contract.health import DeviceState, NodeStatus
from contract.settings import convert
from contract.ticketing import KioskOffer, ServiceOffer
from contract.values import Text
from firmware.config import NodeConfig
from hallware.simulated import Simulation
from hardware_sim.control import ControlServer
from hardware_sim.hall import Hall
from hardware_sim.hall_wires import HallWires
from hardware_sim.page.app import Setting, make_app
from hardware_sim.page.parts import Parts
from hardware_sim.page.serve import serving

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
KEY = "a-key-for-the-page"
NODE = {
    "node": {"id": "corner", "hall": "centre"},
    "device": [
        {"kind": "board", "id": "strip-1", "width": 64, "layout": "window", "window": "window-1"},
        {
            "kind": "kiosk", "id": "kiosk-1", "printer": {"wire": "tcp://printer:9100"},
            "keys": [{"line": 4, "service": "tax"}, {"line": 5, "service": "tax", "priority": "priority"}],
        },
        {"kind": "rater", "id": "rater-1", "window": "window-1", "keys": [{"level": 5, "line": 12}, {"level": 1, "line": 13}]},
        {"kind": "caller", "id": "caller-1", "window": "window-1", "wire": "/dev/input/by-id/pad"},
        {"kind": "room", "id": "room-1", "room": "room-1", "cubicles": [{"id": "left", "door": 16, "motion": 17, "lamp": 18}]},
    ],
}  # fmt: skip


async def until(true: Callable[[], object], within: float = 30.0) -> None:
    """Wait until something is so; the deadline fails the test."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110  what is waited for is told by another thread or process
            await asyncio.sleep(0.01)


@dataclass
class BenchHall:
    """A hall of one node."""

    simulation: Simulation
    hall: Hall
    wires: HallWires
    orders: list[tuple[str, str]] = field(default_factory=list)
    live: bool = True

    def view(self, device: str) -> dict[str, Any]:
        """What the bench itself says."""
        return self.simulation.bench.view(device)

    async def move(self, device: str, hand: str, how: dict[str, Any]) -> None:
        """Move a hand at the wires."""
        await self.wires.move(device, hand, how)

    async def order(self, node: str, order: str) -> None:
        """Remember an order."""
        self.orders.append((node, order))

    def let_people(self, *, live: bool) -> None:
        """Remember the switch."""
        self.live = live

    async def way_in(self, goal: str) -> str:
        """A link as a controller might give it."""
        return f"http://127.0.0.1:1/enter?next={goal}"

    def tell(self) -> None:
        """Let the hall say who it is."""
        name = Text(zh="1号窗口", en="Window 1")
        idle = Text(zh="欢迎", en="Welcome")
        ready = Text(zh="正常", en="ready")
        tax = ServiceOffer(
            service="tax", name=Text(zh="税务", en="Tax"), prefix="A", zone="zone-a", zone_name=name, open=True, waiting=3
        )
        self.hall.heard(BoardPicture(board="strip-1", version=1, at=NOON, window="window-1", idle=idle))
        self.hall.heard(
            WindowState(window="window-1", name=name, at=NOON, state="open", stage="called", number="A012", waiting=3)
        )
        self.hall.heard(KioskOffer(kiosk="kiosk-1", version=1, at=NOON, hall_name=name, services=(tax,), rules=idle))
        self.hall.heard(NodeStatus(node="corner", session="session-1", state="online", at=NOON, version="1"))
        self.hall.heard(DeviceState(device="kiosk-1", kind="kiosk", condition="ready", code="ok", what=ready, since=NOON))


@asynccontextmanager
async def bench_hall(folder: Path, node: dict[str, Any] = NODE) -> AsyncIterator[BenchHall]:
    """The hall, connected and told."""
    hall = Hall({"corner": "入口 · corner"})
    path = folder / "corner.sock"
    wires = HallWires(hall, {"corner": path})
    async with Simulation(convert(node, NodeConfig, name="node.toml")) as simulation, ControlServer(simulation.bench, path):
        task = asyncio.create_task(wires.run())
        bench = BenchHall(simulation, hall, wires)
        await until(lambda: len(hall.views) == len(node["device"]))
        bench.tell()
        yield bench
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def served(bench: BenchHall) -> AsyncIterator[tuple[str, Parts]]:
    """The page of the hall on a free port: its address, and its parts."""
    parts = Parts(bench.hall, lambda node: ("kill",))
    setting = Setting(Text(zh="测试大厅", en="Test Hall"), KEY, "/go?to=/", "/go?to=/window/{window}")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        async with serving(make_app(bench.hall, parts, bench, setting), listening):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", parts
            parts.close()
