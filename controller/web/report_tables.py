"""A report's tables: their columns and rows, once for the page, the workbook and the plain files."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from controller.config import HallConfig
from controller.config_hours import Names
from controller.report_values import Figures, Report
from controller.web.language import Language, kind_word, word

Cell = str | int | float | None
Kind = Literal["text", "count", "number", "time", "minutes", "share"]
"""`time` is in seconds and shown to the second, `minutes` is in seconds and shown in hours and minutes."""


@dataclass(frozen=True)
class Column:
    """A column: the word at its head, and what stands in it."""

    word: str
    kind: Kind
    of: Callable[[Any], Cell]


@dataclass(frozen=True)
class Table:
    """One table; its first column names the row."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Any, ...]

    def cells(self) -> Iterator[list[Cell]]:
        """What stands in each row."""
        return ([column.of(row) for column in self.columns] for row in self.rows)


def _of(figures: Callable[[Figures], Cell]) -> Callable[[Any], Cell]:
    return lambda row: figures(row.figures)


TICKETS = Column("tickets", "count", _of(lambda f: f.tickets))
UNSERVED = Column("unserved", "count", _of(lambda f: f.unserved))
WORK = (
    Column("visits", "count", _of(lambda f: f.visits)),
    Column("served", "count", _of(lambda f: f.served)),
    Column("no-shows", "count", _of(lambda f: f.no_shows)),
    Column("waiting", "time", _of(lambda f: f.waiting.mean)),
    Column("longest", "time", _of(lambda f: f.waiting.longest if f.waiting.count else None)),
    Column("way", "time", _of(lambda f: f.way.mean)),
    Column("service-time", "time", _of(lambda f: f.service.mean)),
    Column("invited", "count", _of(lambda f: f.ratings.invited)),
    Column("given", "count", _of(lambda f: f.ratings.given)),
    Column("poor", "count", _of(lambda f: f.ratings.levels["1"] + f.ratings.levels["2"])),
    Column("response", "share", _of(lambda f: f.ratings.response)),
    Column("satisfaction", "share", _of(lambda f: f.ratings.satisfaction)),
)
HOURS = (
    Column("hour", "text", lambda row: f"{row.hour:02}:00"),
    Column("tickets", "count", lambda row: row.tickets),
    Column("visits", "count", lambda row: row.visits),
    Column("served", "count", lambda row: row.served),
    Column("waiting", "time", lambda row: row.waiting.mean),
)
STAFFING = (
    Column("busiest", "text", lambda row: f"{row.hour:02}:00"),
    Column("arrivals", "number", lambda row: row.arrivals),
    Column("service-time", "time", lambda row: row.took),
    Column("traffic", "number", lambda row: row.traffic),
    Column("needed", "count", lambda row: row.needed),
    Column("serve-it", "count", lambda row: row.windows),
)
ROOMS = (
    Column("stays", "count", lambda row: row.stays),
    Column("stayed", "time", lambda row: row.lasted.mean),
    Column("longest-stay", "time", lambda row: row.lasted.longest if row.lasted.count else None),
    Column("long", "count", lambda row: row.long),
    Column("checks", "count", lambda row: row.checks),
    Column("helps", "count", lambda row: row.helps),
)
ROOM_HOURS = (
    Column("hour", "text", lambda row: f"{row.hour:02}:00"),
    Column("stays", "count", lambda row: row.stays),
    Column("occupied", "minutes", lambda row: row.occupied),
)
HEALTH = (
    Column("troubles", "count", lambda row: row.troubles),
    Column("attention", "minutes", lambda row: row.attention),
    Column("down", "minutes", lambda row: row.down),
    Column("available", "share", lambda row: row.available),
)
DEVICES = (
    Column("node", "text", lambda row: row.node),
    Column("device", "text", lambda row: row.device or "—"),
    *HEALTH,
)
DAY = Column("day", "text", lambda row: row.day.isoformat())
NAMES = (
    "days",
    "hours",
    "services",
    "staffing",
    "windows",
    "staff",
    "rooms",
    "room-days",
    "room-hours",
    "devices",
    "kinds",
    "device-days",
)
"""Every table of a report, in its order."""
OF_SEVERAL = ("days", "room-days", "device-days")
"""What says nothing new of a single day."""


def tables(report: Report, config: HallConfig, language: Language) -> tuple[Table, ...]:
    """All tables of a report; staff and devices only where there is something to tell."""

    def named(head: str, parts: Iterable[Any]) -> Column:
        names: dict[str, Names] = {part.id: part.name for part in parts}
        return Column(head, "text", lambda row: names[row.id].text.within(language) if row.id in names else row.id)

    known: tuple[Any, ...] = (*config.zone, *config.window, *config.room)
    places: dict[str, Names] = {place.id: place.name for place in known}
    place = Column("place", "text", lambda row: places[row.place].text.within(language) if row.place in places else row.place)
    cubicle = Column("cubicle", "text", lambda row: row.cubicle.removeprefix("cubicle-"))
    kind = Column("kind", "text", lambda row: kind_word(language, row.kind))
    return (
        Table("days", (DAY, TICKETS, UNSERVED, *WORK), report.days),
        Table("hours", HOURS, report.hours),
        Table("services", (named("service", config.service), TICKETS, UNSERVED, *WORK), report.services),
        Table("staffing", (named("service", config.service), *STAFFING), report.staffing),
        Table("windows", (named("window", config.window), *WORK), report.windows),
        Table("staff", (named("person", config.staff), *WORK), report.staff),
        Table("rooms", (place, *ROOMS), report.rooms),
        Table("room-days", (DAY, place, *ROOMS), report.room_days),
        Table("room-hours", (place, cubicle, *ROOM_HOURS), report.room_hours),
        Table("devices", DEVICES, report.devices),
        Table("kinds", (kind, Column("devices-of-it", "count", lambda row: row.devices), *HEALTH), report.kinds),
        Table("device-days", (DAY, *HEALTH), report.device_days),
    )


def heads(table: Table, language: Language) -> list[str]:
    """The words at the head, with their unit where cells are plain figures."""
    return [word(language, f"reports.{column.word}") + _unit(column, language) for column in table.columns]


def _unit(column: Column, language: Language) -> str:
    return word(language, "reports.in-seconds") if column.kind in ("time", "minutes") else ""
