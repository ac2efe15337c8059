"""How figures are written on the page of reports."""

from collections.abc import Iterator

from controller.report_values import Waiting
from controller.web.report_tables import Cell, Kind

NOTHING = "—"


def lasted(seconds: float | None) -> str:
    """A time as minutes:seconds, over an hour hours:minutes:seconds."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def shown(kind: Kind, cell: Cell) -> str:
    """A cell as people read it."""
    if cell is None or isinstance(cell, str):
        return cell or NOTHING
    if kind in ("time", "minutes"):
        return lasted(cell)
    if kind == "number":
        return f"{cell:.1f}"
    return f"{cell * 100:.1f}%" if kind == "share" else f"{cell:,}"


def stages(waiting: Waiting) -> Iterator[tuple[int | None, int]]:
    """Minutes and how many waited up to so long and longer than the stage before; None for the rest."""
    before = 0
    for minutes, count in sorted((int(minutes), count) for minutes, count in waiting.within.items()):
        yield minutes, count - before
        before = count
    yield None, waiting.count - before
