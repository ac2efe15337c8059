"""A cubicle's sensors against each other, as arithmetic."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.agents.room_sensors import CLOSINGS, SPELLS, SensorRules, Suspect

HOUR = 3600.0
PATIENCE, STILLNESS = 4 * HOUR, 60.0


def at_rest() -> SensorRules:
    rules = SensorRules(PATIENCE, STILLNESS)
    rules.begin(closed=False, motion=False, now=0.0)
    return rules


def visit(rules: SensorRules, at: float) -> None:
    """Somebody moves for ten seconds."""
    rules.motion(active=True, at=at)
    rules.motion(active=False, at=at + 10)


def test_a_door_never_closed_while_people_come_is_named_with_its_hours() -> None:
    rules = at_rest()
    for visitor in range(SPELLS):
        assert rules.suspect(PATIENCE + HOUR) is None
        visit(rules, 1800.0 * (visitor + 1))
    assert rules.suspect(PATIENCE - 1) is None
    assert rules.suspect(PATIENCE + HOUR) == Suspect("door-never-closed", 5 * HOUR, SPELLS)
    rules.door(closed=True, at=PATIENCE + HOUR)
    assert rules.suspect(PATIENCE + HOUR) is None


def test_one_long_visit_with_the_door_open_is_one_spell() -> None:
    rules = at_rest()
    for step in range(100):
        visit(rules, 100.0 + 30 * step)
    assert rules.suspect(PATIENCE + HOUR) is None


def test_an_empty_room_with_open_doors_over_night_is_well() -> None:
    assert at_rest().suspect(14 * HOUR) is None


def test_a_door_closed_without_any_motion_is_named_and_one_movement_heals_it() -> None:
    rules = at_rest()
    rules.door(closed=True, at=10.0)
    visit(rules, 20.0)
    assert rules.suspect(PATIENCE + 29) is None
    assert rules.suspect(PATIENCE + 30) == Suspect("door-never-opened", PATIENCE)
    visit(rules, PATIENCE + 40)
    assert rules.suspect(PATIENCE + 60) is None


def test_a_motion_sensor_that_sees_nobody_behind_closed_doors_is_named() -> None:
    rules = at_rest()
    for visitor in range(CLOSINGS):
        assert rules.suspect(600.0 * visitor) is None
        rules.door(closed=True, at=600.0 * visitor + 1)
        rules.door(closed=False, at=600.0 * visitor + 300)
    assert rules.suspect(600.0 * CLOSINGS) == Suspect("motion-silent", times=CLOSINGS)
    visit(rules, 600.0 * CLOSINGS + 5)
    assert rules.suspect(600.0 * CLOSINGS + 20) is None


edges = st.lists(st.tuples(st.sampled_from(("door", "motion")), st.booleans(), st.floats(0.0, HOUR)), max_size=60)


@given(edges)
def test_whatever_the_sensors_did_one_good_visit_clears_every_doubt(happened: list[tuple[str, bool, float]]) -> None:
    rules, now = at_rest(), 0.0
    for what, active, passed in happened:
        now += passed
        (rules.door if what == "door" else rules.motion)(active, now)
        rules.suspect(now)
    rules.door(closed=True, at=now + 1)
    rules.motion(active=True, at=now + 2)
    rules.motion(active=False, at=now + 3)
    rules.door(closed=False, at=now + 4)
    assert rules.suspect(now + 5) is None
