"""The page of reports, and its files. Nothing moves on it: it is read, compared, printed."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from controller.accounts_roles import Right
from controller.config import HallConfig
from controller.report_values import DayFigures, HourFigures, Report, Times
from controller.web.asked import one_by_one
from controller.web.defence import needs
from controller.web.front import asking_of
from controller.web.language import Language, word
from controller.web.office import Office, office_of
from controller.web.plots import Column, Drawing, drawing
from controller.web.problems import Refused
from controller.web.render import respond
from controller.web.report_days import Days, days_of
from controller.web.report_files import CSV, XLSX, attached, plain_text, workbook
from controller.web.report_tables import NAMES, OF_SEVERAL, tables
from controller.web.report_words import lasted, shown, stages

Asked = Request[Any, Any, Any]


@get("/reports", opt=needs(Right.SEE_REPORTS))
async def reports(request: Asked) -> Response[str]:
    """A day's or a month's figures."""
    office, asking = office_of(request), asking_of(request)
    days, report = await _report(office, request)
    return respond(request, "reports.html", {
        "days": days, "report": report, "plots": _plots(report, days, office.hall.config, asking.language),
        "query": urlencode(days.query), "rating_days": office.hall.config.rating.deemed,
        "lasted": lasted, "shown": shown, "stages": stages,
        "tables": [
            table for table in tables(report, office.hall.config, asking.language)
            if table.rows and not (table.name in OF_SEVERAL and days.first == days.last)
        ],
    })  # fmt: skip


@get("/reports/report.xlsx", opt=needs(Right.SEE_REPORTS))
async def as_workbook(request: Asked) -> Response[bytes]:
    """The same as a workbook."""
    office, asking = office_of(request), asking_of(request)
    days, report = await _report(office, request)
    return attached(workbook(report, office.hall.config, asking.language), XLSX, _name(office, days, "xlsx"))


@get("/reports/csv/{table:str}", opt=needs(Right.SEE_REPORTS))
async def as_text(request: Asked) -> Response[bytes]:
    """One of its tables as plain text."""
    office, asking, name = office_of(request), asking_of(request), str(request.path_params["table"])
    if name not in NAMES:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown")
    days, report = await _report(office, request)
    table = next(table for table in tables(report, office.hall.config, asking.language) if table.name == name)
    return attached(plain_text(table, asking.language), CSV, _name(office, days, "csv", name))


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [reports, as_workbook, as_text]


async def _report(office: Office, request: Asked) -> tuple[Days, Report]:
    days = days_of(office, one_by_one(request))
    return days, await office.hall.report(days.first, days.last)


def _name(office: Office, days: Days, kind: str, *table: str) -> str:
    return f"{'-'.join((office.hall.config.hall.id, days.name, *table))}.{kind}"


def _minutes(times: Times) -> float | None:
    return None if times.mean is None else times.mean / 60


_HOURS: tuple[tuple[str, Callable[[HourFigures], tuple[float | None, ...]]], ...] = (
    ("load-by-hour", lambda hour: (hour.tickets, hour.served)),
    ("wait-by-hour", lambda hour: (_minutes(hour.waiting),)),
)
_DAYS: tuple[tuple[str, Callable[[DayFigures], tuple[float | None, ...]]], ...] = (
    ("load-by-day", lambda day: (day.figures.tickets, day.figures.served)),
    ("wait-by-day", lambda day: (_minutes(day.figures.waiting),)),
)


def _plots(report: Report, days: Days, config: HallConfig, language: Language) -> list[Drawing]:
    """By day where there are several, by hour, and each room by hour."""
    found = []
    if days.first != days.last and report.days:
        found += [(name, [Column(f"{day.day.month}/{day.day.day}", of(day)) for day in report.days]) for name, of in _DAYS]
    if report.hours:
        found += [(name, [Column(f"{hour.hour:02}", of(hour)) for hour in report.hours]) for name, of in _HOURS]
    plots = [drawing(name, word(language, f"reports.{name}"), columns) for name, columns in found]
    return [*plots, *_rooms(report, config, language)]


def _rooms(report: Report, config: HallConfig, language: Language) -> Iterator[Drawing]:
    """Minutes in which the cubicles of a room were used, together, by hour."""
    names = {room.id: room.name.text.within(language) for room in config.room}
    for room, rows in groupby(report.room_hours, key=lambda row: row.place):
        hours: dict[int, float] = defaultdict(float)
        for row in rows:
            hours[row.hour] += row.occupied / 60
        title = word(language, "reports.room-by-hour", room=names.get(room, room))
        yield drawing("room-by-hour", title, [Column(f"{hour:02}", (minutes,)) for hour, minutes in hours.items()])
