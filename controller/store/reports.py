"""Reports read on a connection and in a thread of their own: nobody waits to be called because a year is counted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from controller import reporting
from controller.config import HallConfig
from controller.report_values import Report
from controller.store import rollups
from controller.store.counting import Span
from controller.store.reading import reading
from controller.store.thread import StoreThread
from controller.summing import Summed


class Reports:
    """Reads the store of one hall while its controller writes. `close` may be called twice."""

    def __init__(self, config: HallConfig) -> None:
        self._config, self._thread = config, StoreThread()

    async def read(self, first: date, last: date) -> Report:
        """The report on some days. Raises `StoreBroken`."""
        return await self._thread.do(self._read, first, last)

    def close(self) -> None:
        """End the thread."""
        self._thread.close()

    def _read(self, first: date, last: date) -> Report:
        now, span = datetime.now(UTC), Span(self._config.hall.id, first, last, ZoneInfo(self._config.hall.timezone))
        sums = {True: Summed(), False: Summed()}
        with reading(self._config.store) as connection:
            for settled, part in span.stretches(self._settled(span, now)):
                sums[settled] = sums[settled] + rollups.summed(connection, part, now)
        return reporting.report(self._config, first, last, sums[True] + sums[False], sums[True])

    def _settled(self, span: Span, now: datetime) -> set[date]:
        """The days so long ago that who did not rate counts as 基本满意, where a rule says so."""
        days = self._config.rating.deemed
        last = now.astimezone(span.timezone).date() - timedelta(days=days)
        return {day for day in span.days() if days and day <= last}
