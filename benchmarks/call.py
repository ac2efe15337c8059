"""A call from its publishing to latched pixels, through a real broker and a node in its own process, against raw paho."""

import asyncio
import secrets
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure, percentile
from benchmarks.raw import raw_client, round_trips, trips_between_processes
from benchmarks.running import BOARD, RunningNode, running_node, wait_for
from broker_config.process import MosquittoProcess
from contract.calling import Call
from contract.codec import encode
from contract.topics import CALL
from contract.values import Text
from link.address import BrokerAddress

PAUSE = 0.03
"""Seconds between two calls: a hall is never quicker, and what has rested is slower."""
BURST = 0.003
"""A frame's transfers follow each other more closely than this, in seconds."""


def measure(*, short: bool = False) -> list[Figure]:
    """p50 and p99 of ours and of raw paho."""
    return asyncio.run(_measure(50 if short else 1000))


async def _measure(rounds: int) -> list[Figure]:
    async with MosquittoProcess() as broker:
        with tempfile.TemporaryDirectory() as folder:
            return await asyncio.to_thread(_compare, broker.address(), Path(folder), rounds)


def _compare(address: BrokerAddress, folder: Path, rounds: int) -> list[Figure]:
    payload = encode(_call(1))
    raw = round_trips(address, payload, rounds, PAUSE)
    between = trips_between_processes(address, payload, rounds, PAUSE)
    with running_node(folder, address.port, BOARD) as node:
        ours = _calls(address, node, rounds)
    between += trips_between_processes(address, payload, rounds, PAUSE)
    raw += round_trips(address, payload, rounds, PAUSE)
    name = "call published to pixels latched, p"
    return [
        _figure(f"{name}50", 50, ours, raw, "raw paho", 1.5),
        _figure(f"{name}99", 99, ours, raw, "raw paho", 3.0),
        _figure("the same between two processes, p50", 50, ours, between, "raw paho, its hearer in a process of its own"),
    ]


def _figure(name: str, percent: int, ours: list[float], baseline: list[float], of: str, goal: float | None = None) -> Figure:
    return Figure(name, 1e3 * percentile(ours, percent), "ms", 1e3 * percentile(baseline, percent), of, goal)


def _calls(address: BrokerAddress, node: RunningNode, rounds: int) -> list[float]:
    took = []
    with raw_client(address, "dispatch") as sayer:
        wait_for(lambda: _shown(sayer, node) is not None, "answer of the board")
        for number in range(rounds):
            time.sleep(PAUSE)
            node.latched()
            if (seconds := _shown(sayer, node, number)) is not None:
                took.append(seconds)
    return took


def _shown(sayer: object, node: RunningNode, number: int = 0) -> float | None:
    """Seconds from publishing a call to the last latch of its frame."""
    message = encode(_call(number))
    began = time.perf_counter()
    sayer.publish(CALL.at(hall="centre"), message, qos=1)  # type: ignore[attr-defined]
    time.sleep(PAUSE)
    after = [at for at in node.latched() if at > began]
    burst = after[:1]
    for at in after[1:]:
        if at - burst[-1] > BURST:
            break
        burst.append(at)
    return burst[-1] - began if burst else None


def _call(number: int) -> Call:
    now = datetime.now(UTC)
    return Call(
        id=secrets.token_hex(8), at=now, not_after=now + timedelta(seconds=20), ticket=secrets.token_hex(8),
        number=f"A{number % 999 + 1:03d}", window="w1", window_name=Text(zh="1号窗口", en="Window 1"), zone="zone-a", times=1,
    )  # fmt: skip
