"""The LED board on the bench."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any, Literal

from hardware_sim.bench import Stop, hands
from hardware_sim.max7219 import Cascade


class SimulatedBoard:
    """A cascade of MAX7219 chips as a board."""

    kind = "board"

    def __init__(self, cascade: Cascade) -> None:
        self.cascade = cascade
        self.hands = hands(self.brown_out, self.unplug, self.plug, self.kill_column, self.mend_columns)

    def view(self) -> dict[str, Any]:
        """Pixels as packed rows, the highest bit left."""
        return {
            "width": self.cascade.width,
            "height": self.cascade.height,
            "pixels": b64encode(self.cascade.pixels()).decode(),
            "intensity": self.cascade.intensity,
            "powered": self.cascade.plugged,
            "faults": self.cascade.faults(),
        }

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called at every latch."""
        return self.cascade.listen(listener)

    def brown_out(self, chip: int, into: Literal["shutdown", "test"] = "shutdown") -> None:
        """The supply of one chip dips."""
        self.cascade.brown_out(chip, into)

    def unplug(self) -> None:
        """Pull the cable."""
        self.cascade.unplug()

    def plug(self) -> None:
        """Put it back."""
        self.cascade.plug()

    def kill_column(self, x: int) -> None:
        """A column of LEDs dies."""
        self.cascade.kill_column(x)

    def mend_columns(self) -> None:
        """Put new LEDs in."""
        self.cascade.mend_columns()
