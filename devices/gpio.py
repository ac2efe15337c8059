"""GPIO: edges of keys, contacts and sensors as one bounded stream with event times, and lamps.

Edges are told by gpiozero's pins and carry the time at which the kernel saw them, in monotonic seconds. gpiozero's own
event classes are left out on purpose: their `bounce_time` depends on the pin factory, an exception in their callbacks is
invisible, and after a lost edge they swallow the next one.
"""

import asyncio
import logging
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Generic, Literal, NamedTuple, Self, TypeVar

import msgspec
from gpiozero import InputDevice, OutputDevice
from gpiozero.exc import GPIOPinInUse, GPIOZeroError, PinFixedPull, PinInvalidPin

from devices.debounce import Debounce
from devices.errors import DeviceError, DeviceMissing, DeviceRefused
from devices.tapping import gpio_wire, tap_of

log = logging.getLogger(__name__)

N = TypeVar("N", bound=Hashable)

HIGH, LOW = b"\x01", b"\x00"
ROOM = 1024
"""Edges that may wait for the agent; more are dropped and counted, and the levels are read again."""
CHATTER = 50
"""Edges without a settled change between them: a loose cable, or somebody drumming faster than a contact settles."""
WARN_AGAIN = 60.0
"""Seconds in which a chattering line is logged once; every time is counted."""


class Line(msgspec.Struct, frozen=True):
    """An input line by its BCM number, and how it is pulled while nothing drives it."""

    number: int
    pull: Literal["up", "down"]


def to_ground(number: int) -> Line:
    """A key, button or contact between the line and ground: pulled up, active when low."""
    return Line(number, "up")


def to_supply(number: int) -> Line:
    """A sensor that drives the line high when active; pulled down, so that a cut cable reads as inactive."""
    return Line(number, "down")


class Edge(NamedTuple, Generic[N]):
    """A line became active or inactive `at` monotonic seconds."""

    name: N
    active: bool
    at: float


class Inputs(Generic[N]):
    """Several input lines as one stream of edges. To be made inside a running event loop and closed with it.

    `pins` is the machine's pin factory. Edges wait in a bounded line, `room` of them at most.
    """

    def __init__(self, pins: Any, lines: Mapping[N, Line], *, room: int = ROOM) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = room
        self._lock = threading.Lock()
        self._waiting: deque[Edge[N]] = deque()
        self._called = False
        self._dropped = 0
        self._counts = Counter[str]()
        self._warned: dict[N, float] = {}
        self._wake = asyncio.Event()
        self._stack = ExitStack()
        self._taps: dict[N, _Tap[N]] = {}
        with ExitStack() as undo:
            undo.callback(self.close)
            for name, line in lines.items():
                tap = _Tap(pins, name, line, self._put)
                self._stack.callback(tap.close)
                self._taps[name] = tap
            self._known = {name: tap.active for name, tap in self._taps.items()}
            undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the lines. Safe to call twice."""
        self._stack.close()

    @property
    def levels(self) -> dict[N, bool]:
        """The level of each line as far as the stream has told it; at first, as read on opening."""
        return dict(self._known)

    def take_counts(self) -> dict[str, int]:
        """What went wrong since this was last asked, by word.

        `lost-edge`: dropped here, or never told by the kernel; `chatter`: a line went to and fro without settling.
        """
        counts, self._counts = self._counts, Counter()
        return dict(counts)

    def reread(self) -> None:
        """Read all levels and put what no edge has told into the stream; to be called now and then in a silence."""
        if self._waiting:
            return
        for name, tap in self._taps.items():
            if tap.active != self._known[name]:
                self._counts["lost-edge"] += 1
                self._put(Edge(name, tap.active, time.monotonic()))

    async def edges(self) -> AsyncIterator[Edge[N]]:
        """Every edge as it comes, bounce and all. One reader at a time."""
        while True:
            for edge in await self._next(None):
                yield edge

    async def changes(self, settle: float | Mapping[N, float]) -> AsyncIterator[Edge[N]]:
        """Settled changes, each with the time at which it began. One reader at a time.

        `settle` is in seconds, for all lines or by name; 0 lets every edge through. Wakes only when something happens.
        """
        lines = {
            name: Debounce(settle[name] if isinstance(settle, Mapping) else settle, active)
            for name, active in self._known.items()
        }
        while True:
            for edge in await self._next(min((d.due for d in lines.values() if d.due is not None), default=None)):
                line = lines[edge.name]
                if change := line.edge(edge.active, edge.at):
                    yield Edge(edge.name, *change)
                if line.restless == CHATTER:
                    self._chatters(edge.name)
            for name, line in lines.items():
                if line.due is not None and line.due <= time.monotonic() and (change := self._look(name, line)):
                    yield Edge(name, *change)

    def _chatters(self, name: N) -> None:
        self._counts["chatter"] += 1
        now, number = time.monotonic(), self._taps[name].number
        if now < self._warned.get(name, -WARN_AGAIN) + WARN_AGAIN:
            return
        self._warned[name] = now
        log.warning("GPIO%d goes to and fro without settling; if nobody drums on it, check the contact and its cable", number)

    def _look(self, name: N, line: Debounce) -> tuple[bool, float] | None:
        # The level is read again at the end of every burst: the kernel drops edges when its buffer is full.
        if self._waiting:
            return None
        now, level = time.monotonic(), self._taps[name].active
        if level == self._known[name]:
            return line.look(now)
        self._known[name] = level
        self._counts["lost-edge"] += 1
        return line.edge(level, at=0.0)  # it left again unseen, soon after its last edge: too short to be a press

    async def _next(self, until: float | None) -> list[Edge[N]]:
        """The edges that wait, once there are any; none when `until` has come first."""
        try:
            async with asyncio.timeout_at(until):
                await self._wake.wait()
        except TimeoutError:
            return []
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
            dropped, self._dropped = self._dropped, 0
            self._called = False
            self._wake.clear()
        news = [edge for edge in taken if self._is_news(edge)]
        if dropped:
            self._counts["lost-edge"] += dropped
            self.reread()
        return news

    def _is_news(self, edge: Edge[N]) -> bool:
        news = edge.active != self._known[edge.name]
        self._known[edge.name] = edge.active
        return news

    def _put(self, edge: Edge[N]) -> None:
        """Called from the pin factory's thread. One call into the loop is enough for all edges that wait."""
        with self._lock:
            if len(self._waiting) >= self._room:
                self._dropped += 1
                return
            self._waiting.append(edge)
            if self._called:
                return
            self._called = True
        self._loop.call_soon_threadsafe(self._wake.set)


