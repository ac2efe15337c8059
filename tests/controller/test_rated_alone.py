"""One visit is rated once, also when the controller and the window's own node have both invited for it."""

from datetime import timedelta
from typing import Any

from contract.events import RatingGiven, RatingLapsed, VisitAway
from controller import ratings
from controller.config_rules import RatingRules
from controller.queue import Refusal
from controller.queue.values import Ticket
from controller.ratings import RatingInvited, RatingJoined, RatingState, RatingStored
from tests.controller.halls import NOON, after

RULES = RatingRules()
TICKET = Ticket(
    id="ticket-1", number="A001", service="social", priority="ordinary", turn=(1, 0, 1), issued=NOON, state="serving",
    window="w1", visit="visit-1", call="visit-1",
)  # fmt: skip


def away(rating: str) -> VisitAway:
    """The node ended the visit by itself and invited."""
    return VisitAway(ticket="ticket-1", number="A001", window="w1", step="finished", rating=rating)


def done(state: RatingState, fact: Any) -> RatingState:
    """The fact, applied."""
    assert not isinstance(fact, Refusal), fact
    return ratings.apply(state, fact)


def both_invited() -> RatingState:
    """The controller invited, and then the node's own invitation came in."""
    state = done(RatingState(), ratings.invite(RatingState(), TICKET, "rating-1", NOON, RULES))
    (joined,) = ratings.invited_away(state, away("rating-2"), TICKET, after(5), RULES)
    assert joined == RatingJoined(at=after(5), rating="rating-1", name="rating-2")
    return done(state, joined)


def test_the_nodes_invitation_is_the_controllers_and_is_answered_under_either_name() -> None:
    state = both_invited()
    assert state.figures.invited == 1
    given = ratings.give(state, RatingGiven(rating="rating-2", window="w1", level=5, after=3.0), after(8), RULES)
    assert isinstance(given, RatingStored)
    assert given.rating == "rating-1"
    state = done(state, given)
    again = ratings.give(state, RatingGiven(rating="rating-1", window="w1", level=1, after=30.0), after(35), RULES)
    assert isinstance(again, Refusal)
    assert again.code == "already-rated"
    better = ratings.give(
        state, RatingGiven(rating="rating-2", window="w1", level=4, after=5.0, corrected=True), after(10), RULES
    )
    assert isinstance(better, RatingStored)
    assert better.rating == "rating-1"


def test_silence_under_the_other_name_closes_the_one_invitation() -> None:
    state = both_invited()
    closed = ratings.lapse(state, RatingLapsed(rating="rating-2", window="w1"), after(70))
    assert closed is not None
    state = done(state, closed)
    assert state.figures.lapsed == 1
    assert not state.open


def test_the_same_report_again_joins_nothing_twice_and_the_names_outlive_midnight() -> None:
    state = both_invited()
    assert ratings.invited_away(state, away("rating-2"), TICKET, after(6), RULES) == ()
    next_day = ratings.taken_over(ratings.carried(state, NOON + timedelta(hours=12)))
    invitation = next_day.invitation("rating-2")
    assert invitation is not None
    assert invitation.rating == "rating-1"


def test_a_visit_that_nobody_invited_for_gets_the_nodes_invitation() -> None:
    (invited,) = ratings.invited_away(RatingState(), away("rating-2"), TICKET, after(5), RULES)
    assert isinstance(invited, RatingInvited)
    assert invited.rating == "rating-2"
