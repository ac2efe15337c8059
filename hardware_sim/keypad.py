"""A HID keypad as an event stream: real `struct input_event`s on a pipe, read by python-evdev's own code."""

import asyncio
import errno
import os
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import evdev
from evdev import ecodes

from hardware_sim.errors import CannotDo

_EVENT = struct.Struct("llHHi")
_HID_USAGE = 0x70000
_RECORDED = struct.Struct("<HHi")
DELAY, PERIOD = 0.25, 0.033
"""Auto-repeat of a held key, as the kernel's default."""


class Keypad:
    """A keypad and its cable. Whoever opens it gets a stream of its own. For one thread, the event loop's, say."""

    def __init__(self, name: str = "Simulated keypad", keys: Iterable[str] = ("KEY_KPENTER",)) -> None:
        self.name = name
        self.codes = {key: _code(key) for key in keys}
        self.plugged = True
        self.pressed: set[str] = set()
        self._streams: list[Stream] = []
        self._listeners: tuple[Callable[[], None], ...] = ()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; the answer stops it."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return stop

    def open(self, path: str = "/dev/input/event0") -> "SimulatedInput":
        """The device as python-evdev gives it. Raises `FileNotFoundError` while it is unplugged."""
        if not self.plugged:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        stream = Stream()
        self._streams.append(stream)
        return SimulatedInput(self, stream, path)

    async def press(self, key: str, seconds: float = 0.06) -> None:
        """Press and release a key; held long enough it repeats."""
        self.down(key)
        try:
            await self._held(key, seconds)
        finally:
            if self.plugged:
                self.up(key)

    async def _held(self, key: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        wait = DELAY
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, wait))
            if left > wait and self.plugged:
                self.repeat(key)
            wait = PERIOD

    def down(self, key: str) -> None:
        """The key goes down."""
        self._move(key, 1)

    def repeat(self, key: str) -> None:
        """The key is still down."""
        self._move(key, 2)

    def up(self, key: str) -> None:
        """The key comes up."""
        self._move(key, 0)

    def play(self, recorded: bytes) -> None:
        """Tell the events of a recording: type, code and value each."""
        if self.plugged:
            self._send(list(_RECORDED.iter_unpack(recorded)))

    def unplug(self) -> None:
        """Pull the cable: reading fails with ENODEV, as the kernel has it."""
        self.plugged = False
        self.pressed.clear()
        for stream in self._streams:
            stream.end()
        self._streams.clear()
        self._tell()

    def plug(self) -> None:
        """Put the cable back: it can be opened again."""
        self.plugged = True
        self._tell()

    close = unplug

    def _move(self, key: str, value: int) -> None:
        if key not in self.codes:
            raise CannotDo(f"there is no key {key}; there are {', '.join(self.codes)}")
        if not self.plugged:
            raise CannotDo("the keypad is unplugged")
        if value == 0:
            self.pressed.discard(key)
        else:
            self.pressed.add(key)
        code = self.codes[key]
        scan = [] if value == 2 else [(ecodes.EV_MSC, ecodes.MSC_SCAN, _HID_USAGE + code)]
        report = (ecodes.EV_SYN, ecodes.SYN_REPORT, int(value == 2))
        self._send([*scan, (ecodes.EV_KEY, code, value), report])

    def _send(self, events: list[tuple[int, int, int]]) -> None:
        self._streams = [stream for stream in self._streams if stream.send(events)]
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


class Stream:
    """What one opener of the device reads: a pipe, and what the kernel does when it is full."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()
        self.gone = False
        self._dropped = False
        os.set_blocking(self.reader, False)
        os.set_blocking(self._writer, False)

    def send(self, events: list[tuple[int, int, int]]) -> bool:
        """Queue events that belong together; False when the reader has closed it."""
        if self._dropped:
            events = [(ecodes.EV_SYN, ecodes.SYN_DROPPED, 0), (ecodes.EV_SYN, ecodes.SYN_REPORT, 0), *events]
        seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        try:
            os.write(self._writer, b"".join(_EVENT.pack(seconds, nanoseconds // 1000, *event) for event in events))
            self._dropped = False
        except BlockingIOError:
            self._dropped = True
        except BrokenPipeError:
            self.end()
            return False
        return True

    def end(self) -> None:
        """The device is gone. Safe to call twice."""
        if not self.gone:
            self.gone = True
            os.close(self._writer)


class SimulatedInput(evdev.InputDevice[str]):
    """An `evdev.InputDevice` on a pipe: what a pipe's ioctls cannot tell is told here, all reading is python-evdev's."""

    def __init__(self, keypad: Keypad, stream: Stream, path: str) -> None:
        # Not super().__init__: it asks the kernel's input layer, and there is none behind a pipe.
        self.path = path
        self.fd = stream.reader
        self.info = evdev.device.DeviceInfo(ecodes.BUS_USB, 0x1D6B, 0x0104, 0x0111)
        self.name, self.phys, self.uniq, self.version = keypad.name, "simulated/input0", "", 0x010001
        self._rawcapabilities = {
            ecodes.EV_SYN: [ecodes.EV_SYN, ecodes.EV_KEY, ecodes.EV_MSC],
            ecodes.EV_KEY: sorted(keypad.codes.values()),
            ecodes.EV_MSC: [ecodes.MSC_SCAN],
        }
        self.ff_effects_count = 0
        self.grabbed = False
        self._keypad, self._stream = keypad, stream

    def read(self) -> Iterator[Any]:
        """Events that wait. Raises `BlockingIOError`, or `OSError` with ENODEV when the keypad was unplugged."""
        self._look()
        return super().read()

    def read_one(self) -> Any:
        """The next event or None. Raises `OSError` with ENODEV when the keypad was unplugged."""
        self._look()
        return super().read_one()

    def grab(self) -> None:
        """Keep the keys to this reader. Raises `OSError` with EBUSY when they are already."""
        self._look()
        if self.grabbed:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self.grabbed = True

    def ungrab(self) -> None:
        """Let others have the keys again. Raises `OSError` with EINVAL when they do."""
        self._look()
        if not self.grabbed:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self.grabbed = False

    def active_keys(self, verbose: bool = False) -> Any:
        """Keys that are down."""
        self._look()
        keys = sorted(self._keypad.codes[key] for key in self._keypad.pressed)
        return [(ecodes.KEY[key], key) for key in keys] if verbose else keys

    def leds(self, verbose: bool = False) -> Any:
        """It has none."""
        return []

    def _look(self) -> None:
        if self._stream.gone:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))


def _code(key: str) -> int:
    if not isinstance(code := ecodes.ecodes.get(key), int) or not key.startswith("KEY_"):
        raise ValueError(f"Linux knows no key {key}")
    return code
