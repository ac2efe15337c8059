"""What the pages of upkeep show: inventory, one device, maintenance, the round, rooms and their daily sheet."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus

from contract.health import DeviceState
from contract.values import Text
from controller.calendar import HallCalendar
from controller.config import HallConfig
from controller.config_parts import Room
from controller.config_upkeep import CheckItem, UpkeepTask
from controller.report_values import DeviceFigures
from controller.upkeep import checks, inventory, plans
from controller.upkeep.round import Stop, stops, to_do
from controller.upkeep.showing import wrong_names
from controller.view import HallView, NodeView
from controller.view_upkeep import CheckRow, DescribedView, RoomBook, TaskView, UpkeepView
from controller.web.asked import day_of
from controller.web.hall_picture import HallPicture
from controller.web.live_pages import Scene, Where
from controller.web.office import Office
from controller.web.problems import Refused

BACK = timedelta(days=90)
"""So far back records are shown on pages; files go as far as one asks."""
COMING = timedelta(days=14)


def part(picture: HallPicture, _: Where) -> object:
    """What of the hall these pages show."""
    return picture.view.upkeep, picture.view.nodes, picture.view.rooms


async def inventory_scene(office: Office, picture: HallPicture, _: Where) -> Scene:
    """Every device with its health and what is due."""
    whole, today = office.hall.upkeep(), office.today()
    return {
        "upkeep": whole, "states": states(picture.view), "month": await _month(office),
        "next": _next(whole), "first": today - BACK, "last": today,
    }  # fmt: skip


async def device_scene(office: Office, picture: HallPicture, where: Where) -> Scene:
    """One device. Raises `Refused`."""
    whole, config, today = office.hall.upkeep(), office.hall.config, office.today()
    one = next((one for one in whole.devices if one.device == where["device"]), None)
    appliance = inventory.named(config, where["device"])
    if one is None or appliance is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-place", where["device"][:40])
    own = "" if one.device == one.node and one.kind == inventory.NODE else one.device
    return {
        "one": one, "state": states(picture.view).get(one.device),
        "figures": (await _month(office)).get((one.node, own)),
        "turns": (await office.hall.books.turns(today - BACK, today, one.node, own))[:12],
        "tasks": [(task, _due(whole, one, task.id)) for task in plans.tasks_of(config.upkeep, appliance)],
        "supplies": [supply for supply in whole.supplies if supply.device == one.device],
        "jobs": [job for job in whole.jobs if job.place == one.device],
        "records": await office.hall.books.records(today - timedelta(days=365), today, one.device),
        "task_name": task_names(config), "wrong_names": wrong_names_of(config),
    }  # fmt: skip


async def maintenance_scene(office: Office, picture: HallPicture, _: Where) -> Scene:
    """What is due, what is open, what was done."""
    whole, today = office.hall.upkeep(), office.today()
    return {
        "upkeep": whole, "first": today - BACK, "last": today,
        "due": [task for task in whole.tasks if task.now],
        "coming": [task for task in whole.tasks if not task.now and task.on <= today + COMING],
        "low": [supply for supply in whole.supplies if supply.low],
        "records": await office.hall.books.records(today - BACK, today),
        "done_jobs": [job for job in await office.hall.books.jobs(today - BACK, today) if job.closed is not None],
        "task_name": task_names(office.hall.config), "wrong_names": wrong_names_of(office.hall.config),
        "devices": {one.device: one for one in whole.devices},
    }  # fmt: skip


async def round_scene(office: Office, picture: HallPicture, _: Where) -> Scene:
    """The list of the round."""
    found = stops(picture.view, office.hall.upkeep())
    return {"to_do": to_do(found), "zones": _zones(found)}


async def rooms_scene(office: Office, picture: HallPicture, where: Where) -> Scene:
    """The rooms now, and a day's log."""
    day, config = day_of(office, where.get("day")), office.hall.config
    book = await office.hall.books.rooms(day, day)
    return {
        "view": picture.view, "day": day, "rows": book.stays, "checks": book.checks, "items": items(config),
        "wrong_names": wrong_names_of(config),
    }  # fmt: skip


