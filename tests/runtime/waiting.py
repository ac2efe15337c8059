"""Waiting on a condition with a deadline, instead of sleeping."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], *, within: float = 30.0) -> None:
    """Return when `condition()` is true; fail when that takes longer than `within` seconds. A missing file is not true yet.

    The deadline is for what never comes; on a crowded machine what comes may take its time.
    """
    async with asyncio.timeout(within):
        while not _holds(condition):  # noqa: ASYNC110  any condition at all, also one outside this process
            await asyncio.sleep(0.005)


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except FileNotFoundError:
        return False