class _Tap(Generic[N]):
    """One line, handing its edges on with monotonic time."""

    def __init__(self, pins: Any, name: N, line: Line, put: Callable[[Edge[N]], None]) -> None:
        self.number = line.number
        self._pins = pins
        self._name = name
        self._active_low = line.pull == "up"
        self._put = put
        self._tap = tap_of(gpio_wire(line.number))
        with _claiming(line.number), ExitStack() as undo:
            self._device = InputDevice(line.number, pull_up=self._active_low, pin_factory=pins)
            undo.callback(self._device.close)
            self._device.pin.edges = "both"
            self._device.pin.when_changed = self._changed
            undo.pop_all()

    @property
    def active(self) -> bool:
        """The level, read now."""
        return bool(self._device.is_active)

    def close(self) -> None:
        """Release the line. Safe to call twice."""
        if not self._device.closed:
            self._device.pin.when_changed = None
            self._device.close()

    def _changed(self, ticks: float, state: object) -> None:
        # An age that cannot be belongs to a kernel that stamps edges by the wall clock; such an edge is from now.
        age = self._pins.ticks_diff(self._pins.ticks(), ticks)
        at = time.monotonic() - (age if 0 <= age < 60 else 0.0)
        self._put(Edge(self._name, bool(state) != self._active_low, at))
        if self._tap is not None:
            self._tap("in", HIGH if state else LOW)


class Lamps(Generic[N]):
    """Lamps on output lines, lit when high, dark at first and after closing."""

    def __init__(self, pins: Any, numbers: Mapping[N, int]) -> None:
        self._lamps: dict[N, OutputDevice] = {}
        self._lit: frozenset[N] = frozenset()
        self._taps = {name: tap_of(gpio_wire(number)) for name, number in numbers.items()}
        self._stack = ExitStack()
        with ExitStack() as undo:
            undo.callback(self.close)
            for name, number in numbers.items():
                with _claiming(number):
                    lamp = OutputDevice(number, initial_value=False, pin_factory=pins)
                self._stack.callback(lamp.close)
                self._lamps[name] = lamp
            undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Darken and release the lamps. Safe to call twice."""
        self.show(())
        self._stack.close()
        self._lamps.clear()

    def show(self, lit: Collection[N]) -> None:
        """Light exactly the lamps named; names without a lamp are passed over, and what does not change is not touched."""
        wanted = frozenset(lit)
        for name in (wanted ^ self._lit) & self._lamps.keys():
            (self._lamps[name].on if name in wanted else self._lamps[name].off)()
            if (tap := self._taps[name]) is not None:
                tap("out", HIGH if name in wanted else LOW)
        self._lit = wanted


@contextmanager
def _claiming(number: int) -> Iterator[None]:
    try:
        yield
    except GPIOPinInUse as error:
        raise DeviceRefused(f"GPIO{number}: already used on this node; give each device its own lines in node.toml") from error
    except PinInvalidPin as error:
        raise DeviceMissing(f"GPIO{number}: this machine has no such line; use 0 to 27") from error
    except PinFixedPull as error:
        raise DeviceRefused(f"GPIO{number}: its pull-up resistor is soldered in; move the cable to another line") from error
    except _line_errors() as error:
        raise DeviceError(f"GPIO{number}: {error}; see `gpioinfo` for who holds it") from error


def _line_errors() -> tuple[type[Exception], ...]:
    # lgpio's own error escapes gpiozero; on a machine without lgpio nothing can raise it.
    lgpio = sys.modules.get("lgpio")
    return (GPIOZeroError, OSError, lgpio.error) if lgpio else (GPIOZeroError, OSError)
