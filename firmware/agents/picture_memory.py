"""The picture memory: a board that wakes up knows which picture it had last, so that a broker with an old one cannot fool it."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from contract.calling import BoardPicture


class _Last(msgspec.Struct, frozen=True):
    version: int
    at: datetime


class PictureMemory:
    """The newest picture of one board, in a file. It is not flushed: after a power cut an older one is known, or none."""

    def __init__(self, file: Path) -> None:
        """Read the file; one that is missing or damaged knows nothing."""
        self._file = file
        self._last: _Last | None = None
        with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            self._last = msgspec.json.decode(file.read_bytes(), type=_Last)

    def is_old(self, picture: BoardPicture) -> bool:
        """Whether the board has had a newer picture; one that a restored controller begins anew is newer by its moment."""
        last = self._last
        return last is not None and picture.version < last.version and picture.at <= last.at

    def keep(self, picture: BoardPicture) -> None:
        """Remember it; a disk that takes nothing costs the memory alone."""
        self._last = _Last(picture.version, picture.at)
        with suppress(OSError):
            fresh = self._file.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(self._last))
            fresh.replace(self._file)
