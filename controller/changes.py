"""Changes: whoever watches gets the picture of now, then one after every change; a slow reader never misses the last."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Generic, Protocol, TypeVar


class Versioned(Protocol):
    """A picture; equal versions are equal pictures."""

    @property
    def version(self) -> int:
        """Grows with every change."""
        ...


V = TypeVar("V", bound=Versioned)


class Changes(Generic[V]):
    """The changes of what `now` gives."""

    def __init__(self, now: Callable[[], V]) -> None:
        self._now, self._changed, self._closed = now, asyncio.Event(), False

    def tell(self) -> None:
        """Let everybody look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        """Let nobody watch any longer. Safe to call twice."""
        self._closed = True
        self.tell()

    async def follow(self) -> AsyncIterator[V]:
        """The picture now and after every change, until `close`."""
        seen = -1
        while not self._closed:
            changed, view = self._changed, self._now()
            if view.version == seen:
                await changed.wait()
                continue
            seen = view.version
            yield view
