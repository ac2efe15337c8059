"""A city's tables: the halls now, and the figures by hall, day, month and kind of window."""

from collections.abc import Mapping

from controller.city.values import CityHall, CityReport, CityView
from controller.web.language import Language, word
from controller.web.report_tables import TICKETS, UNSERVED, WORK, Column, Table

NAMES = ("halls", "days", "months", "window-kinds")
NOW: tuple[Column, ...] = (
    Column("hall-id", "text", lambda row: row.now.hall),
    Column("heard", "text", lambda row: row.heard.isoformat(timespec="seconds")),
    Column("waiting-now", "count", lambda row: row.now.waiting),
    Column("waits-since", "text", lambda row: row.now.since.isoformat(timespec="seconds") if row.now.since else None),
    Column("windows-open", "count", lambda row: row.now.windows_open),
    Column("windows-all", "count", lambda row: len(row.now.windows)),
    Column("ill", "count", lambda row: len(row.now.ill)),
    Column("cases", "count", lambda row: row.now.cases),
    Column("cases-late", "count", lambda row: row.now.cases_late),
)


def state(hall: CityHall) -> str:
    """The word for how a hall is."""
    return "silent" if not hall.fresh else "open" if hall.now.open else "closed"


def now(view: CityView, language: Language) -> Table:
    """The halls now."""
    name = Column("hall", "text", lambda row: row.now.name.within(language))
    said = Column("state", "text", lambda row: word(language, f"city.{state(row)}"))
    return Table("now", (name, NOW[0], said, *NOW[1:]), view.halls)


def tables(report: CityReport, language: Language) -> Mapping[str, Table]:
    """All tables of a report by their name."""
    kind = Column("window-kind", "text", lambda row: word(language, f"city.kind-{row.kind or 'gone'}"))
    rows: tuple[tuple[str, tuple[Column, ...], tuple[object, ...]], ...] = (
        ("halls", (Column("hall", "text", lambda row: row.name.within(language)), TICKETS, UNSERVED, *WORK), report.halls),
        ("days", (Column("day", "text", lambda row: row.day.isoformat()), TICKETS, UNSERVED, *WORK), report.days),
        ("months", (Column("month", "text", lambda row: row.month), TICKETS, UNSERVED, *WORK), report.months),
        ("window-kinds", (kind, *WORK), report.kinds),
    )
    return {name: Table(name, columns, found) for name, columns, found in rows}
