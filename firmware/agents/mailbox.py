"""A mailbox: what happens to one agent, from all its sources in one line, so that its rules see one thing at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")

ROOM = 16
"""Happenings that may wait; a source with more waits itself."""


class Mailbox(Generic[T]):
    """One line for several sources."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[T] = asyncio.Queue(ROOM)

    async def feed(self, source: AsyncIterator[T]) -> None:
        """Put everything that comes out of `source` into the line, for as long as it goes on."""
        async for happening in source:
            await self._waiting.put(happening)

    async def next(self, seconds: float) -> T | None:
        """The next happening, or None when nothing happens for so long."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await self._waiting.get()
        except TimeoutError:
            return None
