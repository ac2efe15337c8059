"""What was said on a line lately: two-wire adapters hear themselves, and some devices repeat what they are told.

A frame that comes back must not be taken for a key: the four-key caller's lamps and keys are the same bytes, and the
acknowledgement of a key is the key's own frame again.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import msgspec

from devices.serial_bus import SerialBus

BACK_WITHIN = 0.15
"""Seconds after a frame has left in which a line that hears itself brings it back."""
_REMEMBERED = 64


class _Said(msgspec.Struct):
    """A frame on its way out, or out since a moment ago."""

    frame: bytes
    left: float = math.inf
    """When its last bit had left."""


class Spoken:
    """The last frames of all devices of one line."""

    _of: "WeakKeyDictionary[SerialBus, Spoken]" = WeakKeyDictionary()

    def __init__(self) -> None:
        """Use `on`."""
        self._number = 0
        self._frames: OrderedDict[int, _Said] = OrderedDict()

    @classmethod
    def on(cls, bus: SerialBus) -> "Spoken":
        """What was said on this line, the same for all its devices."""
        return cls._of.setdefault(bus, cls())

    @contextmanager
    def saying(self, frame: bytes) -> Iterator[None]:
        """A block in which a frame goes out."""
        self._number += 1
        said = self._frames[self._number] = _Said(frame)
        while len(self._frames) > _REMEMBERED:
            self._frames.popitem(last=False)
        try:
            yield
        finally:
            said.left = time.monotonic()

    def find(self, frame: bytes, seen: set[int], within: float) -> bool:
        """Whether this frame is one that came back `within` seconds and is not among those `seen`, to which it is added."""
        now = time.monotonic()
        seen.intersection_update(self._frames)
        for number, said in self._frames.items():
            if said.frame == frame and now <= said.left + within and number not in seen:
                seen.add(number)
                return True
        return False
