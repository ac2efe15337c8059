"""Bit images and QR codes of ESC/POS, from argument bytes to marks."""

from PIL import Image

from hardware_sim.escpos_marks import QrSymbol, Raster
from hardware_sim.escpos_render import qr_version


class BadGraphics(Exception):
    """The arguments of a graphics command do not fit together."""


def raster(arguments: bytes, widest: int) -> Raster:
    """GS v 0: m xL xH yL yH and rows; what is wider than the head is not printed."""
    mode, size = arguments[0] % 48, int.from_bytes(arguments[1:3], "little")
    if mode > 3:
        raise BadGraphics(f"mode {arguments[0]}")
    return _clipped(8 * size, arguments[5:], widest, 2 if mode & 1 else 1, 2 if mode & 2 else 1)


def stored_raster(arguments: bytes, widest: int) -> Raster:
    """GS ( L function 112: a bx by c xL xH yL yH and rows of x dots."""
    if len(arguments) < 8 or arguments[0] != 48 or not {arguments[1], arguments[2]} <= {1, 2}:
        raise BadGraphics("function 112 with a bad head")
    columns, rows = (int.from_bytes(arguments[at : at + 2], "little") for at in (4, 6))
    data = arguments[8:]
    if len(data) != (columns + 7) // 8 * rows:
        raise BadGraphics(f"function 112 with {len(data)} bytes for {columns} x {rows}")
    return _clipped(columns, data, widest, arguments[1], arguments[2])


def columns(arguments: bytes, widest: int) -> Raster:
    """ESC *: m nL nH and columns of 8 or 24 dots, the highest bit on top."""
    mode, count = arguments[0], int.from_bytes(arguments[1:3], "little")
    if mode not in (0, 1, 32, 33) or not count:
        raise BadGraphics(f"mode {mode} with {count} columns")
    tall = 24 if mode in (32, 33) else 8
    lying = Image.frombytes("1", (tall, count), arguments[3:])
    standing = lying.transpose(Image.Transpose.TRANSPOSE)
    across = 1 if mode in (1, 33) else 2
    kept = min(count, widest // across)
    return Raster(kept, tall, standing.crop((0, 0, kept, tall)).tobytes(), across, 24 // tall)


def _clipped(columns: int, data: bytes, widest: int, across: int, down: int) -> Raster:
    stride = (columns + 7) // 8
    if not stride or not data:
        raise BadGraphics("an image without dots")
    rows = len(data) // stride
    kept = min(columns, widest // across)
    image = Image.frombytes("1", (columns, rows), data).crop((0, 0, kept, rows))
    return Raster(kept, rows, image.tobytes(), across, down)


class QrMemory:
    """The symbol storage of GS ( k for QR codes: settings and data survive until they are set again."""

    def __init__(self) -> None:
        self._module, self._level, self._data = 3, 48, b""

    def set(self, function: int, arguments: bytes) -> None:
        """Functions 165 (model), 167 (module size), 169 (error correction), 180 (store)."""
        first = arguments[0] if arguments else 0
        match function:
            case 0x41 if first in (49, 50):
                pass
            case 0x43 if 1 <= first <= 16:
                self._module = first
            case 0x45 if 48 <= first <= 51:
                self._level = first
            case 0x50 if first == 48 and len(arguments) > 1:
                self._data = arguments[1:]
            case _:
                raise BadGraphics(f"QR function {function:02x} with {arguments[:4].hex()}")

    def symbol(self) -> QrSymbol:
        """Function 181: the stored data as a symbol."""
        return QrSymbol(self._data, self._level, self._version(), self._module)

    def size(self) -> bytes:
        """Function 182: width and height in dots as text, and whether the symbol can be printed."""
        dots = (17 + 4 * self._version()) * self._module
        return b"\x37\x36%d\x1f%d\x1f1\x1f0\0" % (dots, dots)

    def _version(self) -> int:
        if not self._data:
            raise BadGraphics("QR without data")
        try:
            return qr_version(self._data, self._level)
        except ValueError as error:
            raise BadGraphics(str(error)) from error
