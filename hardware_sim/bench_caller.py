"""HID keypads on the bench: the window caller, and a rater made of one."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from hardware_sim.bench import Stop, hands
from hardware_sim.bench_lines import Seconds, Times, level_of, named
from hardware_sim.errors import CannotDo
from hardware_sim.keypad import Keypad


class KeypadHands:
    """Hands at a HID keypad; keys are pressed by what they mean (`next`) or by their Linux name."""

    def __init__(self, keypad: Keypad, window: str, keys: Mapping[str, str]) -> None:
        self.keypad, self.window = keypad, window
        self.keys, self._by_meaning = named(keys)
        self.hands = hands(self.press, self.hold, self.release, self.hammer, self.unplug, self.plug)

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when a key moves or the cable."""
        return self.keypad.listen(listener)

    async def press(self, key: str, seconds: Seconds = 0.06) -> None:
        """Press and release."""
        await self.keypad.press(self._find(key), seconds)

    def hold(self, key: str) -> None:
        """Press and keep pressed."""
        self.keypad.down(self._find(key))

    def release(self, key: str) -> None:
        """Let go."""
        self.keypad.up(self._find(key))

    async def hammer(self, key: str, times: Times = 100) -> None:
        """A hundred presses a second."""
        for _ in range(times):
            await self.keypad.press(self._find(key), 0.004)
            await asyncio.sleep(0.006)

    def unplug(self) -> None:
        """Pull the cable."""
        self.keypad.unplug()

    def plug(self) -> None:
        """Put it back."""
        self.keypad.plug()

    def _find(self, key: str) -> str:
        name = self._by_meaning.get(key, key)
        if name not in self.keys:
            raise CannotDo(f"there is no key `{key}`; there are {', '.join((*self._by_meaning, *self.keys))}")
        return name


class SimulatedCaller(KeypadHands):
    """A keypad at a window."""

    kind = "caller"

    def view(self) -> dict[str, Any]:
        """Cable and keys."""
        return {
            "window": self.window,
            "plugged": self.keypad.plugged,
            "keys": self.keys,
            "pressed": sorted(self.keypad.pressed),
        }


class KeypadRater(KeypadHands):
    """A keypad whose keys rate; it has no lamps."""

    kind = "rater"

    def view(self) -> dict[str, Any]:
        """Cable and keys."""
        keys = [
            {"key": means, "level": level_of(means), "pressed": code in self.keypad.pressed, "lamp": None}
            for code, means in self.keys.items()
        ]
        return {"window": self.window, "plugged": self.keypad.plugged, "keys": keys}
