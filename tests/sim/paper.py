"""Helpers of the printer's tests: ESC/POS bytes as a person would write them by hand from the command reference."""

from hardware_sim.escpos_page import Page
from hardware_sim.escpos_printer import Printer

CUT = b"\x1dVB\x00"


def hanzi(text: str) -> bytes:
    """Chinese text between FS & and FS ."""
    return b"\x1c&" + text.encode("gbk") + b"\x1c."


def qr(data: bytes, module: int = 4, level: bytes = b"1") -> bytes:
    """All functions that print one QR code."""
    return (
        b"\x1d(k\x04\x001A2\x00"
        + b"\x1d(k\x03\x001C"
        + bytes((module,))
        + b"\x1d(k\x03\x001E"
        + level
        + b"\x1d(k"
        + (len(data) + 3).to_bytes(2, "little")
        + b"1P0"
        + data
        + b"\x1d(k\x03\x001Q0"
    )


def send(printer: Printer, data: bytes, piece: int = 64) -> bytes:
    """Feed a printer without a plug; gives what it answers."""
    answers = printer.take_replies()
    while data and printer.room:
        size = min(piece, printer.room)
        printer.receive(data[:size])
        data = data[size:]
        printer.work(0.0)
        answers += printer.take_replies()
    return answers


def printed(data: bytes, **settings: object) -> Page:
    """The one page that these bytes print."""
    printer = Printer(**settings)  # type: ignore[arg-type]
    send(printer, data)
    (page,) = printer.pages()
    return page
