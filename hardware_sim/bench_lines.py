"""What hangs on GPIO lines, on the bench: keys in general, the rater, the help button."""

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
    """A rating key by what it means (`5`, `attitude`), and the lamp beside it."""

    means: str
    line: int
    lamp: int | None = None


def level_of(means: str) -> int:
    """The level of a key that has one; 0 for an aspect, a reason, a complaint."""
    return int(means) if means.isdigit() else 0


def named(table: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Keys by what they send, with what each means first of all, and the other way round; `called+31` is the key `31`."""
    keys: dict[str, str] = {}
    meanings: dict[str, str] = {}
    for place, meaning in table.items():
        key = place.rpartition("+")[2]
        keys.setdefault(key, meaning)
        meanings.setdefault(meaning, key)
    return keys, meanings


class SimulatedRater:
    """Rating keys with lamps at a window; a key's name is what it means."""

    kind = "rater"

    def __init__(self, lines: Lines, window: str, keys: tuple[RaterKey, ...]) -> None:
        self.lines, self.window, self.keys = lines, window, keys
        self._press = Keys(lines, {key.means: key.line for key in keys})
        self.hands = hands(self._press.press, self._press.hold, self._press.release, self._press.hammer)

    def view(self) -> dict[str, Any]:
        """Keys and lamps."""
        return {"window": self.window, "keys": [self._key(key) for key in self.keys]}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when any line changes."""
        return self.lines.listen(listener)

    def _key(self, key: RaterKey) -> dict[str, Any]:
        lamp = key.lamp is not None and self.lines.lamp(key.lamp)
        return {"key": key.means, "level": level_of(key.means), "pressed": self.lines.closed(key.line), "lamp": lamp}


class SimulatedHelp:
    """A help button with a lamp beside it, on a cable; its contact closes or opens when it is pressed."""

    kind = "help"

    def __init__(
        self, lines: Lines, place: str, line: int, lamp: int | None, *, cubicle: str | None = None, opens: bool = False
    ) -> None:
        self.lines, self.place, self.cubicle = lines, place, cubicle
        self._line, self._lamp, self._opens = line, lamp, opens
        self._pressed = self._cut = False
        self.hands = hands(self.press, self.stick, self.free, self.chatter, self.cut, self.mend)

    def view(self) -> dict[str, Any]:
        """Button, lamp and cable."""
        return {
            "place": self.place,
            "cubicle": self.cubicle,
            "pressed": self._pressed or self.lines.closed(self._line) != self._closed,
            "lamp": self._lamp is not None and self.lines.lamp(self._lamp),
            "cut": self._cut,
        }

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when any line changes."""
        return self.lines.listen(listener)

    def rest(self) -> list[Future[None]]:
        """The contact as it is while nobody presses, from the first moment on."""
        return [self._settle()]

    def press(self, seconds: Seconds = 0.15) -> Future[None] | None:
        """Press and let go; on a cut cable nothing comes of it."""
        if self._cut or self._pressed:
            return None
        return self.lines.interrupt(self._line, seconds) if self._opens else self.lines.press(self._line, seconds)

    def stick(self) -> Future[None]:
        """Press, and the button does not come up again."""
        self._pressed = True
        return self._settle()

    def free(self) -> Future[None]:
        """The button comes up again."""
        self._pressed = False
        return self._settle()

    def chatter(self, times: Times = 200) -> Future[None]:
        """A loose contact: many closings, faster than one settles."""
        return self.lines.touch(self._line, times, 500)

    def cut(self) -> Future[None]:
        """Pull the cable off."""
        self._cut = True
        return self._settle()

    def mend(self) -> Future[None]:
        """Put the cable back."""
        self._cut = False
        return self._settle()

    @property
    def _closed(self) -> bool:
        """Whether the contact is closed at the node's end of the cable while no hand moves."""
        return not self._cut and self._pressed != self._opens

    def _settle(self) -> Future[None]:
        return self.lines.hold(self._line) if self._closed else self.lines.release(self._line)
