"""Whoever waits for work that is done apart can be cancelled at any moment of it, also while it fails."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from link.apart import apart, in_a_thread


async def failing_slowly(began: asyncio.Event) -> None:
    """A group that has failed and waits for the rest of itself."""

    async def slow_to_end() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        group.create_task(slow_to_end())
        await asyncio.sleep(0)
        began.set()
        raise OSError("gone")


async def tries_again(once: Callable[[], Awaitable[None]]) -> None:
    """As who drives a device does when its wire is lost."""
    while True:
        try:
            await once()
        except* OSError:
            pass
        await asyncio.sleep(0)


async def test_a_cancellation_while_the_work_fails_is_not_lost() -> None:
    began = asyncio.Event()
    trying = asyncio.create_task(tries_again(lambda: apart(failing_slowly(began))))
    await began.wait()
    trying.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait({trying})
    assert trying.cancelled()


async def test_what_it_gives_and_what_it_raises_comes_through() -> None:
    async def seven() -> int:
        return 7

    assert await apart(seven()) == 7
    with pytest.raises(ExceptionGroup):
        await apart(failing_slowly(asyncio.Event()))


async def test_whoever_is_cancelled_goes_on_when_the_work_has_ended() -> None:
    told: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            told.append("tidied up")

    waiting = asyncio.create_task(apart(tidy()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert told == ["tidied up"]


async def test_whoever_is_cancelled_goes_on_when_the_thread_has_ended() -> None:
    began, end, told = threading.Event(), threading.Event(), list[str]()

    def holds_a_connection() -> None:
        began.set()
        end.wait(10)
        told.append("given back")

    waiting = asyncio.create_task(in_a_thread(holds_a_connection))
    await asyncio.to_thread(began.wait, 10)
    waiting.cancel()
    await asyncio.wait({waiting}, timeout=0.05)
    assert (waiting.done(), told) == (False, [])
    end.set()
    await asyncio.wait({waiting})
    assert (waiting.cancelled(), told) == (True, ["given back"])
