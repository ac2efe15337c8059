"""The bulletin: what a node says of itself and its devices, at once when it matters and gathered when it does not."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from link.letter import Letter
from link.link import Link

GATHER = 5.0
"""Seconds for which mere counts are gathered."""
BREATH = 0.1
"""Seconds between two rounds, so that a state that flaps does not flood the broker."""


class Bulletin:
    """Publishes each subject's newest letter after it has changed, and all of them at the beginning of each connection."""

    def __init__(self, link: Link, subjects: Mapping[str, Callable[[], Letter]]) -> None:
        """`subjects` make their letters as things stand then."""
        self._link, self._subjects = link, subjects
        self._changed: set[str] = set()
        self._something, self._urgent = asyncio.Event(), asyncio.Event()

    def note(self, subject: str, *, urgent: bool) -> None:
        """Something about `subject` has changed."""
        self._changed.add(subject)
        self._something.set()
        if urgent:
            self._urgent.set()

    def all(self) -> list[Letter]:
        """Everything, as it stands now."""
        self._changed.clear()
        return [letter() for letter in self._subjects.values()]

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await self._something.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER):
                    await self._urgent.wait()
            self._something.clear()
            self._urgent.clear()
            await self._publish()
            await asyncio.sleep(BREATH)

    async def _publish(self) -> None:
        """Publish what has changed; while the link is down nothing is kept back, since the next connection begins with all."""
        link, changed, self._changed = self._link, self._changed, set()
        letters = [self._subjects[subject]() for subject in changed if subject in self._subjects]
        await asyncio.gather(*(link.say(letter.topic, letter.message, **letter.levels) for letter in letters))
