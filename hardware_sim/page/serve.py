"""Serving the page from inside another program's event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from litestar import Litestar

GRACE = 2
"""Seconds that requests under way may take at the end."""


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program around."""
        yield


@contextlib.asynccontextmanager
async def serving(app: Litestar, listening: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on a bound socket while inside; the program around ends live streams before it leaves."""
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE, server_header=False)
    server = _Server(config)
    task = asyncio.create_task(server.serve([listening]), name="simulator page")
    try:
        yield
    finally:
        server.should_exit = True
        await task
