"""The keypad driver, reading real input events with python-evdev's own code."""

import asyncio
import time

import pytest

from devices.errors import DeviceMissing
from devices.keypad import Keypad, Press
from hardware_sim.keypad import Keypad as Pad
from tests.keys.running import PadWires

WIRE = "/dev/input/by-id/usb-pad-event-kbd"


def a_pad() -> Pad:
    return Pad(keys=("KEY_KPENTER", "KEY_KP0"))


async def take(keypad: Keypad, count: int) -> list[Press]:
    """The next presses, within five seconds."""
    presses = keypad.presses()
    async with asyncio.timeout(5):
        return [await anext(presses) for _ in range(count)]


async def test_presses_come_by_the_kernels_names_and_releases_do_not() -> None:
    pad = a_pad()
    with Keypad(PadWires(pad), WIRE) as keypad:
        for key in ("KEY_KPENTER", "KEY_KP0"):
            await pad.press(key, 0.01)
        assert [press.key for press in await take(keypad, 2)] == ["KEY_KPENTER", "KEY_KP0"]


async def test_a_press_carries_the_time_at_which_it_happened() -> None:
    pad = a_pad()
    with Keypad(PadWires(pad), WIRE) as keypad:
        before = time.monotonic()
        pad.down("KEY_KP0")
        after = time.monotonic()
        await asyncio.sleep(0.05)
        (press,) = await take(keypad, 1)
        assert before - 0.005 <= press.at <= after + 0.005


async def test_a_held_key_is_one_press() -> None:
    pad = a_pad()
    with Keypad(PadWires(pad), WIRE) as keypad:
        pad.down("KEY_KP0")
        for _ in range(20):
            pad.repeat("KEY_KP0")
        pad.up("KEY_KP0")
        pad.down("KEY_KPENTER")
        assert [press.key for press in await take(keypad, 2)] == ["KEY_KP0", "KEY_KPENTER"]


async def test_an_unplugged_keypad_is_missing_and_the_same_wire_works_when_it_is_back() -> None:
    pad = a_pad()
    with Keypad(PadWires(pad), WIRE) as keypad:
        waiting = asyncio.create_task(take(keypad, 1))
        await asyncio.sleep(0)
        pad.unplug()
        with pytest.raises(DeviceMissing, match="the keypad was unplugged"):
            await waiting
    with pytest.raises(DeviceMissing, match="is it plugged in"):
        Keypad(PadWires(pad), WIRE)
    pad.plug()
    with Keypad(PadWires(pad), WIRE) as keypad:
        pad.down("KEY_KP0")
        assert len(await take(keypad, 1)) == 1


async def test_ten_thousand_presses_that_nobody_reads_are_dropped_by_the_kernel_and_counted() -> None:
    pad = a_pad()
    with Keypad(PadWires(pad), WIRE) as keypad:
        for _ in range(10_000):
            pad.down("KEY_KP0")
            pad.up("KEY_KP0")
        first = await take(keypad, 100)
        assert len(first) == 100
        while len(keypad._read()) > 0:
            pass
        pad.down("KEY_KPENTER")
        assert [press.key for press in await take(keypad, 1)] == ["KEY_KPENTER"]
        assert keypad.take_lost() == 1


async def test_closing_twice_is_safe() -> None:
    keypad = Keypad(PadWires(a_pad()), WIRE)
    keypad.close()
    keypad.close()
