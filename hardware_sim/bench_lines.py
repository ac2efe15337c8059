"""What hangs on GPIO lines, on the bench: keys in general, the rater, the mother-and-baby room."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from hardware_sim.bench import Stop, hands
from hardware_sim.errors import CannotDo
from hardware_sim.gpio import Lines

Seconds = Annotated[float, Meta(ge=0, le=3600)]
Times = Annotated[int, Meta(ge=1, le=10_000)]


class Keys:
    """Push buttons to ground, by name."""

    def __init__(self, lines: Lines, by_name: Mapping[str, int]) -> None:
        self.lines, self.by_name = lines, dict(by_name)

    def __call__(self, key: str) -> int:
        """The line of a key. Raises `CannotDo`."""
        if key not in self.by_name:
            raise CannotDo(f"there is no key `{key}`; there are {', '.join(self.by_name)}")
        return self.by_name[key]

    def press(self, key: str, seconds: Seconds = 0.15) -> Future[None]:
        """Press and release."""
        return self.lines.press(self(key), seconds)

    def hold(self, key: str) -> Future[None]:
        """Press and keep pressed: a stuck key."""
        return self.lines.hold(self(key))

    def release(self, key: str) -> Future[None]:
        """Let go."""
        return self.lines.release(self(key))

    def hammer(self, key: str, times: Times = 100) -> Future[None]:
        """A hundred presses a second."""
        return self.lines.hammer(self(key), times, 100)

    def pressed(self, key: str) -> bool:
        """Whether the contact is closed now."""
        return self.lines.closed(self(key))


@dataclass(frozen=True)
class RaterKey:
    """A rating key and the lamp beside it."""

    level: int
    line: int
    lamp: int | None = None


class SimulatedRater:
    """Rating keys with lamps at a window; a key's name is its level."""

    kind = "rater"

    def __init__(self, lines: Lines, window: str, keys: tuple[RaterKey, ...]) -> None:
        self.lines, self.window, self.keys = lines, window, keys
        self._press = Keys(lines, {str(key.level): key.line for key in keys})
        self.hands = hands(self._press.press, self._press.hold, self._press.release, self._press.hammer)

    def view(self) -> dict[str, Any]:
        """Keys and lamps."""
        return {"window": self.window, "keys": [self._key(key) for key in self.keys]}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when any line changes."""
        return self.lines.listen(listener)

    def _key(self, key: RaterKey) -> dict[str, Any]:
        lamp = key.lamp is not None and self.lines.lamp(key.lamp)
        return {"key": str(key.level), "level": key.level, "pressed": self.lines.closed(key.line), "lamp": lamp}


@dataclass(frozen=True)
class Cubicle:
    """The lines of one cubicle."""

    id: str
    door: int
    motion: int
    lamp: int | None = None
    help: int | None = None


class SimulatedRoom:
    """A mother-and-baby room: door contacts closed to ground, motion sensors active high."""

    kind = "room"

    def __init__(self, lines: Lines, room: str, cubicles: tuple[Cubicle, ...], check: int | None) -> None:
        self.lines, self.room = lines, room
        self._cubicles = {cubicle.id: cubicle for cubicle in cubicles}
        self._check = check
        self.hands = hands(self.close_door, self.open_door, self.move, self.still, self.help, self.check)

    def view(self) -> dict[str, Any]:
        """Doors, motion, lamps and help buttons."""
        cubicles = [self._cubicle(cubicle) for cubicle in self._cubicles.values()]
        return {"room": self.room, "cubicles": cubicles, "check": self._check is not None and self.lines.closed(self._check)}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when any line changes."""
        return self.lines.listen(listener)

    def rest(self) -> None:
        """No motion, as the sensors say it from the first moment on."""
        for cubicle in self._cubicles.values():
            self.lines.drive(cubicle.motion, False)

    def close_door(self, cubicle: str) -> Future[None]:
        """Close the door."""
        return self.lines.hold(self._find(cubicle).door)

    def open_door(self, cubicle: str) -> Future[None]:
        """Open the door."""
        return self.lines.release(self._find(cubicle).door)

    def move(self, cubicle: str, seconds: Seconds | None = None) -> Future[None]:
        """Move about for a while, or until told to be still."""
        return self.lines.drive(self._find(cubicle).motion, True, seconds)

    def still(self, cubicle: str) -> Future[None]:
        """Be still."""
        return self.lines.drive(self._find(cubicle).motion, False)

    def help(self, cubicle: str) -> Future[None]:
        """Press the help button."""
        line = self._find(cubicle).help
        if line is None:
            raise CannotDo(f"cubicle `{cubicle}` has no help button")
        return self.lines.press(line)

    def check(self) -> Future[None]:
        """Press the check-and-clean key."""
        if self._check is None:
            raise CannotDo(f"room `{self.room}` has no check key")
        return self.lines.press(self._check)

    def _find(self, cubicle: str) -> Cubicle:
        if cubicle not in self._cubicles:
            raise CannotDo(f"there is no cubicle `{cubicle}`; there are {', '.join(self._cubicles)}")
        return self._cubicles[cubicle]

    def _cubicle(self, cubicle: Cubicle) -> dict[str, Any]:
        return {
            "cubicle": cubicle.id,
            "door": "closed" if self.lines.closed(cubicle.door) else "open",
            "motion": self.lines.level(cubicle.motion),
            "lamp": cubicle.lamp is not None and self.lines.lamp(cubicle.lamp),
            "help": cubicle.help is not None and self.lines.closed(cubicle.help),
        }
