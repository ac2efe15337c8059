"""The simulated keypad, read by python-evdev."""

import asyncio
import errno
import time

import pytest
from evdev import InputEvent, KeyEvent, categorize, ecodes

from hardware_sim.errors import CannotDo
from hardware_sim.keypad import Keypad

KEYS = ("KEY_KPENTER", "KEY_KP0")


def keys(events: list[InputEvent]) -> list[tuple[str, int]]:
    """Key events by name and value."""
    return [(str(ecodes.KEY[event.code]), event.value) for event in events if event.type == ecodes.EV_KEY]


def test_a_press_arrives_as_the_kernel_sends_it() -> None:
    keypad = Keypad(keys=KEYS)
    with_device = keypad.open()
    keypad.down("KEY_KP0")
    keypad.up("KEY_KP0")
    events = list(with_device.read())
    assert [(event.type, event.code, event.value) for event in events] == [
        (ecodes.EV_MSC, ecodes.MSC_SCAN, 0x70000 + ecodes.KEY_KP0),
        (ecodes.EV_KEY, ecodes.KEY_KP0, 1),
        (ecodes.EV_SYN, ecodes.SYN_REPORT, 0),
        (ecodes.EV_MSC, ecodes.MSC_SCAN, 0x70000 + ecodes.KEY_KP0),
        (ecodes.EV_KEY, ecodes.KEY_KP0, 0),
        (ecodes.EV_SYN, ecodes.SYN_REPORT, 0),
    ]
    assert abs(events[0].timestamp() - time.time()) < 5
    assert isinstance(categorize(events[1]), KeyEvent)
    with_device.close()
    keypad.close()


def test_nothing_to_read_blocks_nobody() -> None:
    keypad = Keypad()
    device = keypad.open()
    with pytest.raises(BlockingIOError):
        list(device.read())
    assert device.read_one() is None
    device.close()
    keypad.close()


async def test_a_held_key_repeats() -> None:
    keypad = Keypad(keys=KEYS)
    device = keypad.open()
    await keypad.press("KEY_KPENTER", 0.4)
    seen = keys(list(device.read()))
    assert seen[0] == ("KEY_KPENTER", 1)
    assert seen[-1] == ("KEY_KPENTER", 0)
    assert len(seen) >= 4
    assert set(seen[1:-1]) == {("KEY_KPENTER", 2)}
    device.close()
    keypad.close()


async def test_unplugging_ends_an_asynchronous_reader_with_enodev_and_replugging_is_a_new_device() -> None:
    keypad = Keypad(keys=KEYS)
    device = keypad.open()
    seen = list[InputEvent]()
    all_there = asyncio.Event()

    async def read() -> None:
        async for event in device.async_read_loop():
            seen.append(event)
            if len(seen) == 6:
                all_there.set()

    reading = asyncio.create_task(read())
    await keypad.press("KEY_KPENTER", 0.01)
    async with asyncio.timeout(5):
        await all_there.wait()
        keypad.unplug()
        with pytest.raises(OSError) as error:
            await reading
    assert error.value.errno == errno.ENODEV
    with pytest.raises(OSError):
        device.read_one()
    with pytest.raises(FileNotFoundError):
        keypad.open()
    with pytest.raises(CannotDo, match="unplugged"):
        keypad.down("KEY_KP0")
    device.close()
    keypad.plug()
    again = keypad.open()
    keypad.down("KEY_KP0")
    assert keys(list(again.read())) == [("KEY_KP0", 1)]
    again.close()
    keypad.close()


def test_grabbing_twice_is_refused() -> None:
    keypad = Keypad()
    device = keypad.open()
    device.grab()
    with pytest.raises(OSError) as error:
        device.grab()
    assert error.value.errno == errno.EBUSY
    device.ungrab()
    with pytest.raises(OSError):
        device.ungrab()
    device.close()
    keypad.close()


def test_the_device_describes_itself() -> None:
    keypad = Keypad("Numeric keypad", KEYS)
    device = keypad.open("/dev/input/by-id/usb-keypad-event-kbd")
    keypad.down("KEY_KP0")
    assert (device.name, device.path) == ("Numeric keypad", "/dev/input/by-id/usb-keypad-event-kbd")
    assert set(device.capabilities()[ecodes.EV_KEY]) == {ecodes.KEY_KP0, ecodes.KEY_KPENTER}
    assert device.active_keys() == [ecodes.KEY_KP0]
    assert device.active_keys(verbose=True) == [("KEY_KP0", ecodes.KEY_KP0)]
    device.close()
    keypad.close()


def test_a_reader_that_sleeps_too_long_is_told_that_events_were_dropped() -> None:
    keypad = Keypad()
    device = keypad.open()
    for _ in range(2000):
        keypad.down("KEY_KPENTER")
        keypad.up("KEY_KPENTER")
    before = 0
    try:
        while True:
            before += len(list(device.read()))
    except BlockingIOError:
        assert before < 12_000
    keypad.down("KEY_KPENTER")
    events = list(device.read())
    assert (events[0].type, events[0].code) == (ecodes.EV_SYN, ecodes.SYN_DROPPED)
    assert keys(events) == [("KEY_KPENTER", 1)]
    device.close()
    keypad.close()


def test_a_reader_that_went_away_is_forgotten() -> None:
    keypad = Keypad()
    keypad.open().close()
    keypad.down("KEY_KPENTER")
    keypad.up("KEY_KPENTER")
    keypad.close()


@pytest.mark.parametrize("key", ["KEY_NONSENSE", "BTN_LEFT", ""])
def test_keys_that_linux_does_not_know_are_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        Keypad(keys=(key,))


def test_a_key_that_is_not_on_the_pad_cannot_be_pressed() -> None:
    with pytest.raises(CannotDo, match="KEY_KPENTER"):
        Keypad().down("KEY_A")
