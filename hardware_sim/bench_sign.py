"""LED strips, text cards and digit boards on the bench."""

import time
from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta

from hardware_sim.bench import Stop, hands
from hardware_sim.serial_line import SerialLine
from hardware_sim.sign import Sign
from hardware_sim.udp_port import UdpPort

Frames = Annotated[int, Meta(ge=1, le=1000)]


class SimulatedStrip:
    """A sign at the end of a serial line or on the network."""

    kind = "strip"

    def __init__(self, sign: Sign, wire: SerialLine | UdpPort, *, window: str | None = None) -> None:
        self.sign, self.wire, self.window = sign, wire, window
        sign.on_change = wire.changed
        damage = self.kill_segment if sign.digital else self.kill_column
        line = (wire.block, wire.unblock) if isinstance(wire, SerialLine) else ()
        self.hands = hands(
            self.unplug, self.plug, *line, self.slow, self.full_speed, self.noise, self.lose, self.truncate, self.garble,
            self.power_cut, damage, self.mend,
        )  # fmt: skip

    def view(self) -> dict[str, Any]:
        """Rows of text with colour, blinking and effect, and what was refused."""
        with self.wire.lock:
            return {"window": self.window, "powered": True, **self.sign.seen(self.wire.faults)}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called at every frame."""
        return self.wire.listen(listener)

    def unplug(self) -> None:
        """Pull the cable at the node; the sign keeps its text."""
        self.wire.unplug()

    def plug(self) -> None:
        """Put it back."""
        self.wire.plug()

    def slow(self) -> None:
        """The wire takes its time."""
        self.wire.slow()

    def full_speed(self) -> None:
        """The wire is quick again."""
        self.wire.full_speed()

    def noise(self, count: Annotated[int, Meta(ge=1, le=4096)] = 64) -> None:
        """Random bytes on the wire."""
        with self.wire.lock:
            self.sign.noise(count, time.monotonic())
        self.wire.changed()

    def lose(self, frames: Frames = 1) -> None:
        """The next frames get lost."""
        with self.wire.lock:
            self.sign.lose(frames)

    def truncate(self, frames: Frames = 1) -> None:
        """The next frames lose their tails."""
        with self.wire.lock:
            self.sign.truncate(frames)

    def garble(self, frames: Frames = 1) -> None:
        """One bit of each of the next frames is wrong."""
        with self.wire.lock:
            self.sign.garble(frames)

    def power_cut(self) -> None:
        """The sign's supply is gone for a moment; it forgets its text."""
        with self.wire.lock:
            self.sign.power_cut()

    def kill_column(self, x: int) -> None:
        """A cell goes dark."""
        with self.wire.lock:
            self.sign.kill_column(x)

    def kill_segment(self, segment: str) -> None:
        """One segment of a digit goes dark."""
        with self.wire.lock:
            self.sign.kill_segment(segment)

    def mend(self) -> None:
        """Put new LEDs in."""
        with self.wire.lock:
            self.sign.mend()
