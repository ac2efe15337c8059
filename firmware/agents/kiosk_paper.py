"""How much paper a roll has given and has left: an estimate by the dots that were fed, kept over restarts."""

import logging
import os
from pathlib import Path

import msgspec

from devices.printer_status import Paper, PrinterStatus

log = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    """What the file holds."""

    used_mm: int = 0


class PaperMeter:
    """One roll's estimate. `left_mm` is None while nobody has said how long a roll is.

    A new roll is taken for full: paper is there again after it was out, or it is no longer near its end after the cover was open.
    """

    def __init__(self, path: Path, roll_mm: int | None) -> None:
        """Takes up what the file says; one that is missing or broken means a full roll."""
        self._path, self._roll = path, roll_mm
        self._used = _read(path).used_mm
        self._low: Paper = "ok"
        self._opened = False

    @property
    def left_mm(self) -> int | None:
        """Millimetres left, never less than none."""
        return None if self._roll is None else max(0, self._roll - self._used)

    def fed(self, millimetres: int) -> None:
        """So much more came out."""
        self._used += millimetres
        self._keep()

    def is_new_roll(self, status: PrinterStatus) -> bool:
        """Whether what the printer says now means that a new roll was put in; it is reckoned as full then."""
        self._opened = self._opened or status.cover_open
        if status.paper != "ok":
            self._low = status.paper
        if status.paper != "ok" or status.cover_open:
            return False
        new = self._low == "out" or (self._low == "near-end" and self._opened)
        self._low, self._opened = "ok", False
        if new:
            self._used = 0
            self._keep()
        return new

    def _keep(self) -> None:
        # An estimate need not survive a power cut: the file is replaced whole, and not forced onto the disk.
        draft = self._path.with_suffix(".new")
        try:
            draft.write_bytes(msgspec.json.encode(_Kept(self._used)))
            os.replace(draft, self._path)  # noqa: PTH105 - both are names in one folder
        except OSError as error:
            log.debug("%s: %s", self._path, error)


def _read(path: Path) -> _Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return _Kept()
