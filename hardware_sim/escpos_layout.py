"""Settings of ESC/POS that outlive a line: styles of Latin and Chinese characters, spacing, margins, alignment."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hardware_sim.escpos_marks import Style

LINE = 30
"""Dots from line to line after ESC @."""


@dataclass
class Layout:
    """All that ESC @ sets back. Each method takes the argument bytes of one command."""

    latin: Style = field(default_factory=Style)
    hanzi: Style = field(default_factory=Style)
    align: int = 0
    """0 left, 1 centre, 2 right."""
    spacing: int = LINE
    margin: int = 0
    area: int | None = None
    latin_gap: int = 0
    hanzi_gap: int = 0
    tabs: tuple[int, ...] = tuple(range(8, 256, 8))
    selected: bool = True

    def set_align(self, arguments: bytes) -> None:
        """ESC a."""
        if arguments[0] % 48 <= 2:
            self.align = arguments[0] % 48

    def set_spacing(self, arguments: bytes) -> None:
        """ESC 3."""
        self.spacing = arguments[0]

    def default_spacing(self, _: bytes) -> None:
        """ESC 2."""
        self.spacing = LINE

    def print_mode(self, arguments: bytes) -> None:
        """ESC !: font, size and underline of Latin characters; bold holds for all."""
        bits = arguments[0]
        self.latin = replace(
            self.latin,
            small=bool(bits & 0x01),
            tall=2 if bits & 0x10 else 1,
            wide=2 if bits & 0x20 else 1,
            underline=int(bool(bits & 0x80)),
        )
        self._both(bold=bool(bits & 0x08))

    def hanzi_mode(self, arguments: bytes) -> None:
        """FS !: size and underline of Chinese characters."""
        bits = arguments[0]
        self.hanzi = replace(
            self.hanzi,
            wide=2 if bits & 0x04 else 1,
            tall=2 if bits & 0x08 else 1,
            underline=int(bool(bits & 0x80)),
        )

    def hanzi_quadruple(self, arguments: bytes) -> None:
        """FS W."""
        size = 2 if arguments[0] & 1 else 1
        self.hanzi = replace(self.hanzi, wide=size, tall=size)

    def size(self, arguments: bytes) -> None:
        """GS !: width and height, 1 to 8 times, of all characters."""
        self._both(wide=(arguments[0] >> 4 & 7) + 1, tall=(arguments[0] & 7) + 1)

    def bold(self, arguments: bytes) -> None:
        """ESC E and ESC G."""
        self._both(bold=bool(arguments[0] & 1))

    def reverse(self, arguments: bytes) -> None:
        """GS B."""
        self._both(reverse=bool(arguments[0] & 1))

    def underline(self, arguments: bytes) -> None:
        """ESC -."""
        if arguments[0] % 48 <= 2:
            self.latin = replace(self.latin, underline=arguments[0] % 48)

    def hanzi_underline(self, arguments: bytes) -> None:
        """FS -."""
        if arguments[0] % 48 <= 2:
            self.hanzi = replace(self.hanzi, underline=arguments[0] % 48)

    def font(self, arguments: bytes) -> None:
        """ESC M."""
        self.latin = replace(self.latin, small=arguments[0] in (1, 49))

    def set_latin_gap(self, arguments: bytes) -> None:
        """ESC SP."""
        self.latin_gap = arguments[0]

    def set_hanzi_gap(self, arguments: bytes) -> None:
        """FS S: left and right of each character."""
        self.hanzi_gap = arguments[0] + arguments[1]

    def set_margin(self, arguments: bytes) -> None:
        """GS L."""
        self.margin = int.from_bytes(arguments, "little")

    def set_area(self, arguments: bytes) -> None:
        """GS W."""
        self.area = int.from_bytes(arguments, "little")

    def set_tabs(self, arguments: bytes) -> None:
        """ESC D."""
        self.tabs = tuple(sorted(set(arguments.rstrip(b"\0"))))

    def select(self, arguments: bytes) -> None:
        """ESC =."""
        self.selected = bool(arguments[0] & 1)

    def _both(self, **changes: Any) -> None:
        self.latin = replace(self.latin, **changes)
        self.hanzi = replace(self.hanzi, **changes)


SETTINGS: dict[str, Callable[[Layout, bytes], None]] = {
    "1b20": Layout.set_latin_gap,
    "1b21": Layout.print_mode,
    "1b2d": Layout.underline,
    "1b32": Layout.default_spacing,
    "1b33": Layout.set_spacing,
    "1b3d": Layout.select,
    "1b44": Layout.set_tabs,
    "1b45": Layout.bold,
    "1b47": Layout.bold,
    "1b4d": Layout.font,
    "1b61": Layout.set_align,
    "1c21": Layout.hanzi_mode,
    "1c2d": Layout.hanzi_underline,
    "1c53": Layout.set_hanzi_gap,
    "1c57": Layout.hanzi_quadruple,
    "1d21": Layout.size,
    "1d42": Layout.reverse,
    "1d4c": Layout.set_margin,
    "1d57": Layout.set_area,
}
"""By the command's prefix in hex digits."""
ONLY_BEFORE_A_LINE = frozenset({"1b61", "1d4c", "1d57"})
"""Without effect while something stands in the line."""
