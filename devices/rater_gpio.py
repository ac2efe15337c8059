"""Rating keys and lamps on GPIO lines."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from devices.caller import Move
from devices.gpio import Inputs, Lamps, to_ground
from devices.keypad import Press, Release
from devices.rater import RaterKeys


@asynccontextmanager
async def open_gpio(pins: Any, keys: Mapping[str, int], lamps: Mapping[str, int], debounce: float) -> AsyncIterator[RaterKeys]:
    """Keys and lamps by name on their lines; a contact must rest `debounce` seconds. Raises `DeviceError`."""
    with Inputs(pins, {name: to_ground(line) for name, line in keys.items()}) as inputs, Lamps(pins, lamps) as lights:
        yield _GpioRater(inputs, lights, debounce)


class _GpioRater:
    """`RaterKeys` on GPIO lines."""

    lights = True
    tells_release = True

    def __init__(self, inputs: Inputs[str], lamps: Lamps[str], debounce: float) -> None:
        self._inputs, self._lamps, self._debounce = inputs, lamps, debounce
        self.down = frozenset(name for name, down in inputs.levels.items() if down)

    async def moves(self) -> AsyncIterator[Move]:
        async for edge in self._inputs.changes(self._debounce):
            yield Press(edge.name, edge.at) if edge.active else Release(edge.name, edge.at)

    def show(self, lit: Collection[str], invitation: str | None) -> None:
        self._lamps.show(lit)

    def flash(self) -> None:
        """Its lamps are lit by `show`."""

    def reread(self) -> None:
        self._inputs.reread()

    def take_counts(self) -> dict[str, int]:
        return self._inputs.take_counts()
