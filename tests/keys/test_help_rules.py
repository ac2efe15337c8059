"""The rules of a help button's lamp, as arithmetic."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contract.helping import HelpSpot
from firmware.agents.help_rules import BLINK, HelpRules, spot_of

NINE = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def test_the_lamp_blinks_from_the_press_until_staff_answer_then_is_steady_then_dark() -> None:
    rules = HelpRules(coming=60)
    assert not rules.lit(0.0)
    rules.ask(10.0, later(10))
    assert [rules.lit(10 + step * BLINK) for step in range(4)] == [True, False, True, False]
    assert rules.due(10.0) == 10 + BLINK
    rules.hear(HelpSpot(asked=later(11)), 11.0)
    rules.hear(HelpSpot(answered=later(30)), 30.0)
    assert rules.stage(30.0) == "coming"
    assert rules.lit(30.0)
    assert rules.lit(89.9)
    assert rules.due(30.0) == 90.0
    assert not rules.lit(90.0)
    assert rules.due(90.0) is None


def test_an_answer_from_before_the_press_does_not_answer_it() -> None:
    rules = HelpRules(coming=60)
    rules.ask(10.0, later(10))
    rules.hear(HelpSpot(answered=later(5)), 11.0)
    assert rules.stage(11.0) == "asked"


def test_an_answer_that_came_while_the_network_was_away_is_one() -> None:
    rules = HelpRules(coming=60)
    rules.ask(10.0, later(10))
    rules.hear(HelpSpot(answered=later(40)), 50.0)
    assert rules.stage(50.0) == "coming"


def test_a_node_that_starts_while_somebody_waits_blinks_again() -> None:
    rules = HelpRules(coming=60)
    rules.hear(HelpSpot(asked=later(0)), 500.0)
    assert rules.stage(500.0) == "asked"


def test_a_press_while_somebody_comes_is_a_new_call() -> None:
    rules = HelpRules(coming=60)
    rules.ask(0.0, later(0))
    rules.hear(HelpSpot(asked=later(0)), 1.0)
    rules.hear(HelpSpot(answered=later(2)), 2.0)
    rules.ask(5.0, later(5))
    rules.hear(HelpSpot(answered=later(2)), 6.0)
    assert rules.stage(6.0) == "asked"


def test_each_cubicle_has_its_own_spot() -> None:
    spots = (HelpSpot(cubicle="c1", asked=later(1)), HelpSpot(asked=later(2)))
    assert spot_of(spots, None).asked == later(2)
    assert spot_of(spots, "c1").asked == later(1)
    assert spot_of(spots, "c2") == HelpSpot(cubicle="c2")


moments = st.none() | st.integers(0, 100).map(later)
happenings = st.lists(st.one_of(st.just("press"), st.tuples(moments, moments)), max_size=30)


@given(happenings)
def test_whatever_is_heard_the_last_press_or_open_call_blinks_and_time_alone_ends_the_rest(all_of_it: list[object]) -> None:
    rules, now = HelpRules(coming=60), 0.0
    for happening in all_of_it:
        now += 1.0
        if isinstance(happening, tuple):
            rules.hear(HelpSpot(asked=happening[0], answered=happening[1]), now)
            assert (happening[0] is None) or rules.stage(now) == "asked"
        else:
            rules.ask(now, later(now))
            assert rules.stage(now) == "asked"
        due = rules.due(now)
        assert due is None or due > now
    assert rules.stage(now + 61) in ("idle", "asked")
