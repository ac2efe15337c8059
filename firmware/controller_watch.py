"""Watching the controller: its heartbeat says that it is there and what time it is."""

import asyncio

from contract.health import ControllerStatus
from contract.topics import CONTROLLER_STATUS
from firmware.clock import HallClock
from firmware.presence import Presence
from link.hearing import Heard
from link.link import Link
from link.watched import Watched


class ControllerWatch:
    """Keeps `present` and the hall's clock right while it runs."""

    def __init__(self, link: Link, clock: HallClock) -> None:
        """Nobody is there yet."""
        self.present = Watched(value=False)
        self._link, self._clock = link, clock
        self._rules = Presence()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear(), name="controller status")
            tasks.create_task(self._follow_link(), name="link state")
            tasks.create_task(self._expire(), name="controller patience")

    async def _hear(self) -> None:
        with self._link.hear(CONTROLLER_STATUS) as ear:
            async for heard in ear:
                self._take(heard)
                self._judge()

    def _take(self, heard: Heard[ControllerStatus]) -> None:
        if heard.message.state == "online" and not heard.retained:
            self._clock.signal(heard.message.at)
        hall_now, now = self._clock.now(), self._clock.monotonic()
        self._rules.heard(heard.message, retained=heard.retained, hall_now=hall_now, now=now)

    async def _follow_link(self) -> None:
        async for up in self._link.up.changes():
            self._rules.link(up)
            self._judge()

    def _judge(self) -> None:
        self.present.set(self._rules.there(self._clock.monotonic()))
        self._changed.set()

    async def _expire(self) -> None:
        """Notice that nothing is heard any more."""
        while True:
            self._changed.clear()
            now = self._clock.monotonic()
            due = self._rules.due(now)
            try:
                async with asyncio.timeout(None if due is None else max(0.0, due - now)):
                    await self._changed.wait()
            except TimeoutError:
                self._judge()
