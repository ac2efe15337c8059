"""The outbox's file as the event loop sees it: every call in the disk's own thread, a damaged file replaced by a new one."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from devices.errors import DeviceTimeout
from firmware.outbox_store import Draft, OutboxStore, Row, StoreDamaged, set_aside
from firmware.worker import Worker

log = logging.getLogger(__name__)

T = TypeVar("T")

DISK = 5.0
"""Seconds that the disk may take for anything."""
STOP = 1.0
"""Seconds that it may take for the end."""


class OutboxFile:
    """Raises `StoreProblem` and `DeviceTimeout` when the disk does not take or give what it should."""

    def __init__(
        self, path: Path, megabytes: float, now: Callable[[], datetime], taken: Callable[[OutboxStore, bool], None]
    ) -> None:
        """`taken` is told of each file that is gone on with, and whether it takes the place of a damaged one."""
        self._path, self._megabytes, self._now, self._taken = path, megabytes, now, taken
        self._worker = Worker("outbox")
        self._store: OutboxStore | None = None
        self._made: OutboxStore | None = None
        """Of the disk's thread: the newest file that it has opened, whether anybody was still waiting for it or not."""
        self._opening = asyncio.Lock()

    async def open(self) -> OutboxStore:
        """The open file."""
        async with self._opening:
            if self._store is not None:
                return self._store
            try:
                return self._take(await self._run(self._open), replaced=False)
            except StoreDamaged as error:
                return await self._replace(error)

    async def append(self, drafts: Sequence[Draft], stored: Callable[[], int]) -> int:
        """Add facts and forget those up to `stored()`; returns the number of the first one added."""
        store = await self.open()
        try:
            return await self._run(store.append, drafts, stored())
        except StoreDamaged as error:
            store = await self._start_anew(store, error)
            return await self._run(store.append, drafts, stored())

    async def read(self, first: int, most: int) -> list[Row]:
        """At most `most` events from number `first` on; none when the file had to be replaced."""
        store = await self.open()
        try:
            return await self._run(store.read, first, most)
        except StoreDamaged as error:
            await self._start_anew(store, error)
            return []

    async def forget(self, stored: int) -> None:
        """Forget the events up to and with `stored`."""
        store = await self.open()
        try:
            await self._run(store.forget, stored)
        except StoreDamaged as error:
            await self._start_anew(store, error)

    async def renew(self) -> None:
        """Begin a new epoch, with what waits numbered from 1 again."""
        store = await self.open()
        try:
            await self._run(store.renew)
        except StoreDamaged as error:
            await self._start_anew(store, error)
        else:
            self._taken(store, False)

    async def close(self) -> None:
        """Close the file, unless the disk does not let go of it."""
        with suppress(DeviceTimeout):
            await self._worker.run(self._close, deadline=STOP)
        self._worker.close()

    async def _run(self, function: Callable[..., T], *args: Any) -> T:
        return await self._worker.run(function, *args, deadline=DISK)

    def _open(self) -> OutboxStore:
        self._close()
        self._made = OutboxStore(self._path, megabytes=self._megabytes)
        return self._made

    def _close(self) -> None:
        if self._made is not None:
            self._made.close()

    async def _start_anew(self, damaged: OutboxStore, error: StoreDamaged) -> OutboxStore:
        async with self._opening:
            if self._store is not None and self._store is not damaged:
                return self._store  # somebody else was quicker
            await self._run(damaged.close)
            return await self._replace(error)

    async def _replace(self, error: StoreDamaged) -> OutboxStore:
        """Keep the damaged file for whoever wants to look into it, and begin a new one, which has a new epoch."""
        aside = await self._run(set_aside, self._path, self._now().strftime("%Y%m%dT%H%M%S%f"))
        log.error("%s; it is kept as %s", error, aside)
        return self._take(await self._run(self._open), replaced=True)

    def _take(self, store: OutboxStore, *, replaced: bool) -> OutboxStore:
        self._store = store
        self._taken(store, replaced)
        return store
