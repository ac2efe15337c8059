"""Notices: when each stands, in which order, and what the hall says by itself; also over midnight and when clocks change."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from contract.calling import BoardPicture
from contract.dispatch import NoticeTimes, PostNotice, WithdrawNotice
from contract.settings import BadSettings, Weekday, convert
from contract.values import Text
from controller import notices, standing
from controller.calendar import HallCalendar
from controller.config_hours import Hours, Names
from controller.config_parts import Duty
from controller.config_rules import StandingNotices
from controller.notices import NoticeState
from controller.queue import Refusal
from controller.ratings import Figures
from firmware.agents.announcer_rules import AnnouncerRules
from tests.controller.halls import NOON, sqlite
from tests.controller.halls import hall as small_hall
from tests.controller.test_calendar import FRIDAY, at, hall
from tests.controller.test_days import Night

PARIS = ZoneInfo("Europe/Paris")
SATURDAY = FRIDAY + timedelta(days=1)
CLOSING = NoticeTimes(starts="11:45", ends="12:00")


def order(zh: str = "即将午休", **fields: object) -> PostNotice:
    return PostNotice(text=Text(zh=zh, en=zh), **fields)  # type: ignore[arg-type]


def posted(*orders: PostNotice, start: datetime | None = None) -> NoticeState:
    """Notices that were posted one second after the other."""
    state, now = NoticeState(), start or at("06:00")
    for number, each in enumerate(orders):
        facts = notices.post(state, each, f"notice-{number}", now + timedelta(seconds=number), frozenset({"east"}))
        assert not isinstance(facts, Refusal)
        for fact in facts:
            state = notices.apply(state, fact)
    return state


def shown(state: NoticeState, now: datetime, calendar: HallCalendar | None = None) -> list[str]:
    return [line.text.zh for line in notices.lines(state, None, now, calendar or hall())]


@pytest.mark.parametrize(
    ("moment", "stands"),
    [
        (at("11:44:59"), False), (at("11:45"), True), (at("11:59:59"), True), (at("12:00"), False),
        (at("11:50", SATURDAY), False), (at("11:50", FRIDAY + timedelta(days=3)), True),
    ],
)  # fmt: skip
def test_a_notice_for_every_working_day_stands_at_its_times_only(moment: datetime, stands: bool) -> None:
    assert bool(shown(posted(order(times=CLOSING)), moment)) is stands


def test_working_days_are_those_of_the_calendar_and_days_that_are_named_hold_on_holidays_too() -> None:
    swapped = hall(holidays=(FRIDAY,), made_up=(SATURDAY,))
    working, fridays = order(times=CLOSING), order(times=NoticeTimes(starts="11:45", ends="12:00", days=("fri",)))
    assert shown(posted(working), at("11:50"), swapped) == []
    assert shown(posted(working), at("11:50", SATURDAY), swapped) == ["即将午休"]
    assert shown(posted(fridays), at("11:50"), swapped) == ["即将午休"]


def test_times_over_midnight_belong_to_the_evening_on_which_they_began() -> None:
    night = posted(order(times=NoticeTimes(starts="22:00", ends="02:00", days=("fri",))))
    told = [bool(shown(night, at(clock, day))) for clock, day in (("01:00", FRIDAY), ("22:00", FRIDAY), ("01:59", SATURDAY))]
    assert told == [False, True, True]
    assert shown(night, at("02:00", SATURDAY)) == []


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_on_a_day_on_which_the_clocks_change_it_stands_by_the_clock_on_the_wall(day: date) -> None:
    early = posted(order(times=NoticeTimes(starts="08:00", ends="09:00", days=("sun",))), start=at("00:00", day, PARIS))
    calendar = hall(zone=PARIS)
    assert [bool(shown(early, at(clock, day, PARIS), calendar)) for clock in ("07:59", "08:00", "08:59", "09:00")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_times_in_the_hour_that_is_left_out_do_not_stand_until_the_next_day() -> None:
    spring = date(2026, 3, 29)
    gap = posted(order(times=NoticeTimes(starts="02:30", ends="03:10", days=("sun",))), start=at("00:00", spring, PARIS))
    assert shown(gap, at("12:00", spring, PARIS), hall(zone=PARIS)) == []


def test_since_and_until_bound_the_times_and_the_line_says_when_this_stretch_ends() -> None:
    state = posted(order(since=at("11:50"), until=at("11:55"), times=CLOSING), order("全天"))
    assert [shown(state, at(clock)) for clock in ("11:46", "11:50", "11:55")] == [["全天"], ["全天", "即将午休"], ["全天"]]
    daily = posted(order(times=CLOSING))
    assert notices.lines(daily, None, at("11:50"), hall())[0].until == at("12:00")


def test_urgent_goes_before_important_before_others_and_the_newer_first_among_equals() -> None:
    state = posted(order("甲"), order("急", urgent=True), order("要", important=True), order("乙"))
    assert shown(state, at("10:00")) == ["急", "要", "乙", "甲"]


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (order(since=at("12:00"), until=at("11:00")), "notice-never"),
        (order(times=NoticeTimes(starts="08:00", ends="08:00")), "notice-never"),
        (order(until=at("05:00")), "notice-over"),
    ],
)
def test_what_would_never_stand_is_refused(refused: PostNotice, code: str) -> None:
    refusal = notices.post(NoticeState(), refused, "notice-1", at("06:00"), frozenset())
    assert isinstance(refusal, Refusal)
    assert refusal.code == code


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    night = Night(small_hall(sqlite(tmp_path)))
    await night.service.open()
    yield night
    await night.service.close()


def board(night: Night, name: str) -> BoardPicture:
    return [said.message for said in night.said if isinstance(said.message, BoardPicture) and said.message.board == name][-1]


async def test_an_urgent_notice_with_a_time_reaches_every_board_and_the_announcer_when_it_comes(night: Night) -> None:
    await night.ask(order("演练：请立即疏散", urgent=True, since=NOON + timedelta(minutes=5), until=NOON + timedelta(minutes=15)))
    assert board(night, "main").notices == ()
    assert [plan.urgent for plan in night.service.view().planned] == [True]
    announcer = AnnouncerRules()
    night.now = NOON + timedelta(minutes=5)
    await night.work()
    for name in ("main", "west-board", "strip-1"):
        assert [line.urgent for line in board(night, name).notices] == [True]
    announcer.see(board(night, "main"), night.now)
    spoken, _ = announcer.next(night.now)
    assert spoken is not None
    assert spoken.text.zh == "演练：请立即疏散"
    assert night.service.view().planned == ()
    night.now = NOON + timedelta(minutes=15)
    await night.work()
    assert board(night, "main").notices == ()


async def test_no_identity_number_of_a_notice_reaches_a_board_or_the_audit_log(night: Night) -> None:
    await night.ask(order("请11010119900307425X到服务台"))
    masked = "请110**************X到服务台"
    assert [line.text.zh for line in night.service.view().notices] == [masked]
    (line,) = await night.service.audit(night.now.date())
    assert masked in line.what
    assert "11010119900307425X" not in line.what


async def test_a_notice_of_every_day_lasts_over_midnight_and_restarts_and_can_be_withdrawn(night: Night, tmp_path: Path) -> None:
    notice = (await night.ask(order(times=NoticeTimes(starts="11:45", ends="12:00")))).notice
    night.now = NOON + timedelta(hours=23, minutes=50)  # 11:50 of the next day
    await night.work()
    assert [line.notice for line in board(night, "main").notices] == [notice]
    again = Night(small_hall(sqlite(tmp_path)))
    again.now = night.now + timedelta(minutes=20)
    await night.service.close()
    await again.service.open()
    (plan,) = again.service.view().planned
    assert (plan.notice, plan.times) == (notice, NoticeTimes(starts="11:45", ends="12:00"))
    assert (await again.ask(WithdrawNotice(notice=plan.notice))).outcome == "done"
    assert again.service.view().planned == ()
    await again.service.close()


def test_opening_hours_are_those_of_today_and_after_closing_say_when_it_opens_next() -> None:
    assert standing.hours(hall(), at("07:00")).en == "Open 09:00–12:00, 13:30–17:00"
    assert standing.hours(hall(), at("12:30")).zh == "服务时间 09:00–12:00、13:30–17:00"
    assert standing.hours(hall(), at("17:00")).zh == "休息中，11月23日 09:00 开门"
    assert standing.hours(hall(), at("10:00", SATURDAY)).en == "Closed now; opens again on 2026-11-23 at 09:00"
    assert standing.hours(hall(Hours(always=True)), at("03:00")).zh == "全天服务"


def person(zh: str, en: str, *, phone: str = "", days: tuple[Weekday, ...] = (), dates: tuple[date, ...] = ()) -> Duty:
    return Duty(name=Names(zh=zh, en=en), phone=phone, days=days, dates=dates)


def test_the_leader_on_duty_changes_at_midnight_and_a_date_goes_before_the_day_of_the_week() -> None:
    roster = (
        person("张主任", "Director Zhang", phone="010-5550 0101", days=("thu", "fri")),
        person("李主任", "Director Li", days=("mon",), dates=(SATURDAY,)),
    )
    assert standing.duty(roster, hall(), FRIDAY) == Text(
        zh="今日值班领导：张主任 010-5550 0101", en="Leader on duty today: Director Zhang 010-5550 0101"
    )
    assert standing.duty(roster, hall(), SATURDAY) == Text(zh="今日值班领导：李主任", en="Leader on duty today: Director Li")
    assert standing.duty(roster, hall(), SATURDAY + timedelta(days=1)) is None
    assert standing.duty(roster, hall(holidays=(FRIDAY,)), FRIDAY) is None


def test_satisfaction_is_never_told_without_how_many_said_so() -> None:
    assert standing.satisfaction(Figures()) is None
    assert standing.satisfaction(Figures(invited=5)) == Text(
        zh="今日评价：邀请 5 人，参评率 0%", en="Ratings today: 5 asked, 0% answered"
    )
    figures = Figures(invited=120, given=48, levels={5: 40, 3: 6, 1: 2})
    assert standing.satisfaction(figures) == Text(
        zh="今日评价：邀请 120 人，参评率 40%，满意率 95.8%",
        en="Ratings today: 120 asked, 40% answered; 95.8% of these satisfied",
    )


def test_standing_notices_are_what_the_hall_wants_and_each_ends_at_midnight(tmp_path: Path) -> None:
    config = replace(
        small_hall(sqlite(tmp_path)), notices=StandingNotices(hours=True, duty=True, figures=True),
        duty=(person("张主任", "Director Zhang", days=("fri",)),),
    )  # fmt: skip
    lines = standing.lines(config, hall(), Figures(invited=1), at("23:59:59"))
    assert [line.notice for line in lines] == ["standing-hours", "standing-duty", "standing-figures"]
    assert {line.until for line in lines} == {at("00:00", SATURDAY)}
    assert [line.notice for line in standing.lines(config, hall(), Figures(), at("00:00", SATURDAY))] == ["standing-hours"]
    assert standing.lines(small_hall(sqlite(tmp_path)), hall(), Figures(invited=1), at("10:00")) == ()


def test_somebody_who_is_never_on_duty_is_a_mistake_in_the_roster() -> None:
    with pytest.raises(BadSettings, match="Director Zhang is never on duty"):
        convert({"name": {"zh": "张主任", "en": "Director Zhang"}}, Duty, name="hall.toml")
