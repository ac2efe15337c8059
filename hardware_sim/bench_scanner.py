"""The scanner on the bench: codes are held before it, its cable is pulled, its line is noisy."""

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta

from hardware_sim.bench import Hand, Stop, hands
from hardware_sim.bench_lines import Times
from hardware_sim.gpio import Lines
from hardware_sim.keypad import Keypad
from hardware_sim.scanner import Head, SendingHead, TypingHead
from hardware_sim.serial_line import SerialLine

Code = Annotated[str, Meta(max_length=2000)]
ENTER = "KEY_ENTER"


class SimulatedScanner:
    """A scanner with two lamps, which is a keyboard or hangs on a serial line."""

    kind = "scanner"

    def __init__(self, lines: Lines, wire: Keypad | SerialLine, green: int | None, red: int | None) -> None:
        self.lines, self._wire, self._green, self._red = lines, wire, green, red
        self._head: Head = TypingHead(wire) if isinstance(wire, Keypad) else SendingHead(wire)
        self._last = ""
        self.hands: dict[str, Hand] = hands(self.scan, self.scan_twice, self.scan_cut, self.unplug, self.plug)
        if isinstance(wire, SerialLine):
            self.hands |= hands(self.noise, self.garble_code, wire.silence, wire.answer)
        else:
            self.hands |= hands(self.stick, self.free)

    def view(self) -> dict[str, Any]:
        """Cable, lamps, and what was held before it last."""
        lamp = self.lines.lamp
        return {
            "plugged": self._wire.plugged,
            "types": isinstance(self._wire, Keypad),
            "silent": isinstance(self._wire, SerialLine) and "silence" in self._wire.faults,
            "last": self._last,
            "green": self._green is not None and lamp(self._green),
            "red": self._red is not None and lamp(self._red),
        }

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when a lamp changes or the cable, or when something is scanned."""
        stops = (self.lines.listen(listener), self._wire.listen(listener))

        def stop() -> None:
            for each in stops:
                each()

        return stop

    async def scan(self, code: Code) -> None:
        """Hold a code before it."""
        self._last = code
        await self._head.tell(code, "\r")

    async def scan_twice(self, code: Code, times: Times = 2) -> None:
        """A code that lies before it is read over and over."""
        for _ in range(times):
            await self.scan(code)

    async def scan_cut(self, code: Code) -> None:
        """A code whose end does not arrive."""
        self._last = code
        await self._head.tell(code[: len(code) // 2], "")

    async def garble_code(self) -> None:
        """A code in an encoding that nobody reads: bytes that are no UTF-8."""
        await self._head.tell("\udcff\udcfeA012", "\r")

    def noise(self, count: Annotated[int, Meta(ge=1, le=4096)] = 64) -> None:
        """Random bytes on the line."""
        assert isinstance(self._wire, SerialLine)  # noqa: S101
        self._wire.noise(count)

    def stick(self) -> None:
        """It holds a key down and does not let go."""
        assert isinstance(self._wire, Keypad)  # noqa: S101
        self._wire.down(ENTER)

    def free(self) -> None:
        """It lets go of it."""
        assert isinstance(self._wire, Keypad)  # noqa: S101
        self._wire.up(ENTER)

    def unplug(self) -> None:
        """Pull the cable."""
        self._wire.unplug()

    def plug(self) -> None:
        """Put it back."""
        self._wire.plug()
