"""Which days a report is asked for: one day, a month, or from one day to another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus

from controller.reporting import LONGEST
from controller.web.asked import day_of
from controller.web.front import Front
from controller.web.problems import Refused

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """Days and how they were asked for."""

    first: date
    last: date
    query: tuple[tuple[str, str], ...]
    """What asks for the same again."""
    before: tuple[str, str]
    after: tuple[str, str]
    """What asks for the day or month before, and after."""
    month: bool = False

    @property
    def name(self) -> str:
        """What files about them are called."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def days_of(office: Front, asked: Mapping[str, str]) -> Days:
    """By `month`, by `first` and `last`, or by `day`; today when nothing is asked. Raises `Refused`."""
    if asked.get("month"):
        return _month(asked["month"])
    if asked.get("first") or asked.get("last"):
        return _stretch(day_of(office, asked.get("first") or asked.get("last")), day_of(office, asked.get("last")))
    day = day_of(office, asked.get("day"))
    return Days(day, day, (("day", day.isoformat()),), ("day", str(day - _DAY)), ("day", str(day + _DAY)))


def _month(text: str) -> Days:
    if (found := _MONTH.fullmatch(text)) is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-day", text[:40])
    first = date(int(found[1]), int(found[2]), 1)
    after = (first + timedelta(days=32)).replace(day=1)
    before = first - _DAY
    return Days(first, after - _DAY, (("month", text),), ("month", f"{before:%Y-%m}"), ("month", f"{after:%Y-%m}"), month=True)


def _stretch(first: date, last: date) -> Days:
    if first > last or last - first > LONGEST:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-days", str(LONGEST.days))
    query = (("first", first.isoformat()), ("last", last.isoformat()))
    return Days(first, last, query, ("day", str(first - _DAY)), ("day", str(last + _DAY)))
