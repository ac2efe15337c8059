"""The city's API: all halls now, and their figures."""

from typing import Any

from litestar import Request, Router, get
from litestar.response import Stream

from contract.codec import encode
from controller.accounts_roles import Person, Right
from controller.city.values import CityReport, CityView
from controller.web.asked import one_by_one
from controller.web.city_office import city_of
from controller.web.city_pages import CityPicture
from controller.web.city_reports import asked_report
from controller.web.defence import needs
from controller.web.front import person_of
from controller.web.live import event
from controller.web.streams import stream

Asked = Request[Any, Any, Any]


@get("/city", opt=needs(Right.SEE_HALL))
async def city_now(request: Asked) -> CityView:
    """All halls at this moment; one that is not fresh has said nothing for a while."""
    return city_of(request).city.view()


@get("/live", opt=needs(Right.SEE_HALL))
async def live(request: Asked) -> Stream:
    """Server-sent events: `city` with all halls now and after every change, `beat` every five seconds."""

    async def encoded(picture: CityPicture) -> bytes:
        return picture.shared("city", lambda: event("city", encode(picture.view), picture.view.version))

    return stream(request, encoded, public=False)


@get("/reports/day", opt=needs(Right.SEE_REPORTS, asks=("day", "hall")))
async def report_of_day(request: Asked) -> CityReport:
    """The figures of a day; today's when no day is given."""
    return await _report(request, "day")


@get("/reports/month", opt=needs(Right.SEE_REPORTS, asks=("month", "hall")))
async def report_of_month(request: Asked) -> CityReport:
    """The figures of a month; those of today when no month is given."""
    return await _report(request, "month")


@get("/reports/days", opt=needs(Right.SEE_REPORTS, asks=("first", "last", "hall")))
async def report_of_days(request: Asked) -> CityReport:
    """The figures from one day to another, both included; at most 366 days."""
    return await _report(request, "first", "last")


@get("/me", opt=needs(Right.OWN_ACCOUNT))
async def me(request: Asked) -> Person:
    """Whose session or token this is."""
    return person_of(request)


async def _report(request: Asked, *names: str) -> CityReport:
    asked = {name: value for name, value in one_by_one(request).items() if name in (*names, "hall")}
    return (await asked_report(city_of(request), asked))[1]


def city_api(document: Any) -> Router:
    """The API under its version; `document` serves its description."""
    return Router("/api/v1", route_handlers=[city_now, live, report_of_day, report_of_month, report_of_days, me, document])
