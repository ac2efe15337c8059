"""The window caller on the bench."""

from collections.abc import Callable, Mapping
from typing import Any

from hardware_sim.bench import Stop, hands
from hardware_sim.bench_lines import Seconds
from hardware_sim.errors import CannotDo
from hardware_sim.keypad import Keypad


class SimulatedCaller:
    """A HID keypad; keys are pressed by what they mean (`next`) or by their Linux name."""

    kind = "caller"

    def __init__(self, keypad: Keypad, window: str, keys: Mapping[str, str]) -> None:
        self.keypad, self.window, self.keys = keypad, window, dict(keys)
        self._by_meaning = {meaning: key for key, meaning in self.keys.items()}
        self.hands = hands(self.press, self.hold, self.release, self.unplug, self.plug)

    def view(self) -> dict[str, Any]:
        """Cable and keys."""
        return {
            "window": self.window,
            "plugged": self.keypad.plugged,
            "keys": self.keys,
            "pressed": sorted(self.keypad.pressed),
        }

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
