"""A HID keypad as a rater: keys without lamps."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from devices.caller import Move
from devices.keypad import Keypad
from devices.rater import RaterKeys
from devices.wires import Wires


@asynccontextmanager
async def open_keypad(wires: Wires, wire: str) -> AsyncIterator[RaterKeys]:
    """The keypad on `wire`. Raises `DeviceMissing`, `DeviceRefused`."""
    with Keypad(wires, wire) as pad:
        yield _KeypadRater(pad)


class _KeypadRater:
    """`RaterKeys` of a keypad."""

    lights = False
    tells_release = True
    down: frozenset[str] = frozenset()

    def __init__(self, pad: Keypad) -> None:
        self._pad = pad

    def moves(self) -> AsyncIterator[Move]:
        return self._pad.moves()

    def show(self, lit: Collection[str], invitation: str | None) -> None:
        """It has no lamps."""

    def flash(self) -> None:
        """It has no lamps."""

    def reread(self) -> None:
        """The kernel tells of every key."""

    def take_counts(self) -> dict[str, int]:
        lost = self._pad.take_lost()
        return {"lost-press": lost} if lost else {}
