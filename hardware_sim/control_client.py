"""A client of the control socket: moves hands, and knows the newest view of every device."""

import asyncio
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from hardware_sim.errors import CannotDo

LONGEST_VIEW = 16 * 1024 * 1024
View = dict[str, Any]


class ControlClient:
    """Connected while it is entered. Raises `OSError` when nobody serves `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hello: dict[str, Any] = {}
        """What hangs on the node, with hands."""
        self.views: dict[str, View] = {}
        """The newest view of every device."""
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._news = asyncio.Condition()
        self._ended = False

    async def __aenter__(self) -> "ControlClient":
        self._reader, self._writer = await asyncio.open_unix_connection(self.path, limit=LONGEST_VIEW)
        self.hello = json.loads(await self._reader.readline())["hello"]
        self._listening = asyncio.create_task(self._listen(), name="sim-client")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._writer.close()

    async def do(self, device: str, hand: str, /, **given: Any) -> None:
        """Move a hand, and come back when it has moved. Raises `CannotDo`, or `ConnectionError` when the node ended."""
        if self._ended:
            raise ConnectionError(f"{self.path} has ended")
        number = next(self._numbers)
        done = self._waiting[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "device": device, "hand": hand, "with": given}
        self._writer.write(json.dumps(request).encode() + b"\n")
        try:
            await self._writer.drain()
            await done
        finally:
            self._waiting.pop(number, None)

    async def until(self, device: str, true: Callable[[View], Any], *, patience: float = 10) -> View:
        """The first view of a device, from the present one on, for which `true` is. Raises `TimeoutError`."""
        async with asyncio.timeout(patience), self._news:
            while not (device in self.views and true(self.views[device])):
                if self._ended:
                    raise ConnectionError(f"{self.path} has ended")
                await self._news.wait()
            return self.views[device]

    async def _listen(self) -> None:
        try:
            while line := await self._reader.readline():
                self._hear(json.loads(line))
                async with self._news:
                    self._news.notify_all()
        finally:
            await self._end()

    def _hear(self, said: dict[str, Any]) -> None:
        if view := said.get("view"):
            self.views[view["device"]] = view
        elif (done := self._waiting.get(said.get("answer", 0))) and not done.done():
            if said["ok"]:
                done.set_result(None)
            else:
                done.set_exception(CannotDo(said["error"]))

    async def _end(self) -> None:
        self._ended = True
        for done in self._waiting.values():
            if not done.done():
                done.set_exception(ConnectionError(f"{self.path} has ended"))
        async with self._news:
            self._news.notify_all()
