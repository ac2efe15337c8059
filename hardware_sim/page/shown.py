"""What the page shows: the newest value of every part of the hall, encoded once for all who watch."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

BATCH_EVERY = 0.04
"""Seconds between two batches to one browser: 25 a second, as often as a view changes at most."""


class Shown:
    """Parts by key, each with the version at which it last changed."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._parts: dict[str, tuple[int, bytes]] = {}
        self._version = 0
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    def put(self, key: str, **part: Any) -> None:
        """Show a part, which the browser gets with its `key`; an equal one changes nothing."""
        encoded = msgspec.json.encode({"key": key} | part)
        if self._parts.get(key, (0, b""))[1] == encoded:
            return
        self._version += 1
        self._parts[key] = (self._version, encoded)
        self._wake()

    def close(self) -> None:
        """Nothing changes any more; whoever watches comes to the end. Safe to call twice."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def since(self, version: int) -> bytes:
        """All parts that changed after `version`, as one JSON list, oldest change first."""
        fresh = sorted(part for part in self._parts.values() if part[0] > version)
        return b"[" + b",".join(encoded for _, encoded in fresh) + b"]"

    async def batches(self) -> AsyncIterator[bytes]:
        """Everything at first, then what has changed, as long as somebody asks. A slow browser misses only what was overtaken."""
        seen = 0
        while not self._closed:
            if self._version == seen:
                await self._changed.wait()
                continue
            batch, seen = self.since(seen), self._version
            yield batch
            await asyncio.sleep(BATCH_EVERY)
