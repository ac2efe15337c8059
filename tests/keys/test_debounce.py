"""Contact bounce, as arithmetic on event times."""

from hypothesis import given
from hypothesis import strategies as st

from devices.debounce import Debounce

SETTLE = 0.030


def settled(edges: list[tuple[bool, float]], *, until: float, settle: float = SETTLE) -> list[tuple[bool, float]]:
    """All settled changes of a line that starts inactive."""
    line = Debounce(settle)
    found = [change for active, at in edges if (change := line.edge(active, at))]
    if last := line.look(until):
        found.append(last)
    return found


def bounce(toggles: list[float], *, at: float, to: bool) -> list[tuple[bool, float]]:
    """A contact that goes `to` a level at `at`, toggling after each of the given times before it rests there."""
    edges, active = [(to, at)], to
    for gap in toggles if len(toggles) % 2 == 0 else toggles[:-1]:
        at, active = at + gap, not active
        edges.append((active, at))
    return edges


bounces = st.lists(st.floats(0.0001, 0.005), max_size=12)


@given(press=bounces, release=bounces, held=st.floats(0.15, 5))
def test_any_bouncing_press_is_one_press_that_began_while_it_bounced(
    press: list[float], release: list[float], held: float
) -> None:
    down, up = bounce(press, at=10.0, to=True), bounce(release, at=10.0 + held, to=False)
    (pressed, began), (released, ended) = settled(down + up, until=20.0)
    assert pressed
    assert not released
    assert down[0][1] <= began <= down[-1][1]
    assert up[0][1] <= ended <= up[-1][1]


def test_a_press_is_known_when_it_has_settled_and_not_before() -> None:
    line = Debounce(SETTLE)
    assert line.edge(True, 10.0) is None
    assert line.due == 10.0 + SETTLE
    assert line.look(10.029) is None
    assert line.look(10.031) == (True, 10.0)
    assert line.due is None


def test_a_spike_is_no_press() -> None:
    assert settled([(True, 10.0), (False, 10.002)], until=20.0) == []


def test_spikes_far_apart_do_not_add_up() -> None:
    spikes = [(active, at + (0.0 if active else 0.01)) for at in range(10, 40) for active in (True, False)]
    assert settled(spikes, until=50.0) == []


def test_a_worn_contact_that_stutters_while_held_is_still_a_press() -> None:
    stutter = [(active, 10 + 0.02 * n + (0.0 if active else 0.019)) for n in range(20) for active in (True, False)]
    assert settled(stutter, until=11.0) == [(True, 10.0), (False, stutter[-1][1])]


def test_a_press_and_its_release_that_arrive_late_and_together_are_both_told() -> None:
    line = Debounce(SETTLE)
    assert line.edge(True, 10.0) is None
    assert line.edge(False, 10.2) == (True, 10.0)
    assert line.look(10.3) == (False, 10.2)


def test_nothing_settles_away_every_edge_passes_with_zero() -> None:
    line = Debounce(0.0)
    assert line.edge(True, 10.0) == (True, 10.0)
    assert line.edge(False, 10.0) == (False, 10.0)


def test_a_line_that_is_active_at_the_start_rests() -> None:
    line = Debounce(SETTLE, active=True)
    assert line.due is None
    assert line.edge(False, 10.0) is None
    assert line.look(11.0) == (False, 10.0)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), max_size=50))
def test_changes_alternate_whatever_a_line_does(edges: list[tuple[bool, float]]) -> None:
    levels = [active for active, _ in settled(edges, until=200.0)]
    assert levels == [n % 2 == 0 for n in range(len(levels))]


def test_a_line_that_goes_to_and_fro_is_restless_until_it_settles_or_calms_down() -> None:
    line = Debounce(SETTLE)
    for n in range(20):
        line.edge(n % 2 == 0, 10 + 0.001 * n)
    assert line.restless == 20
    line.edge(True, 20.0)
    assert line.restless == 1
    line.look(21.0)
    assert line.restless == 0
