"""Boards at the machine's SPI: whatever its drivers send is read from the kernel and shifted through chips."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from hardware_sim.max7219 import Cascade

_LONGEST = 4097


class FarBoards:
    """Cascades by chip select, fed in a thread of their own while entered."""

    def __init__(self, cascades: Mapping[int, Cascade], path: Path = Path("/dev/far-spi")) -> None:
        self._cascades, self._path = cascades, path

    def open(self) -> None:
        """Begin to read; ends with the program."""
        threading.Thread(target=self._serve, name="far-spi", daemon=True).start()

    def _serve(self) -> None:
        sent = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        while transfer := os.read(sent, _LONGEST):
            if (cascade := self._cascades.get(transfer[0])) is not None:
                cascade.transfer(transfer[1:])