async def sheet_scene(office: Office, first: date, last: date) -> Scene:
    """The daily sheets of some days: for each day and room its stays, checks, reminders and calls for help."""
    book, config = await office.hall.books.rooms(first, last), office.hall.config
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {
        "first": first, "last": last, "wrong_names": wrong_names_of(config),
        "sheets": [(day, room, sheet(office, book, room, day)) for day in days for room in config.room],
    }  # fmt: skip


def sheet(office: Office, book: RoomBook, room: Room, day: date) -> dict[str, object]:
    """One day of one room."""

    def on(moment: datetime) -> bool:
        return moment.astimezone(office.zone).date() == day

    made = sorted((c for c in book.checks if c.room == room.id and on(c.at)), key=lambda c: c.at)
    slots = checks.sheet(room, day, _calendar(office), [check.at for check in made], office.clock())
    by_moment: Mapping[datetime, CheckRow] = {check.at: check for check in made}
    planned = {slot.checked for slot in slots}
    return {
        "slots": [(slot, by_moment.get(slot.checked) if slot.checked else None) for slot in slots],
        "others": [check for check in made if check.at not in planned],
        "stays": sorted((s for s in book.stays if s.room == room.id and on(s.started)), key=lambda s: s.started),
        "lates": [late for late in book.lates if late.room == room.id and on(late.slot)],
        "helps": [help_ for help_ in book.helps if help_.place == room.id and on(help_.at)],
    }  # fmt: skip


def items(config: HallConfig) -> dict[str, tuple[CheckItem, ...]]:
    """Room to its check list."""
    return {room.id: checks.items(room) for room in config.room}


def states(view: HallView) -> dict[str, tuple[str, DeviceState | None, NodeView]]:
    """Device to how it is: its condition, or what its node is when that is not there."""
    found: dict[str, tuple[str, DeviceState | None, NodeView]] = {}
    for node in view.nodes:
        there = "never" if node.status is None else node.status.state
        found[node.node] = ("ready" if there == "online" else there, None, node)
        for device in node.devices:
            found[device.device] = (device.condition if there == "online" else "unknown", device, node)
    return found


def task_names(config: HallConfig) -> dict[str, UpkeepTask]:
    """Tasks by their id."""
    return {task.id: task for task in plans.tasks(config.upkeep)}


def wrong_names_of(config: HallConfig) -> Callable[[str, str | None, Iterable[str]], tuple[Text, ...]]:
    """What lines of a check list are called: by place, task (none for a room's list), and lines."""
    return partial(wrong_names, config)


def _calendar(office: Office) -> HallCalendar:
    hall = office.hall.config.hall
    return HallCalendar(hall.hours, hall.calendar, office.zone)


async def _month(office: Office) -> dict[tuple[str, str], DeviceFigures]:
    """How devices were since this month began; those that had no troubles are not in it."""
    today = office.today()
    found = await office.hall.report(today.replace(day=1), today)
    return {(row.node, row.device or ""): row for row in found.devices}


def _next(whole: UpkeepView) -> dict[str, TaskView]:
    """Device to the task that is due first."""
    return {task.device: task for task in reversed(whole.tasks)}


def _due(whole: UpkeepView, one: DescribedView, task: str) -> TaskView | None:
    return next((t for t in whole.tasks if (t.device, t.task) == (one.device, task)), None)


def _zones(found: tuple[Stop, ...]) -> list[tuple[str | None, list[Stop]]]:
    """Stops that follow one another in one zone."""
    groups: list[tuple[str | None, list[Stop]]] = []
    for stop in found:
        if not groups or groups[-1][0] != stop.zone:
            groups.append((stop.zone, []))
        groups[-1][1].append(stop)
    return groups
