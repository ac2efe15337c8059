"""Reports read on a connection and in a thread of their own: nobody waits to be called because a year is counted."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from controller import reporting
from controller.config import HallConfig
from controller.report_values import Report
from controller.store import rollups
from controller.store.counting import Span
from controller.store.reading import reading
from controller.store.thread import StoreThread


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
        span = Span(self._config.hall.id, first, last, ZoneInfo(self._config.hall.timezone))
        with reading(self._config.store) as connection:
            return reporting.report(self._config, first, last, rollups.summed(connection, span, datetime.now(UTC)))
