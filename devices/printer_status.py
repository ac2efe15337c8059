"""What an ESC/POS printer says: its bytes told apart by their fixed bits, and read bit by bit into a status.

Every kind of byte has bits of its own (Epson ESC/POS, "Transmit real-time status", "Enable/disable Automatic Status Back"):

=============================  ==========  =======================================================================
kind                           bits 7 … 0  how it comes
=============================  ==========  =======================================================================
answer to `DLE EOT n`          0xx1xx10    one byte, asked
automatic status, first byte   0xx1xx00    four bytes, also unasked
its other three bytes          0xx0xxxx
answer to `GS r 1`             0000ppnn    one byte, asked, in turn with the print data; pp and nn are 00 or 11
XON, XOFF                      0x11, 0x13  at any time
=============================  ==========  =======================================================================

Whatever fits nothing is noise and is counted.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

_CONSUMED = frozenset({0x00, 0x03, 0x0C, 0x0F})

Paper = Literal["ok", "near-end", "out"]


class PrinterStatus(msgspec.Struct, frozen=True):
    """How the printer is, as far as it has said."""

    paper: Paper = "ok"
    cover_open: bool = False
    offline: bool = False
    """Does not print now, for one of the other reasons or one that it does not tell, such as its pause key."""
    cutter_error: bool = False
    recoverable_error: bool = False
    """Such as a paper jam: goes away when a person has cleared it."""
    unrecoverable_error: bool = False
    overheated: bool = False
    """An error that goes away by itself, such as a hot print head."""

    @property
    def can_print(self) -> bool:
        """Whether a ticket sent now would come out."""
        return self.paper != "out" and not (
            self.cover_open
            or self.offline
            or self.cutter_error
            or self.recoverable_error
            or self.unrecoverable_error
            or self.overheated
        )


class Ask(IntEnum):
    """What `DLE EOT n` can ask for; its answer does not say which one it answers."""

    PRINTER = 1
    OFFLINE = 2
    ERROR = 3
    PAPER = 4


def with_answer(status: PrinterStatus, ask: Ask, byte: int) -> PrinterStatus:
    """`status` with what one answer to `DLE EOT` says."""
    match ask:
        case Ask.PRINTER:
            return replace(status, offline=bool(byte & 0x08))
        case Ask.OFFLINE:
            stopped = bool(byte & 0x20)
            return replace(status, cover_open=bool(byte & 0x04), paper="out" if stopped else status.paper)
        case Ask.ERROR:
            return _with_errors(status, byte)
        case Ask.PAPER:
            return replace(status, paper=_paper(out=byte & 0x60, near_end=byte & 0x0C))


def automatic(message: bytes) -> PrinterStatus:
    """The status in a four-byte automatic message."""
    printer, error, paper, _ = message
    status = PrinterStatus(
        offline=bool(printer & 0x08),
        cover_open=bool(printer & 0x20),
        paper=_paper(out=paper & 0x0C, near_end=paper & 0x03),
    )
    return _with_errors(status, error)


def _with_errors(status: PrinterStatus, byte: int) -> PrinterStatus:
    return replace(
        status,
        recoverable_error=bool(byte & 0x04),
        cutter_error=bool(byte & 0x08),
        unrecoverable_error=bool(byte & 0x20),
        overheated=bool(byte & 0x40),
    )


def _paper(*, out: int, near_end: int) -> Paper:
    return "out" if out else "near-end" if near_end else "ok"


class Answer(msgspec.Struct, frozen=True):
    """The answer to a `DLE EOT n`."""

    byte: int


class Automatic(msgspec.Struct, frozen=True):
    """A status that came by itself."""

    status: PrinterStatus


class Consumed(msgspec.Struct, frozen=True):
    """The answer to a `GS r 1`: everything sent before it has been consumed."""


Said = Answer | Automatic | Consumed


class StatusReader:
    """Takes the printer's bytes as they come, in any pieces, and gives what they say."""

    def __init__(self) -> None:
        self._begun = b""
        self.noise = 0
        """Bytes that fitted nothing, so far."""

    @property
    def amid(self) -> bool:
        """Whether an automatic message has begun and is not finished."""
        return bool(self._begun)

    def feed(self, data: bytes) -> Iterator[Said]:
        """What `data` completes, in order."""
        for byte in data:
            if (said := self._take(byte)) is not None:
                yield said

    def silence(self) -> None:
        """Nothing came for a while: an automatic message that has begun will not be finished."""
        self._drop()

    def _take(self, byte: int) -> Said | None:
        if byte & 0x93 == 0x12:
            return Answer(byte)
        if byte & 0x93 == 0x10:
            self._drop()
            self._begun = bytes((byte,))
            return None
        if byte & 0x90 == 0:
            return self._plain(byte)
        if byte not in {0x11, 0x13}:
            self._drop()
            self.noise += 1
        return None

    def _plain(self, byte: int) -> Said | None:
        if not self._begun and byte in _CONSUMED:
            return Consumed()
        if not self._begun:
            self.noise += 1
            return None
        self._begun += bytes((byte,))
        if len(self._begun) < 4:
            return None
        message, self._begun = self._begun, b""
        return Automatic(automatic(message))

    def _drop(self) -> None:
        self.noise += len(self._begun)
        self._begun = b""
