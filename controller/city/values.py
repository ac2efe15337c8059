"""What the city's pages and its API say."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from contract.values import Id, Moment, Text, Value
from controller.hall_now import HallNow, Kind
from controller.report_values import Figures

Month = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]


class CityHall(Value, frozen=True, kw_only=True):
    """One hall as it was when it was last heard of."""

    heard: Moment
    """By the database's clock."""
    fresh: bool
    """Whether this is how it is now; else nobody knows."""
    now: HallNow
    today: Figures | None = None
    """Today's figures so far; None until they are counted."""


class CityView(Value, frozen=True, kw_only=True):
    """All halls at one moment."""

    at: Moment
    version: Annotated[int, Meta(ge=0)]
    """Grows with every change."""
    reads: bool = True
    """Whether the database can be read; while it cannot, every hall is shown as not heard."""
    halls: tuple[CityHall, ...] = ()


class HallFigures(Value, frozen=True, kw_only=True):
    """The figures of one hall."""

    hall: Id
    name: Text
    figures: Figures


class DayFigures(Value, frozen=True, kw_only=True):
    """The figures of one day."""

    day: date
    figures: Figures


class MonthFigures(Value, frozen=True, kw_only=True):
    """The figures of one month, or of those of its days that were asked for."""

    month: Month
    figures: Figures


class KindFigures(Value, frozen=True, kw_only=True):
    """The figures of all windows of one kind; None for those that no hall has any more."""

    kind: Kind | None
    figures: Figures


class CityReport(Value, frozen=True, kw_only=True):
    """The figures of some days, of one hall or of all; halls, days, months and kinds each add up to `all`."""

    first: date
    last: date
    """Included."""
    hall: Id | None = None
    all: Figures
    halls: tuple[HallFigures, ...]
    days: tuple[DayFigures, ...]
    months: tuple[MonthFigures, ...]
    kinds: tuple[KindFigures, ...]
    """Of what happened at windows; a ticket that was never called has none."""
