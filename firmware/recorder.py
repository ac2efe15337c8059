"""The recorder: keeps what wires carry in a ring of files, without holding a wire up.

Whoever passes bytes hands them over and goes on; a thread writes them down. When it cannot follow, or the disk does not take
them, passings are dropped and counted, and the wires go on.
"""

import logging
import os
import threading
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from contract.recording import ENDING, Header, RecordedWire, Way, header_line, passing_line
from devices.tapping import Tap

log = logging.getLogger(__name__)

ROOM = 50_000
"""Passings that may wait for the disk."""
WRITE_EVERY = 0.2


class Recorder:
    """Records these wires while it is entered, in at most `files` files of together at most `most` bytes."""

    def __init__(
        self, folder: Path, node: str, wires: tuple[RecordedWire, ...], devices: tuple[dict[str, object], ...] = (),
        *, most: int = 64_000_000, files: int = 4,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.dropped = 0
        """Passings that were not kept."""
        self._node, self._wires, self._devices = node, wires, devices
        self._each, self._files = max(1, most // files), files
        self._numbers = {wire.wire: number for number, wire in enumerate(wires)}
        self._waiting: deque[tuple[float, int, Way, bytes]] = deque()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._file: BinaryIO | None = None
        self._written = 0
        self._failed = False

    def tap(self, wire: str) -> Tap | None:
        """What a driver hands its bytes to; None for a wire that is not recorded."""
        number = self._numbers.get(wire)
        if number is None:
            return None
        waiting, clock = self._waiting, time.monotonic

        def tap(way: Way, data: bytes | bytearray) -> None:
            if len(waiting) < ROOM:
                waiting.append((clock(), number, way, bytes(data)))
            else:
                self.dropped += 1

        return tap

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ending.clear()
        self._thread = threading.Thread(target=self._keep, name="recorder", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits and stop. Safe to call twice."""
        if self._thread is not None:
            self._ending.set()
            self._thread.join()
            self._thread = None

    def _keep(self) -> None:
        while not self._ending.wait(WRITE_EVERY):
            self._write()
        self._write()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self) -> None:
        try:
            self._write_all()
        except OSError as error:
            self._fail(error)

    def _write_all(self) -> None:
        while self._waiting:
            if self._file is None or self._written >= self._each:
                self._turn()
            line = passing_line(*self._waiting.popleft())
            self._written += len(line)
            if self._file is not None:
                self._file.write(line)
        if self._file is not None:
            self._file.flush()
        self._failed = False

    def _turn(self) -> None:
        """Begin a new file and let the oldest go."""
        if self._file is not None:
            self._file.close()
        for old in self.recorded()[: -(self._files - 1) or None]:
            old.unlink(missing_ok=True)
        header = header_line(
            Header(
                recording=1,
                node=self._node,
                wall=datetime.now(UTC),
                monotonic=time.monotonic(),
                wires=self._wires,
                devices=self._devices,
            )
        )
        path = self.folder / f"{self._node}-{datetime.now(UTC):%Y%m%d-%H%M%S.%f}{ENDING}"
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")
        self._file.write(header)
        self._written = len(header)

    def recorded(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self.folder.glob(f"{self._node}-*{ENDING}"))

    def _fail(self, error: OSError) -> None:
        """The disk does not take it: what waits is dropped, said once."""
        self.dropped += len(self._waiting)
        self._waiting.clear()
        if not self._failed:
            log.warning("what wires carry cannot be recorded in %s: %s", self.folder, error)
        self._failed = True
        self._file = None
