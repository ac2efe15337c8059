"""The live picture: one reader of what is watched, many viewers who share what was made of each picture."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar, cast

PACE = timedelta(milliseconds=100)
"""Shortest time between two pictures: a burst of changes is one picture, a lone change is shown at once."""
BEAT = timedelta(seconds=5)
"""Time between signs of life; a viewer who misses three knows that what it shows is not live."""

log = logging.getLogger(__name__)


class View(Protocol):
    """What can be watched: a hall, or a city."""

    @property
    def version(self) -> int:
        """Equal versions are equal pictures."""
        ...


V = TypeVar("V", bound=View)
V_co = TypeVar("V_co", bound=View, covariant=True)
T = TypeVar("T")


class Watched(Protocol[V_co]):
    """Whoever has a view that changes."""

    def view(self) -> V_co:
        """How it is now; cheap, since it is kept between changes."""
        ...

    def changes(self) -> AsyncIterator[V_co]:
        """How it is now, then again after every change; a slow reader misses pictures in between and never the last one."""
        ...


class Picture(Generic[V]):
    """One picture and what was made of it, made once for all viewers."""

    def __init__(self, view: V) -> None:
        self.view = view
        self._made: dict[object, Any] = {}

    def shared(self, key: object, make: Callable[[], T]) -> T:
        """What `make` makes of this picture, made once for each `key`."""
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])

    def made(self, key: object) -> Any:
        """What was made for `key`; None while nothing was."""
        return self._made.get(key)


def event(name: str, data: bytes, number: int | None = None) -> bytes:
    """A server-sent event; data may have several lines."""
    lines = b"".join(b"data: " + line + b"\n" for line in data.splitlines() or [b""])
    return (f"id: {number}\n".encode() if number is not None else b"") + b"event: " + name.encode() + b"\n" + lines + b"\n"


class Live(Generic[V]):
    """Reads `changes()` once and wakes all viewers. Runs while the application runs."""

    def __init__(self, watched: Watched[V], *, pace: timedelta = PACE, beat: timedelta = BEAT) -> None:
        self._watched, self._pace, self._beat = watched, pace, beat
        self._picture: Picture[V] | None = None
        self._changed = asyncio.Event()
        self._closed = False
        self.viewers = 0
        """How many look at the moment."""

    @property
    def picture(self) -> Picture[V]:
        """How it is now."""
        return self._newest(self._watched.view())

    def _newest(self, view: V) -> Picture[V]:
        if self._picture is None or self._picture.view.version != view.version:
            self._picture = Picture(view)
        return self._picture

    async def run(self) -> None:
        """Follow until it ends; then every viewer's stream ends too, so that none shows old news as live."""
        try:
            async for view in self._watched.changes():
                self._newest(view)
                self._wake()
                await asyncio.sleep(self._pace.total_seconds())
        finally:
            self.close()

    def close(self) -> None:
        """End all streams, so that the server can stop. Safe to call twice."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def pictures(self) -> AsyncIterator[Picture[V] | None]:
        """The picture now and after each change; between them None at every beat, a sign of life however much changes."""
        self.viewers += 1
        loop, beat = asyncio.get_running_loop(), self._beat.total_seconds()
        try:
            seen, due = None, loop.time() + beat
            while not self._closed:
                picture, changed = self.picture, self._changed
                if loop.time() >= due:
                    due = loop.time() + beat
                    yield None
                elif picture is not seen:
                    seen = picture
                    yield picture
                else:
                    with suppress(TimeoutError):
                        async with asyncio.timeout_at(due):  # `wait_for` would make a task for each viewer
                            await changed.wait()
        finally:
            self.viewers -= 1
