"""The GPIO port over gpiozero's own mock pins."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest

from devices.errors import DeviceMissing, DeviceRefused
from devices.gpio import Edge, Inputs, Lamps, to_ground, to_supply

T = TypeVar("T")
SETTLE = 0.02


async def take(source: AsyncIterator[T], count: int) -> list[T]:
    """The next `count` items, within five seconds."""
    async with asyncio.timeout(5):
        return [await anext(source) for _ in range(count)]


async def nothing_for(source: AsyncIterator[T], seconds: float) -> bool:
    """Whether nothing comes for so long."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(source) is None
    except TimeoutError:
        return True


async def test_a_key_to_ground_is_active_when_low_and_a_sensor_when_high(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5), "motion": to_supply(6)}) as inputs:
        assert inputs.levels == {"key": False, "motion": False}
        edges = inputs.edges()
        pins.pin(5).drive_low()
        pins.pin(6).drive_high()
        assert [(e.name, e.active) for e in await take(edges, 2)] == [("key", True), ("motion", True)]


async def test_an_edge_carries_the_time_at_which_it_happened(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5)}) as inputs:
        before = time.monotonic()
        pins.pin(5).drive_low()
        after = time.monotonic()
        time.sleep(0.05)  # noqa: ASYNC251 - the loop is busy elsewhere
        (edge,) = await take(inputs.edges(), 1)
        assert before <= edge.at <= after + 0.001


async def test_edges_from_another_thread_arrive(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5)}) as inputs:
        thread = threading.Thread(target=pins.pin(5).drive_low)
        thread.start()
        (edge,) = await take(inputs.edges(), 1)
        thread.join()
        assert edge.active


async def test_a_bouncing_press_is_one_change(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5)}) as inputs:
        changes = inputs.changes(SETTLE)
        for _ in range(5):
            pins.pin(5).drive_low()
            pins.pin(5).drive_high()
        pins.pin(5).drive_low()
        (press,) = await take(changes, 1)
        assert (press.name, press.active) == ("key", True)
        assert await nothing_for(changes, 3 * SETTLE)


async def test_each_line_settles_by_its_own_time(pins: Any) -> None:
    with Inputs(pins, {"door": to_ground(5), "motion": to_supply(6)}) as inputs:
        changes = inputs.changes({"door": SETTLE, "motion": 0.0})
        pins.pin(6).drive_high()
        pins.pin(6).drive_low()
        pulse = await take(changes, 2)
        assert [(e.name, e.active) for e in pulse] == [("motion", True), ("motion", False)]


async def test_ten_thousand_edges_keep_memory_bounded_and_the_last_level_right(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5)}, room=100) as inputs:
        changes = inputs.changes(SETTLE)
        for _ in range(5_000):
            pins.pin(5).drive_low()
            pins.pin(5).drive_high()
        pins.pin(5).drive_low()
        assert len(inputs._waiting) == 100
        assert [e.active for e in await take(changes, 1)] == [True]
        assert inputs.take_counts()["lost-edge"] >= 9_901
        assert inputs.take_counts() == {}


async def test_a_line_that_never_settles_is_named_once_and_counted(pins: Any, caplog: pytest.LogCaptureFixture) -> None:
    with Inputs(pins, {"key": to_ground(5)}) as inputs:
        changes = inputs.changes(1.0)
        for _ in range(100):
            pins.pin(5).drive_low()
            pins.pin(5).drive_high()
        assert await nothing_for(changes, SETTLE)
        assert inputs.take_counts() == {"chatter": 1}
        assert [record.message.partition(" goes")[0] for record in caplog.records] == ["GPIO5"]


async def test_a_lost_edge_is_found_by_reading_again_and_the_next_press_counts(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5)}) as inputs:
        edges = inputs.edges()
        pins.pin(5).drive_low()
        await take(edges, 1)
        pins.pin(5)._change_state(True)  # the line moves and no edge is told, as with a full kernel buffer
        inputs.reread()
        assert [e.active for e in await take(edges, 1)] == [False]
        assert inputs.take_counts() == {"lost-edge": 1}
        pins.pin(5).drive_low()
        assert [e.active for e in await take(edges, 1)] == [True]


async def test_the_level_is_read_again_when_a_press_settles(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5)}) as inputs:
        changes = inputs.changes(SETTLE)
        pins.pin(5).drive_low()
        pins.pin(5)._change_state(True)
        assert await nothing_for(changes, 4 * SETTLE)


async def test_an_impossible_edge_time_becomes_now(pins: Any) -> None:
    with Inputs(pins, {"key": to_ground(5)}) as inputs:
        now = time.monotonic()
        pins.pin(5).when_changed(time.time(), 0)  # a kernel before 5.7 stamps edges by the wall clock
        (edge,) = await take(inputs.edges(), 1)
        assert edge == Edge("key", True, edge.at)
        assert now <= edge.at <= time.monotonic()


async def test_closed_lines_are_free_again_and_closing_twice_is_safe(pins: Any) -> None:
    inputs = Inputs(pins, {"key": to_ground(5)})
    inputs.close()
    inputs.close()
    with Inputs(pins, {"key": to_ground(5)}), Lamps(pins, {"lamp": 6}):
        pass
    with Lamps(pins, {"lamp": 5}):
        pass


async def test_a_line_used_twice_is_refused_by_name_and_nothing_stays_open(pins: Any) -> None:
    with Lamps(pins, {"lamp": 6}):
        with pytest.raises(DeviceRefused, match="GPIO6: already used"):
            Inputs(pins, {"key": to_ground(5), "other": to_ground(6)})
        with Inputs(pins, {"key": to_ground(5)}):
            pass


async def test_lines_that_cannot_do_it_say_why(pins: Any) -> None:
    with pytest.raises(DeviceRefused, match="GPIO2: its pull-up resistor is soldered in"):
        Inputs(pins, {"motion": to_supply(2)})
    with pytest.raises(DeviceMissing, match="GPIO99: this machine has no such line"):
        Lamps(pins, {"lamp": 99})


def test_lamps_show_exactly_what_is_named_and_touch_nothing_else(pins: Any) -> None:
    with Lamps(pins, {5: 20, 4: 21}) as lamps:
        lamps.show({5, 4})
        assert (pins.pin(20).state, pins.pin(21).state) == (True, True)
        lamps.show({4})
        lamps.show({4, 1})
        assert [s.state for s in pins.pin(20).states] == [False, True, False]
        assert [s.state for s in pins.pin(21).states] == [False, True]
    assert not pins.pin(21).state
