"""Cables: small TCP proxies between each client and the broker, with hands that cut, silence, slow down and refuse."""

import asyncio
import random
import socket
from contextlib import suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
PIECE = 4096


def own_port() -> int:
    """A free port below those that the system gives to whoever connects, so that nobody takes it while its owner is down."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


class Cable:
    """One client's way to the broker."""

    def __init__(self, target: int) -> None:
        """`target` is the broker's port."""
        self.port = own_port()
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._carries = asyncio.Event()
        self._carries.set()
        self._delay = 0.0

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.refuse()
        self.mend()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accept(self) -> None:
        """Take connections (again)."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, self.port)

    def refuse(self) -> None:
        """Cut, and take no new connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Close every connection that stands now, at both ends."""
        for writer in list(self._writers):
            writer.transport.abort()

    def silence(self) -> None:
        """Carry nothing any more, in neither direction, and tell nobody: half-open connections, old and new."""
        self._carries.clear()

    def slow_down(self, delay: float) -> None:
        """Hold every piece of data back for so many seconds."""
        self._delay = delay

    def mend(self) -> None:
        """Carry everything at once again; what was held back arrives late, as retransmitted data does."""
        self._delay = 0.0
        self._carries.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        for pipe in (self._pipe(reader, far_writer, writer), self._pipe(far_reader, writer, far_writer)):
            task = asyncio.create_task(pipe)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while data := await reader.read(PIECE):
                    await asyncio.sleep(self._delay)
                    await self._carries.wait()
                    writer.write(data)
                    await writer.drain()
        finally:
            writer.transport.abort()
            back.transport.abort()
            self._writers -= {writer, back}
