"""What of upkeep is no live page: the daily sheet of rooms, and lists as files."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from contract.values import Text
from controller.accounts_roles import Right
from controller.upkeep.checks import Slot
from controller.web import upkeep_scenes as scenes
from controller.web.asked import one_by_one
from controller.web.defence import needs
from controller.web.front import asking_of
from controller.web.language import Language, kind_word, word
from controller.web.office import Office, office_of
from controller.web.problems import Refused
from controller.web.render import respond
from controller.web.report_days import Days, days_of
from controller.web.report_files import CSV, as_csv, attached
from controller.web.report_tables import Cell

Asked = Request[Any, Any, Any]
MOST = 62
"""Days of one sheet at most."""


@get("/rooms/sheet", opt=needs(Right.SEE_ROOMS))
async def daily_sheet(request: Asked) -> Response[str]:
    """每日检查表: for each day and room stays, checks, reminders and calls for help, to be printed."""
    office = office_of(request)
    days = _days(office, request)
    return respond(request, "sheet.html", {**await scenes.sheet_scene(office, days.first, days.last), "days": days})


@get("/rooms/sheet.csv", opt=needs(Right.SEE_ROOMS))
async def sheet_file(request: Asked) -> Response[bytes]:
    """The same as plain text, a line for each thing."""
    office, language = office_of(request), asking_of(request).language
    days = _days(office, request)
    scene: dict[str, Any] = await scenes.sheet_scene(office, days.first, days.last)
    rows = [row for day, room, sheet in scene["sheets"] for row in _sheet_rows(office, language, scene, str(day), room, sheet)]
    return _file(office, "rooms", days, _heads(language, "day", "room", "what", "time", "minutes", "by", "found"), rows)


@get("/inventory/all.csv", opt=needs(Right.SEE_DEVICES))
async def inventory_file(request: Asked) -> Response[bytes]:
    """The inventory as plain text."""
    office, language = office_of(request), asking_of(request).language
    scene: dict[str, Any] = await scenes.inventory_scene(office, office.live.picture, {})
    rows: list[list[Cell]] = []
    for one in scene["upkeep"].devices:
        state = scene["states"].get(one.device, ("never",))[0]
        figures = scene["month"].get((one.node, "" if one.kind == "node" else one.device))
        due = scene["next"].get(one.device)
        rows.append([
            one.device, kind_word(language, one.kind), one.driver, one.node, one.place, one.serial, one.asset,
            str(one.bought or ""), str(one.warranty or ""), word(language, f"devices.{state}"),
            figures.troubles if figures else 0, figures.down / 60 if figures else 0.0, due.name.within(language) if due else "",
            str(due.on) if due else "", one.notes,
        ])  # fmt: skip
    heads = _heads(
        language, "device", "kind", "driver", "node", "place", "serial", "asset", "bought", "warranty", "state", "troubles",
        "down", "next", "due", "notes",
    )  # fmt: skip
    return _csv(f"{office.hall.config.hall.id}-{office.today()}-inventory", heads, rows)


@get("/inventory/turns.csv", opt=needs(Right.SEE_DEVICES))
async def turns_file(request: Asked) -> Response[bytes]:
    """How nodes and devices turned, with the codes of their troubles, as plain text."""
    office, language = office_of(request), asking_of(request).language
    days = days_of(office, one_by_one(request))
    rows: list[list[Cell]] = [
        [
            row.at.astimezone(office.zone).strftime("%Y-%m-%d %H:%M:%S"), row.device or row.node, row.node,
            word(language, f"devices.{row.condition}"), row.code, "" if row.what is None else row.what.within(language),
        ]
        for row in await office.hall.books.all_turns(days.first, days.last)
    ]  # fmt: skip
    return _file(office, "turns", days, _heads(language, "time", "device", "node", "state", "code", "why"), rows)


@get("/maintenance/records.csv", opt=needs(Right.SEE_DEVICES))
async def maintenance_file(request: Asked) -> Response[bytes]:
    """Records of maintenance as plain text."""
    office, language = office_of(request), asking_of(request).language
    days = days_of(office, one_by_one(request))
    tasks = scenes.task_names(office.hall.config)
    wrong = scenes.wrong_names_of(office.hall.config)
    rows: list[list[Cell]] = [
        [
            row.at.astimezone(office.zone).strftime("%Y-%m-%d %H:%M"), row.device,
            tasks[row.task].name.text.within(language) if row.task in tasks else row.task, row.by,
            _joined(language, wrong(row.device, row.task, row.wrong)), row.note,
            "" if row.test is None else row.test.within(language),
        ]
        for row in await office.hall.books.records(days.first, days.last)
    ]  # fmt: skip
    return _file(office, "maintenance", days, _heads(language, "time", "device", "task", "by", "found", "note", "test"), rows)


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [daily_sheet, sheet_file, inventory_file, turns_file, maintenance_file]


def _days(office: Office, request: Asked) -> Days:
    days = days_of(office, one_by_one(request))
    if (days.last - days.first).days >= MOST:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-days", str(MOST))
    return days


def _sheet_rows(
    office: Office, language: Language, scene: dict[str, Any], day: str, room: Any, sheet: dict[str, Any]
) -> Iterable[list[Cell]]:  # fmt: skip
    name = room.name.text.within(language)

    def line(what: str, at: Any, minutes: float | None = None, by: str = "", found: str = "") -> list[Cell]:
        return [day, name, word(language, f"sheet.{what}"), f"{at.astimezone(office.zone):%H:%M}", minutes, by, found]

    def found(check: Any) -> str:
        return _joined(language, [*scene["wrong_names"](room.id, None, check.wrong), *([check.note] if check.note else [])])

    slot: Slot
    for slot, check in sheet["slots"]:
        yield line(f"slot-{slot.standing}", slot.at, by=_by(check), found=found(check) if check else "")
    for check in sheet["others"]:
        yield line("check", check.at, by=_by(check), found=found(check))
    for stay in sheet["stays"]:
        yield line("stay-long" if stay.long else "stay", stay.started, None if stay.lasted is None else stay.lasted / 60)
    for late in sheet["lates"]:
        yield line("reminded", late.at)
    for asked in sheet["helps"]:
        yield line("help", asked.at, None if asked.answered is None else (asked.answered - asked.at).total_seconds() / 60)


def _by(check: Any) -> str:
    return "" if check is None or check.by is None else str(check.by)


def _joined(language: Language, texts: Iterable[Text | str]) -> str:
    return word(language, "overview.comma").join(text if isinstance(text, str) else text.within(language) for text in texts)


def _heads(language: Language, *names: str) -> list[str]:
    return [word(language, f"upkeep.{name}") for name in names]


def _file(office: Office, name: str, days: Days, heads: list[str], rows: Iterable[list[Cell]]) -> Response[bytes]:
    return _csv(f"{office.hall.config.hall.id}-{days.name}-{name}", heads, rows)


def _csv(name: str, heads: list[str], rows: Iterable[list[Cell]]) -> Response[bytes]:
    return attached(as_csv(heads, rows), CSV, f"{name}.csv")
