"""The port of text boards: rows of cells behind an address each, whatever the dialect, on a serial line or the network.

Such a board never answers. What it shows is known only as what was sent last, so whoever drives it sends it again.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from devices.characters import Characters
from devices.serial_bus import LineSettings
from devices.text_dialects import DIALECTS
from devices.text_frames import Showing
from devices.udp_line import open_udp
from devices.wires import Wires


class Line(Protocol):
    """What frames go out on."""

    async def send(self, frame: bytes, within: float = 1.0) -> None:
        """Send a frame and keep the gap behind it. Raises `DeviceError`."""
        ...

    def received(self) -> AsyncIterator[bytes]:
        """Whatever comes in. Raises `DeviceMissing` when the line goes away."""
        ...


class Look(NamedTuple):
    """What one row shall show."""

    text: str = ""
    blinks: int = 0
    """How often it blinks at first, where the board can."""
    colour: str = "red"
    """`red`, `green` or `yellow`, where the board can."""
    fresh: bool = False
    """Whether this is news, for whoever sends it; it changes no byte."""


class TextBoard:
    """A board of `rows` rows of `columns` cells, which have the addresses from `address` on."""

    def __init__(
        self,
        dialect: str,
        wire: str,
        address: int,
        *,
        columns: int,
        missing: Callable[[str], None],
        stacked: bool = False,
        baud: int | None = None,
        nothing: int = 0xFFFF,
        dwell: float = 4.0,
    ) -> None:
        """Describe a board; `missing` is told once of each character that it lacks."""
        self.dialect = DIALECTS[dialect]
        self.wire, self.address, self.columns = wire, address, columns
        self.characters = Characters(self.dialect.characters, missing)
        self._stacked, self._baud, self._nothing, self._dwell = stacked, baud, nothing, dwell
        self._sequence = 0

    @property
    def can_dim(self) -> bool:
        """Whether its brightness can be set."""
        return self.dialect.dim is not None

    def line(self, wires: Wires) -> AbstractAsyncContextManager[Line]:
        """The wire, shared with the other devices on it while one is inside. Raises `DeviceError` when it is entered."""
        if not self.dialect.bauds:
            return open_udp(self.wire, wires.address(self.wire), self.dialect.gap)
        return wires.bus(self.wire, LineSettings(self._baud or self.dialect.bauds[0], gap=self.dialect.gap))

    def frame(self, row: int, look: Look) -> bytes:
        """The bytes that make a row look so."""
        self._sequence += 1
        showing = Showing(
            self.address + row,
            look.text,
            tuple(self.characters.split(look.text)),
            self.columns,
            self._stacked,
            self._sequence,
            look.blinks,
            look.colour,
            self._nothing,
            self._dwell,
        )
        return self.dialect.show(showing)

    def dimmed(self, row: int, level: int) -> bytes:
        """The bytes that set a row's brightness, 0 to 15; none where a board cannot."""
        return self.dialect.dim(self.address + row, level) if self.dialect.dim else b""
