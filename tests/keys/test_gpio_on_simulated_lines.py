"""The GPIO port on the simulator's lines, whose contacts bounce and whose callbacks come from another thread."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from devices.gpio import Edge, Inputs, Lamps, to_ground, to_supply
from hardware_sim.gpio import Lines

SETTLE = 0.02


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    """Lines that move."""
    simulated = Lines(bounce=0.004)
    simulated.open()
    yield simulated
    simulated.close()
    assert simulated.failed_callbacks == 0


async def collect(inputs: Inputs[str], into: list[Edge[str]]) -> None:
    async for change in inputs.changes({"key": SETTLE, "motion": 0.0}):
        into.append(change)  # noqa: PERF401 - it never ends


async def test_eight_bouncing_presses_are_eight_presses(lines: Lines) -> None:
    seen: list[Edge[str]] = []
    with Inputs(lines.pins, {"key": to_ground(5), "motion": to_supply(6)}) as inputs:
        reading = asyncio.create_task(collect(inputs, seen))
        for _ in range(8):
            await asyncio.wrap_future(lines.press(5, 0.2))
            await asyncio.sleep(0.1)
        reading.cancel()
    assert [change.active for change in seen] == [True, False] * 8
    assert all(later.at > earlier.at for earlier, later in itertools.pairwise(seen))


async def test_no_pulse_of_a_motion_sensor_is_missed(lines: Lines) -> None:
    seen: list[Edge[str]] = []
    with Inputs(lines.pins, {"key": to_ground(5), "motion": to_supply(6)}) as inputs:
        reading = asyncio.create_task(collect(inputs, seen))
        for _ in range(20):
            await asyncio.wrap_future(lines.drive(6, True, 0.005))
        await asyncio.sleep(SETTLE)
        reading.cancel()
    assert [change.active for change in seen] == [True, False] * 20


async def test_ten_thousand_edges_a_second_are_one_log_line_and_leave_the_last_level_right(
    lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Edge[str]] = []
    with Inputs(lines.pins, {"key": to_ground(5), "motion": to_supply(6)}) as inputs:
        reading = asyncio.create_task(collect(inputs, seen))
        await asyncio.wrap_future(lines.hammer(5, times=5_000, per_second=5_000))
        await asyncio.sleep(0.1)
        before = len(seen)
        await asyncio.wrap_future(lines.press(5, 0.2))
        await asyncio.sleep(0.1)
        reading.cancel()
    assert [change.active for change in seen[before:]] == [True, False]
    assert len(caplog.records) == 1


async def test_a_contact_that_is_closed_before_anybody_looks_reads_as_closed(lines: Lines) -> None:
    await asyncio.wrap_future(lines.hold(5))
    with Inputs(lines.pins, {"door": to_ground(5)}) as inputs:
        assert inputs.levels == {"door": True}


async def test_lamps_light_and_are_dark_after_closing(lines: Lines) -> None:
    with Lamps(lines.pins, {"five": 20}) as lamps:
        lamps.show({"five"})
        assert lines.lamp(20)
    assert not lines.lamp(20)
