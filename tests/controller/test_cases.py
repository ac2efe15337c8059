"""Cases: what a poor rating sets going, step by step, until the person was asked again."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from contract import dispatch
from contract.events import ComplaintMade, RatingGiven
from contract.topics import RATING_INVITE
from controller import cases
from controller.cases import STEPS, CaseState, Step
from controller.queue import Refusal
from controller.store import tables
from controller.store.reading import reading
from tests.controller.halls import NOON, hall
from tests.controller.test_days import Night

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def rated(night: Night, level: int, after: float = 4.0) -> str:
    """Somebody is served at window 1 and rates; the rating's id."""
    for action in (dispatch.IssueTicket(service="social"), dispatch.CallNext(window="w1")):
        await night.ask(action)
    for kind in (dispatch.Start, dispatch.Finish):
        await night.ask(kind(window="w1"))
    invite = night.letters(RATING_INVITE)[-1]
    await night.report("rater-1", RatingGiven(rating=invite.rating, window="w1", level=level, after=after), "desk")
    return str(invite.rating)


@pytest.fixture
async def night(database: str) -> Any:
    """An open hall at noon of a Monday."""
    night = Night(hall(database))
    await night.service.open()
    yield night
    await night.service.close()


@pytest.mark.parametrize(("level", "opens"), [(5, False), (4, False), (3, False), (2, True), (1, True)])
async def test_the_two_lowest_levels_open_a_case_and_no_other(night: Night, level: int, opens: bool) -> None:
    rating = await rated(night, level)
    assert [case.id for case in night.service.view().cases] == ([rating] if opens else [])


async def test_deadlines_are_working_days_and_a_late_case_says_so(night: Night) -> None:
    await rated(night, 1)
    (case,) = night.service.view().cases
    assert case.due == datetime(2026, 5, 6, tzinfo=SHANGHAI), "the end of Tuesday"
    assert not case.late
    night.now += timedelta(days=5)
    await night.work()
    assert night.service.view().cases[0].late


async def test_steps_come_in_their_order_and_the_revisit_closes_the_case(night: Night, database: str) -> None:
    case = await rated(night, 2)
    assert (await night.ask(dispatch.StepCase(case=case, step="revisited"))).code == "out-of-turn"
    for step in STEPS:
        assert night.service.view().cases[0].next == step
        assert (await night.ask(dispatch.StepCase(case=case, step=step, note="好"))).outcome == "done"
    assert night.service.view().cases == ()
    assert (await night.ask(dispatch.StepCase(case=case, step="verified"))).code == "unknown-case"
    with reading(database) as connection:
        (row,) = connection.execute(select(tables.cases)).all()
    assert (row.state, row.level, row.window, row.number) == ("revisited", 2, "w1", "A001")
    assert None not in (row.verified, row.rectified, row.replied, row.revisited)


async def test_a_rating_that_is_corrected_in_time_takes_its_case_back(night: Night) -> None:
    rating = await rated(night, 1)
    better = RatingGiven(rating=rating, window="w1", level=5, after=6.0, corrected=True)
    await night.report("rater-1", better, "desk")
    assert night.service.view().cases == ()


async def test_an_appeal_stops_the_clockwork_and_cancels_the_case_when_it_is_upheld(night: Night) -> None:
    first, second = await rated(night, 1), await rated(night, 2)
    assert (await night.ask(dispatch.DecideAppeal(case=first, upheld=True))).code == "no-appeal"
    for case in (first, second):
        await night.ask(dispatch.AppealCase(case=case, note="按错了"))
    assert (await night.ask(dispatch.StepCase(case=first, step="verified"))).code == "appealed"
    await night.ask(dispatch.DecideAppeal(case=first, upheld=True, note="查实"))
    await night.ask(dispatch.DecideAppeal(case=second, upheld=False))
    assert [case.id for case in night.service.view().cases] == [second]
    assert (await night.ask(dispatch.StepCase(case=second, step="verified"))).outcome == "done"


async def test_a_complaint_opens_a_case_and_cases_go_on_over_midnight_and_a_restart(night: Night, database: str) -> None:
    await night.report("rater-1", ComplaintMade(complaint="complaint-1", window="w1"), "desk")
    await night.ask(dispatch.AssignCase(case="complaint-1", assignee="staff-7"))
    night.now += timedelta(days=1)
    await night.work()
    await night.service.close()
    again = Night(hall(database))
    again.now = night.now
    await again.service.open()
    (case,) = again.service.view().cases
    assert (case.origin, case.to, case.opened) == ("complaint", "staff-7", NOON)
    await again.service.close()


def test_nothing_can_be_done_about_a_case_that_is_not_there() -> None:
    step: Step = "verified"
    for answer in (
        cases.assign(CaseState(), "x", "me", NOON), cases.step(CaseState(), "x", step, "", NOON),
        cases.appeal(CaseState(), "x", "", NOON), cases.decide_appeal(CaseState(), "x", True, "", NOON),
    ):  # fmt: skip
        assert isinstance(answer, Refusal)
        assert answer.code == "unknown-case"
