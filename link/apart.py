"""Work in a task or thread of its own: apart from whoever waits for it, or beside whoever does something else meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


async def apart(work: Coroutine[Any, Any, T]) -> T:
    """Do it as a task of its own, cancel that when cancelled, and go on when it has ended.

    Before Python 3.13 a `TaskGroup` forgets a cancellation that comes while it fails already: a loop that catches the failure and
    tries again would then never end.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task})
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return task.result()


async def in_a_thread(work: Callable[[], T]) -> T:
    """Do what blocks in a thread; whoever is cancelled goes on when it has ended, so that what it uses may then be closed."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.wait({task})


@asynccontextmanager
async def beside(
    work: Coroutine[Any, Any, T], ended: Callable[[asyncio.Task[T]], object] = lambda _: None, *, name: str | None = None
) -> AsyncIterator[asyncio.Task[T]]:
    """Let it go on inside the block; `ended` hears of it when it ends, by itself or with the block."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(ended)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
