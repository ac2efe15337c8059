"""A mailbox: what happens to one agent, from all its sources in one line, so that its rules see one thing at a time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")

ROOM = 16
"""Happenings that may wait; a source with more waits itself."""
HEARTBEAT = 3.0
"""An agent to which nothing happens looks up so often, in seconds, to say that it is alive."""


class Mailbox(Generic[T]):
    """One line for several sources."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[T] = asyncio.Queue(ROOM)

    async def feed(self, source: AsyncIterator[T]) -> None:
        """Put everything that comes out of `source` into the line, for as long as it goes on, and close it at the end."""
        try:
            async for happening in source:
                await self._waiting.put(happening)
        finally:
            if isinstance(source, AsyncGenerator):
                await source.aclose()

    async def next(self, *times: float | None, now: float) -> T | None:
        """The next happening; None when the first of `times` has come, or a heartbeat is due, before there is one."""
        due = min((time for time in times if time is not None), default=now + HEARTBEAT)
        try:
            async with asyncio.timeout(min(max(0.0, due - now), HEARTBEAT)):
                return await self._waiting.get()
        except TimeoutError:
            return None
