"""Held keys and what happens often, as arithmetic."""

from firmware.agents.held import APART, Held
from firmware.agents.lately import Often
from firmware.agents.stuck import HELD

START = 1000.0


def test_a_key_that_is_never_released_is_stuck_after_a_while() -> None:
    held = Held()
    held.press("KEY_1", START)
    assert held.stuck(START + HELD - 0.1) == []
    assert held.stuck(START + HELD) == ["KEY_1"]
    held.release("KEY_1")
    assert held.stuck(START + HELD) == []


def repeating(times: int, apart: float) -> Held:
    held = Held()
    held.tells_release = False
    for n in range(times):
        held.press("0C", START + n * apart)
    return held


def test_a_key_that_repeats_without_end_is_stuck_until_it_repeats_no_more() -> None:
    times = int(HELD / 0.2) + 2
    held, last = repeating(times, 0.2), START + (times - 1) * 0.2
    assert held.stuck(last) == ["0C"]
    assert held.stuck(last + 2 * APART) == []


def test_a_key_that_is_pressed_now_and_then_is_not_stuck() -> None:
    held = repeating(100, 2 * APART)
    assert held.stuck(START + 99 * 2 * APART) == []


def test_an_unplugged_device_holds_nothing() -> None:
    held = Held()
    held.press("KEY_1", START)
    held.clear()
    assert held.stuck(START + 2 * HELD) == []


def test_often_is_so_many_times_within_so_long() -> None:
    often = Often(3, 60.0)
    often.add(2, START)
    assert not often.now(START)
    often.add(1, START + 59)
    assert often.now(START + 60)
    assert not often.now(START + 61)
