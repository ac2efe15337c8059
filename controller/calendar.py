"""The hall's calendar: opening hours with breaks, working days, holidays, deadlines in working days. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from contract.values import Text
from controller.config_hours import WEEKDAYS, Calendar, Hours

DAY = timedelta(days=1)
FARTHEST = 366
"""Days within which the next opening is looked for."""


@dataclass(frozen=True)
class Opening:
    """One stretch of time in which the hall, or one service, is open. Aware moments, `closes` not included."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class DayHours:
    """The hours of one day that is not as usual: closed without times, cut short by one of them, open just so with both."""

    opens: str | None = None
    closes: str | None = None

    @property
    def closed(self) -> bool:
        """Whether there are none."""
        return self.opens is None and self.closes is None

    def of(self, usual: tuple[Opening, ...], timezone: ZoneInfo, day: date) -> tuple[Opening, ...]:
        """The stretches of the day, where `usual` are those it would have."""
        if self.closed:
            return ()
        opens = None if self.opens is None else _at(day, self.opens, timezone)
        closes = None if self.closes is None else _at(day, self.closes, timezone)
        if opens is not None and closes is not None:
            return (Opening(opens, closes),)
        cut = (Opening(max(o.opens, opens or o.opens), min(o.closes, closes or o.closes)) for o in usual)
        return tuple(o for o in cut if o.opens < o.closes)


@dataclass(frozen=True)
class HallCalendar:
    """Hours on the days of a calendar, in the hall's time zone.

    Moments are placed by the clock on the wall: a day on which the clocks change is an hour longer or shorter, and is open by
    the same figures as any other.
    """

    hours: Hours
    calendar: Calendar
    timezone: ZoneInfo
    days: Mapping[date, DayHours] = field(default_factory=dict)
    """Days whose hours are others."""

    def is_working_day(self, day: date) -> bool:
        """Whether the hall works on `day`: a made-up day always, a holiday never, else by the day of the week."""
        if (special := self.days.get(day)) is not None and (special.closed or (special.opens and special.closes)):
            return not special.closed
        if day in self.calendar.made_up:
            return True
        return day not in self.calendar.holidays and WEEKDAYS[day.weekday()] in self.hours.days

    def is_open(self, now: datetime) -> bool:
        """Whether it is open now."""
        usual = self.hours.always and now.astimezone(self.timezone).date() not in self.days
        return usual or self.opening(now) is not None

    def opening(self, now: datetime) -> Opening | None:
        """The stretch that is running now; None when it is closed, and when it is always open."""
        here = now.astimezone(self.timezone).date()
        return next((o for day in (here - DAY, here) for o in self.openings(day) if o.opens <= now < o.closes), None)

    def openings(self, day: date) -> tuple[Opening, ...]:
        """The stretches that begin on `day`, in their order; closing before opening means hours over midnight."""
        special = self.days.get(day)
        if special is not None:
            return special.of(self._usual(day), self.timezone, day)
        return () if self.hours.always else self._usual(day)

    def _usual(self, day: date) -> tuple[Opening, ...]:
        """The stretches of a day as its hours and the calendar have them; the whole of it where it is always open."""
        if self.hours.always:
            return (Opening(_at(day, "00:00", self.timezone), _at(day + DAY, "00:00", self.timezone)),)
        return _stretches(self.hours, self.timezone, day) if self.is_working_day(day) else ()

    def bookable(self, day: date) -> tuple[Opening, ...]:
        """The stretches in which appointments may begin: the openings, or the whole day where it is always open."""
        return self._usual(day) if self.hours.always and day not in self.days else self.openings(day)

    def closes_for_good(self, now: datetime) -> datetime | None:
        """When the last stretch of the running or coming day of work ends; None when it is always open."""
        here = now.astimezone(self.timezone).date()
        if self.hours.always and here not in self.days:
            return None
        ends = [stretches[-1].closes for day in (here - DAY, here) if (stretches := self.openings(day))]
        return next((end for end in ends if end > now), None)

    def opens_next(self, now: datetime) -> datetime | None:
        """When it opens next; None when it is always open, or not within a year."""
        here = now.astimezone(self.timezone).date()
        days = (here + n * DAY for n in range(FARTHEST))
        if self.hours.always:
            return next((o.opens for day in days if self.days for o in self.bookable(day) if o.opens > now), None)
        return next((o.opens for day in days for o in self.openings(day) if o.opens > now), None)

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """The end of the `days`th working day after the day of `start`: a deadline as the rules for 差评 count them."""
        day = start.astimezone(self.timezone).date()
        left = days
        while left > 0:
            day += DAY
            left -= self.is_working_day(day)
        return datetime.combine(day + DAY, time(), self.timezone)

    def words(self, day: date) -> Text:
        """The hours of `day` as a board shows them."""
        if self.hours.always and day not in self.days:
            return Text(zh="全天服务", en="Open day and night")
        stretches = self.openings(day)
        if not stretches:
            return Text(zh="今日休息", en="Closed today")
        spans = [f"{_clock(o.opens, self.timezone)}–{_clock(o.closes, self.timezone)}" for o in stretches]
        return Text(zh=f"服务时间 {'、'.join(spans)}", en=f"Open {', '.join(spans)}")


@lru_cache(maxsize=256)
def _stretches(hours: Hours, timezone: ZoneInfo, day: date) -> tuple[Opening, ...]:
    """Asked for at every picture of the hall: the last days are kept. In UTC, where moments compare as they follow."""
    edges = [hours.opens, *(edge for pause in hours.breaks for edge in pause), hours.closes]
    moments = [_at(day, edges[0], timezone)]
    for earlier, edge in pairwise(edges):
        day += DAY * (edge <= earlier)
        # Where the clocks are put forward an edge may come before the one that it follows.
        moments.append(max(_at(day, edge, timezone), moments[-1]))
    return tuple(Opening(opens, closes) for opens, closes in zip(moments[::2], moments[1::2], strict=True))


def _at(day: date, edge: str, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(edge), timezone).astimezone(UTC)


def _clock(moment: datetime, timezone: ZoneInfo) -> str:
    return f"{moment.astimezone(timezone):%H:%M}"
