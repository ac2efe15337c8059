"""Keypads of the machine: one on its USB (a HID gadget), one that its kernel is told of by uinput."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from hardware_sim.bench import Stop, hands
from hardware_sim.errors import CannotDo
from hardware_sim.machine.gadget import Gadget

Key = Literal["KPENTER", "KP0", "KP1", "KP2", "KP3", "KPDOT", "KPPLUS", "KPASTERISK"]
USAGES: dict[Key, int] = {
    "KPASTERISK": 0x55, "KPPLUS": 0x57, "KPENTER": 0x58, "KP1": 0x59, "KP2": 0x5A, "KP3": 0x5B, "KP0": 0x62, "KPDOT": 0x63,
}  # fmt: skip
"""HID usage tables 1.12, page 7 (keyboard/keypad)."""
HELD = 0.03


class UsbKeypad:
    """A boot keyboard on the machine's USB. Hands: `press`, `unplug`, `plug`."""

    kind = "usb-keypad"

    def __init__(self, path: Path = Path("/dev/hidg0"), gadget: Gadget | None = None) -> None:
        self._path, self._gadget = path, gadget or Gadget("keypad", "dummy_udc.0")
        self.hands = hands(self.press, self.unplug, self.plug)

    def view(self) -> dict[str, Any]:
        """Whether it is plugged in."""
        return {"plugged": self._gadget.plugged}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """It changes by hands alone."""
        return lambda: None

    async def press(self, key: Key) -> None:
        """Press a key and let it go."""
        await asyncio.to_thread(self._report, USAGES[key])
        await asyncio.sleep(HELD)
        await asyncio.to_thread(self._report, 0)

    def unplug(self) -> None:
        """Pull it out."""
        self._gadget.unplug()

    def plug(self) -> None:
        """Put it back."""
        self._gadget.plug()

    def _report(self, usage: int) -> None:
        try:
            with self._path.open("wb", buffering=0) as far:
                far.write(bytes([0, 0, usage, 0, 0, 0, 0, 0]))
        except OSError as error:
            raise CannotDo(f"{self._path}: {error.strerror}; is the keypad plugged in?") from error


class UinputKeypad:
    """A keypad of which the kernel is told by uinput; it lives as long as this program. Hand: `press`."""

    kind = "uinput-keypad"

    def __init__(self, name: str = "uinput keypad") -> None:
        from evdev import UInput, ecodes

        self._ecodes: Any = ecodes
        self._device: Any = UInput({ecodes.EV_KEY: [ecodes.ecodes[f"KEY_{key}"] for key in USAGES]}, name=name)
        self.hands = hands(self.press)

    def view(self) -> dict[str, Any]:
        """Its name in the kernel."""
        return {"name": self._device.name}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """It changes by hands alone."""
        return lambda: None

    async def press(self, key: Key) -> None:
        """Press a key and let it go."""
        for value in (1, 0):
            self._device.write(self._ecodes.EV_KEY, self._ecodes.ecodes[f"KEY_{key}"], value)
            self._device.syn()
            await asyncio.sleep(HELD)
