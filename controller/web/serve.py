"""Serving the application from inside another program's event loop."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import uvicorn
from litestar import Litestar

from controller.web.app import close_streams

GRACE = 3
"""Seconds that requests under way may take when the server stops."""


class CannotServe(Exception):
    """The address is taken or not ours; the text says which."""


class Tls(NamedTuple):
    """With what a server shows who it is."""

    certificate: Path
    key: Path


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
async def serving(
    app: Litestar, listening: socket.socket, *, closing: Callable[[Litestar], None] = close_streams, tls: Tls | None = None
) -> AsyncIterator[str]:
    """Serve `app` on a socket of `listen` while inside; gives its address, such as `http://127.0.0.1:8080`.

    On leaving, live streams end first, then requests under way get a moment to finish, and the socket is closed.
    """
    with listening:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE, server_header=False, lifespan="on",
            ssl_certfile=tls and tls.certificate, ssl_keyfile=tls and tls.key,
        )  # fmt: skip
        server = _Server(config)
        task = asyncio.create_task(server.serve([listening]), name="web server")
        ready = asyncio.create_task(server.ready.wait(), name="web server ready")
        try:
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            yield _address(listening, "http" if tls is None else "https")
        finally:
            ready.cancel()
            closing(app)
            server.should_exit = True
            await task


def listen(host: str, port: int, *, set_by: tuple[str, str] = ("http.host", "http.port")) -> socket.socket:
    """Take an address before anything else is begun; port 0 takes a free one. Raises `CannotServe`, naming what set them.

    Whoever comes before the pages are there waits in the socket's queue.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # two sockets that only hold a port may share it
    except OSError as error:
        listening.close()
        raise CannotServe(_refusal(host, port, error, *set_by)) from error
    listening.set_inheritable(False)
    return listening


def _refusal(host: str, port: int, error: OSError, host_by: str, port_by: str) -> str:
    place = f"{host_by} `{host}` port {port}"
    if error.errno == errno.EADDRINUSE:
        return f"{place}: another program uses it, perhaps this one a second time; stop that one or choose another `{port_by}`"
    return f"{place}: {error.strerror}; choose another address with `{host_by}`, or another `{port_by}`"


def _address(listening: socket.socket, scheme: str) -> str:
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
