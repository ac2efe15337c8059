"""A rating by phone or by key: one for one service, whichever comes first."""

from datetime import timedelta
from typing import Any

import pytest

from contract import dispatch
from contract.dispatch import DispatchReply
from contract.events import RatingGiven, RatingLapsed
from contract.rating import RatingInvite
from contract.topics import RATING_INVITE
from tests.controller.halls import hall
from tests.controller.test_days import Night


@pytest.fixture
async def night(database: str) -> Any:
    """An open hall at noon of a Monday."""
    night = Night(hall(database))
    await night.service.open()
    yield night
    await night.service.close()


async def served(night: Night) -> tuple[str, RatingInvite]:
    """Somebody whose service at window 1 has ended: the ticket, and the invitation at the window."""
    issued = await night.ask(dispatch.IssueTicket(service="social"))
    for kind in (dispatch.CallNext, dispatch.Start, dispatch.Finish):
        await night.ask(kind(window="w1"))
    return str(issued.ticket), night.letters(RATING_INVITE)[-1]


async def by_phone(night: Night, ticket: str, level: int) -> DispatchReply:
    rating = night.service.rate_by_phone(ticket, level)
    reply: Any = None

    async def answer() -> None:
        nonlocal reply
        reply = await rating

    await night.work(answer())
    return reply  # type: ignore[no-any-return]


async def by_key(night: Night, invited: RatingInvite, level: int, after: float) -> None:
    await night.report("rater-1", RatingGiven(rating=invited.rating, window="w1", level=level, after=after), "desk")


async def levels(night: Night) -> list[int | None]:
    return [row.level for row in await night.service.ratings(night.now.date())]


async def test_a_ticket_that_was_not_served_has_nothing_to_rate_and_a_foreign_one_neither(night: Night) -> None:
    issued = await night.ask(dispatch.IssueTicket(service="social"))
    assert (await by_phone(night, str(issued.ticket), 5)).code == "unknown-rating"
    assert (await by_phone(night, "0123456789abcdef", 5)).code == "unknown-rating"


async def test_the_phone_is_first_so_the_rater_closes_and_its_key_counts_no_more(night: Night) -> None:
    ticket, invited = await served(night)
    night.now += timedelta(seconds=20)
    assert (await by_phone(night, ticket, 5)).outcome == "done"
    again = night.letters(RATING_INVITE)[-1]
    assert (again.rating, again.not_after) == (invited.rating, again.at)
    await by_key(night, invited, 1, after=22.0)
    await night.report("rater-1", RatingLapsed(rating=invited.rating, window="w1"), "desk")
    assert await levels(night) == [5]
    assert night.service.view().cases == ()
    assert night.service.view().counts["already-rated"] == 1
    assert (night.service.view().ratings.given, night.service.view().ratings.lapsed) == (1, 0)


async def test_the_key_is_first_so_the_phone_is_refused_and_so_is_a_second_rating_by_phone(night: Night) -> None:
    ticket, invited = await served(night)
    await by_key(night, invited, 4, after=3.0)
    assert (await by_phone(night, ticket, 1)).code == "already-rated"
    other, _ = await served(night)
    assert [(await by_phone(night, other, level)).code for level in (3, 5)] == ["ok", "already-rated"]
    assert sorted(level or 0 for level in await levels(night)) == [3, 4]


async def test_on_the_way_home_a_visit_that_lapsed_at_the_window_can_still_be_rated_and_not_for_ever(night: Night) -> None:
    ticket, invited = await served(night)
    night.now += timedelta(seconds=61)
    await night.report("rater-1", RatingLapsed(rating=invited.rating, window="w1"), "desk")
    assert night.service.view().ratings.lapsed == 1
    late, _ = await served(night)
    letters = len(night.letters(RATING_INVITE))
    night.now += timedelta(minutes=25)
    assert (await by_phone(night, ticket, 5)).outcome == "done"
    assert len(night.letters(RATING_INVITE)) == letters, "nobody needs to close a rater that is closed"
    assert (night.service.view().ratings.given, night.service.view().ratings.lapsed) == (1, 1), "the other one is silent"
    night.now += timedelta(minutes=6)
    assert (await by_phone(night, late, 5)).code == "rated-too-late"


async def test_a_poor_rating_by_phone_opens_the_same_case_as_one_by_key(night: Night) -> None:
    ticket, invited = await served(night)
    assert (await by_phone(night, ticket, 2)).outcome == "done"
    (case,) = night.service.view().cases
    assert (case.id, case.origin, case.level, case.window, case.number) == (invited.rating, "rating", 2, "w1", "A001")


async def test_what_was_rated_by_phone_stays_so_over_a_restart(night: Night, database: str) -> None:
    ticket, invited = await served(night)
    await by_phone(night, ticket, 5)
    await night.service.close()
    again = Night(hall(database))
    again.now = night.now
    await again.service.open()
    found = await again.service.ticket(ticket)
    assert found is not None
    assert (found.rated, found.rate_until) == (True, None)
    await by_key(again, invited, 1, after=4.0)
    assert await levels(again) == [5]
    await again.service.close()


async def complained(night: Night, ticket: str) -> DispatchReply:
    made = night.service.complain_by_phone(ticket)
    reply: Any = None

    async def answer() -> None:
        nonlocal reply
        reply = await made

    await night.work(answer())
    return reply  # type: ignore[no-any-return]


async def test_whoever_was_called_to_a_window_may_complain_once_and_a_case_opens(night: Night) -> None:
    issued = await night.ask(dispatch.IssueTicket(service="social"))
    ticket = str(issued.ticket)
    assert (await complained(night, ticket)).code == "nothing-yet"
    assert (await complained(night, "0123456789abcdef")).code == "unknown-ticket"
    await night.ask(dispatch.CallNext(window="w1"))
    assert (await night.service.ticket(ticket)).may_complain  # type: ignore[union-attr]
    assert (await complained(night, ticket)).outcome == "done"
    assert (await complained(night, ticket)).code == "complained-already"
    (complaint,), (case,) = night.service.view().complaints, night.service.view().cases
    assert (complaint.window, complaint.number) == ("w1", issued.number)
    assert (case.origin, case.number) == ("complaint", issued.number)
    await night.ask(dispatch.SeeComplaint(complaint=complaint.id))
    assert (await complained(night, ticket)).code == "complained-already"
    assert (await night.service.ticket(ticket)).complained  # type: ignore[union-attr]
