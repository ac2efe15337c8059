"""Simulated GPIO lines, seen through gpiozero."""

import threading
from collections.abc import Iterator

import pytest
from gpiozero import LED, Button, DigitalInputDevice
from gpiozero.pins.mock import MockPin

from hardware_sim.gpio import Lines

PATIENCE = 30.0
KEY, LAMP, DOOR, MOTION = 5, 6, 17, 22


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines of a machine."""
    lines = Lines(seed=1)
    lines.open()
    yield lines
    lines.close()
    lines.close()


def edges(lines: Lines, line: int) -> list[tuple[bool, float]]:
    """Levels of a line and the seconds between them, as the mock pin remembers."""
    pin = lines.pins.pin(line)
    assert isinstance(pin, MockPin)
    return [(bool(state.state), state.timestamp) for state in pin.states[1:]]


def test_a_press_bounces_and_settles_open(lines: Lines) -> None:
    with DigitalInputDevice(KEY, pull_up=True, pin_factory=lines.pins):
        lines.pins.pin(KEY).clear_states()
        lines.press(KEY, 0.1).result(PATIENCE)
        seen = edges(lines, KEY)
    levels, gaps = [level for level, _ in seen], [gap for _, gap in seen[1:]]
    assert len(levels) >= 2 + 4
    assert (levels[0], levels[-1]) == (False, True)
    assert max(gaps) > 0.08
    assert max(gaps[:4]) < max(gaps), "it bounces when it closes, and is held after that"


def test_hold_stays_closed_until_release(lines: Lines) -> None:
    with Button(DOOR, pin_factory=lines.pins) as door:
        lines.hold(DOOR).result(PATIENCE)
        assert (door.is_pressed, lines.closed(DOOR), lines.level(DOOR)) == (True, True, False)
        lines.release(DOOR).result(PATIENCE)
        assert (door.is_pressed, lines.closed(DOOR), lines.level(DOOR)) == (False, False, True)


def test_a_door_that_was_closed_before_anybody_looked_is_closed(lines: Lines) -> None:
    lines.hold(DOOR).result(PATIENCE)
    with Button(DOOR, pin_factory=lines.pins) as door:
        assert door.is_pressed
    with Button(DOOR, pin_factory=lines.pins) as door:
        assert door.is_pressed


def test_a_sensor_drives_a_clean_level_for_a_while(lines: Lines) -> None:
    with DigitalInputDevice(MOTION, pull_up=False, pin_factory=lines.pins) as motion:
        lines.drive(MOTION, True).result(PATIENCE)
        assert motion.is_active
        lines.drive(MOTION, True, 0.05).result(PATIENCE)
        assert not motion.is_active
        assert [level for level, _ in edges(lines, MOTION)] == [True, False]


def test_lamps_are_seen(lines: Lines) -> None:
    heard = threading.Event()
    stop = lines.listen(heard.set)
    assert not lines.lamp(LAMP)
    with LED(LAMP, pin_factory=lines.pins) as lamp:
        heard.clear()
        lamp.on()
        assert lines.lamp(LAMP)
        assert heard.is_set()
    assert not lines.lamp(LAMP)
    stop()


def test_callbacks_come_from_another_thread_and_may_fail(lines: Lines) -> None:
    threads = list[str]()

    def broken() -> None:
        threads.append(threading.current_thread().name)
        raise ZeroDivisionError

    with Button(KEY, pin_factory=lines.pins) as button:
        button.when_pressed = broken
        lines.press(KEY, 0.02).result(PATIENCE)
        lines.press(KEY, 0.02).result(PATIENCE)
    assert set(threads) == {"sim-gpio"}
    assert lines.failed_callbacks == len(threads) >= 2


def test_ten_thousand_edges_leave_a_bounded_memory(lines: Lines) -> None:
    with DigitalInputDevice(KEY, pull_up=True, pin_factory=lines.pins):
        lines.hammer(KEY, 5_000, 20_000).result(PATIENCE)
        assert len(edges(lines, KEY)) <= 128


def test_a_touch_is_over_before_anything_else_moves_however_late_it_comes(lines: Lines) -> None:
    with DigitalInputDevice(KEY, pull_up=True, pin_factory=lines.pins):
        lines.pins.pin(KEY).clear_states()
        lines.touch(KEY, 3, 20).result(PATIENCE)
        seen = edges(lines, KEY)
    assert [level for level, _ in seen] == 3 * [False, True]
    assert sum(gap for level, gap in seen if level) < sum(gap for level, gap in seen if not level), "open nearly all the time"


def test_closing_cancels_what_is_under_way() -> None:
    lines = Lines()
    lines.open()
    press = lines.press(KEY, 60)
    lines.close()
    assert press.cancelled()


def test_hands_need_open_lines() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        Lines().press(KEY)
