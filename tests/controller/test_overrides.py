"""Overrides: what staff change of the rules for a while is in force at once, ends by itself, survives a restart, and is told."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.overrides import CallLimits, HoursOn, Override, Quota, RatingTime
from controller import override_orders, overrides, showing
from controller.calendar import DayHours, HallCalendar
from controller.config_hours import Calendar, Hours
from controller.hall_rules import HallRules
from controller.outcome import Done
from controller.overrides import OverrideState
from controller.presence import Presence
from controller.queue import Refusal
from controller.state import HallState
from tests.controller.halls import NOON, hall
from tests.controller.play import Client, running_hall, today, token

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 5, 4)
OFFICE = Hours(opens="09:00", closes="17:00", breaks=(("12:00", "13:30"),))
WRITTEN = HallRules.of(hall(hours='opens = "09:00", closes = "17:00", breaks = [["12:00", "13:30"]]'))


def spans(calendar: HallCalendar, day: date = MONDAY) -> list[tuple[str, str]]:
    """The stretches of a day by the clock on the wall."""
    return [(f"{o.opens.astimezone(SHANGHAI):%H:%M}", f"{o.closes.astimezone(SHANGHAI):%H:%M}") for o in calendar.openings(day)]


def calendar(special: DayHours, hours: Hours = OFFICE) -> HallCalendar:
    return HallCalendar(hours, Calendar(), SHANGHAI, {MONDAY: special})


def noon(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("special", "open_"),
    [
        (DayHours(), []),
        (DayHours(closes="15:00"), [("09:00", "12:00"), ("13:30", "15:00")]),
        (DayHours(closes="12:30"), [("09:00", "12:00")]),
        (DayHours(opens="10:00"), [("10:00", "12:00"), ("13:30", "17:00")]),
        (DayHours(opens="10:00", closes="20:00"), [("10:00", "20:00")]),
    ],
)
def test_a_day_is_closed_cut_short_or_open_just_so(special: DayHours, open_: list[tuple[str, str]]) -> None:
    assert spans(calendar(special)) == open_
    assert spans(calendar(special), MONDAY + timedelta(days=1)) == [("09:00", "12:00"), ("13:30", "17:00")], "and no other day"


def test_a_sunday_may_be_opened_and_counts_as_a_working_day_a_closed_monday_does_not() -> None:
    sunday = MONDAY - timedelta(days=1)
    opened = HallCalendar(OFFICE, Calendar(), SHANGHAI, {sunday: DayHours("09:00", "12:00")})
    assert spans(opened, sunday) == [("09:00", "12:00")]
    assert opened.is_working_day(sunday)
    assert not calendar(DayHours()).is_working_day(MONDAY)
    assert calendar(DayHours(closes="15:00")).is_working_day(MONDAY)


def test_everybody_can_see_that_no_tickets_are_given_now_and_why() -> None:
    def closed(at: datetime) -> list[str]:
        seen = showing.view(HallState(), Presence(), {}, Counter(), WRITTEN, at, 1)
        return [service.why_closed.en for service in seen.services if service.why_closed is not None]

    assert not closed(noon(10))
    assert set(closed(noon(12, 30))) == set(closed(noon(18))) == {"the hall is closed now"}
    assert len(closed(noon(18))) == len(WRITTEN.config.service)


def test_a_hall_that_is_always_open_may_close_early_and_opens_again_at_midnight() -> None:
    always = calendar(DayHours(closes="20:00"), Hours(always=True))
    assert always.is_open(noon(19, 59))
    assert not always.is_open(noon(20, 1))
    assert always.closes_for_good(noon(12)) == noon(20)
    assert always.opens_next(noon(21)) == noon(0, 0, MONDAY + timedelta(days=1))
    assert always.is_open(noon(1, 0, MONDAY + timedelta(days=1)))
    assert always.words(MONDAY).en == "Open 00:00–20:00"


@given(st.times(), st.times(), st.sampled_from([OFFICE, Hours(always=True)]))
def test_stretches_of_any_special_day_follow_one_another_and_lie_within_it(opens: Any, closes: Any, hours: Hours) -> None:
    for special in (DayHours(closes=f"{closes:%H:%M}"), DayHours(opens=f"{opens:%H:%M}")):
        edges = [edge for o in calendar(special, hours).openings(MONDAY) for edge in (o.opens, o.closes)]
        assert edges == sorted(edges)
        assert all(noon(0) <= edge <= noon(0, 0, MONDAY + timedelta(days=1)) for edge in edges)


def order(what: Override, state: OverrideState, now: datetime = NOON, until: datetime | None = None) -> OverrideState | str:
    """The state after an order, or the code of its refusal."""
    asked = dispatch.SetOverride(what=what, why="培训", until=until)
    done = override_orders.carry_out(state, asked, "web:li", now, WRITTEN, token)
    if isinstance(done, Refusal):
        return done.code
    assert isinstance(done, Done)
    for fact in done.facts:
        state = overrides.apply(state, fact)  # type: ignore[arg-type]
    return state


def test_what_cannot_be_is_refused() -> None:
    for what, until, code in (
        (HoursOn(day=MONDAY - timedelta(days=1)), None, "past-day"),
        (HoursOn(day=MONDAY, opens="15:00", closes="09:00"), None, "bad-hours"),
        (HoursOn(day=MONDAY, service="no-such"), None, "unknown-service"),
        (Quota(service="social"), None, "nothing-changed"),
        (CallLimits(), None, "nothing-changed"),
        (CallLimits(times=2), NOON - timedelta(minutes=1), "bad-end"),
        (RatingTime(window=30.0), NOON + timedelta(days=32), "bad-end"),
    ):
        assert order(what, OverrideState(), until=until) == code, what


def test_rules_in_force_are_those_written_with_what_stands_laid_over_them() -> None:
    state = OverrideState()
    for what in (
        Quota(service="estate", daily=9),
        CallLimits(times=5),
        RatingTime(window=120.0),
        HoursOn(day=MONDAY, closes="15:00"),
    ):
        after = order(what, state)
        assert isinstance(after, OverrideState)
        state = after
    now = overrides.over(WRITTEN, state)
    assert (now.queue.services["estate"].daily_quota, now.queue.services["social"].daily_quota) == (9, None)
    assert (now.config.calling.times, now.config.calling.interval, now.queue.calling.times) == (5, 0.0, 5)
    assert now.config.rating.window == 120.0
    assert spans(now.queue.calendar("social"))[-1] == ("13:30", "15:00")
    assert WRITTEN.config.calling.times == 3, "nothing is written"
    assert overrides.over(WRITTEN, OverrideState()) is WRITTEN


def test_a_newer_one_about_the_same_takes_the_place_of_the_older_and_time_ends_all() -> None:
    first = order(CallLimits(times=2), OverrideState())
    assert isinstance(first, OverrideState)
    second = order(CallLimits(times=4), first)
    assert isinstance(second, OverrideState)
    assert [one.what for one in second.standing.values()] == [CallLimits(times=4)]
    assert overrides.sweep(second, NOON + timedelta(hours=11, minutes=59)) == ()
    assert len(overrides.sweep(second, NOON + timedelta(hours=12))) == 1, "at midnight in Shanghai"


async def test_a_hall_closes_early_at_once_says_so_on_its_kiosks_and_opens_again(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    closed = dispatch.SetOverride(what=HoursOn(day=today()), why="停电")
    async with running_hall(broker, tmp_path) as service:
        assert (await client.ask(dispatch.IssueTicket(service="social"))).number == "A001"
        assert (await client.ask(closed)).outcome == "done"
        assert (await client.ask(dispatch.IssueTicket(service="social"))).code == "closed"
        await client.said(topics.KIOSK_OFFER, lambda offer: not any(one.open for one in offer.services), kiosk="kiosk-1")
        await client.said(topics.BOARD_PICTURE, lambda picture: picture.idle.zh == "今日休息", board="main")
        (standing,) = service.view().overrides
        assert (standing.what, standing.by, standing.why) == (closed.what, "mqtt:dispatch", "停电")
        assert '"set-override"' in (await service.audit(today()))[1].what
    async with running_hall(broker, tmp_path) as service:
        assert (await client.ask(dispatch.IssueTicket(service="social"))).code == "closed", "also after a restart"
        (standing,) = service.view().overrides
        assert (await client.ask(dispatch.EndOverride(override=standing.override))).outcome == "done"
        assert (await client.ask(dispatch.IssueTicket(service="social"))).number == "A002"
        assert (await client.ask(dispatch.EndOverride(override=standing.override))).code == "unknown-override"


async def test_a_quota_of_today_holds_for_the_next_ticket(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path):
        await client.ask(dispatch.SetOverride(what=Quota(service="social", daily=1), why="系统故障"))
        assert (await client.ask(dispatch.IssueTicket(service="social"))).outcome == "done"
        assert (await client.ask(dispatch.IssueTicket(service="social"))).code == "quota"
        await client.ask(dispatch.SetOverride(what=Quota(service="social", daily=2), why="已恢复"))
        assert (await client.ask(dispatch.IssueTicket(service="social"))).outcome == "done"
