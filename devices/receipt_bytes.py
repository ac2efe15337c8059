"""Receipts as bytes: blocks of text, QR codes, pictures, rules and cuts turned into ESC/POS for one width of paper.

The command words come from python-escpos. Only its table is loaded: its `Escpos` class costs a node 3 to 11 MiB and a quarter of
a second, sets up the root logger, and sends Chinese text that a printer without the two-byte mode switched on cannot
read. The tests hold these bytes to what that class makes where both can. The package `escpos` of the index is a stale fork
under the same import name and is refused.
"""

from typing import Literal

import escpos
import msgspec
from escpos import constants as word

from devices.receipt_blocks import Align, Block, Cut, Line, Picture, Qr, Rule, Space
from devices.receipt_text import Encoding, printable, runs, wrap

if int(str(getattr(escpos, "__version__", "0")).partition(".")[0]) < 3:
    raise ImportError("the package `escpos` stands in the way of `python-escpos`: uninstall it, and install python-escpos again")

ESC, FS, GS = bytes(word.ESC), bytes(word.FS), bytes(word.GS)
CHINESE_ON = FS + b"&"
CHINESE_OFF = FS + b"."
CHINESE_SIZE = FS + b"!"
FEED_DOTS = ESC + b"J"
FEED_AND_CUT = GS + b"VB\x00"
TEAR_OFF = ESC + b"d\x05"
"""Brings the last line past the tear bar of a printer without a cutter."""
ASK_CONSUMED = GS + b"r\x01"
PICTURE = GS + b"v0"
AUTOMATIC_STATUS = GS + b"a\x0e"
"""Online, error and paper states are told unasked from now on, and once at once; a reset switches it off."""

DOTS = {58: 384, 80: 576}
"""Printable dots of a line by paper width in millimetres."""
FULL = 24
"""Dots of a character's height at single size, and of a Chinese one's width."""
CELL = 12
"""Dots of one cell at single size."""
LINE_DOTS = 30
"""Dots from line to line after a reset."""
LEAD = FEED_DOTS + b"\x06"
"""Between the lines of a large text, which would touch without it."""
HEAD_TO_CUTTER = 96
"""What a cut feeds: the cutter sits about 12 mm behind the head."""
BAND = 64
"""Rows of a picture that are sent at once: small enough for every printer's buffer, and no seam shows."""

_QR_BYTES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412)
"""What fits versions 1, 2, 3, … at error correction M (ISO/IEC 18004, table 7)."""


class Encoded(msgspec.Struct, frozen=True):
    """A receipt as the printer takes it."""

    data: bytes
    replaced: str = ""
    """The characters that the printer cannot print."""
    dots: int = 0
    """Paper that it takes, in dots of 1/8 mm, as well as can be reckoned from here."""


class Encoder:
    """Turns blocks into bytes for one printer."""

    def __init__(self, paper: Literal[58, 80], *, cutter: bool, answers: bool, encoding: Encoding = "gbk") -> None:
        self._dots = DOTS[paper]
        self._cutter = cutter
        self._encoding: Encoding = encoding
        self._start = word.HW_INIT + AUTOMATIC_STATUS if answers else word.HW_INIT

    @property
    def columns(self) -> int:
        """Cells of a line at single size."""
        return self._dots // CELL

    def encode(self, blocks: tuple[Block, ...]) -> Encoded:
        """The receipt's bytes, from the printer's reset to the last block."""
        parts = [self._block(block) for block in blocks]
        return Encoded(
            self._start + b"".join(part.data for part in parts),
            "".join(part.replaced for part in parts),
            sum(part.dots for part in parts),
        )

    def _block(self, block: Block) -> Encoded:
        match block:
            case Line():
                return self._line(block)
            case Qr():
                return self._qr(block.data)
            case Picture():
                return _picture(block)
            case Rule():
                return Encoded((block.character * self.columns).encode("ascii") + b"\n", dots=LINE_DOTS)
            case Space():
                dots = min(block.dots, 255)
                return Encoded(FEED_DOTS + bytes((dots,)), dots=dots)
            case Cut() if self._cutter:
                return Encoded(FEED_AND_CUT, dots=HEAD_TO_CUTTER)
            case Cut():
                return Encoded(TEAR_OFF, dots=TEAR_OFF[-1] * LINE_DOTS)

    def _line(self, line: Line) -> Encoded:
        lines, missing = [], ""
        for piece in wrap(line.text, self.columns // line.width - (2 if line.inverted else 0)):
            text, replaced = printable(piece, self._encoding)
            missing += replaced
            lines.append(f" {text} " if line.inverted else text)
        lead = LEAD if line.height > 1 else b""
        body = lead.join(encode_text(text, line.width, line.height, self._encoding) + b"\n" for text in lines)
        dots = len(lines) * max(LINE_DOTS, FULL * line.height) + (len(lines) - 1) * sum(lead[2:])
        return Encoded(_styled(line, body), missing, dots)

    def _qr(self, data: str) -> Encoded:
        payload = "".join(character for character in data if character >= " ").encode("utf-8")
        version = next((n for n, room in enumerate(_QR_BYTES, 1) if len(payload) <= room), len(_QR_BYTES))
        size = max(3, min(6, self._dots * 6 // 10 // (17 + 4 * version)))
        symbol = (
            _qr_command(65, bytes((48 + word.QR_MODEL_2, 0)))
            + _qr_command(67, bytes((size,)))
            + _qr_command(69, bytes((48 + word.QR_ECLEVEL_M,)))
            + _qr_command(80, b"0" + payload)
            + _qr_command(81, b"0")
        )
        return Encoded(_align("center") + symbol + _align("left"), dots=size * (17 + 4 * version))


def encode_text(text: str, width: int = 1, height: int = 1, encoding: Encoding = "gbk") -> bytes:
    """Text that is `printable`; for a GBK or GB18030 printer with the two-byte mode switched on for its Chinese pieces only."""
    if encoding == "utf-8":
        return text.encode("utf-8")
    size = bytes((_chinese_size(width, height),))
    found = b""
    for wide, piece in runs(text):
        found += CHINESE_ON + CHINESE_SIZE + size + piece.encode(encoding) + CHINESE_OFF if wide else piece.encode("ascii")
    return found


def _picture(picture: Picture) -> Encoded:
    """`GS v 0` in bands, each x bytes wide and y rows high."""
    stride, dots = (picture.columns + 7) // 8, picture.data
    # Printers obey real-time commands (DLE EOT, DLE ENQ, DLE DC4) wherever they stand, also among dots: one dot more breaks them.
    for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        dots = dots.replace(command, b"\x18" + command[1:])
    bands = [dots[at : at + stride * BAND] for at in range(0, len(dots), stride * BAND)]
    data = b"".join(PICTURE + b"\0" + _two(stride) + _two(len(band) // stride) + band for band in bands)
    return Encoded(_align("center") + data + _align("left"), dots=picture.rows)


def _two(number: int) -> bytes:
    return number.to_bytes(2, "little")


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
