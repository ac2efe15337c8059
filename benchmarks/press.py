"""A kiosk key's press to the ticket's first and last byte: debounce, request, the controller's commit, journal, printer.

The floor is what no program can take away: to the first byte the debounce time of the key and the two messages that raw paho
would need, to the last one the time that the ticket's bytes take on a serial wire.
"""

import asyncio
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure, percentile
from benchmarks.raw import raw_client, round_trips
from benchmarks.running import ROOT, RunningNode, running_node, wait_for
from broker_config.process import MosquittoProcess
from contract.topics import KIOSK_OFFER
from link.address import BrokerAddress

DEBOUNCE = 0.03
LINE = 4
KIOSK = """
[[device]]
kind = "kiosk"
id = "kiosk-1"
printer = {{ wire = "tcp://printer:9100", answers = false }}
keys = [{{ line = {line}, service = "social-security" }}]
debounce = {debounce}
"""
HALL = """
store = "sqlite:///{folder}/hall.db"
[hall]
id = "centre"
name = {{ zh = "综合便民服务中心", en = "Public Service Centre" }}
hours = {{ always = true }}
[broker]
port = {port}
[http]
port = 0
[[zone]]
id = "zone-a"
name = {{ zh = "民生服务区", en = "Zone A" }}
[[service]]
id = "social-security"
name = {{ zh = "社会保障", en = "Social Security" }}
prefix = "A"
zone = "zone-a"
[[window]]
id = "w1"
name = {{ zh = "1号窗口", en = "Window 1" }}
zone = "zone-a"
services = ["social-security"]
[[kiosk]]
id = "kiosk-1"
[[node]]
id = "bench"
device = [{{ kind = "kiosk", id = "kiosk-1" }}]
"""
BAUD = 115200
BITS = 10
"""Of one byte on a serial wire: start, eight data bits, stop."""
PAUSE = 0.3
"""Seconds between two presses: nobody is quicker, and the ticket before has been printed."""


class Seen(NamedTuple):
    """One ticket: seconds from the press, and its bytes."""

    first: float
    last: float
    size: int

    @property
    def wire(self) -> float:
        """Seconds that its bytes take on the wire."""
        return self.size * BITS / BAUD


def measure(*, short: bool = False) -> list[Figure]:
    """p50 and p90 of each."""
    return asyncio.run(_measure(5 if short else 100))


async def _measure(rounds: int) -> list[Figure]:
    async with MosquittoProcess() as broker:
        with tempfile.TemporaryDirectory() as folder:
            return await asyncio.to_thread(_compare, broker.address(), Path(folder), rounds)


def _compare(address: BrokerAddress, folder: Path, rounds: int) -> list[Figure]:
    raw = round_trips(address, b"x" * 200, max(rounds, 50), 0.01)
    with _controller(address, folder), Paper() as paper:
        devices = KIOSK.format(line=LINE, debounce=DEBOUNCE)
        with running_node(folder, address.port, devices, f"tcp://127.0.0.1:{paper.port}") as node:
            ours = _presses(address, node, paper, rounds)
    floor = {p: DEBOUNCE + 2 * percentile(raw, p) for p in (50, 90)}
    of = "debounce and two raw trips"
    first = [seen.first for seen in ours]
    last = [seen.last for seen in ours]
    wire = percentile([seen.wire for seen in ours], 50)
    on_wire = f"{ours[-1].size} bytes at {BAUD} baud"
    return [
        *(
            Figure(f"press to first byte of the ticket, p{p}", 1e3 * percentile(first, p), "ms", 1e3 * floor[p], of)
            for p in (50, 90)
        ),
        *(
            Figure(f"press to last byte on the wire, p{p}", 1e3 * percentile(last, p), "ms", 1e3 * wire, on_wire)
            for p in (50, 90)
        ),
    ]


@contextmanager
def _controller(address: BrokerAddress, folder: Path) -> Iterator[None]:
    file = folder / "hall.toml"
    file.write_text(HALL.format(folder=folder, port=address.port), encoding="utf-8")
    command = [sys.executable, "-m", "hallware.main", "controller", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _presses(address: BrokerAddress, node: RunningNode, paper: "Paper", rounds: int) -> list[Seen]:
    offered = threading.Event()
    with raw_client(address, "listener") as hearer:
        hearer.on_message = lambda *_: offered.set()
        hearer.subscribe(KIOSK_OFFER.at(hall="centre", kiosk="kiosk-1"), qos=1)
        offered.wait(20)
    wait_for(lambda: _press(node, paper) is not None, "first ticket", 30)
    return [seen for _ in range(rounds) if (seen := _press(node, paper)) is not None]


def _press(node: RunningNode, paper: "Paper") -> Seen | None:
    time.sleep(PAUSE)
    paper.forget()
    pressed = node.press(LINE)
    time.sleep(PAUSE)
    if paper.first is None:
        return None
    return Seen(paper.first - pressed, paper.last - pressed, paper.size)


class Paper:
    """The far end of a network printer: when the first byte of a ticket came, and when a serial wire would have carried the last.

    The wire is reckoned: a byte leaves it a byte's time after the one before, and not before it came.
    """

    def __init__(self) -> None:
        self.first: float | None = None
        self.last = 0.0
        self.size = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]

    def forget(self) -> None:
        """Wait for the next ticket."""
        self.first, self.last, self.size = None, 0.0, 0

    def __enter__(self) -> "Paper":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._read, args=(client,), daemon=True).start()

    def _read(self, client: socket.socket) -> None:
        with client:
            while data := client.recv(65536):
                now = time.perf_counter()
                self.last = max(self.last, now) + len(data) * BITS / BAUD
                self.size += len(data)
                self.first = now if self.first is None else self.first
