"""A worker: the one daemon thread in which the blocking calls of one device run, in order and against a deadline."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, cast

import msgspec

from devices.errors import DeviceTimeout

P = ParamSpec("P")
T = TypeVar("T")


class _Call(msgspec.Struct, frozen=True, eq=False):
    """One call on its way through the thread, and the future that brings its result back to the loop."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]

    def make(self) -> None:
        """Run the function in this thread and hand its result or its exception to the loop."""
        try:
            result, error = self.function(*self.args), None
        except BaseException as raised:  # noqa: BLE001  whatever it is belongs to the caller, in the loop
            result, error = None, raised
        with suppress(RuntimeError):  # the loop has ended before the device did
            self.loop.call_soon_threadsafe(self._finish, result, error)

    def _finish(self, result: Any, error: BaseException | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(result)
        else:
            self.done.set_exception(error)
            self.done.exception()  # its caller may be gone: that is no news


class _Thread:
    """A daemon thread that makes calls until it is told to stop; an abandoned one stops when its device lets go of it."""

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def put(self, call: _Call) -> None:
        self._calls.put(call)

    def stop(self) -> None:
        self._calls.put(None)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            call.make()
            del call  # an idle thread holds nothing


class Worker:
    """Runs blocking calls of one device off the loop, one after the other.

    A call that misses its deadline loses its thread: the thread is left to the device that holds it, and the next call
    gets a fresh one. A call whose caller was cancelled runs to its end, and the next one waits for it, so two calls
    never overlap unless the first has already missed a deadline.
    """

    def __init__(self, name: str) -> None:
        """Make a worker; its thread is called `name` and starts with the first call."""
        self._name = name
        self._turn = asyncio.Lock()
        self._thread: _Thread | None = None
        self._running: asyncio.Future[Any] | None = None
        self._closed = False
        self._abandoned = 0

    @property
    def abandoned(self) -> int:
        """How many threads were left to devices that did not let go."""
        return self._abandoned

    async def run(self, function: Callable[..., T], *args: Any, deadline: float) -> T:
        """Call `function(*args)` in the thread, in turn, and return what it returns or raise what it raises.

        `deadline` is in seconds from now and includes the wait for one's turn. Raises `DeviceTimeout` when it passes.
        """
        limit = asyncio.timeout(deadline)
        name = getattr(function, "__qualname__", repr(function))
        try:
            async with limit, self._turn:
                return cast(T, await self._call(function, args, limit))
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise DeviceTimeout(f"{self._name}: {name} took longer than {deadline:g} s") from error

    async def _call(self, function: Callable[..., T], args: tuple[Any, ...], limit: asyncio.Timeout) -> T:
        try:
            if self._running is not None:
                await asyncio.wait({self._running})
            return await asyncio.shield(self._start(function, args))
        except asyncio.CancelledError:
            if limit.expired():
                self._abandon()
            raise

    def _start(self, function: Callable[..., Any], args: tuple[Any, ...]) -> asyncio.Future[Any]:
        if self._closed:
            raise RuntimeError(f"{self._name}: the worker is closed")
        if self._thread is None:
            self._thread = _Thread(self._name)
        loop = asyncio.get_running_loop()
        self._running = loop.create_future()
        self._thread.put(_Call(function, args, loop, self._running))
        return self._running

    def _abandon(self) -> None:
        self._abandoned += 1
        self._running = None
        if self._thread is not None:
            self._thread.stop()
            self._thread = None

    def close(self) -> None:
        """Take no more calls; the thread ends with the call that runs. Does not wait. Safe to call twice."""
        self._closed = True
        if self._thread is not None:
            self._thread.stop()
            self._thread = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
