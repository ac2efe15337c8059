"""The hall's wires: views come in, hands go out, and a node that is away is met again."""

import asyncio
from pathlib import Path

import pytest

from contract.settings import convert
from firmware.config import NodeConfig
from hallware.simulated import Simulation
from hardware_sim.control import ControlServer
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.hall_wires import HallWires
from tests.demo.bench_hall import NODE, bench_hall, until


async def test_every_device_is_announced_and_seen(tmp_path: Path) -> None:
    async with bench_hall(tmp_path) as bench:
        assert [device.kind for device in bench.hall.devices.values()] == ["board", "kiosk", "rater", "caller", "room"]
        assert bench.hall.views["strip-1"]["width"] == 64
        assert bench.hall.reachable("strip-1")


async def test_hand_moves_and_its_effect_is_seen(tmp_path: Path) -> None:
    async with bench_hall(tmp_path) as bench:
        await bench.move("room-1", "close_door", {"cubicle": "left"})
        await until(lambda: bench.hall.views["room-1"]["cubicles"][0]["door"] == "closed")


async def test_hand_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    async with bench_hall(tmp_path) as bench:
        with pytest.raises(CannotDo, match="no key `coffee`"):
            await bench.move("kiosk-1", "press", {"key": "coffee"})
        with pytest.raises(CannotDo, match="nowhere: its node is not there"):
            await bench.move("nowhere", "press", {})


async def test_node_that_comes_back_is_met_again(tmp_path: Path) -> None:
    hall, path = Hall({"corner": ""}), tmp_path / "corner.sock"
    wires = HallWires(hall, {"corner": path})
    task = asyncio.create_task(wires.run())
    config = convert(NODE, NodeConfig, name="node.toml")
    for _ in range(2):
        async with Simulation(config) as simulation, ControlServer(simulation.bench, path):
            await until(lambda: hall.reachable("caller-1"))
            await wires.move("caller-1", "press", {"key": "next"})
        await until(lambda: not hall.reachable("caller-1"))
        with pytest.raises(CannotDo):
            await wires.move("caller-1", "press", {"key": "next"})
    task.cancel()
    await asyncio.wait({task})
