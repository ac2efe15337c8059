"""Upkeep for programs: the same as on the pages."""

from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler

from controller.accounts_roles import Right
from controller.view_upkeep import JobRow, RoomBook, TurnRow, UpkeepRow, UpkeepView
from controller.web.asked import one_by_one
from controller.web.defence import needs
from controller.web.office import office_of
from controller.web.report_days import Days, days_of

Asked = Request[Any, Any, Any]


@get("/upkeep", opt=needs(Right.SEE_DEVICES))
async def upkeep_now(request: Asked) -> UpkeepView:
    """The inventory, tasks of maintenance with their days, consumables and open jobs."""
    return office_of(request).hall.upkeep()


@get("/upkeep/records", opt=needs(Right.SEE_DEVICES, asks=("first", "last")))
async def records(request: Asked) -> list[UpkeepRow]:
    """Maintenance that was done from one day to another, newest first; at most 366 days."""
    days = _days(request)
    return await office_of(request).hall.books.records(days.first, days.last)


@get("/upkeep/turns", opt=needs(Right.SEE_DEVICES, asks=("first", "last")))
async def turns(request: Asked) -> list[TurnRow]:
    """How nodes and devices turned, with the codes of their troubles, newest first; at most 366 days and 5000 rows."""
    days = _days(request)
    return await office_of(request).hall.books.all_turns(days.first, days.last)


@get("/upkeep/jobs", opt=needs(Right.SEE_DEVICES, asks=("first", "last")))
async def jobs(request: Asked) -> list[JobRow]:
    """Jobs that were opened from one day to another, newest first; at most 366 days."""
    days = _days(request)
    return await office_of(request).hall.books.jobs(days.first, days.last)


@get("/rooms/book", opt=needs(Right.SEE_ROOMS, asks=("first", "last")))
async def room_book(request: Asked) -> RoomBook:
    """Stays, checks, reminders and calls for help of rooms, from one day to another; at most 366 days."""
    days = _days(request)
    return await office_of(request).hall.books.rooms(days.first, days.last)


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [upkeep_now, records, turns, jobs, room_book]


def _days(request: Asked) -> Days:
    asked = one_by_one(request)
    return days_of(office_of(request), {name: asked[name] for name in ("first", "last") if name in asked})
