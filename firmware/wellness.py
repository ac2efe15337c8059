"""How well the node is, for whoever judges an update: written once a second into memory, where systemd has given us a folder."""

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from contract.updating import Wellness

NAME = "wellness.json"
EVERY = 1.0
"""Seconds between two reports."""


class WellnessFile:
    """The file; there is none where nobody has named a folder for it."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Read where the folder is: `RuntimeDirectory=` of the unit."""
        folder = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._file = Path(folder) / NAME if folder else None

    async def run(self, look: Callable[[], Wellness]) -> None:
        """Report until cancelled."""
        while True:
            if self._file is not None:
                self._put(self._file, msgspec.json.encode(look()))
            await asyncio.sleep(EVERY)

    def _put(self, file: Path, report: bytes) -> None:
        """Whole or not at all; nothing is kept from working by a folder that cannot be written to."""
        draft = file.with_suffix(".new")
        with suppress(OSError):
            draft.write_bytes(report)
            draft.replace(file)
