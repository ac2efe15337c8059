"""GPIO lines with the world's hands on them: contacts that bounce, sensors, lamps, over gpiozero's mock pins.

As on hardware, callbacks come from a thread of the pin library's own, never from the caller's. A pin remembers what pulls
at it from outside, so that an agent that starts late finds a closed door closed.
"""

import heapq
import itertools
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

log = logging.getLogger(__name__)

_STATES_KEPT = 64
Level = bool | None
"""What pulls at a line from outside: high, low, or nothing, when the pin's own pull resistor decides."""


class WiredPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A mock pin with something wired to it."""

    def __init__(self, factory: "WiredFactory", info: Any) -> None:
        self._outside: Level = None
        super().__init__(factory, info)

    def pull_from_outside(self, level: Level) -> None:
        """Drive the line, or let go of it. An output is stronger."""
        changed, self._outside = self._outside is not level, level
        self._resolve()
        if changed:
            self.factory.tell()

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        self.factory.tell()

    def _resolve(self) -> None:
        if self.function == "input":
            high = self._pull == "up" if self._outside is None else self._outside
            self.drive_high() if high else self.drive_low()

    def _change_state(self, value: bool) -> bool:
        if self.function == "input" and self._outside is not None:
            value = self._outside
        changed = bool(super()._change_state(value))
        if len(self.states) > 2 * _STATES_KEPT:
            del self.states[:-_STATES_KEPT]
        if changed:
            self.factory.tell()
        return changed


class WiredFactory(MockFactory):  # type: ignore[misc]
    """The pin factory of a simulated machine."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__(pin_class=WiredPin)
        self.tell = tell

    def wired(self, line: int) -> WiredPin:
        """The pin of a GPIO number."""
        pin: WiredPin = self.pin(line)
        return pin


class Lines:
    """All GPIO lines of a simulated machine. Hands answer with a future that is done when the movement is.

    `bounce` is the longest chatter of a contact in seconds. Safe from any thread.
    """

    def __init__(self, *, seed: int = 27, bounce: float = 0.004) -> None:
        self.pins = WiredFactory(self._tell)
        self.failed_callbacks = 0
        """Exceptions that came out of the callbacks of whoever watches a pin."""
        self._chance = random.Random(seed)
        self._bounce = bounce
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._todo: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._under_way: set[Future[None]] = set()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change of any line, in the thread that caused it; the answer stops it."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return stop

    def open(self) -> None:
        """Start moving."""
        if self._thread is None:
            self._closing = False
            self._thread = threading.Thread(target=self._move, name="sim-gpio", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop moving and give up the pins; movements under way are cancelled. Safe to call twice."""
        if self._thread is not None:
            with self._changed:
                self._closing = True
                self._changed.notify()
            self._thread.join()
            self._thread = None
            for movement in self._under_way:
                movement.cancel()
            self._under_way.clear()
            self.pins.close()

    def press(self, line: int, seconds: float = 0.15) -> Future[None]:
        """Close a contact to ground for a while, bouncing at both ends."""
        closing = self._chatter(0.0, None, False)
        return self._schedule(line, [*closing, *self._chatter(max(seconds, closing[-1][0]), False, None)])

    def interrupt(self, line: int, seconds: float = 0.15) -> Future[None]:
        """Open a contact that is closed to ground for a while, bouncing at both ends."""
        opening = self._chatter(0.0, False, None)
        return self._schedule(line, [*opening, *self._chatter(max(seconds, opening[-1][0]), None, False)])

    def release(self, line: int) -> Future[None]:
        """Open a contact to ground, bouncing."""
        return self._schedule(line, self._chatter(0.0, False, None))

    def hold(self, line: int) -> Future[None]:
        """Close a contact to ground, bouncing, and leave it so."""
        return self._schedule(line, self._chatter(0.0, None, False))

    def drive(self, line: int, level: Level, seconds: float | None = None) -> Future[None]:
        """Put a clean level on a line, as a sensor's output does; after `seconds` the opposite one."""
        steps = [(0.0, level)]
        if seconds is not None:
            steps.append((seconds, None if level is None else not level))
        return self._schedule(line, steps)

    def hammer(self, line: int, times: int, per_second: float) -> Future[None]:
        """Close and open a contact many times, evenly and without bounce of its own."""
        half = 0.5 / per_second
        return self._schedule(line, [(step * half, None if step % 2 else False) for step in range(2 * times)])

    def touch(self, line: int, times: int, per_second: float) -> Future[None]:
        """Close a contact many times, each time only to open it at once; however late this comes, no touch becomes a press."""
        moments = [touch / per_second for touch in range(times)]
        return self._schedule(line, [(at, level) for at in moments for level in (False, None)])

    def level(self, line: int) -> bool:
        """What is on the line now."""
        return bool(self._pin(line).state)

    def lamp(self, line: int) -> bool:
        """Whether a lamp on this output is lit; a line that nobody drives lights none."""
        pin = self._pin(line)
        return pin.function == "output" and bool(pin.state)

    def closed(self, line: int) -> bool:
        """Whether a contact on this line pulls it to ground."""
        return self._pin(line)._outside is False

    def _pin(self, line: int) -> WiredPin:
        return self.pins.wired(line)

    def _chatter(self, start: float, before: Level, after: Level) -> list[tuple[float, Level]]:
        """First touch, then a few falls back, then rest."""
        steps: list[tuple[float, Level]] = [(start, after)]
        falls = sorted(self._chance.uniform(0, self._bounce) for _ in range(2 * self._chance.randint(1, 4)))
        levels = itertools.cycle((before, after))
        return steps + [(start + at, level) for at, level in zip(falls, levels, strict=False)]

    def _schedule(self, line: int, steps: Iterable[tuple[float, Level]]) -> Future[None]:
        done: Future[None] = Future()
        pin, moves = self._pin(line), tuple(steps)
        with self._changed:
            if self._thread is None or self._closing:
                raise RuntimeError("the simulated lines are not open")
            self._under_way.add(done)
            self._plan(time.monotonic() + moves[0][0], partial(self._go_on, pin, moves, 0, done))
            self._changed.notify()
        return done

    def _go_on(self, pin: WiredPin, moves: Sequence[tuple[float, Level]], step: int, done: Future[None]) -> None:
        """One step; the next is timed from it, so that a press that begins late, on a crowded machine, is no shorter for it."""
        after, level = moves[step]
        try:
            pin.pull_from_outside(level)
        finally:
            if step + 1 < len(moves):
                with self._changed:
                    rest = moves[step + 1][0] - after
                    self._plan(time.monotonic() + rest, partial(self._go_on, pin, moves, step + 1, done))
            else:
                self._finish(done)

    def _plan(self, at: float, step: Callable[[], None]) -> None:
        heapq.heappush(self._todo, (at, next(self._order), step))

    def _finish(self, done: Future[None]) -> None:
        self._under_way.discard(done)
        if done.set_running_or_notify_cancel():
            done.set_result(None)

    def _move(self) -> None:
        while step := self._next():
            try:
                step()
            except Exception:  # whatever a callback of somebody who watches the pin raises: it must not stop the world
                self.failed_callbacks += 1
                log.warning("a callback of a simulated pin failed", exc_info=True)

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._closing:
                wait = self._todo[0][0] - time.monotonic() if self._todo else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._todo)[2]
                self._changed.wait(wait)
            self._todo.clear()
            return None

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
