"""A cascade of MAX7219 chips, each lighting one block of 8x8 LEDs: bytes shift in on SPI, pixels come out.

Written from the MAX7219 data sheet (Maxim 19-4452): 16-bit words shift through the cascade, every chip takes the word
that lies in it when CS rises. Decoding waits until somebody looks, so that a transfer costs the writer next to nothing.
"""

import errno
import os
import random
import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import Literal

from PIL import Image

from hardware_sim.errors import CannotDo

Orientation = Literal[-90, 0, 90, 180]

DECODE_MODE, INTENSITY, SCAN_LIMIT, SHUTDOWN, DISPLAY_TEST = 0x9, 0xA, 0xB, 0xC, 0xF
_EXISTING = frozenset((*range(1, 9), DECODE_MODE, INTENSITY, SCAN_LIMIT, SHUTDOWN, DISPLAY_TEST))
HIGHEST_CLOCK = 10_000_000
_BACKLOG = 1024

_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
# Code B, segments A to G in bits 6 to 0: 0-9, dash, E, H, L, P, blank.
_CODE_B = bytes.fromhex("7E306D79335B5F707F7B014F370E6700")


class Cascade:
    """`width` x `height` pixels of 8x8 blocks; the chip nearest to the wire lights the top-left block, then row by row.

    `orientation` is the angle by which each block is turned, as luma.led_matrix counts it. Safe from any thread.
    """

    def __init__(self, width: int, height: int, orientation: Orientation = -90, *, seed: int = 7219) -> None:
        if width <= 0 or height <= 0 or width % 8 or height % 8:
            raise ValueError(f"a board of 8x8 blocks cannot be {width} x {height}")
        self.width, self.height, self.orientation = width, height, orientation
        self.chips = width * height // 64
        self.latches = 0
        self.plugged = True
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._lock = threading.Lock()
        self._chance = random.Random(seed)
        self._backlog: deque[bytes] = deque()
        self._shift = bytes(2 * self.chips)
        self._registers = [bytearray(self.chips) for _ in range(16)]
        self._browned: set[int] = set()
        self._alive = bytearray(b"\xff" * (width // 8))
        self._power_on(range(self.chips))

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at every latch and every turn of a hand, in the thread that caused it; the answer stops it."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return stop

    def transfer(self, data: bytes) -> None:
        """CS goes low, `data` shifts in, CS rises and every chip latches the word it holds."""
        if not self.plugged:
            return
        with self._lock:
            size = 2 * self.chips
            self._shift = data if len(data) == size else (self._shift + data)[-size:]
            self._backlog.append(self._shift)
            if len(self._backlog) >= _BACKLOG:
                self._settle()
            self.latches += 1
        self._tell()

    def brown_out(self, chip: int, into: Literal["shutdown", "test"] = "shutdown") -> None:
        """The supply of one chip dips (0 is nearest): its registers are as at power-on, or it hangs in display test."""
        if not 0 <= chip < self.chips:
            raise CannotDo(f"there is no chip {chip}; they are 0 to {self.chips - 1}")
        with self._lock:
            self._settle()
            self._power_on((chip,))
            self._registers[DISPLAY_TEST][chip] = into == "test"
            self._browned.add(chip)
        self._tell()

    def unplug(self) -> None:
        """Pull the cable, power and data in one: everything goes dark and what is sent is lost."""
        with self._lock:
            self._backlog.clear()
            self.plugged = False
        self._tell()

    def plug(self) -> None:
        """Put the cable back: all chips are as at power-on."""
        with self._lock:
            if self.plugged:
                return
            self._shift = bytes(2 * self.chips)
            self._browned = set(range(self.chips))
            self._power_on(range(self.chips))
            self.plugged = True
        self._tell()

    def kill_column(self, x: int) -> None:
        """A column of LEDs dies over the whole height and stays dark."""
        if not 0 <= x < self.width:
            raise CannotDo(f"there is no column {x}; they are 0 to {self.width - 1}")
        self._alive[x // 8] &= ~(0x80 >> x % 8)
        self._tell()

    def mend_columns(self) -> None:
        """Put new LEDs where columns had died."""
        self._alive[:] = b"\xff" * len(self._alive)
        self._tell()

    def pixels(self) -> bytes:
        """What is lit: rows from the top, one bit a pixel, the highest bit left, `width / 8` bytes a row."""
        with self._lock:
            self._settle()
            if not self.plugged:
                return bytes(self.width // 8 * self.height)
            digits = self._lit_digits()
        rows = _BLOCKS_TO_ROWS[self.orientation](digits)
        across = self.width // 8
        packed = b"".join(rows[y % 8][y // 8 * across : (y // 8 + 1) * across] for y in range(self.height))
        if self._alive.count(0xFF) == across:
            return packed
        mask = int.from_bytes(bytes(self._alive) * self.height)
        return (int.from_bytes(packed) & mask).to_bytes(len(packed))

    def image(self) -> Image.Image:
        """What is lit, as a PIL image of mode `1`."""
        return Image.frombytes("1", (self.width, self.height), self.pixels())

    def register(self, number: int) -> bytes:
        """One register (0x1 to 0xF) of every chip, the nearest first."""
        with self._lock:
            self._settle()
            return bytes(self._registers[number])

    @property
    def running(self) -> tuple[bool, ...]:
        """Which chips are powered and not shut down, the nearest first."""
        return tuple(self.plugged and bool(value & 1) for value in self.register(SHUTDOWN))

    @property
    def intensity(self) -> int:
        """The brightness, 0 to 15, that most running chips have; 0 when none runs."""
        levels = Counter(value & 0xF for value, runs in zip(self.register(INTENSITY), self.running, strict=True) if runs)
        return levels.most_common(1)[0][0] if levels else 0

    def faults(self) -> list[str]:
        """What is wrong here now, as short words for a technician."""
        if not self.plugged:
            return ["unplugged"]
        running, test = self.running, self.register(DISPLAY_TEST)
        with self._lock:
            self._browned = {chip for chip in self._browned if not running[chip] or test[chip] & 1}
            found = [f"brown-out {chip}" for chip in sorted(self._browned)]
        return found + [f"dead column {x}" for x in range(self.width) if not self._alive[x // 8] & 0x80 >> x % 8]

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _power_on(self, chips: range | tuple[int, ...]) -> None:
        """All control registers are zero (shutdown, one digit, lowest intensity); the digits hold anything."""
        for chip in chips:
            for number, register in enumerate(self._registers):
                register[chip] = self._chance.randrange(256) if 1 <= number <= 8 else 0

    def _settle(self) -> None:
        for latched in self._backlog:
            # The word sent last lies in the nearest chip.
            addresses, values = latched[-2::-2], latched[::-2]
            first = addresses[0]
            if addresses.count(first) == self.chips:
                if first & 0xF in _EXISTING:
                    self._registers[first & 0xF][:] = values
                continue
            for chip, (address, value) in enumerate(zip(addresses, values, strict=True)):
                if address & 0xF in _EXISTING:
                    self._registers[address & 0xF][chip] = value
        self._backlog.clear()

    def _lit_digits(self) -> list[bytes]:
        """Per digit 0 to 7 the lit segments of every chip."""
        digits = [bytearray(register) for register in self._registers[1:9]]
        decode, scan, shutdown, test = (self._registers[n] for n in (DECODE_MODE, SCAN_LIMIT, SHUTDOWN, DISPLAY_TEST))
        for chip in range(self.chips):
            if test[chip] & 1:
                _fill(digits, chip, 0xFF)
            elif not shutdown[chip] & 1:
                _fill(digits, chip, 0)
            elif decode[chip] or scan[chip] & 7 != 7:
                _limit(digits, chip, decode[chip], scan[chip] & 7)
        return [bytes(digit) for digit in digits]


def _fill(digits: list[bytearray], chip: int, value: int) -> None:
    for digit in digits:
        digit[chip] = value


def _limit(digits: list[bytearray], chip: int, decode: int, scan: int) -> None:
    for number, digit in enumerate(digits):
        if number > scan:
            digit[chip] = 0
        elif decode >> number & 1:
            digit[chip] = digit[chip] & 0x80 | _CODE_B[digit[chip] & 0xF]


def _upright(digits: list[bytes]) -> list[bytes]:
    """Turned by 0: digit d is column d, its lowest bit is the top row."""
    rows = []
    for y in range(8):
        across = bytearray(len(digits[0]))
        for x, digit in enumerate(digits):
            across = bytearray(a | (value >> y & 1) << 7 - x for a, value in zip(across, digit, strict=True))
        rows.append(bytes(across))
    return rows


def _upside_down(digits: list[bytes]) -> list[bytes]:
    return [row.translate(_MIRROR) for row in reversed(_upright(digits))]


def _to_the_left(digits: list[bytes]) -> list[bytes]:
    """Turned by -90: digit d is row 7 - d, its lowest bit is the left column."""
    return [digit.translate(_MIRROR) for digit in reversed(digits)]


def _to_the_right(digits: list[bytes]) -> list[bytes]:
    """Turned by 90: digit d is row d, its highest bit is the left column."""
    return digits


_BLOCKS_TO_ROWS: dict[int, Callable[[list[bytes]], list[bytes]]] = {
    0: _upright,
    180: _upside_down,
    -90: _to_the_left,
    90: _to_the_right,
}


class SpiPort:
    """As much of a `spidev.SpiDev` as is used, with a cascade on its far end; remembers the last `keep` transfers."""

    def __init__(self, cascade: Cascade, *, keep: int = 0) -> None:
        self.max_speed_hz = 500_000
        self.mode = 0
        self.cshigh = False
        self.transfers = 0
        self.bytes_sent = 0
        self.sent: deque[bytes] = deque(maxlen=keep)
        self._cascade = cascade
        self._open = False

    def open(self, port: int, device: int) -> None:
        """Open bus `port`, chip select `device`; only small numbers exist."""
        if port not in range(8) or device not in range(4):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"/dev/spidev{port}.{device}")
        self._open = True

    def writebytes(self, data: list[int] | bytes | bytearray) -> None:
        """Send up to 4096 bytes in one CS-low period, as spidev does."""
        if not self._open:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        if len(data) > 4096:
            raise OverflowError("Argument list size exceeds 4096 bytes.")
        sent = bytes(data)
        self.transfers += 1
        self.bytes_sent += len(sent)
        if self.sent.maxlen:
            self.sent.append(sent)
        if sent and self._understood:
            self._cascade.transfer(sent)

    writebytes2 = writebytes

    def close(self) -> None:
        """Release the bus. Safe to call twice."""
        self._open = False

    @property
    def _understood(self) -> bool:
        """The chip samples on the rising edge with CS low, at 10 MHz at most; anything else is noise to it."""
        return self.mode in (0, 3) and not self.cshigh and self.max_speed_hz <= HIGHEST_CLOCK
