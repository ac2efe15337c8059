"""The small parts of the agents: flashing lamps, stuck lines, the mailbox."""

import asyncio
from collections.abc import AsyncIterator

from firmware.agents.flashing import HALF, Flashing
from firmware.agents.mailbox import ROOM, Mailbox
from firmware.agents.stuck import Stuck


def test_lamps_flash_lit_and_dark_in_turn_and_then_stop() -> None:
    flashing = Flashing(10.0, 11.0)
    assert [flashing.lit(10.0 + n * HALF + 0.01) for n in range(4)] == [True, False, True, False]
    assert flashing.due(10.0) == 10.0 + HALF
    assert flashing.due(10.9) == 11.0
    assert not flashing.runs(11.0)
    assert flashing.due(11.0) is None


def test_nothing_flashes_at_first() -> None:
    assert not Flashing().runs(1000.0)


def test_a_line_is_stuck_when_it_has_been_active_too_long_and_well_when_released() -> None:
    keys = Stuck[str](30.0)
    keys.level("five", True, 100.0)
    keys.level("five", True, 120.0)
    assert keys.names(129.9) == []
    assert keys.names(130.0) == ["five"]
    keys.level("five", False, 131.0)
    assert keys.names(200.0) == []


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


async def test_a_mailbox_keeps_the_order_and_lets_a_fast_source_wait() -> None:
    mailbox = Mailbox[int]()
    feeding = asyncio.create_task(mailbox.feed(numbers(100)))
    await asyncio.sleep(0)
    assert mailbox._waiting.qsize() == ROOM
    assert [await mailbox.next(now=0.0) for _ in range(100)] == list(range(100))
    await feeding


async def test_a_mailbox_says_when_nothing_happens() -> None:
    assert await Mailbox[int]().next(None, 10.01, now=10.0) is None
