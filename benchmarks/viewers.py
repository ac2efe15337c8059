"""Pages under many eyes: from an order to the last of 200 live viewers, and what it costs the controller."""

import asyncio
import re
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import Figure, percentile
from benchmarks.hall import controller
from benchmarks.running import ROOT, cpu, resident
from broker_config.process import MosquittoProcess
from controller.accounts import Accounts

PATHS = ("/live/overview", "/live/board")
"""What they look at, half of them each."""
VIEWERS = 200
PAUSE = 0.3
"""Seconds between two calls; a hall of 20 windows makes one in ten seconds."""
CALL = re.compile(rb'"(?:c|now)-([0-9a-f]{16})')
PATIENCE = 20.0


class Viewer:
    """One who looks: keeps when each call came."""

    def __init__(self) -> None:
        self.came: dict[bytes, float] = {}
        self.bytes = 0
        self._rest = b""

    async def look(self, port: int, path: str, token: str) -> None:
        """Until cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: hall\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
            while chunk := await reader.read(65536):
                self._take(chunk)
        finally:
            writer.close()

    def _take(self, chunk: bytes) -> None:
        now = time.perf_counter()
        self.bytes += len(chunk)
        for call in CALL.findall(self._rest + chunk):
            self.came.setdefault(call, now)
        self._rest = chunk[-20:]


class Seen:
    """What some calls took, and what they cost the server."""

    def __init__(self) -> None:
        self.last: list[float] = []
        self.cpu = 0.0
        self.resident = 0.0
        self.bytes = 0

    @property
    def p50(self) -> float:
        """Milliseconds."""
        return 1000 * percentile(self.last, 50)

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return 1000 * percentile(self.last, 99)


def measure(*, short: bool = False) -> list[Figure]:
    """All figures."""
    return asyncio.run(_measure(20, 4) if short else _measure(VIEWERS, 100))


async def _measure(viewers: int, calls: int) -> list[Figure]:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(MosquittoProcess())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-bench-", dir=Path.home())))
        hall = await stack.enter_async_context(_controller(broker, folder))
        one, many = await hall.watched(1, calls), await hall.watched(viewers, calls)
    bare = await _bare(viewers, calls, many.bytes // (viewers * calls))
    alone, same = "with one viewer", "bare sockets, the same bytes"
    return [
        Figure(f"order to the last of {viewers} viewers, p50", many.p50, "ms", one.p50, alone),
        Figure(f"order to the last of {viewers} viewers, p99", many.p99, "ms", one.p99, alone),
        Figure(f"fan-out to {viewers} viewers beyond one, p50", many.p50 - one.p50, "ms", bare.p50, same, goal=5.0),
        Figure(f"CPU of a call and its no-show, {viewers} viewers", 1000 * many.cpu / calls, "ms", 1000 * one.cpu / calls, alone),
        Figure("CPU of one viewer more, for both", 1e6 * (many.cpu - one.cpu) / calls / (viewers - 1), "µs",
               1e6 * bare.cpu / calls / viewers, same),
        Figure(f"controller's memory with {viewers} viewers", many.resident, "MiB", one.resident, alone, goal=1.5),
    ]  # fmt: skip


class Hall:
    """A controller in a process of its own."""

    def __init__(self, process: int, port: int, token: str) -> None:
        self._process, self._port, self._token = process, port, token

    async def watched(self, viewers: int, calls: int) -> Seen:
        """So many calls while so many look."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}", headers=headers) as desk:
            for _ in range(calls):
                await _do(desk, {"type": "issue-ticket", "service": "social"})
            async with _looking(viewers, self._port, self._token) as looking:
                before, seen = self._cpu(), Seen()
                had = sum(viewer.bytes for viewer in looking)
                for _ in range(calls):
                    began = time.perf_counter()
                    call = (await _do(desk, {"type": "call-next", "window": "w1"}))["call"].encode()
                    seen.last.append(await _last(looking, call) - began)
                    await asyncio.sleep(PAUSE)
                    await _do(desk, {"type": "no-show", "window": "w1"})
                    await asyncio.sleep(PAUSE)
                seen.cpu, seen.resident = self._cpu() - before, resident(self._process)
                seen.bytes = sum(viewer.bytes for viewer in looking) - had
        return seen

    def _cpu(self) -> float:
        return cpu(self._process)


@asynccontextmanager
async def _controller(broker: MosquittoProcess, folder: Path) -> AsyncIterator[Hall]:
    store = f"sqlite:///{folder}/hall.db"
    async with controller(folder, store, broker.port, calling="interval = 0\ntimes = 1") as (process, port):
        with Accounts.open(store, "centre") as accounts:
            token = accounts.new_token(accounts.ensure_administrator(), "benchmark")
        yield Hall(process, port, token)


async def _do(desk: httpx.AsyncClient, do: dict[str, Any]) -> Any:
    answer = await desk.post("/api/v1/actions", json={"id": secrets.token_hex(8), "do": do})
    reply = answer.json()
    assert reply.get("outcome") == "done", reply
    return reply


@asynccontextmanager
async def _looking(viewers: int, port: int, token: str) -> AsyncIterator[list[Viewer]]:
    looking = [Viewer() for _ in range(viewers)]
    tasks = [asyncio.create_task(viewer.look(port, path, token)) for viewer, path in zip(looking, cycle(PATHS), strict=False)]
    try:
        async with asyncio.timeout(60):
            while not all(viewer.bytes for viewer in looking):  # noqa: ASYNC110  told by its own tasks
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)  # until everybody has the page
        yield looking
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _last(looking: list[Viewer], call: bytes) -> float:
    """When the last of them was told of a call."""
    async with asyncio.timeout(PATIENCE):
        while not all(call in viewer.came for viewer in looking):  # noqa: ASYNC110  told by its own tasks
            await asyncio.sleep(0.002)
    return max(viewer.came[call] for viewer in looking)


async def _bare(viewers: int, calls: int, size: int) -> Seen:
    """The same bytes to as many from a server that does nothing else."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.fanout", cwd=ROOT, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    port, seen = int(await process.stdout.readline()), Seen()
    try:
        async with _looking(viewers, port, "") as looking:
            before = cpu(process.pid)
            for _ in range(calls):
                call = secrets.token_hex(8).encode()
                began = time.perf_counter()
                process.stdin.write(b"%s %d\n" % (call, size))
                seen.last.append(await _last(looking, call) - began)
                await process.stdout.readline()
                await asyncio.sleep(PAUSE / 3)
            seen.cpu = cpu(process.pid) - before
    finally:
        process.stdin.close()
        await process.wait()
    return seen
