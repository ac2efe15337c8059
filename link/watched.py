"""A value that others may watch: its present state, then every change, the newest one first of all."""

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Watched(Generic[T]):
    """Holds one value for tasks of one loop."""

    def __init__(self, value: T) -> None:
        """Begin with `value`."""
        self._value = value
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def value(self) -> T:
        """What it is now."""
        return self._value

    def set(self, value: T) -> None:
        """Change it; an equal value is no change."""
        if value == self._value:
            return
        self._value = value
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changes(self) -> AsyncIterator[T]:
        """The present value, then every change; a slow reader misses values in between and never the last one."""
        seen = self._value
        yield seen
        while True:
            while self._value == seen:
                await self._change()
            seen = self._value
            yield seen

    async def until(self, value: T) -> None:
        """Return when it is `value`."""
        while self._value != value:
            await self._change()

    async def _change(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
