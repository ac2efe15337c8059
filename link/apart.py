"""Work apart from whoever waits for it, whose cancellation then cannot be lost in it."""

import asyncio
from collections.abc import Coroutine
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
