"""The call board: MAX7219 chips in a cascade on SPI, set up through luma.led_matrix, their frames packed here.

luma sends all of a frame, pixel by pixel, whether it has changed or not: 0.40 ms of CPU for 128x16. Here an equal frame
sends nothing and of a changed one only the digit rows that differ, each packed by slicing; the bytes are luma's own.
"""

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Literal

from luma.core.error import DeviceNotFoundError
from luma.core.interface.serial import noop, spi
from luma.led_matrix.const import max7219 as registers
from luma.led_matrix.device import max7219
from PIL import Image

from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.tapping import Tap, tap_of
from devices.wires import SpiDevice, Wires

Orientation = Literal[-90, 0, 90, 180]

_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ERRORS: dict[int | None, type[DeviceError]] = {
    errno.ENOENT: DeviceMissing,
    errno.ENODEV: DeviceMissing,
    errno.ENXIO: DeviceMissing,
    errno.EACCES: DeviceRefused,
    errno.EPERM: DeviceRefused,
    errno.EBUSY: DeviceRefused,
    errno.ETIMEDOUT: DeviceTimeout,
}
_TROUBLE = (OSError, DeviceNotFoundError)


class LedBoard:
    """A board of `width` x `height` pixels. It is made closed and may be opened again after every failure.

    `brightness`, 0 to 15, may be set at any time and holds from the next `open` or `reassert`.
    Whatever raises a `DeviceError` has closed the board; `open` then sends everything anew. For one thread at a time.
    """

    def __init__(
        self,
        wires: Wires,
        wire: str,
        width: int,
        height: int,
        *,
        orientation: Orientation = -90,
        speed_hz: int = 8_000_000,
        brightness: int = 7,
    ) -> None:
        """Describe the board on `wire` (`/dev/spidev0.0`); nothing is opened yet. `brightness` is 0 to 15."""
        self.wire, self.width, self.height = wire, width, height
        self.brightness = brightness
        self._wires, self._speed_hz = wires, speed_hz
        self._plug = _Plug()
        self._chips = width * height // 64
        self._panel = _Panel(spi(spi=self._plug, gpio=noop()), width=width, height=height, block_orientation=orientation)
        self._rows = _packer(width, height, orientation)
        self._transfers = [bytearray((digit, 0) * self._chips) for digit in range(1, 9)]
        self._pixels = b""
        self._sent: list[bytes] = [b""] * 8

    @property
    def is_open(self) -> bool:
        """Whether frames can be shown."""
        return self._plug.inside is not None

    @property
    def frame_seconds(self) -> float:
        """How long a whole frame takes on the wire, without what the kernel adds to each of its eight transfers."""
        return 8 * 16 * self._chips / self._speed_hz

    def open(self) -> None:
        """Open the wire, dark, and set every chip up. Raises `DeviceError`."""
        self.close()
        port, device = _bus(self.wire)
        wire = self._wires.spi(self.wire)
        try:
            wire.open(port, device)
            self._plug.inside, self._plug.tap = wire, tap_of(self.wire)
            wire.mode = 0
            wire.max_speed_hz = self._speed_hz
            self._send(bytes(self.width * self.height // 8))
            self._assert_registers()
        except _TROUBLE as error:
            raise self._broken(error) from error

    def show(self, pixels: bytes) -> bool:
        """Show packed pixels: rows from the top, one bit a pixel, the highest bit left, `width / 8` bytes a row.

        That is `tobytes()` of a Pillow image of mode `1`. True when anything had to be sent. Raises `DeviceError`.
        """
        if len(pixels) != self.width * self.height // 8:
            raise ValueError(f"{self.wire}: {len(pixels)} bytes are no frame of {self.width} x {self.height} pixels")
        if not self.is_open:
            raise DeviceMissing(f"{self.wire}: the board is not open")
        if pixels == self._pixels:
            return False
        try:
            self._send(pixels)
        except _TROUBLE as error:
            raise self._broken(error) from error
        return True

    def reassert(self) -> None:
        """Send all registers, with the present brightness, and all pixels again: a chip that browned out comes back.

        Raises `DeviceError`.
        """
        if not self.is_open:
            raise DeviceMissing(f"{self.wire}: the board is not open")
        try:
            pixels, self._sent = self._pixels, [b""] * 8
            self._send(pixels)
            self._assert_registers()
        except _TROUBLE as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Darken the board and release the wire. Safe to call twice."""
        if self.is_open:
            with suppress(OSError):
                self._panel.hide()
        self._release()

    def _release(self) -> None:
        wire, self._plug.inside = self._plug.inside, None
        self._pixels, self._sent = b"", [b""] * 8
        if wire is not None:
            with suppress(OSError):
                wire.close()

    def _assert_registers(self) -> None:
        """Everything but the digits; running comes last, so that a chip that wakes up shows the frame and no noise."""
        for register, value in ((registers.SCANLIMIT, 7), (registers.DECODEMODE, 0), (registers.DISPLAYTEST, 0)):
            self._panel.data([register, value] * self._chips)
        self._panel.contrast(self.brightness << 4)
        self._panel.show()

    def _send(self, pixels: bytes) -> None:
        write, sent = self._plug.writebytes, self._sent
        for digit, row in enumerate(self._rows(pixels)):
            if row != sent[digit]:
                transfer = self._transfers[digit]
                transfer[1::2] = row
                write(transfer)
                sent[digit] = row
        self._pixels = pixels

    def _broken(self, error: Exception) -> DeviceError:
        """What broke, in our words; the board is closed."""
        self._release()
        number = getattr(error, "errno", None)
        return _ERRORS.get(number, DeviceBroken)(f"{self.wire}: {getattr(error, 'strerror', None) or error}")


class _Panel(max7219):  # type: ignore[misc]
    """luma's board without its way of sending frames, which it also uses to clear the board at the start and the exit."""

    def display(self, image: Image.Image) -> None:
        """Frames are packed and sent by the board."""


class _Plug:
    """Stands between luma and the wire, which may be changed.

    luma registers an exit hook for every device that it makes and never lets go of it; so one device is made per board,
    over this plug, however often the wire is opened again. With nothing inside, what is written is lost.
    """

    def __init__(self) -> None:
        self.inside: SpiDevice | None = None
        self.tap: Tap | None = None
        self.max_speed_hz = 0

    def open(self, port: int, device: int) -> None:
        """Opened by the board, not by luma."""

    def writebytes(self, data: bytearray | list[int]) -> None:
        if self.inside is not None:
            self.inside.writebytes(data)
            if self.tap is not None:
                self.tap("out", bytes(data))

    def close(self) -> None:
        """Closed by the board, not by luma's exit hook."""


def _bus(wire: str) -> tuple[int, int]:
    found = re.fullmatch(r"/dev/spidev(\d+)\.(\d+)", wire)
    if not found:
        raise DeviceMissing(f"{wire}: is not an SPI wire; they are called /dev/spidev0.0, /dev/spidev0.1, …")
    return int(found[1]), int(found[2])


def _packer(width: int, height: int, orientation: Orientation) -> Callable[[bytes], Iterator[bytes]]:
    """What turns packed pixels into the eight digit rows, the furthest chip's byte first.

    luma turns each block counter-clockwise by `orientation`, takes digit d from its column d with the top pixel in the
    lowest bit, and sends the bottom right block first. So with ±90 a digit is a row of the image, and with 0 and 180 a column.
    """
    mirrored, backwards = orientation in (-90, 0), orientation in (-90, 180)
    lines = range(7, -1, -1) if backwards else range(8)
    if orientation in (0, 180):
        return lambda pixels: _columns(pixels, width, height, lines, mirrored)
    return lambda pixels: _lines(pixels, width // 8, height, lines, mirrored)


def _lines(pixels: bytes, across: int, height: int, lines: range, mirrored: bool) -> Iterator[bytes]:
    turned = (pixels.translate(_MIRROR) if mirrored else pixels)[::-1]
    for line in lines:
        yield b"".join([turned[start * across : (start + 1) * across] for start in range(7 - line, height, 8)])


def _columns(pixels: bytes, width: int, height: int, columns: range, mirrored: bool) -> Iterator[bytes]:
    flipped = Image.frombytes("1", (width, height), pixels).transpose(Image.Transpose.TRANSPOSE).tobytes("raw", "1")
    turned = (flipped.translate(_MIRROR) if mirrored else flipped)[::-1]
    down = height // 8
    for column in columns:
        yield b"".join([turned[(7 - column) * down + block :: 8 * down] for block in range(down)])
