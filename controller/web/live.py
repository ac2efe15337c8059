"""The live picture: one reader of the hall, many viewers who share what was made of each picture."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import cached_property

from contract.codec import encode
from controller.ports import RunningHall
from controller.view import HallView, ServiceView, TicketView
from controller.web.public import public

PACE = timedelta(milliseconds=100)
"""Shortest time between two pictures: a burst of changes is one picture, a lone change is shown at once."""
BEAT = timedelta(seconds=5)
"""Time between signs of life; a viewer who misses three knows that what it shows is not live."""

log = logging.getLogger(__name__)


class Picture:
    """One picture of the hall and what was made of it, made once for all viewers."""

    def __init__(self, view: HallView) -> None:
        self.view = view
        self._made: dict[object, bytes] = {}

    @cached_property
    def staff(self) -> bytes:
        """Everything, as a server-sent event."""
        return event("hall", encode(self.view), self.view.version)

    @cached_property
    def public(self) -> bytes:
        """What everybody may see, as a server-sent event."""
        return event("hall", encode(public(self.view)), self.view.version)

    @cached_property
    def waiting(self) -> dict[str, tuple[ServiceView, TicketView, int]]:
        """Waiting tickets by their id, with their service and their place in its line."""
        return {
            ticket.ticket: (service, ticket, place)
            for service in self.view.services
            for place, ticket in enumerate(service.waiting)
        }

    def shared(self, key: object, make: Callable[[], bytes]) -> bytes:
        """What `make` makes of this picture, made once for each `key`."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def event(name: str, data: bytes, number: int | None = None) -> bytes:
    """A server-sent event; data may have several lines."""
    lines = b"".join(b"data: " + line + b"\n" for line in data.splitlines() or [b""])
    return (f"id: {number}\n".encode() if number is not None else b"") + b"event: " + name.encode() + b"\n" + lines + b"\n"


class Live:
    """Reads `hall.changes()` once and wakes all viewers. Runs while the application runs."""

    def __init__(self, hall: RunningHall, *, pace: timedelta = PACE, beat: timedelta = BEAT) -> None:
        self._hall, self._pace, self._beat = hall, pace, beat
        self._picture: Picture | None = None
        self._changed = asyncio.Event()
        self._closed = False
        self.viewers = 0
        """How many look at the moment."""

    @property
    def picture(self) -> Picture:
        """The hall now."""
        view = self._hall.view()
        if self._picture is None or self._picture.view.version != view.version:
            self._picture = Picture(view)
        return self._picture

    async def run(self) -> None:
        """Follow the hall until it ends; then every viewer's stream ends too, so that none shows old news as live."""
        try:
            async for view in self._hall.changes():
                if self._picture is None or self._picture.view.version != view.version:
                    self._picture = Picture(view)
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

    async def pictures(self) -> AsyncIterator[Picture | None]:
        """The picture now and after each change; None as a sign of life when nothing changes."""
        self.viewers += 1
        try:
            seen: Picture | None = None
            while not self._closed:
                picture, changed = self.picture, self._changed
                if picture is not seen:
                    seen = picture
                    yield picture
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), self._beat.total_seconds())
                except TimeoutError:
                    yield None
        finally:
            self.viewers -= 1
