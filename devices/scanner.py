"""A code scanner: as a keyboard that types what it reads, or on a serial line; either tells its codes one after the other."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, Protocol

from devices.keypad import Keypad, Press
from devices.scan_lines import Garbage, Keys, Lines, Scan
from devices.serial_bus import LineSettings, SerialBus
from devices.wires import Wires

Speaks = Literal["keys", "serial"]


class Scanner(Protocol):
    """An open scanner."""

    def scans(self) -> AsyncIterator[Scan | Garbage]:
        """Every code as it is read, and what was none. Raises `DeviceMissing` when the scanner is unplugged."""
        ...

    def held(self, now: float) -> float:
        """For how many seconds a key of it has been down; 0 when none is, or it has no keys."""
        ...


@asynccontextmanager
async def opened(wires: Wires, wire: str, speaks: Speaks, baud: int) -> AsyncIterator[Scanner]:
    """A scanner on its wire. Raises `DeviceMissing`, `DeviceRefused`, `DeviceBroken`."""
    if speaks == "keys":
        with Keypad(wires, wire) as keypad:
            yield KeyScanner(keypad)
    else:
        async with wires.bus(wire, LineSettings(baud)) as bus:
            yield SerialScanner(bus)


class KeyScanner:
    """A scanner that is a keyboard to the machine."""

    def __init__(self, keypad: Keypad) -> None:
        self._keypad = keypad
        self._keys, self._lines = Keys(), Lines()
        self._down: dict[str, float] = {}

    async def scans(self) -> AsyncIterator[Scan | Garbage]:
        """What is typed, line by line."""
        async for move in self._keypad.moves():
            if self._keypad.take_lost():
                self._keys, self._down = Keys(), {}
                for garbage in self._lines.forget(move.at):
                    yield garbage
            down = isinstance(move, Press)
            if down:
                self._down.setdefault(move.key, move.at)
            else:
                self._down.pop(move.key, None)
            if data := self._keys.move(move.key, down=down):
                for found in self._lines.feed(data, move.at):
                    yield found

    def held(self, now: float) -> float:
        """Since when the longest held key is down."""
        return now - min(self._down.values(), default=now)


class SerialScanner:
    """A scanner on a serial line."""

    def __init__(self, bus: SerialBus) -> None:
        self._chunks = bus.received()
        self._lines = Lines()

    async def scans(self) -> AsyncIterator[Scan | Garbage]:
        """What is sent, line by line."""
        async for chunk in self._chunks:
            for found in self._lines.feed(chunk, time.monotonic()):
                yield found

    def held(self, now: float) -> float:
        """It has no keys."""
        return 0.0
