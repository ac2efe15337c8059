"""Serial callers and raters on the bench: keys that are pressed, held, bounce and collide, on a line with its faults."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol

from msgspec import Meta

from hardware_sim.bench import Hand, Stop, hands
from hardware_sim.bench_lines import Seconds, Times, level_of, named
from hardware_sim.errors import CannotDo
from hardware_sim.serial_line import SerialLine

Frames = Annotated[int, Meta(ge=1, le=1000)]
Speed = Annotated[float, Meta(ge=1, le=1_000_000)]


class Keyed(Protocol):
    """A far end with keys."""

    dead: bool
    held: str | None
    changed: Callable[[], None]

    def hear(self, data: bytes, now: float) -> bytes:
        """Bytes from the node."""
        ...

    def work(self, now: float) -> tuple[bytes, float | None]:
        """What it says by itself."""
        ...

    def press(self, key: str) -> None:
        """A key goes down."""
        ...

    def hold(self, key: str) -> None:
        """A key goes down and stays."""
        ...

    def let_go(self) -> None:
        """It comes up."""
        ...

    def frames(self, key: str) -> tuple[bytes, bytes]:
        """What a key says, and what acknowledges it."""
        ...


class KeysOnALine:
    """The hands at a serial device and its line. `find` turns what a person calls a key into what the device calls it."""

    def __init__(self, line: SerialLine, far: Keyed, find: Callable[[str], str]) -> None:
        self.line, self._far, self._find = line, far, find
        self.pressed: set[str] = set()
        far.changed = line.changed
        line.join(far)

    @property
    def hands(self) -> dict[str, Hand]:
        """All of them."""
        line = self.line
        return hands(
            self.press, self.hold, self.release, self.hammer, self.bounce, self.collide, self.silence, self.answer,
            self.slow_down, self.speed_up, self.noise, self.truncate, self.corrupt, self.garble,
            line.block, line.unblock, line.unplug, line.plug,
        )  # fmt: skip

    @property
    def faults(self) -> list[str]:
        """What is wrong now."""
        return [*self.line.faults, *(["dead"] if self._far.dead else []), *(["stuck"] if self._far.held is not None else [])]

    async def press(self, key: str, seconds: Seconds = 0.06) -> None:
        """Press and release."""
        name = self._find(key)
        self._do(lambda: self._far.press(name), down=name)
        await asyncio.sleep(seconds)
        self._up(name)

    def hold(self, key: str) -> None:
        """Press and keep pressed: a stuck key tells itself over and over."""
        name = self._find(key)
        self._do(lambda: self._far.hold(name), down=name)

    def release(self, key: str) -> None:
        """Let go."""
        name = self._find(key)
        self._do(self._far.let_go)
        self._up(name)

    async def hammer(self, key: str, times: Times = 100) -> None:
        """A hundred presses a second."""
        name = self._find(key)
        for _ in range(times):
            self._do(lambda: self._far.press(name))
            await asyncio.sleep(0.01)

    async def bounce(self, key: str) -> None:
        """One press of a worn contact, which the device tells three times within 20 ms."""
        name = self._find(key)
        for _ in range(3):
            self._do(lambda: self._far.press(name))
            await asyncio.sleep(0.01)

    def collide(self, key: str) -> None:
        """Another device talks at the same time: the frames lie over each other."""
        frame, _ = self._far.frames(self._find(key))
        self.line.say(bytes(byte & other for byte, other in zip(frame, frame[::-1], strict=True)))

    def silence(self) -> None:
        """The device has no power: it hears and says nothing."""
        self._do(lambda: setattr(self._far, "dead", True))

    def answer(self) -> None:
        """It has power again."""
        self._do(lambda: setattr(self._far, "dead", False))

    def slow_down(self, bytes_per_second: Speed = 100) -> None:
        """The line takes bytes slowly."""
        self.line.slow(bytes_per_second)

    def speed_up(self) -> None:
        """The line takes them as they come."""
        self.line.full_speed()

    def noise(self, count: Annotated[int, Meta(ge=1, le=4096)] = 64) -> None:
        """Random bytes on the line."""
        self.line.noise(count)

    def truncate(self, frames: Frames = 1) -> None:
        """The next frames of the device end in their middle."""
        self.line.truncate(frames)

    def corrupt(self, frames: Frames = 1) -> None:
        """The next frames of the device have a wrong bit."""
        self.line.corrupt(frames)

    def garble(self, frames: Frames = 1) -> None:
        """What the node says next has a wrong bit."""
        self.line.garble(frames)

    def _do(self, movement: Callable[[], None], down: str | None = None) -> None:
        if not self.line.plugged and down is not None:
            raise CannotDo("the cable is pulled; nothing that is pressed reaches anybody")
        with self.line.lock:
            movement()
        if down is not None:
            self.pressed.add(down)
        self.line.rouse()
        self.line.changed()

    def _up(self, name: str) -> None:
        self.pressed.discard(name)
        self.line.changed()


class SerialCaller:
    """A serial caller; keys are pressed by what they mean (`next`) or by what they send (`0C`).

    `keys` is the table of node.toml, in which a meaning may depend on what the window does (`called+31`).
    """

    kind = "caller"

    def __init__(
        self, line: SerialLine, far: Keyed, window: str, keys: Mapping[str, str], seen: Callable[[], dict[str, Any]]
    ) -> None:
        self.line, self.window, self._seen = line, window, seen
        self.keys, self._by_meaning = named(keys)
        self._keys = KeysOnALine(line, far, self._find)
        self.hands = self._keys.hands

    def view(self) -> dict[str, Any]:
        """Cable, keys, and what the device shows."""
        with self.line.lock:
            return {
                "window": self.window,
                "plugged": self.line.plugged,
                "keys": self.keys,
                "pressed": sorted(self._keys.pressed),
                "faults": self._keys.faults,
                **self._seen(),
            }

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when a key moves, the display or the cable."""
        return self.line.listen(listener)

    def _find(self, key: str) -> str:
        name = self._by_meaning.get(key, key)
        if name not in self.keys:
            raise CannotDo(f"there is no key `{key}`; there are {', '.join((*self._by_meaning, *self.keys))}")
        return name


class SerialRater:
    """A serial rater; keys are pressed by what they mean (`5`, `attitude`) or by what they send (`01`)."""

    kind = "rater"

    def __init__(
        self, line: SerialLine, far: Keyed, window: str, codes: Mapping[str, str], lit: Callable[[str, float], bool]
    ) -> None:
        self.line, self.window, self.codes, self._lit = line, window, dict(codes), lit
        self._by_meaning = {meaning: code for code, meaning in codes.items()}
        self._keys = KeysOnALine(line, far, self._find)
        self.hands = self._keys.hands

    def view(self) -> dict[str, Any]:
        """Cable, keys and lamps."""
        now = time.monotonic()
        with self.line.lock:
            return {
                "window": self.window,
                "plugged": self.line.plugged,
                "keys": [
                    {
                        "key": meaning, "level": level_of(meaning),
                        "pressed": code in self._keys.pressed, "lamp": self._lit(code, now),
                    }
                    for code, meaning in self.codes.items()
                ],
                "faults": self._keys.faults,
            }  # fmt: skip

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when a key moves, a lamp or the cable."""
        return self.line.listen(listener)

    def _find(self, key: str) -> str:
        name = self._by_meaning.get(key, key)
        if name not in self.codes:
            raise CannotDo(f"there is no key `{key}`; there are {', '.join((*self._by_meaning, *self.codes))}")
        return name
