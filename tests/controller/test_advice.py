"""Advice on staffing: Erlang C to six digits, and what it says of a hall."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.queue import advice
from controller.queue.actions import TurnWindow
from tests.controller.desk import Desk
from tests.controller.halls import after, rules


@pytest.mark.parametrize(
    ("traffic", "windows", "probability"),
    [(10, 14, 0.174132), (48, 55, 0.238701), (0.5, 1, 0.5), (1, 2, 0.333333), (2, 3, 0.444444), (50, 55, 0.384547)],
)
def test_erlang_c_agrees_with_the_published_values(traffic: float, windows: int, probability: float) -> None:
    assert round(advice.waiting_probability(traffic, windows), 6) == probability


@pytest.mark.parametrize(("traffic", "windows", "service", "wait"), [(10, 14, 180, 7.836), (48, 55, 240, 8.184)])
def test_the_average_wait_agrees_too(traffic: float, windows: int, service: float, wait: float) -> None:
    assert round(advice.average_wait(traffic, windows, service), 3) == wait


def test_windows_that_cannot_keep_up_mean_an_endless_wait() -> None:
    assert advice.waiting_probability(3, 3) == 1.0
    assert advice.average_wait(3, 3, 60) == inf
    assert advice.windows_needed(0, 60, 60) == 0


@given(traffic=st.floats(0.01, 200), service=st.floats(10, 3600), goal=st.floats(1, 3600))
def test_one_window_fewer_than_needed_would_miss_the_goal(traffic: float, service: float, goal: float) -> None:
    needed = advice.windows_needed(traffic, service, goal)
    assert advice.average_wait(traffic, needed, service) <= goal
    assert needed == 1 or advice.average_wait(traffic, needed - 1, service) > goal


@given(traffic=st.floats(0.01, 50), windows=st.integers(1, 80))
def test_more_windows_never_mean_more_waiting(traffic: float, windows: int) -> None:
    assert advice.waiting_probability(traffic, windows + 1) <= advice.waiting_probability(traffic, windows)


def test_a_hall_with_thirty_arrivals_an_hour_of_five_minutes_each_needs_three_windows_and_is_told_who_could_help() -> None:
    desk = Desk(rules())
    for _ in range(30):
        desk.issue("social")
        desk.second += 118
    social = advice.of(desk.state, "social", after(desk.second), desk.rules)
    assert round(social.traffic, 2) == 2.5
    assert (social.open, social.needed) == (2, 3)
    assert social.could_help == ()
    desk.do(TurnWindow(window="w3", door="open"))
    desk.do(TurnWindow(window="w2", door="paused"))
    social = advice.of(desk.state, "social", after(desk.second), desk.rules)
    assert social.could_help == ("w2", "w3"), "first who serves it and is paused, then who has nobody to call"


def test_arrivals_of_more_than_an_hour_ago_are_forgotten() -> None:
    desk = Desk(rules())
    desk.issue("social")
    desk.second += 3601
    assert advice.arrivals(desk.state, "social", after(desk.second)) == 0
    desk.issue("social")
    assert len(desk.state.arrivals["social"]) == 1
