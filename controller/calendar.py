"""The hall's calendar: opening hours with breaks, working days, holidays, deadlines in working days. Pure."""

from dataclasses import dataclass
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
class HallCalendar:
    """Hours on the days of a calendar, in the hall's time zone.

    Moments are placed by the clock on the wall: a day on which the clocks change is an hour longer or shorter, and is open by
    the same figures as any other.
    """

    hours: Hours
    calendar: Calendar
    timezone: ZoneInfo

    def is_working_day(self, day: date) -> bool:
        """Whether the hall works on `day`: a made-up day always, a holiday never, else by the day of the week."""
        if day in self.calendar.made_up:
            return True
        return day not in self.calendar.holidays and WEEKDAYS[day.weekday()] in self.hours.days

    def is_open(self, now: datetime) -> bool:
        """Whether it is open now."""
        return self.hours.always or self.opening(now) is not None

    def opening(self, now: datetime) -> Opening | None:
        """The stretch that is running now; None when it is closed, and when it is always open."""
        here = now.astimezone(self.timezone).date()
        return next((o for day in (here - DAY, here) for o in self.openings(day) if o.opens <= now < o.closes), None)

    def openings(self, day: date) -> tuple[Opening, ...]:
        """The stretches that begin on `day`, in their order; closing before opening means hours over midnight."""
        return () if self.hours.always or not self.is_working_day(day) else _stretches(self.hours, self.timezone, day)

    def bookable(self, day: date) -> tuple[Opening, ...]:
        """The stretches in which appointments may begin: the openings, or the whole day where it is always open."""
        if not self.hours.always:
            return self.openings(day)
        return (Opening(_at(day, "00:00", self.timezone), _at(day + DAY, "00:00", self.timezone)),)

    def closes_for_good(self, now: datetime) -> datetime | None:
        """When the last stretch of the running or coming day of work ends; None when it is always open."""
        if self.hours.always:
            return None
        here = now.astimezone(self.timezone).date()
        ends = [stretches[-1].closes for day in (here - DAY, here) if (stretches := self.openings(day))]
        return next((end for end in ends if end > now), None)

    def opens_next(self, now: datetime) -> datetime | None:
        """When it opens next; None when it is always open, or not within a year."""
        here = now.astimezone(self.timezone).date()
        days = (here + n * DAY for n in range(FARTHEST))
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
        if self.hours.always:
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
