"""Receipts as bytes: blocks of text, QR codes, rules and cuts turned into ESC/POS for one width of paper.

The command words come from python-escpos. Only its table is loaded: its `Escpos` class costs a node 3 to 11 MiB and a quarter of
a second, sets up the root logger, and sends Chinese text that a printer without the two-byte mode switched on cannot
read. The tests hold these bytes to what that class makes where both can. The package `escpos` of the index is a stale fork
under the same import name and is refused.
"""

from dataclasses import dataclass
from typing import Literal

import escpos
from escpos import constants as word

from devices.receipt_text import printable, runs, wrap

if int(str(getattr(escpos, "__version__", "0")).partition(".")[0]) < 3:
    raise ImportError("the package `escpos` stands in the way of `python-escpos`: uninstall it, and install python-escpos again")

Align = Literal["left", "center", "right"]

ESC, FS, GS = bytes(word.ESC), bytes(word.FS), bytes(word.GS)
CHINESE_ON = FS + b"&"
CHINESE_OFF = FS + b"."
CHINESE_SIZE = FS + b"!"
FEED_DOTS = ESC + b"J"
FEED_AND_CUT = GS + b"VB\x00"
TEAR_OFF = ESC + b"d\x05"
"""Brings the last line past the tear bar of a printer without a cutter."""
ASK_CONSUMED = GS + b"r\x01"
AUTOMATIC_STATUS = GS + b"a\x0e"
"""Online, error and paper states are told unasked from now on, and once at once; a reset switches it off."""

DOTS = {58: 384, 80: 576}
"""Printable dots of a line by paper width in millimetres."""
CELL = 12
"""Dots of one cell at single size."""

_QR_BYTES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412)
"""What fits versions 1, 2, 3, … at error correction M (ISO/IEC 18004, table 7)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A text, wrapped to the paper; `width` and `height` are multiples of the single size, 1 to 8, Chinese 1 to 2."""

    text: str
    width: int = 1
    height: int = 1
    align: Align = "left"
    bold: bool = False
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, centred."""

    data: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    character: str = "-"


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper, in dots of 1/8 mm."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of a receipt."""


Block = Line | Qr | Rule | Space | Cut


@dataclass(frozen=True, slots=True)
class Encoded:
    """A receipt as the printer takes it, and the characters that it could not take."""

    data: bytes
    replaced: str = ""


class Encoder:
    """Turns blocks into bytes for one printer."""

    def __init__(self, paper: Literal[58, 80], *, cutter: bool, answers: bool) -> None:
        self._dots = DOTS[paper]
        self._cutter = cutter
        self._start = word.HW_INIT + AUTOMATIC_STATUS if answers else word.HW_INIT

    @property
    def columns(self) -> int:
        """Cells of a line at single size."""
        return self._dots // CELL

    def encode(self, blocks: tuple[Block, ...]) -> Encoded:
        """The receipt's bytes, from the printer's reset to the last block."""
        replaced: list[str] = []
        data = self._start + b"".join(self._block(block, replaced) for block in blocks)
        return Encoded(data, "".join(replaced))

    def _block(self, block: Block, replaced: list[str]) -> bytes:
        match block:
            case Line():
                return self._line(block, replaced)
            case Qr():
                return _align("center") + self._qr(block.data) + _align("left")
            case Rule():
                return (block.character * self.columns).encode("ascii") + b"\n"
            case Space():
                return FEED_DOTS + bytes((min(block.dots, 255),))
            case Cut():
                return FEED_AND_CUT if self._cutter else TEAR_OFF

    def _line(self, line: Line, replaced: list[str]) -> bytes:
        lines = []
        for piece in wrap(line.text, self.columns // line.width - (2 if line.inverted else 0)):
            text, missing = printable(piece)
            replaced.append(missing)
            lines.append(f" {text} " if line.inverted else text)
        body = b"".join(encode_text(text, line.width, line.height) + b"\n" for text in lines)
        return _styled(line, body)

    def _qr(self, data: str) -> bytes:
        payload = data.encode("utf-8")
        version = next((n for n, room in enumerate(_QR_BYTES, 1) if len(payload) <= room), len(_QR_BYTES))
        size = max(3, min(6, self._dots * 6 // 10 // (17 + 4 * version)))
        return (
            _qr_command(65, bytes((48 + word.QR_MODEL_2, 0)))
            + _qr_command(67, bytes((size,)))
            + _qr_command(69, bytes((48 + word.QR_ECLEVEL_M,)))
            + _qr_command(80, b"0" + payload)
            + _qr_command(81, b"0")
        )


def encode_text(text: str, width: int = 1, height: int = 1) -> bytes:
    """Text that is `printable`, with the two-byte mode switched on for its Chinese pieces only."""
    size = bytes((_chinese_size(width, height),))
    found = b""
    for wide, piece in runs(text):
        found += CHINESE_ON + CHINESE_SIZE + size + piece.encode("gbk") + CHINESE_OFF if wide else piece.encode("ascii")
    return found


def _chinese_size(width: int, height: int) -> int:
    return (0x04 if width > 1 else 0) | (0x08 if height > 1 else 0)


def _styled(line: Line, body: bytes) -> bytes:
    """`body` between the commands that set the line's style and those that take it back."""
    before, after = b"", b""
    for wanted, on, off in (
        (line.align != "left", _align(line.align), _align("left")),
        (line.width > 1 or line.height > 1, _size(line.width, line.height), _size(1, 1)),
        (line.bold, word.TXT_STYLE["bold"][True], word.TXT_STYLE["bold"][False]),
        (line.inverted, word.TXT_STYLE["invert"][True], word.TXT_STYLE["invert"][False]),
    ):
        if wanted:
            before, after = before + on, off + after
    return before + body + after


def _align(align: Align) -> bytes:
    return bytes(word.TXT_STYLE["align"][align])


def _size(width: int, height: int) -> bytes:
    return bytes(word.TXT_SIZE) + bytes((word.TXT_STYLE["width"][width] | word.TXT_STYLE["height"][height],))


def _qr_command(function: int, data: bytes) -> bytes:
    length = len(data) + 2
    return GS + b"(k" + bytes((length & 0xFF, length >> 8)) + b"1" + bytes((function,)) + data
