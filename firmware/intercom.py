"""The intercom: what an agent tells its neighbours on the same node, without the broker and without the controller."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec

from contract.calling import Call

M = TypeVar("M", bound=msgspec.Struct)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What stands over a window that goes by itself: its own last call, or none; with `own` off, what the controller says."""

    own: bool
    call: Call | None = None
    new: bool = False
    """The call was made in this moment; what is kept for newcomers never is."""


class Intercom:
    """One node's. What is kept is told to newcomers too, an agent that was started anew, say."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type[Any], str], Any] = {}
        self._listeners: dict[tuple[type[Any], str], set[asyncio.Queue[Any]]] = {}

    def tell(self, message: msgspec.Struct, about: str, *, keep: bool = False) -> None:
        """Tell whoever listens for messages of this type about this subject (a window, say)."""
        key = type(message), about
        if keep:
            self._kept[key] = message
        for listener in self._listeners.get(key, ()):
            listener.put_nowait(message)

    async def listen(self, kind: type[M], about: str) -> AsyncIterator[M]:
        """What is told from now on, after what was kept."""
        key, told = (kind, about), asyncio.Queue[M]()
        if key in self._kept:
            told.put_nowait(self._kept[key])
        listeners = self._listeners.setdefault(key, set())
        listeners.add(told)
        try:
            while True:
                yield await told.get()
        finally:
            listeners.discard(told)
