"""Books of upkeep: long lists, read on a connection and in a thread of their own, as reports are."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from controller.config import HallConfig
from controller.store import questions_upkeep as questions
from controller.store.counting import Span
from controller.store.reading import reading
from controller.store.thread import StoreThread
from controller.view_upkeep import JobRow, RoomBook, TurnRow, UpkeepRow

R = TypeVar("R")


class Books:
    """What was written down about devices and rooms. `close` may be called twice. Everything raises `StoreBroken`."""

    def __init__(self, config: HallConfig) -> None:
        self._config, self._thread = config, StoreThread()

    def close(self) -> None:
        """End the thread."""
        self._thread.close()

    async def records(self, first: date, last: date, device: str | None = None) -> list[UpkeepRow]:
        """Maintenance that was done, newest first."""
        return await self._read(first, last, lambda connection, span: questions.records(connection, span, device))

    async def jobs(self, first: date, last: date) -> list[JobRow]:
        """Jobs that were opened in these days, newest first."""
        return await self._read(first, last, questions.jobs)

    async def rooms(self, first: date, last: date) -> RoomBook:
        """Everything about rooms."""
        return await self._read(first, last, _rooms)

    async def turns(self, first: date, last: date, node: str, device: str) -> list[TurnRow]:
        """How the condition of a device turned, newest first; of the node itself when `device` is empty."""
        return await self._read(first, last, lambda connection, span: questions.turns(connection, span, node, device))

    async def all_turns(self, first: date, last: date) -> list[TurnRow]:
        """How nodes and devices turned, newest first."""
        return await self._read(first, last, questions.all_turns)

    async def _read(self, first: date, last: date, ask: Callable[[Connection, Span], R]) -> R:
        span = Span(self._config.hall.id, first, last, ZoneInfo(self._config.hall.timezone))

        def read() -> R:
            with reading(self._config.store) as connection:
                return ask(connection, span)

        return await self._thread.do(read)


def _rooms(connection: Connection, span: Span) -> RoomBook:
    return RoomBook(
        stays=tuple(questions.stays(connection, span)), checks=tuple(questions.checks(connection, span)),
        lates=tuple(questions.lates(connection, span)), helps=tuple(questions.helps(connection, span)),
    )  # fmt: skip
