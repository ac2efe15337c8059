"""The heart: looks at the whole node once a second and feeds the watchdog only with what it has seen."""

import asyncio
from collections.abc import Callable, Collection

from firmware.device import Device
from firmware.notify import Notifier
from link.link import Link

BEAT = 1.0
"""Seconds between two looks."""
DEAD = 30.0
"""Seconds for which the link may neither carry nor try, and an agent neither turn nor be started anew."""


class Heart:
    """Beats in the node's own loop: a loop that hangs feeds nothing."""

    def __init__(
        self, notifier: Notifier, link: Link, devices: Callable[[], Collection[Device]], waiting: Callable[[], int]
    ) -> None:
        """`waiting` counts the events that the controller has not acknowledged."""
        self._notifier, self._link, self._devices, self._waiting = notifier, link, devices, waiting

    async def run(self) -> None:
        """Beat until cancelled."""
        limit = self._notifier.watchdog
        every = BEAT if limit is None else min(BEAT, limit / 3)
        while True:
            self._notifier.status(self._words())
            if self.sound:
                self._notifier.feed()
            await asyncio.sleep(every)

    @property
    def sound(self) -> bool:
        """Whether every device is looked after and the link does something.

        A broker that is away and a device that is broken are not against it: the link tries on, and the supervisor starts
        the agent anew. Both machineries standing still is.
        """
        return self._link.quiet < DEAD and all(device.neglected_for < DEAD for device in self._devices())

    def _words(self) -> str:
        devices = self._devices()
        well = sum(device.condition in ("ready", "busy") for device in devices)
        broker = "broker there" if self._link.up.value else "broker away"
        return f"{well} of {len(devices)} devices well, {broker}, {self._waiting()} events waiting"
