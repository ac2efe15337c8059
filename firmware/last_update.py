"""What became of the node's last update, as the updater has left it beside the releases."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from contract.updating import UpdateReport

LOOK = 1.0
"""Seconds between two looks; the updater writes when it has confirmed what runs already."""
MOST_BYTES = 100_000


class _State(msgspec.Struct):
    last: UpdateReport | None = None


def file_of(prefix: Path = Path(sys.prefix)) -> Path | None:
    """Where it lies when this program runs from a release: /opt/hallware/update.json. None where it does not."""
    return prefix.parents[1] / "update.json" if prefix.parent.name == "releases" else None


class LastUpdate:
    """Read anew when the file has changed."""

    def __init__(self, file: Path | None, changed: Callable[[], None]) -> None:
        """`changed` is called when there is another report."""
        self.report: UpdateReport | None = None
        self._file, self._changed = file, changed
        self._seen: tuple[int, int] | None = None
        self._look()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            before = self.report
            self._look()
            if self.report != before:
                self._changed()

    def _look(self) -> None:
        if self._file is None:
            return
        with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            stat = self._file.stat()
            seen = (stat.st_mtime_ns, stat.st_ino)
            if seen != self._seen:
                self._seen = seen
                with self._file.open("rb") as file:
                    self.report = msgspec.json.decode(file.read(MOST_BYTES), type=_State).last
