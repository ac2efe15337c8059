"""Standing notices: opening hours, the leader on duty and the day's rating figures, where hall.toml asks for them. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time

from contract.calling import NoticeLine
from contract.values import Text
from controller.calendar import DAY, HallCalendar
from controller.cases import POOR
from controller.config import HallConfig
from controller.config_hours import WEEKDAYS
from controller.config_parts import Duty
from controller.ratings import Figures


def lines(config: HallConfig, calendar: HallCalendar, figures: Figures, now: datetime) -> tuple[NoticeLine, ...]:
    """Each until midnight, so that a board that has lost the controller does not tell tomorrow of today."""
    today = now.astimezone(calendar.timezone).date()
    midnight = datetime.combine(today + DAY, time(), calendar.timezone)
    return tuple(
        NoticeLine(notice=f"standing-{name}", text=text, until=midnight)
        for name, text in _texts(config, calendar, figures, now, today)
        if text is not None
    )


def _texts(
    config: HallConfig, calendar: HallCalendar, figures: Figures, now: datetime, today: date
) -> Iterator[tuple[str, Text | None]]:
    if config.notices.hours:
        yield "hours", hours(calendar, now)
    if config.notices.duty:
        yield "duty", duty(config.duty, calendar, today)
    if config.notices.figures:
        yield "figures", satisfaction(figures)


def hours(calendar: HallCalendar, now: datetime) -> Text:
    """Today's hours; when the day's work is over, or there is none today, when it opens next."""
    words = calendar.words(now.astimezone(calendar.timezone).date())
    if calendar.is_open(now) or calendar.closes_for_good(now) is not None:
        return words
    following = calendar.opens_next(now)
    if following is None:
        return words
    here = following.astimezone(calendar.timezone)
    return Text(
        zh=f"休息中，{here.month}月{here.day}日 {here:%H:%M} 开门",
        en=f"Closed now; opens again on {here:%Y-%m-%d} at {here:%H:%M}",
    )


def duty(roster: tuple[Duty, ...], calendar: HallCalendar, today: date) -> Text | None:
    """Who is on duty today: by date if anybody is, else by the day of the week."""
    named = [person for person in roster if today in person.dates]
    weekly = [person for person in roster if WEEKDAYS[today.weekday()] in person.days and calendar.is_working_day(today)]
    people = named or weekly
    if not people:
        return None
    zh = "、".join(f"{person.name.zh} {person.phone}".strip() for person in people)
    en = ", ".join(f"{person.name.en} {person.phone}".strip() for person in people)
    return Text(zh=f"今日值班领导：{zh}"[:400], en=f"Leader on duty today: {en}"[:400])


def satisfaction(figures: Figures) -> Text | None:
    """How satisfied people were, never without how many said so; nothing while nobody was asked."""
    if not figures.invited:
        return None
    rate = f"{figures.given / figures.invited:.0%}"
    zh, en = f"今日评价：邀请 {figures.invited} 人，参评率 {rate}", f"Ratings today: {figures.invited} asked, {rate} answered"
    if not figures.given:
        return Text(zh=zh, en=en)
    poor = sum(count for level, count in figures.levels.items() if level in POOR)
    good = f"{(figures.given - poor) / figures.given:.1%}"
    return Text(zh=f"{zh}，满意率 {good}", en=f"{en}; {good} of these satisfied")
