"""GPIO lines of the machine's kernel (gpio-sim): contacts that pull them, and what the machine drives."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from hardware_sim.bench import Stop, hands
from hardware_sim.errors import CannotDo

CHIP = Path("/sys/kernel/config/gpio-sim/pi")
Line = Annotated[int, Meta(ge=0, le=53)]


class FarLines:
    """Hands at the pins of a chip of gpio-sim."""

    kind = "lines"

    def __init__(self, chip: Path = CHIP) -> None:
        device, name = (chip / "dev_name").read_text().strip(), (chip / "bank0" / "chip_name").read_text().strip()
        self._folder = Path("/sys/devices/platform") / device / name
        self.hands = hands(self.press, self.hold, self.release, self.pull)

    def view(self) -> dict[str, Any]:
        """The level of every line."""
        return {"levels": {str(line): int((self._line(line) / "value").read_text()) for line in range(28)}}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """The kernel tells nobody of a change: whoever wants to know looks."""
        return lambda: None

    async def press(self, line: Line, seconds: float = 0.15) -> None:
        """Close a contact to ground and open it again."""
        self.hold(line)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.release(line)

    def hold(self, line: Line) -> None:
        """Close a contact to ground."""
        self.pull(line, "down")

    def release(self, line: Line) -> None:
        """Open it again."""
        self.pull(line, "up")

    def pull(self, line: Line, where: Literal["up", "down"]) -> None:
        """Pull a line up or down, as a sensor does."""
        try:
            (self._line(line) / "pull").write_text(f"pull-{where}")
        except OSError as error:
            raise CannotDo(f"line {line}: {error.strerror}") from error

    def _line(self, line: int) -> Path:
        return self._folder / f"sim_gpio{line}"
