"""The city's page of figures, and its files."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from controller.accounts_roles import Right
from controller.city.values import CityReport
from controller.web.asked import one_by_one
from controller.web.city_office import CityOffice, city_of
from controller.web.city_tables import NAMES, now, tables
from controller.web.defence import needs
from controller.web.front import asking_of
from controller.web.language import Language, word
from controller.web.plots import Column, Drawing, drawing
from controller.web.problems import Refused
from controller.web.render import respond
from controller.web.report_days import Days, days_of
from controller.web.report_files import CSV, attached, plain_text
from controller.web.report_words import lasted, shown

Asked = Request[Any, Any, Any]


@get("/reports", opt=needs(Right.SEE_REPORTS))
async def reports(request: Asked) -> Response[str]:
    """A day's, a month's or any days' figures, of all halls or of one."""
    office, asking = city_of(request), asking_of(request)
    days, report = await asked_report(office, one_by_one(request))
    several = {"halls": len(report.halls) > 1, "days": len(report.days) > 1, "months": len(report.months) > 1}
    made = tables(report, asking.language)
    return respond(request, "city_reports.html", {
        "days": days, "report": report, "halls": [hall.now for hall in office.city.view().halls],
        "query": urlencode([*days.query, *([("hall", report.hall)] if report.hall else [])]),
        "plots": _plots(report, asking.language), "lasted": lasted, "shown": shown,
        "tables": [table for name, table in made.items() if table.rows and several.get(name, True)],
    })  # fmt: skip


@get("/reports/csv/{table:str}", opt=needs(Right.SEE_REPORTS))
async def as_text(request: Asked) -> Response[bytes]:
    """One of its tables as plain text."""
    office, asking, name = city_of(request), asking_of(request), str(request.path_params["table"])
    if name not in NAMES:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown")
    days, report = await asked_report(office, one_by_one(request))
    return _file(plain_text(tables(report, asking.language)[name], asking.language), f"{days.name}-{name}")


@get("/now.csv", opt=needs(Right.SEE_HALL))
async def now_as_text(request: Asked) -> Response[bytes]:
    """The halls now as plain text."""
    office, asking = city_of(request), asking_of(request)
    return _file(plain_text(now(office.city.view(), asking.language), asking.language), "now")


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [reports, as_text, now_as_text]


async def asked_report(office: CityOffice, asked: Mapping[str, str]) -> tuple[Days, CityReport]:
    """The report that is asked for. Raises `Refused`."""
    hall, days = asked.get("hall") or None, days_of(office, asked)
    if hall is not None and office.city.known(hall) is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-place", hall[:40])
    return days, await office.city.report(days.first, days.last, hall)


def _file(content: bytes, name: str) -> Response[bytes]:
    return attached(content, CSV, f"city-{name}.csv")


def _plots(report: CityReport, language: Language) -> list[Drawing]:
    """People and waiting by day."""
    if len(report.days) < 2:
        return []
    waits = [None if day.figures.waiting.mean is None else day.figures.waiting.mean / 60 for day in report.days]
    labels = [f"{day.day.month}/{day.day.day}" for day in report.days]
    columns = {
        "load-by-day": [
            Column(label, (day.figures.tickets, day.figures.served)) for label, day in zip(labels, report.days, strict=True)
        ],
        "wait-by-day": [Column(label, (wait,)) for label, wait in zip(labels, waits, strict=True)],
    }
    return [drawing(name, word(language, f"reports.{name}"), found) for name, found in columns.items()]
