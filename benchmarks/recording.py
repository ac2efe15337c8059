"""What recording costs whoever writes to a wire: frames of a board with and without a tap, at the speed of the SPI clock."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from itertools import cycle
from pathlib import Path

from benchmarks.figures import Figure
from contract.recording import RecordedWire
from devices.max7219 import LedBoard
from devices.tapping import tap_with
from firmware.recorder import Recorder

WIDTH, HEIGHT, WIRE = 128, 16, "/dev/spidev0.0"
SPEED = 8_000_000
PACE = 0.02
"""Fifty frames a second, a scrolling text's."""


class Clocked:
    """A spidev-like wire that takes as long as its clock does."""

    max_speed_hz, mode, cshigh = SPEED, 0, False

    def open(self, port: int, device: int) -> None:
        """Opened."""

    def writebytes(self, data: list[int] | bytes | bytearray) -> None:
        """Busy until the last bit is out."""
        until = time.perf_counter() + 8 * len(data) / SPEED
        while time.perf_counter() < until:
            pass

    def close(self) -> None:
        """Closed."""


class OneWire:
    """Wires with one SPI bus."""

    def spi(self, wire: str) -> Clocked:
        """The bus."""
        return Clocked()


def measure(*, short: bool) -> list[Figure]:
    """Time of a frame for whoever shows it; the best of several rounds, since others use this machine too."""
    rounds = 60 if short else 300
    plain = min(_frame_seconds(rounds) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder, _recorder(Path(folder)) as keeper:
        taped = min(copy_context().run(_tapped, keeper, rounds) for _ in range(3))
        dropped = keeper.dropped
    return [
        Figure("a frame of 128 x 16 that is recorded", 1e6 * taped, "µs", 1e6 * plain, "not recorded", 1.1),
        Figure("passings that were dropped", dropped, "", limit=0),
    ]


@contextmanager
def _recorder(folder: Path) -> Iterator[Recorder]:
    with Recorder(folder, "bench", (RecordedWire(wire=WIRE, device="board-1"),)) as keeper:
        yield keeper


def _tapped(keeper: Recorder, rounds: int) -> float:
    tap_with(keeper.tap)
    return _frame_seconds(rounds)


def _frame_seconds(rounds: int) -> float:
    board = LedBoard(OneWire(), WIRE, WIDTH, HEIGHT)  # type: ignore[arg-type]
    board.open()
    frames = cycle([os.urandom(WIDTH * HEIGHT // 8) for _ in range(16)])
    took = sorted(_timed(lambda: board.show(next(frames))) for _ in range(rounds))
    board.close()
    return took[len(took) // 2]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    time.sleep(max(0.0, PACE - took))
    return took
