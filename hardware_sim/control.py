"""The control socket: JSON lines over a Unix socket by which people, pages and tests move a bench's hands and see it.

The server says hello, then the view of every device, and a view again after every change, at most 25 a second per device.
A client asks `{"id": 7, "device": "kiosk-1", "hand": "press", "with": {"key": "…"}}` and gets
`{"answer": 7, "ok": true}` when the movement is done, or `{"answer": 7, "ok": false, "error": "…"}`.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from hardware_sim.bench import Bench, Stop
from hardware_sim.errors import CannotDo

log = logging.getLogger(__name__)

BETWEEN_VIEWS = 1 / 25
SETTLING = 0.004
"""A picture changes by several transfers; a view waits so long for the rest of it."""
LONGEST_LINE = 64 * 1024
MOST_MOVEMENTS = 64
"""So many movements of one client may be under way at once."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A client wants a hand to move."""

    id: int | str
    device: str
    hand: str
    arguments: dict[str, Any] = msgspec.field(name="with", default_factory=dict)


_requests = msgspec.json.Decoder(Request)
_encode = msgspec.json.Encoder().encode


class ControlServer:
    """Serves a bench at `path` while it is entered. With nobody connected it does nothing at all."""

    def __init__(self, bench: Bench, path: Path) -> None:
        self.bench, self.path = bench, path
        self._clients: set[_Served] = set()
        self._newest: dict[str, bytes] = {}
        self._touched: set[str] = set()
        self._something = asyncio.Event()

    async def __aenter__(self) -> "ControlServer":
        self._loop = asyncio.get_running_loop()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path, limit=LONGEST_LINE)
        self.path.chmod(0o600)
        self._looking = asyncio.create_task(self._look(), name="sim-views")
        self._looking.add_done_callback(_report)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        self._looking.cancel()
        tasks = [task for client in self._clients for task in client.stop()]
        await asyncio.gather(self._looking, *tasks, return_exceptions=True)
        await self._server.wait_closed()
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Served(self.bench, reader, writer)
        with self._listening(client):
            await client.run()

    @contextmanager
    def _listening(self, client: "_Served") -> Iterator[None]:
        """The bench is listened to while there is at least one client."""
        if not self._clients:
            self._newest.clear()
            self._stop_listening: Stop = self.bench.listen(self._touch)
        self._clients.add(client)
        client.unseen |= self.bench.peripherals.keys()
        self._touch_here(*self.bench.peripherals)
        try:
            yield
        finally:
            self._clients.discard(client)
            if not self._clients:
                self._stop_listening()

    def _touch(self, device: str) -> None:
        """Called from any thread, thousands of times a second, perhaps."""
        if device not in self._touched:
            self._touched.add(device)
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._something.set)

    def _touch_here(self, *devices: str) -> None:
        self._touched.update(devices)
        self._something.set()

    async def _look(self) -> None:
        while True:
            await self._something.wait()
            await asyncio.sleep(SETTLING)
            self._something.clear()
            began = self._loop.time()
            for device in sorted(self._touched):
                # Forgotten before it is looked at: what changes while it is drawn is seen the next time.
                self._touched.discard(device)
                self._show(device, await asyncio.to_thread(self._view, device))
            await asyncio.sleep(BETWEEN_VIEWS - SETTLING - (self._loop.time() - began))

    def _view(self, device: str) -> bytes:
        return _encode({"view": self.bench.view(device)}) + b"\n"

    def _show(self, device: str, view: bytes) -> None:
        changed = self._newest.get(device) != view
        self._newest[device] = view
        for client in self._clients:
            if changed or device in client.unseen:
                client.show(device, view)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("views of the simulated devices have stopped", exc_info=error)


class _Served:
    """One connected client: a slow one misses views in between, never the last one."""

    def __init__(self, bench: Bench, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.unseen: set[str] = set()
        self._bench, self._reader, self._writer = bench, reader, writer
        self._views: dict[str, bytes] = {}
        self._answers: list[bytes] = []
        self._to_send = asyncio.Event()
        self._movements: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[Any]] = []

    async def run(self) -> None:
        """Talk until the client leaves."""
        self._answer({"hello": self._bench.hello()})
        self._tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._say())]
        try:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await asyncio.gather(*self.stop(), return_exceptions=True)
            self._writer.writelines(self._answers)
            self._writer.close()

    def stop(self) -> list[asyncio.Task[Any]]:
        """Cancel what is under way; the tasks to wait for."""
        tasks = [*self._tasks, *self._movements]
        for task in tasks:
            task.cancel()
        return tasks

    def show(self, device: str, view: bytes) -> None:
        """Send a view, instead of an older one that still waits."""
        self.unseen.discard(device)
        self._views[device] = view
        self._to_send.set()

    def _answer(self, answer: Mapping[str, Any]) -> None:
        self._answers.append(_encode(answer) + b"\n")
        self._to_send.set()

    def _refuse(self, request: int | str | None, why: str) -> None:
        self._answer({"answer": request, "ok": False, "error": why})

    async def _say(self) -> None:
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            lines = [*self._answers, *self._views.values()]
            self._answers.clear()
            self._views.clear()
            self._writer.writelines(lines)
            await self._writer.drain()

    async def _hear(self) -> None:
        """Take requests until the client has said its last; then let its movements come to their end."""
        while True:
            try:
                line = await self._reader.readline()
            except ValueError:
                self._refuse(None, f"a line is longer than {LONGEST_LINE} bytes")
                continue
            if not line:
                break
            self._take(line)
        await asyncio.gather(*self._movements)

    def _take(self, line: bytes) -> None:
        try:
            request = _requests.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._refuse(None, f"not a request: {error}")
            return
        if len(self._movements) >= MOST_MOVEMENTS:
            self._refuse(request.id, "too many movements at once")
            return
        movement = asyncio.create_task(self._move(request))
        self._movements.add(movement)
        movement.add_done_callback(self._movements.discard)

    async def _move(self, request: Request) -> None:
        try:
            await self._bench.do(request.device, request.hand, **request.arguments)
        except CannotDo as problem:
            self._refuse(request.id, str(problem))
        else:
            self._answer({"answer": request.id, "ok": True})
