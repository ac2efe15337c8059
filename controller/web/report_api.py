"""The reports for programs: the same figures as on the page."""

from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler

from controller.accounts_roles import Right
from controller.report_values import Report
from controller.web.asked import one_by_one
from controller.web.defence import needs
from controller.web.office import office_of
from controller.web.report_days import days_of

Asked = Request[Any, Any, Any]


@get("/reports/day", opt=needs(Right.SEE_REPORTS, asks=("day",)))
async def report_of_day(request: Asked) -> Report:
    """The figures of a day; today's when no day is given."""
    return await _report(request, "day")


@get("/reports/month", opt=needs(Right.SEE_REPORTS, asks=("month",)))
async def report_of_month(request: Asked) -> Report:
    """The figures of a month; those of today when no month is given."""
    return await _report(request, "month")


@get("/reports/days", opt=needs(Right.SEE_REPORTS, asks=("first", "last")))
async def report_of_days(request: Asked) -> Report:
    """The figures from one day to another, both included; at most 366 days."""
    return await _report(request, "first", "last")


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [report_of_day, report_of_month, report_of_days]


async def _report(request: Asked, *names: str) -> Report:
    office = office_of(request)
    days = days_of(office, {name: value for name, value in one_by_one(request).items() if name in names})
    return await office.hall.report(days.first, days.last)
