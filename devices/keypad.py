"""A HID keypad: its presses and releases with the time at which the kernel saw them, until it is unplugged."""

import asyncio
import fcntl
import re
import struct
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import msgspec

from devices.errors import DeviceMissing
from devices.tapping import tap_of
from devices.wires import Wires

_SET_CLOCK = 0x400445A0
"""EVIOCSCLOCKID of linux/input.h: by which clock the kernel stamps this reader's events."""
_RELEASE, _PRESS = 0, 1
_KEY_NAME = re.compile("KEY_[A-Z0-9_]+")
_EVENT = struct.Struct("<HHi")
"""What a recording keeps of an event: type, code and value, as the kernel numbers them."""
_OLDEST = 3600.0
"""An older stamp comes from another clock than the one asked for; such an event is from now."""


class Press(msgspec.Struct, frozen=True):
    """A key went down `at` monotonic seconds; `key` as the kernel calls it, such as `KEY_KPENTER`."""

    key: str
    at: float


class Release(msgspec.Struct, frozen=True):
    """A key came up again."""

    key: str
    at: float


class Keypad:
    """One keypad, held exclusively while open; plugged in again it is another `Keypad` on the same wire.

    Raises `DeviceMissing` or `DeviceRefused` when it cannot be opened.
    """

    def __init__(self, wires: Wires, wire: str) -> None:
        self._wire = wire
        self._device = wires.input(wire)
        self._stamps = _clock_of_stamps(self._device.fd)
        self._lost = 0
        self._tap = tap_of(wire)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the keypad. Safe to call twice."""
        self._device.close()

    def take_lost(self) -> int:
        """How many times since this was last asked the kernel dropped events because nobody read them."""
        lost, self._lost = self._lost, 0
        return lost

    async def presses(self) -> AsyncIterator[Press]:
        """Every press as it comes; releases and the kernel's key repeat are passed over. As `moves`, else."""
        async for move in self.moves():
            if isinstance(move, Press):
                yield move

    async def moves(self) -> AsyncIterator[Press | Release]:
        """Every press and release as it comes; the kernel's key repeat is passed over.

        While the caller is busy nothing is read, so that at most the kernel's own short buffer waits.
        Raises `DeviceMissing` when the keypad is unplugged.
        """
        while True:
            await self._readable()
            for move in self._read():
                yield move

    async def _readable(self) -> None:
        loop, fd = asyncio.get_running_loop(), self._device.fd
        ready = asyncio.Event()
        loop.add_reader(fd, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(fd)

    def _read(self) -> list[Press | Release]:
        try:
            events = list(self._device.read())
        except BlockingIOError:
            return []
        except OSError as error:
            raise DeviceMissing(f"{self._wire}: the keypad was unplugged ({error.strerror})") from error
        if not events:
            raise DeviceMissing(f"{self._wire}: the keypad was unplugged")
        if self._tap is not None:
            self._tap("in", b"".join(_EVENT.pack(event.type, event.code, event.value) for event in events))
        self._lost += sum(_is_drop(event) for event in events)
        return [self._move(event) for event in events if _is_move(event)]

    def _move(self, event: Any) -> Press | Release:
        age = self._stamps() - event.timestamp()
        kind = Press if event.value == _PRESS else Release
        return kind(_name(event.code), time.monotonic() - (age if 0 <= age < _OLDEST else 0.0))


def _clock_of_stamps(fd: int) -> Callable[[], float]:
    """Have events stamped by the clock that never jumps; what is no kernel device stamps by the wall clock."""
    try:
        fcntl.ioctl(fd, _SET_CLOCK, struct.pack("i", time.CLOCK_MONOTONIC))
    except OSError:
        return time.time
    return time.monotonic


def _is_move(event: Any) -> bool:
    from evdev import ecodes

    return bool(event.type == ecodes.EV_KEY and event.value in (_PRESS, _RELEASE))


def _is_drop(event: Any) -> bool:
    from evdev import ecodes

    return bool(event.type == ecodes.EV_SYN and event.code == ecodes.SYN_DROPPED)


def _name(code: int) -> str:
    from evdev import ecodes

    names = ecodes.bytype[ecodes.EV_KEY].get(code, f"KEY_{code}")
    return str(names if isinstance(names, str) else names[0])


def is_key(name: str) -> bool:
    """Whether Linux knows a key of this name; where evdev is not installed, whether one could be called so."""
    if not _KEY_NAME.fullmatch(name):
        return False
    try:
        from evdev import ecodes
    except ModuleNotFoundError:
        return True
    return name in ecodes.ecodes
