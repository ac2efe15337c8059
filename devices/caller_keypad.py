"""The HID keypad as a caller: keys, and nothing to show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devices.caller import Caller, Face, Move
from devices.keypad import Keypad
from devices.wires import Wires


@asynccontextmanager
async def open_keypad(wires: Wires, wire: str) -> AsyncIterator[Caller]:
    """The keypad on `wire`. Raises `DeviceMissing`, `DeviceRefused`."""
    with Keypad(wires, wire) as pad:
        yield _KeypadCaller(pad)


class _KeypadCaller:
    """`Caller` of a keypad."""

    shows = False
    tells_release = True

    def __init__(self, pad: Keypad) -> None:
        self._pad = pad

    def moves(self) -> AsyncIterator[Move]:
        return self._pad.moves()

    def show(self, face: Face) -> None:
        """It has no display."""

    def beep(self) -> None:
        """It has no sound."""

    def take_counts(self) -> dict[str, int]:
        lost = self._pad.take_lost()
        return {"lost-press": lost} if lost else {}
