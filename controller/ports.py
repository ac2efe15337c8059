"""What the pages and the HTTP API need of the running hall."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Protocol

from contract.commands import FieldValue
from contract.dispatch import DispatchReply, DispatchRequest
from controller.config import HallConfig
from controller.report_values import Report
from controller.slip_forms import Forms
from controller.slip_values import PrintRow
from controller.view import AppointmentRow, AuditRow, HallView, NoticeRow, RatingRow, SlotView, TicketView
from controller.view_upkeep import JobRow, RoomBook, StayRow, TurnRow, UpkeepRow, UpkeepView


class UpkeepBooks(Protocol):
    """Long lists of what was done and what was found, each newest first; days are the hall's, the last one included."""

    async def records(self, first: date, last: date, device: str | None = None) -> list[UpkeepRow]:
        """Maintenance that was done."""
        ...

    async def jobs(self, first: date, last: date) -> list[JobRow]:
        """Jobs that were opened."""
        ...

    async def rooms(self, first: date, last: date) -> RoomBook:
        """Stays, checks, late checks, calls for help."""
        ...

    async def all_turns(self, first: date, last: date) -> list[TurnRow]:
        """How the conditions of nodes and devices turned, and why."""
        ...

    async def turns(self, first: date, last: date, node: str, device: str) -> list[TurnRow]:
        """How the condition of a device turned; of the node itself when `device` is empty."""
        ...


class Press(Protocol):
    """Makes pictures of slips, as they will come out of a printer."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with templates: file, part, line and what is expected there."""
        ...

    def picture(self, template: str, fields: Mapping[str, FieldValue], number: str, at: datetime) -> bytes:
        """The slip on paper, as a PNG; `fields` fit its form."""
        ...


class RunningHall(Protocol):
    """The controller's service as the web sees it; everything is for the event loop it runs in."""

    @property
    def config(self) -> HallConfig:
        """hall.toml as it is in force."""
        ...

    @property
    def written(self) -> HallConfig:
        """hall.toml as it was read, without what staff have changed for a while."""
        ...

    @property
    def forms(self) -> Forms:
        """The slips that staff may fill in."""
        ...

    async def ask(self, request: DispatchRequest, actor: str) -> DispatchReply:
        """Do what dispatch wants, as `actor` (`web:li`, `mqtt:dispatch`); the same request id twice is done once."""
        ...

    async def rate_by_phone(self, ticket: str, level: int) -> DispatchReply:
        """Rate the visit that a ticket had, if nobody has: the holder of the ticket does, on its page."""
        ...

    async def complain_by_phone(self, ticket: str) -> DispatchReply:
        """Take a complaint (办不成事) from the holder of a ticket, on its page."""
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

    def numbered(self, number: str) -> TicketView | None:
        """Today's ticket with this number."""
        ...

    async def ratings(self, day: date, window: str | None = None) -> list[RatingRow]:
        """A day's ratings, newest first."""
        ...

    async def stays(self, day: date) -> list[StayRow]:
        """A day's room log, newest first."""
        ...

    async def notices_ended(self, since: datetime, most: int) -> list[NoticeRow]:
        """The notices that came down since then, newest first, and at most so many."""
        ...

    async def audit(self, day: date) -> list[AuditRow]:
        """A day's audit log, newest first."""
        ...

    async def prints(self, day: date | None, number: str | None = None) -> list[PrintRow]:
        """The log of prints, newest first: of a day, or of a number on any day."""
        ...

    async def appointments(self, day: date) -> list[AppointmentRow]:
        """A day's appointments, in the order of their slots."""
        ...

    def slots(self, service: str, day: date) -> tuple[SlotView, ...]:
        """The slots of a service on a day that may still be booked, full ones included."""
        ...

    async def report(self, first: date, last: date) -> Report:
        """The report on some days, the last one included."""
        ...

    def upkeep(self) -> UpkeepView:
        """The inventory, all tasks of maintenance and all consumables, as they stand now."""
        ...

    @property
    def books(self) -> UpkeepBooks:
        """What was written down about devices and rooms."""
        ...
