"""Plugging: a device that can be unplugged, held open through every unplugging and told of as it comes and goes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

import msgspec

from devices.errors import DeviceError

FIRST_RETRY, LAST_RETRY = 0.25, 4.0
"""Seconds between attempts to open a missing device; each is twice the one before."""

P = TypeVar("P")
M = TypeVar("M")


class Plugged(msgspec.Struct, Generic[P], frozen=True):
    """The device was opened."""

    device: P


async def plugged(
    opening: Callable[[], AbstractAsyncContextManager[P]], moves: Callable[[P], AsyncIterator[M]]
) -> AsyncIterator[Plugged[P] | M | DeviceError]:
    """Open the device and tell what it does; when it is gone say why, and open it again with growing pauses."""
    wait = FIRST_RETRY
    while True:
        try:
            async with opening() as device:
                wait = FIRST_RETRY
                yield Plugged(device)
                async for move in moves(device):
                    yield move
        except DeviceError as error:
            yield error
        await asyncio.sleep(wait)
        wait = min(2 * wait, LAST_RETRY)
