"""What the pages and the HTTP API need of the running hall."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Protocol

from contract.dispatch import DispatchReply, DispatchRequest
from controller.config import HallConfig
from controller.report_values import Report
from controller.view import AuditRow, HallView, RatingRow, StayRow, TicketView


class RunningHall(Protocol):
    """The controller's service as the web sees it; everything is for the event loop it runs in."""

    @property
    def config(self) -> HallConfig:
        """hall.toml as it is in force."""
        ...

    async def ask(self, request: DispatchRequest, actor: str) -> DispatchReply:
        """Do what dispatch wants, as `actor` (`web:li`, `mqtt:dispatch`); the same request id twice is done once."""
        ...

    async def rate_by_phone(self, ticket: str, level: int) -> DispatchReply:
        """Rate the visit that a ticket had, if nobody has: the holder of the ticket does, on its page."""
        ...

    def view(self) -> HallView:
        """The hall now; cheap, since it is kept between changes."""
        ...

    def changes(self) -> AsyncIterator[HallView]:
        """The hall now, then again after every change; a slow reader misses pictures in between and never the last one."""
        ...

    async def ticket(self, ticket: str) -> TicketView | None:
        """A ticket of today or of an earlier day."""
        ...

    async def ratings(self, day: date, window: str | None = None) -> list[RatingRow]:
        """A day's ratings, newest first."""
        ...

    async def stays(self, day: date) -> list[StayRow]:
        """A day's room log, newest first."""
        ...

    async def audit(self, day: date) -> list[AuditRow]:
        """A day's audit log, newest first."""
        ...

    async def report(self, first: date, last: date) -> Report:
        """The report on some days, the last one included."""
        ...
