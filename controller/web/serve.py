"""Serving the application from inside another program's event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from litestar import Litestar

from controller.web.app import close_streams

GRACE = 3
"""Seconds that requests under way may take when the server stops."""


class CannotServe(Exception):
    """The address is taken or not ours; the text says which."""


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready and leaves signals to the program around it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the controller."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.ready.set()


@contextlib.asynccontextmanager
async def serving(app: Litestar, host: str, port: int) -> AsyncIterator[str]:
    """Serve `app` while inside; gives its address, such as `http://127.0.0.1:8080`. Port 0 takes a free one.

    Raises `CannotServe`. On leaving, live streams end first, then requests under way get a moment to finish.
    """
    with _listen(host, port) as listening:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE, server_header=False, lifespan="on"
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve([listening]), name="web server")
        ready = asyncio.create_task(server.ready.wait(), name="web server ready")
        try:
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            yield _address(listening)
        finally:
            ready.cancel()
            close_streams(app)
            server.should_exit = True
            await task


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise CannotServe(f"http.host `{host}` port {port}: {error.strerror}; choose another port in hall.toml") from error
    listening.set_inheritable(False)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
