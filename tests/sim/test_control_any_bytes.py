"""Whatever is said to the control socket is answered or passed over; it serves on."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract.settings import parse
from firmware.config import NodeConfig
from hallware.simulated import Simulation
from hardware_sim.control import ControlServer
from hardware_sim.control_client import ControlClient
from tests.sim.test_control import NODE

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
DEVICES = ("board-1", "kiosk-1", "rater-1", "room-1", "caller-1")
HANDS = ("press", "brown_out", "open_door", "move", "help", "unplug", "plug", "jam", "__class__", "run", "")
NAMES = ("key", "chip", "into", "cubicle", "self", "device", "")
request = st.fixed_dictionaries({
    "id": st.integers() | st.text(max_size=4), "device": st.sampled_from(DEVICES) | st.text(max_size=4),
    "hand": st.sampled_from(HANDS) | st.text(max_size=4), "with": st.dictionaries(st.sampled_from(NAMES), anything, max_size=3),
})  # fmt: skip
line = st.binary(max_size=300) | (request | anything).map(lambda said: json.dumps(said).encode() + b"\n")


def lines(count: int) -> list[bytes]:
    """So many examples."""
    made: list[bytes] = []

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(line, min_size=1, max_size=8).map(b"".join))
    def make(said: bytes) -> None:
        made.append(said)

    make()
    return made


@pytest.fixture
async def path(tmp_path: Path) -> AsyncIterator[Path]:
    """A control socket that is served."""
    node = Simulation(parse(NODE, NodeConfig, name="node.toml"))
    async with node as simulation, ControlServer(simulation.bench, tmp_path / "sim.sock") as server:
        yield server.path
    await asyncio.sleep(0.05)  # the server's ends of the connections close in the turns after it


async def test_no_bytes_end_the_control_socket(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for said in await asyncio.to_thread(lines, 60):
        reader, writer = await asyncio.open_unix_connection(path, limit=2**24)
        writer.write(said)
        writer.write_eof()
        async with asyncio.timeout(10):
            told: list[dict[str, Any]] = [json.loads(one) for one in (await reader.read()).splitlines()]
        assert "hello" in told[0]
        assert all(one["ok"] or one["error"] for one in told if "answer" in one)
        writer.close()
        await writer.wait_closed()
    async with ControlClient(path) as client, asyncio.timeout(10):
        await client.do("rater-1", "press", key="5", seconds=0.01)
    assert "Traceback" not in caplog.text
