"""A hall under measurement: its controller as a process of its own."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from benchmarks.running import ROOT, with_bytecode
from broker_config.process import free_port
from tests.controller.halls import text


@asynccontextmanager
async def controller(folder: Path, store: str, broker: int, **more: str) -> AsyncIterator[tuple[int, int]]:
    """Its process id and the port of its pages, once they are there: they come up after its link. `broker` is a port."""
    port, file = free_port(), folder / "hall.toml"
    file.write_text(text(store, port=broker, **more).replace("[http]\nport = 0", f"[http]\nport = {port}"), encoding="utf-8")
    words = [sys.executable, "-m", "hallware.main", "controller", str(file)]
    process = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=with_bytecode()
    )
    try:
        await _there(port)
        yield process.pid, port
    finally:
        process.terminate()
        await process.wait()


async def _there(port: int) -> None:
    async with asyncio.timeout(90), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/sign-in")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
