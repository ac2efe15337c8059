"""What is spoken next, as arithmetic, and what holds whatever is called."""

from hypothesis import given
from hypothesis import strategies as st

from contract.calling import Call
from firmware.agents.announcer_rules import MOST, AnnouncerRules, Answer
from tests.announcer.calls import NINE, after, call, picture


def numbers(rules: AnnouncerRules, seconds: float = 0, *, well: bool = True) -> list[str]:
    """All that is spoken from now on, in no time."""
    said = []
    while (announcement := rules.next(after(seconds))[0]) is not None:
        said.append(announcement.call.number if announcement.call else announcement.text.zh)
        rules.spoken(announcement, after(seconds), well=well)
    return said


def test_calls_are_spoken_as_they_came_and_repeated_behind_those_that_wait() -> None:
    rules = AnnouncerRules(repeat=2)
    for number, window in (("A001", 1), ("B002", 2), ("C003", 3)):
        assert rules.hear(call(number, window), NINE) == []
    assert numbers(rules) == ["A001", "B002", "C003", "A001", "B002", "C003"]


def test_a_call_that_comes_during_another_goes_before_its_repetition() -> None:
    rules = AnnouncerRules(repeat=2)
    rules.hear(call("A001", 1), NINE)
    first, _ = rules.next(NINE)
    assert first is not None
    rules.hear(call("B002", 2, after(1)), after(1))
    assert rules.spoken(first, NINE, well=True) == [Answer("call-A001-1-1", "spoken")]
    assert numbers(rules, 4) == ["B002", "A001", "B002"]


def test_nothing_is_begun_after_its_time_and_a_call_never_spoken_is_answered_late() -> None:
    rules = AnnouncerRules(repeat=2)
    assert rules.hear(call("A001", 1, fresh=20), after(21)) == [Answer("call-A001-1-1", "late")]
    rules.hear(call("B002", 2, fresh=20), after(1))
    assert rules.next(after(20.5)) == (None, [Answer("call-B002-2-1", "late")])


def test_a_repetition_whose_time_has_passed_is_left_out_without_a_word() -> None:
    rules = AnnouncerRules(repeat=3)
    rules.hear(call("A001", 1, fresh=20), NINE)
    first, _ = rules.next(NINE)
    assert first is not None
    rules.spoken(first, NINE, well=True)
    assert rules.next(after(21)) == (None, [])


def test_a_newer_call_of_the_window_overtakes_the_one_that_waits() -> None:
    rules = AnnouncerRules()
    rules.hear(call("A001", 1), NINE)
    assert rules.hear(call("A002", 1, after(2)), after(2)) == [Answer("call-A001-1-1", "overtaken")]
    assert rules.hear(call("A000", 1, after(-5)), after(2)) == [Answer("call-A000-1-1", "overtaken")]
    assert numbers(rules, 2) == ["A002"]


def test_a_call_overtaken_while_it_is_spoken_is_spoken_and_not_repeated() -> None:
    rules = AnnouncerRules(repeat=3)
    rules.hear(call("A001", 1), NINE)
    first, _ = rules.next(NINE)
    assert first is not None
    rules.hear(call("A002", 1, after(2)), after(2))
    assert rules.spoken(first, NINE, well=True) == [Answer("call-A001-1-1", "spoken")]
    assert numbers(rules, 3) == ["A002"] * 3


def test_the_same_message_twice_is_one_call_and_a_recall_is_another() -> None:
    rules = AnnouncerRules()
    rules.hear(call("A001", 1), NINE)
    assert rules.hear(call("A001", 1), NINE) == []
    assert numbers(rules) == ["A001"]
    rules.hear(call("A001", 1, after(15), times=2), after(15))
    assert numbers(rules, 15) == ["A001"]


def test_a_call_of_another_zone_is_not_this_loudspeakers() -> None:
    rules = AnnouncerRules(zones=("west",))
    assert rules.hear(call("A001", 1, zone="east"), after(60)) == []
    rules.hear(call("B001", 2, zone="west"), NINE)
    assert numbers(rules) == ["B001"]


def test_a_call_that_was_not_played_is_answered_failed_and_not_repeated() -> None:
    rules = AnnouncerRules(repeat=3)
    rules.hear(call("A001", 1), NINE)
    first, _ = rules.next(NINE)
    assert first is not None
    assert rules.spoken(first, NINE, well=False) == [Answer("call-A001-1-1", "failed")]
    assert numbers(rules) == []


def test_an_urgent_notice_goes_first_and_again_while_it_stands_and_a_calm_one_is_not_spoken() -> None:
    rules = AnnouncerRules(notices_every=60)
    rules.hear(call("A001", 1), NINE)
    rules.see(picture("fire", calm="lunch"), NINE)
    assert numbers(rules) == ["fire", "A001"]
    assert rules.due() == after(60)
    rules.see(picture("fire", at=after(30)), after(30))
    assert numbers(rules, 59) == []
    assert numbers(rules, 60) == ["fire"]
    rules.see(picture(at=after(70)), after(70))
    assert rules.due() is None
    assert numbers(rules, 120) == []


def test_an_urgent_notice_that_was_not_played_is_tried_again_soon() -> None:
    rules = AnnouncerRules(notices_every=60)
    rules.see(picture("fire"), NINE)
    notice, _ = rules.next(NINE)
    assert notice is not None
    assert rules.spoken(notice, after(3), well=False) == []
    assert numbers(rules, 7.9) == []
    assert numbers(rules, 8) == ["fire"]


def test_a_notice_whose_time_is_over_is_spoken_no_more_even_if_nobody_says_so() -> None:
    rules = AnnouncerRules(notices_every=60)
    rules.see(picture("fire", until=after(30)), NINE)
    assert numbers(rules) == ["fire"]
    assert numbers(rules, 60) == []
    due = rules.due()
    assert due is not None
    assert due > after(60)


made = st.tuples(st.integers(1, 4), st.integers(0, 30), st.integers(0, 40), st.booleans())


@given(st.lists(made, max_size=40))
def test_every_call_is_answered_once_and_none_is_begun_too_late_or_after_a_newer_one(
    calls: list[tuple[int, int, int, bool]],
) -> None:
    rules, answers, known = AnnouncerRules(repeat=2), list[Answer](), dict[str, Call]()
    now = 0.0
    for serial, (window, sent_ago, passes, speaks) in enumerate(calls):
        now += passes / 10
        new = call(f"A{serial:03}", window, after(now - sent_ago))
        known[new.id] = new
        answers += rules.hear(new, after(now))
        if speaks:
            said, late = rules.next(after(now))
            answers += late
            if said is not None and said.call is not None:
                assert after(now) <= said.call.not_after
                older = [c for c in known.values() if c.window == said.call.window and c.at > said.call.at]
                assert all(other.not_after < after(now) for other in older)
                answers += rules.spoken(said, after(now), well=True)
        assert rules.waiting <= MOST
    while (step := rules.next(after(now)))[0] is not None or step[1]:
        answers += step[1]
        if step[0] is not None:
            answers += rules.spoken(step[0], after(now), well=True)
    assert sorted(answer.call for answer in answers) == sorted(known)


def test_no_number_of_calls_grows_without_bound() -> None:
    rules = AnnouncerRules()
    answers = [answer for n in range(3000) for answer in rules.hear(call(f"A{n % 1000:03}", n), NINE)]
    assert rules.waiting == MOST
    assert len(answers) == 3000 - MOST
