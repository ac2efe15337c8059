"""The agenda: what is to happen when in a day that is played, and the clock that jumps from one to the next."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count

Deed = Callable[[], Awaitable[None]]


class Agenda:
    """Deeds by their moments; `now` is the played time."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._deeds: list[tuple[datetime, int, Deed]] = []
        self._order = count()

    def at(self, moment: datetime, deed: Deed) -> None:
        """Do it then; what is past is done next."""
        heapq.heappush(self._deeds, (moment, next(self._order), deed))

    def after(self, seconds: float, deed: Deed) -> None:
        """Do it so much later."""
        self.at(self.now + timedelta(seconds=seconds), deed)

    async def play(self, until: datetime) -> None:
        """Do everything that comes before `until`, and come to it."""
        while self._deeds and self._deeds[0][0] < until:
            moment, _, deed = heapq.heappop(self._deeds)
            self.now = max(self.now, moment)
            await deed()
        self.now = max(self.now, until)
