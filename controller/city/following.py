"""Following the halls: what each says of itself, looked at every few seconds, and what they have done today."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from controller.accounts import utc_now
from controller.changes import Changes
from controller.city.config import CityConfig
from controller.city.reading import Halls, Told
from controller.city.reporting import report
from controller.city.values import CityHall, CityReport, CityView
from controller.hall_now import HallNow
from controller.report_values import Figures
from controller.reporting import figures
from controller.store.errors import StoreError
from controller.store.thread import StoreThread
from link.apart import beside

log = logging.getLogger("hallware.city")


class City:
    """All halls, as far as they are heard: `controller.web.live.Watched`. Made by `following`."""

    def __init__(self, config: CityConfig, clock: Callable[[], datetime] = utc_now) -> None:
        """Nothing is known yet."""
        self.config, self._clock = config, clock
        self._looking, self._reporting = Halls(config.halls), Halls(config.halls)
        self._threads = StoreThread(), StoreThread()
        self._view = CityView(at=clock(), version=0)
        self._today: dict[str, Figures] = {}
        self._counted: float | None = None
        self._changes = Changes(self.view)
        self.looking: asyncio.Task[None] | None = None

    def view(self) -> CityView:
        """The halls now."""
        return self._view

    def changes(self) -> AsyncIterator[CityView]:
        """The halls now and after every change, until it closes."""
        return self._changes.follow()

    async def report(self, first: date, last: date, hall: str | None = None) -> CityReport:
        """The figures of some days, of one hall or of all. Raises `StoreBroken`."""
        known = [told.now for told in self._view.halls if hall in (None, told.now.hall)]
        now = self._clock()
        counted = await self._threads[1].do(self._reporting.counted, known, first, last, now)
        settled = await self._threads[1].do(self._reporting.settled, known, first, last, now)
        return report(known, first, last, hall, counted, settled)

    def known(self, hall: str) -> CityHall | None:
        """One hall."""
        return next((told for told in self._view.halls if told.now.hall == hall), None)

    async def run(self) -> None:
        """Look at the halls until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.config.every)

    async def ended(self) -> None:
        """Return when nobody looks any more; raises the bug that ended it."""
        if self.looking is not None:
            await self.looking

    async def look(self) -> None:
        """Look once. While the database cannot be read every hall is as it was heard last, and none is fresh."""
        reads, now, halls = self._view.reads, self._clock(), self._view.halls
        try:
            at, told = await self._threads[0].do(self._looking.told)
            await self._count([hall.now for hall in told])
            found = tuple(self._hall(hall, at) for hall in told)
            if not reads:
                log.info("the halls' database can be read again")
            reads = True
        except StoreError as error:
            if reads:
                log.warning("the halls' database cannot be read, and all halls are shown as not heard: %s", error)
            reads, found = False, tuple(replace(hall, fresh=False) for hall in halls)
        self._show(CityView(at=now, version=self._view.version, reads=reads, halls=found))

    def _hall(self, told: Told, at: datetime) -> CityHall:
        fresh = at - told.heard <= timedelta(seconds=self.config.stale)
        return CityHall(heard=told.heard, fresh=fresh, now=told.now, today=self._today.get(told.now.hall))

    async def _count(self, halls: list[HallNow]) -> None:
        """Today's figures, anew when they are old or a hall has none."""
        time = asyncio.get_running_loop().time()
        due = self._counted is None or time - self._counted >= self.config.figures
        if due or {hall.hall for hall in halls} - set(self._today):
            counts = await self._threads[0].do(self._looking.today, halls, self._clock())
            self._today, self._counted = {hall: figures(found) for hall, found in counts.items()}, time

    def _show(self, view: CityView) -> None:
        """That a hall was heard again a little later is no change."""
        if (view.reads, *map(_timeless, view.halls)) != (self._view.reads, *map(_timeless, self._view.halls)):
            view = replace(view, version=view.version + 1)
            self._changes.tell()
        self._view = view

    def close(self) -> None:
        """Give the database back and end everybody's `changes`. Safe to call twice."""
        self._changes.close()
        for thread in self._threads:
            thread.close()
        self._looking.close()
        self._reporting.close()


def _timeless(hall: CityHall) -> tuple[object, ...]:
    return hall.fresh, hall.now, hall.today, None if hall.fresh else hall.heard


@asynccontextmanager
async def following(config: CityConfig, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[City]:
    """A city that is followed, and that has been looked at once."""
    city = City(config, clock)
    try:
        await city.look()
        async with beside(city.run(), name="look at the halls") as city.looking:
            yield city
    finally:
        city.close()
