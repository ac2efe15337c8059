"""The rating window as arithmetic."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contract.events import ComplaintMade, RatingGiven, RatingLapsed
from contract.rating import RatingInvite
from firmware.agents.rater_rules import ASPECTS, LINGER, REFUSED, SAME_COMPLAINT, Decision, RaterRules

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
START = 1000.0
WINDOW = 60.0
GRACE = 5.0
THANKS = 2.0
FOLLOW_UP = 15.0
LEVELS = (1, 2, 3, 4, 5)


def invitation(rating: str = "rating-1", *, age: float = 0.0, window: str = "w3") -> RatingInvite:
    at = NOON - timedelta(seconds=age)
    return RatingInvite(rating=rating, window=window, at=at, not_after=at + timedelta(seconds=WINDOW), grace=GRACE)


def invited(*, age: float = 0.0) -> RaterRules:
    rules = RaterRules("w3", LEVELS, THANKS)
    assert rules.invite(invitation(age=age), START, NOON) == Decision()
    return rules


def rate(rules: RaterRules, level: int, at: float) -> Decision:
    """Press, and store what comes of it."""
    decision = rules.press(level, at)
    if isinstance(decision.fact, RatingGiven):
        rules.stored(decision.fact, at, at)
    return decision


def rating(level: int, after: float, *, corrected: bool = False, token: str = "rating-1") -> Decision:
    return Decision(RatingGiven(rating=token, window="w3", level=level, after=after, corrected=corrected))


LAPSED = Decision(RatingLapsed(rating="rating-1", window="w3"))


def test_a_press_without_an_invitation_is_refused() -> None:
    assert RaterRules("w3", LEVELS, THANKS).press(5, START) == REFUSED


def test_the_first_press_is_the_rating() -> None:
    assert rate(invited(), 4, START + 2) == rating(4, 2.0)


def test_a_second_press_within_the_grace_corrects_the_first() -> None:
    rules = invited()
    rate(rules, 1, START + 2)
    assert rate(rules, 5, START + 2 + GRACE) == rating(5, 2 + GRACE, corrected=True)


def test_only_one_correction_is_taken() -> None:
    rules = invited()
    rate(rules, 1, START + 2)
    rate(rules, 5, START + 3)
    assert rate(rules, 4, START + 4) == REFUSED


def again_for_no_time(rating: str = "rating-1") -> RatingInvite:
    """What the controller says when the visit was rated by phone."""
    return RatingInvite(rating=rating, window="w3", at=NOON, not_after=NOON, grace=GRACE)


def test_a_visit_that_was_rated_by_phone_is_asked_about_no_more_and_does_not_lapse() -> None:
    rules = invited()
    assert rules.invite(again_for_no_time(), START + 2, NOON + timedelta(seconds=2)) == Decision()
    assert rules.lit(START + 2) == frozenset()
    assert rules.press(5, START + 3) == REFUSED
    assert rules.look(START + WINDOW + 1) == Decision()


def test_a_key_that_was_first_stands_and_another_visit_is_not_closed_by_it() -> None:
    rules = invited()
    rate(rules, 4, START + 1)
    assert rules.invite(again_for_no_time(), START + 2, NOON + timedelta(seconds=2)) == Decision(count="repeated-invite")
    assert rules.lit(START + 2) == {4}
    other = invited()
    assert other.invite(again_for_no_time("rating-9"), START + 2, NOON + timedelta(seconds=2)) == Decision(count="late-invite")
    assert other.lit(START + 2) == set(LEVELS)


def test_a_press_after_the_grace_is_refused() -> None:
    rules = invited()
    rate(rules, 1, START + 2)
    assert rate(rules, 5, START + 2 + GRACE + 0.01) == REFUSED


def test_the_same_key_again_is_no_correction() -> None:
    rules = invited()
    rate(rules, 5, START + 2)
    assert rate(rules, 5, START + 3) == REFUSED
    assert rate(rules, 4, START + 4) == rating(4, 4.0, corrected=True)


def test_a_press_in_the_last_instant_counts_though_it_is_handled_late() -> None:
    rules = invited()
    assert rules.look(START + WINDOW + LINGER - 0.01) == Decision()
    assert rate(rules, 5, START + WINDOW) == rating(5, WINDOW)


def test_a_press_after_the_window_is_refused_though_it_has_not_lapsed_yet() -> None:
    assert rate(invited(), 5, START + WINDOW + 0.01) == REFUSED


def test_without_a_press_it_lapses_once_and_then_refuses() -> None:
    rules = invited()
    assert rules.due(START) == START + WINDOW + LINGER
    assert rules.look(START + WINDOW + LINGER) == LAPSED
    assert rules.look(START + WINDOW + 1) == Decision()
    assert rules.due(START + WINDOW + 1) is None
    assert rate(rules, 5, START + WINDOW) == REFUSED


def test_a_rated_visit_does_not_lapse() -> None:
    rules = invited()
    rate(rules, 3, START + 1)
    assert rules.look(START + 10 * WINDOW) == Decision()


def test_a_correction_is_taken_even_when_the_window_has_closed_meanwhile() -> None:
    rules = invited()
    rate(rules, 1, START + WINDOW - 1)
    assert rate(rules, 5, START + WINDOW + 1) == rating(5, WINDOW + 1, corrected=True)


def test_a_new_invitation_lapses_the_unanswered_one() -> None:
    rules = invited()
    assert rules.invite(invitation("rating-2"), START + 5, NOON) == LAPSED
    assert rate(rules, 5, START + 6) == rating(5, 1.0, token="rating-2")


def test_a_new_invitation_does_not_lapse_an_answered_one() -> None:
    rules = invited()
    rate(rules, 5, START + 1)
    assert rules.invite(invitation("rating-2"), START + 2, NOON) == Decision()


def test_an_invitation_that_went_stale_on_its_way_opens_nothing() -> None:
    rules = RaterRules("w3", LEVELS, THANKS)
    assert rules.invite(invitation(age=WINDOW), START, NOON) == Decision(count="late-invite")
    assert rules.press(5, START) == REFUSED


def test_an_invitation_heard_late_is_open_for_what_is_left() -> None:
    rules = invited(age=20.0)
    assert rules.due(START) == START + WINDOW - 20 + LINGER
    assert rate(rules, 5, START + 1) == rating(5, 21.0)


def test_a_repeated_invitation_does_not_open_again() -> None:
    rules = invited()
    rate(rules, 5, START + 1)
    assert rules.invite(invitation(), START + 2, NOON) == Decision(count="repeated-invite")
    assert rate(rules, 4, START + 20) == REFUSED


def test_another_windows_invitation_is_not_ours() -> None:
    rules = RaterRules("w3", LEVELS, THANKS)
    assert rules.invite(invitation(window="w4"), START, NOON) == Decision(count="foreign-invite")


def test_a_press_from_before_the_invitation_is_refused() -> None:
    assert invited(age=20.0).press(5, START - 1) == REFUSED


def test_all_lamps_invite_and_the_pressed_one_thanks_only_when_the_rating_is_stored() -> None:
    rules = invited()
    assert rules.lit(START) == {1, 2, 3, 4, 5}
    fact = rules.press(4, START + 1).fact
    assert isinstance(fact, RatingGiven)
    assert rules.lit(START + 1) == {1, 2, 3, 4, 5}
    rules.stored(fact, START + 1, START + 1.5)
    assert rules.lit(START + 1.5) == {4}
    assert rules.due(START + 1.5) == START + 1.5 + THANKS
    assert rules.lit(START + 1.5 + THANKS) == frozenset()
    assert rules.due(START + 1.5 + THANKS) == START + 1 + FOLLOW_UP
    assert rules.due(START + 1 + FOLLOW_UP) is None


def test_a_rating_that_could_not_be_stored_can_be_pressed_again() -> None:
    rules = invited()
    assert rules.press(4, START + 1) == rating(4, 1.0)
    assert rules.press(4, START + 2) == rating(4, 2.0)


presses = st.lists(st.tuples(st.floats(0, 100), st.sampled_from(LEVELS)), max_size=40)


@given(presses)
def test_whatever_is_pressed_one_visit_gets_one_rating_and_at_most_one_correction_or_lapses(
    pressed: list[tuple[float, int]],
) -> None:
    rules, facts, refused = invited(), [], 0
    for after, level in sorted(pressed):
        for decision in (rules.look(START + after), rate(rules, level, START + after)):
            facts += [decision.fact] if decision.fact else []
            refused += decision.count == "refused-press"
    facts += [last.fact] if (last := rules.look(START + 200)).fact else []
    given = [fact for fact in facts if isinstance(fact, RatingGiven)]
    assert [fact.corrected for fact in given] in ([], [False], [False, True])
    assert len(facts) - len(given) == (not given)
    assert len(given) + refused == len(pressed)


def rated(level: int) -> RaterRules:
    rules = invited()
    fact = rules.press(level, START + 1).fact
    assert isinstance(fact, RatingGiven)
    rules.stored(fact, START + 1, START + 1)
    return rules


def followed(rules: RaterRules, word: str, at: float) -> RatingGiven | None:
    fact = rules.detail(word, at).fact
    if isinstance(fact, RatingGiven):
        rules.stored(fact, at, at)
        return fact
    return None


def test_aspects_and_a_reason_follow_a_bad_level_and_leave_its_time_alone() -> None:
    rules = rated(2)
    assert rules.asks(START + 2) == {*ASPECTS, "reason"}
    followed(rules, "attitude", START + 3)
    whole = followed(rules, "reason-slow", START + 4)
    assert whole is not None
    assert (whole.level, whole.after, whole.aspects, whole.reason, whole.corrected) == (2, 1.0, ("attitude",), "slow", False)
    assert rules.asks(START + 5) == set(ASPECTS) - {"attitude"}


def test_a_good_level_has_no_reason_and_an_aspect_counts_once() -> None:
    rules = rated(5)
    assert followed(rules, "quality", START + 2) is not None
    assert rules.detail("reason-slow", START + 3) == rules.detail("quality", START + 3) == REFUSED


def test_nothing_follows_without_a_level_or_long_after_it() -> None:
    assert invited().detail("quality", START + 1) == REFUSED
    assert rated(1).detail("quality", START + 1 + FOLLOW_UP + 0.1) == REFUSED


def test_a_corrected_level_keeps_its_aspects_and_loses_a_reason_that_is_none_any_more() -> None:
    rules = rated(1)
    followed(rules, "attitude", START + 2)
    followed(rules, "reason-slow", START + 3)
    fact = rules.press(5, START + 4).fact
    assert isinstance(fact, RatingGiven)
    assert (fact.level, fact.corrected, fact.aspects, fact.reason) == (5, True, ("attitude",), None)


def test_a_complaint_needs_no_invitation_and_drumming_is_one() -> None:
    rules = RaterRules("w3", [5], THANKS)
    assert rules.complain("complaint-1", START).fact == ComplaintMade(complaint="complaint-1", window="w3")
    rules.heard(START, START)
    assert [rules.complain("complaint-1", START + n).count for n in range(1, 5)] == ["repeated-press"] * 4
    assert rules.asks(START + 1) == {"complaint"}
    assert rules.due(START + 1) == START + THANKS
    assert rules.asks(START + THANKS) == frozenset()
    assert rules.due(START + THANKS) is None
    assert rules.complain("complaint-2", START + SAME_COMPLAINT).fact is not None


def test_a_complaint_that_was_not_kept_may_be_pressed_again() -> None:
    rules = RaterRules("w3", [5], THANKS)
    assert all(rules.complain("complaint-1", START + n).fact is not None for n in range(3))
