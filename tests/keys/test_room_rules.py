"""A cubicle's occupancy as arithmetic."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from contract.events import StayEnded, StayLong, StayStarted
from firmware.agents.room_rules import Cubicle, CubicleRules, Stay, StayFact

LIMIT = 45 * 60.0
STILLNESS = 60.0
START = 1000.0

STARTED = StayStarted(stay="stay-0000", room="mother-room", cubicle="c1")


def ended(lasted: float, stay: str = "stay-0000") -> StayEnded:
    return StayEnded(stay=stay, room="mother-room", cubicle="c1", lasted=lasted)


def empty() -> CubicleRules:
    """A free cubicle with its door open."""
    tokens = (f"stay-{n:04}" for n in count())
    rules = CubicleRules(Cubicle("mother-room", "c1", LIMIT, STILLNESS), lambda: next(tokens))
    assert rules.begin(closed=False, motion=False, stay=None, now=START) == []
    return rules


def occupied() -> CubicleRules:
    """Somebody has come in, closed the door and sat down."""
    rules = empty()
    assert rules.motion(True, START + 1) == []
    assert rules.door(True, START + 2) == [STARTED]
    assert rules.motion(False, START + 5) == []
    return rules


def test_motion_with_an_open_door_is_no_stay() -> None:
    rules = empty()
    assert rules.motion(True, START + 1) == []
    assert rules.stay is None


def test_a_closed_door_without_motion_is_no_stay() -> None:
    rules = empty()
    assert rules.door(True, START + 1) == []
    assert rules.stay is None


def test_a_closed_door_and_motion_start_a_stay_in_either_order() -> None:
    rules = empty()
    rules.door(True, START + 1)
    assert rules.motion(True, START + 2) == [STARTED]
    assert occupied().stay == Stay("stay-0000", START + 2)


def test_somebody_asleep_behind_a_closed_door_never_reads_as_free() -> None:
    rules = occupied()
    assert all(isinstance(fact, StayLong) for fact in rules.look(START + 12 * 3600))
    assert rules.stay


def test_an_opened_door_and_stillness_end_the_stay() -> None:
    rules = occupied()
    rules.door(False, START + 602)
    assert rules.due == START + 602 + STILLNESS
    assert rules.look(START + 602 + STILLNESS - 0.01) == []
    assert rules.look(START + 602 + STILLNESS) == [ended(600 + STILLNESS)]
    assert rules.stay is None
    assert rules.due is None


def test_motion_after_the_door_opened_holds_the_stay_until_it_rests() -> None:
    rules = occupied()
    rules.door(False, START + 602)
    rules.motion(True, START + 650)
    assert rules.look(START + 900) == []
    rules.motion(False, START + 900)
    assert rules.look(START + 900 + STILLNESS) == [ended(898 + STILLNESS)]


def test_a_door_that_opens_and_closes_again_is_the_same_stay() -> None:
    rules = occupied()
    rules.door(False, START + 100)
    rules.door(True, START + 110)
    assert rules.look(START + 1000) == []
    assert rules.stay == Stay("stay-0000", START + 2)


def test_a_stay_that_ended_unnoticed_is_ended_before_what_came_after_it() -> None:
    rules = occupied()
    rules.door(False, START + 602)
    rules.motion(True, START + 2000)
    assert rules.stay is None
    assert [type(fact) for fact in rules.door(True, START + 2001)] == [StayStarted]


def test_a_long_stay_is_told_once_at_its_limit() -> None:
    rules = occupied()
    assert rules.due == START + 2 + LIMIT
    long = StayLong(stay="stay-0000", room="mother-room", cubicle="c1", lasted=LIMIT)
    assert rules.look(START + 2 + LIMIT) == [long]
    assert rules.look(START + 2 + 2 * LIMIT) == []
    assert rules.due is None


def test_a_stay_that_ended_before_its_limit_was_not_long_however_late_one_looks() -> None:
    rules = occupied()
    rules.door(False, START + 602)
    assert rules.look(START + 10 * LIMIT) == [ended(600 + STILLNESS)]


def test_after_a_restart_the_stay_goes_on_under_its_own_name() -> None:
    rules = empty()
    stay = Stay("stay-from-before", START - 500)
    told = rules.begin(closed=True, motion=False, stay=stay, now=START)
    assert told == [StayStarted(stay="stay-from-before", room="mother-room", cubicle="c1")]
    rules.door(False, START + 100)
    assert rules.look(START + 200) == [ended(600 + STILLNESS, "stay-from-before")]


def test_after_a_restart_without_memory_a_closed_door_and_motion_start_a_stay() -> None:
    assert empty().begin(closed=True, motion=True, stay=None, now=START) == [STARTED]


def test_after_a_restart_with_an_open_door_the_stay_ends_after_stillness() -> None:
    rules = empty()
    rules.begin(closed=False, motion=False, stay=Stay("stay-from-before", START - 500), now=START)
    assert rules.look(START + STILLNESS) == [ended(500 + STILLNESS, "stay-from-before")]


happenings = st.lists(st.tuples(st.floats(0, 500), st.sampled_from(["open", "close", "move", "still", "look"])), max_size=80)


@given(happenings)
def test_stays_never_overlap_never_end_behind_a_closed_door_and_their_durations_add_up(
    world: list[tuple[float, str]],
) -> None:
    rules, now, closed = empty(), START, False
    occupied_for, since = 0.0, 0.0
    facts: list[StayFact] = []
    for wait, what in world:
        now += wait
        was_closed, had = closed, len(facts)
        match what:
            case "open" | "close":
                closed = what == "close"
                facts += rules.door(closed, now)
            case "move" | "still":
                facts += rules.motion(what == "move", now)
            case _:
                facts += rules.look(now)
        new = facts[had:]
        assert not (was_closed and any(isinstance(fact, StayEnded) for fact in new))
        for fact in new:
            if isinstance(fact, StayStarted):
                since = now
            if isinstance(fact, StayEnded):
                occupied_for += fact.lasted
                assert fact.lasted <= now - since + 1e-6
    marks = [(type(fact), fact.stay) for fact in facts if not isinstance(fact, StayLong)]
    starts, ends = marks[::2], marks[1::2]
    assert all(kind is StayStarted for kind, _ in starts)
    assert all(kind is StayEnded for kind, _ in ends)
    assert [stay for _, stay in ends] == [stay for _, stay in starts][: len(ends)]
    assert len({stay for _, stay in starts}) == len(starts)
    assert occupied_for <= now - START + 1e-6
    assert bool(rules.stay) == (len(starts) > len(ends))
    long = [fact.stay for fact in facts if isinstance(fact, StayLong)]
    assert len(set(long)) == len(long)
