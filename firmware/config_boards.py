"""The boards of node.toml: matrices of pixels on SPI, and text boards on a serial line or the network."""

import re
from typing import Annotated, Literal

from msgspec import Meta

from contract.settings import Seconds, Settings, TimeOfDay
from contract.values import Id
from devices.text_dialects import DIALECTS, Dialect
from devices.udp_line import UDP_WIRE

LayoutName = Literal["window", "calls", "main", "notices", "spoken"]
"""`window`: the strip over one window; `calls`: the recent calls of a zone or the hall in turn; `main`: the newest calls with
the newest on top, notices in the lowest row; `notices`: pages of notices; `spoken`: the text of what loudspeakers say, and
notices while they are still."""


class Brightness(Settings, frozen=True, kw_only=True):
    """From `since` (local time) on the board shines with `level`, 0 to 15."""

    since: TimeOfDay
    level: Annotated[int, Meta(ge=0, le=15)]


class BoardConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="board"):
    """An LED board of MAX7219 chips on SPI."""

    id: Id
    """Also names the board's picture."""
    wire: str = "/dev/spidev0.0"
    width: Annotated[int, Meta(ge=8, le=512, multiple_of=8)] = 128
    height: Annotated[int, Meta(ge=8, le=64, multiple_of=8)] = 16
    orientation: Literal[-90, 0, 90, 180] = -90
    """How the 8x8 blocks are turned on the board, in degrees as luma.led_matrix counts them."""
    speed_hz: Annotated[int, Meta(ge=100_000, le=10_000_000)] = 8_000_000
    layout: LayoutName = "calls"
    window: Id | None = None
    languages: Annotated[tuple[Literal["zh", "en"], ...], Meta(min_length=1)] = ("zh",)
    blink: Seconds = 3.0
    page: Seconds = 4.0
    """How long each recent call stands before the next one takes its turn."""
    scroll: Annotated[float, Meta(gt=0, le=400)] = 48.0
    """Pixels a second for a text wider than the board."""
    brightness: Annotated[tuple[Brightness, ...], Meta(min_length=1)] = (Brightness(since="00:00", level=7),)
    reassert: Seconds = 5.0
    """How often the chips' registers are asserted again, against brown-outs."""

    def __post_init__(self) -> None:
        refuse_no_window(self.id, self.layout, self.window)


class StripConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="strip"):
    """A board that takes text and draws it itself: LED strip, queue board, text card, digit board."""

    id: Id
    """Also names the board's picture."""
    dialect: Literal["strip-aa", "strip-a0", "strip-fe", "queue", "udp-card", "digits", "digits-colour"]
    wire: str
    """`/dev/serial/by-id/…`, or `udp://host:8453` for a text card."""
    address: Annotated[int, Meta(ge=0, le=255)] | None = None
    """The board's address, or zone of a text card; absent: the first that the dialect has. Rows have the ones that follow."""
    columns: Annotated[int, Meta(ge=3, le=120)] | None = None
    """Cells a row: a Chinese character takes two, a letter or digit one. Absent: as such boards come."""
    rows: Annotated[int, Meta(ge=1, le=16)] = 1
    stacked: bool = False
    """Whether the board was stacked from strips, as its maker means it: such boards want frames of another form."""
    baud: Literal[9600, 19200, 57600] | None = None
    """Absent: as such boards come."""
    layout: LayoutName = "window"
    window: Id | None = None
    languages: Annotated[tuple[Literal["zh", "en"], ...], Meta(min_length=1)] = ("zh",)
    colour: Literal["red", "green", "yellow"] = "red"
    fresh_colour: Literal["red", "green", "yellow"] = "yellow"
    """Of a new call, where the board has colours."""
    blink: Seconds = 3.0
    page: Seconds = 4.0
    """How long each call, or each piece of a text that does not fit, stands."""
    brightness: Annotated[tuple[Brightness, ...], Meta(min_length=1)] = (Brightness(since="00:00", level=15),)
    refresh: Annotated[float, Meta(ge=1, le=3600)] = 10.0
    """Seconds after which what stands is sent again: the board cannot say whether it has it."""
    nothing: Annotated[int, Meta(ge=0, le=65535)] = 65535
    """The number by which a digit board is told that there is none; find out which one yours shows as dashes or blank."""

    @property
    def speaks(self) -> Dialect:
        """The dialect's row."""
        return DIALECTS[self.dialect]

    @property
    def first(self) -> int:
        """The address of the first row."""
        return self.speaks.addresses[0] if self.address is None else self.address

    @property
    def cells(self) -> int:
        """How many cells a row has."""
        return self.columns or self.speaks.columns

    def __post_init__(self) -> None:
        refuse_no_window(self.id, self.layout, self.window)
        self._refuse_foreign_wire()
        speaks, addresses = self.speaks, self.speaks.addresses
        if self.first not in addresses or self.first + self.rows - 1 not in addresses:
            raise ValueError(
                f"device `{self.id}`: `address`: a board of dialect `{self.dialect}` and {self.rows} rows "
                f"has addresses from {addresses[0]} to {addresses[-1]}, not {self.first}"
            )
        if self.cells > speaks.longest:
            raise ValueError(f"device `{self.id}`: `columns`: dialect `{self.dialect}` has at most {speaks.longest}")
        if self.baud is not None and self.baud not in speaks.bauds:
            known = " or ".join(map(str, speaks.bauds)) or "none"
            raise ValueError(f"device `{self.id}`: `baud`: dialect `{self.dialect}` has {known}, not {self.baud}")
        if self.stacked and not speaks.stacks:
            raise ValueError(f"device `{self.id}`: `stacked`: dialect `{self.dialect}` has no form for stacked boards")
        if self.page < (turning := self.rows * (speaks.gap + self.cells * 0.001)):
            raise ValueError(
                f"device `{self.id}`: `page`: this board needs {turning:.1f} s for a whole page; let it stand longer"
            )
        if speaks.characters == "digits" and (self.rows > 1 or self.layout in ("notices", "spoken")):
            raise ValueError(f"device `{self.id}`: a board of digits has one row of numbers and no notices")

    def _refuse_foreign_wire(self) -> None:
        serial = bool(self.speaks.bauds)
        if not (SERIAL_WIRE if serial else UDP_WIRE).fullmatch(self.wire):
            wanted = "/dev/serial/by-id/…" if serial else "udp://host:8453"
            raise ValueError(f"device `{self.id}`: `wire`: `{self.wire}` is not of dialect `{self.dialect}`; write {wanted}")


SERIAL_WIRE = re.compile(r"/dev/.+")


def refuse_no_window(device: Id, layout: str, window: Id | None) -> None:
    """Raise `ValueError` when a board of layout `window` has none."""
    if layout == "window" and window is None:
        raise ValueError(f"device `{device}`: a board with layout `window` needs `window`")
