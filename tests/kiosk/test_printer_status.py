"""The printer's bytes, read bit by bit. The bytes are computed from the data sheet, not captured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer_status import Answer, Ask, Automatic, Consumed, PrinterStatus, Said, StatusReader, automatic, with_answer

WELL = PrinterStatus()
PAPER_OUT = bytes((0x18, 0x00, 0x0C, 0x0F))
"""Automatic status: offline, paper end."""


def read(*pieces: bytes) -> tuple[list[Said], int]:
    """What a reader makes of the pieces, and how many bytes were noise."""
    reader = StatusReader()
    return [said for piece in pieces for said in reader.feed(piece)], reader.noise


@pytest.mark.parametrize(
    ("ask", "byte", "status"),
    [
        (Ask.PRINTER, 0x12, WELL),
        (Ask.PRINTER, 0x1A, PrinterStatus(offline=True)),
        (Ask.OFFLINE, 0x16, PrinterStatus(cover_open=True)),
        (Ask.OFFLINE, 0x32, PrinterStatus(paper="out")),
        (Ask.ERROR, 0x1A, PrinterStatus(cutter_error=True)),
        (Ask.ERROR, 0x16, PrinterStatus(recoverable_error=True)),
        (Ask.ERROR, 0x32, PrinterStatus(unrecoverable_error=True)),
        (Ask.ERROR, 0x52, PrinterStatus(overheated=True)),
        (Ask.PAPER, 0x1E, PrinterStatus(paper="near-end")),
        (Ask.PAPER, 0x7E, PrinterStatus(paper="out")),
        (Ask.PAPER, 0x12, WELL),
    ],
)
def test_an_answer_is_read_bit_by_bit(ask: Ask, byte: int, status: PrinterStatus) -> None:
    assert with_answer(WELL, ask, byte) == status


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"\x10\x00\x00\x0f", WELL),
        (PAPER_OUT, PrinterStatus(paper="out", offline=True)),
        (b"\x10\x00\x03\x0f", PrinterStatus(paper="near-end")),
        (b"\x38\x00\x00\x0f", PrinterStatus(cover_open=True, offline=True)),
        (b"\x18\x08\x00\x0f", PrinterStatus(cutter_error=True, offline=True)),
        (b"\x18\x20\x00\x0f", PrinterStatus(unrecoverable_error=True, offline=True)),
    ],
)
def test_an_automatic_status_is_read_bit_by_bit(message: bytes, status: PrinterStatus) -> None:
    assert automatic(message) == status


def test_only_near_end_still_prints() -> None:
    assert PrinterStatus(paper="near-end").can_print
    assert not PrinterStatus(paper="out").can_print
    assert not PrinterStatus(cutter_error=True).can_print


def test_an_automatic_status_before_an_answer_is_not_taken_for_it() -> None:
    """The trap of python-escpos: it reads the first byte that comes as the answer and reports "no paper"."""
    assert read(b"\x10\x00\x00\x0f\x12") == ([Automatic(WELL), Answer(0x12)], 0)


def test_an_answer_amid_an_automatic_status_is_told_apart() -> None:
    assert read(b"\x10\x00", b"\x12\x00\x0f") == ([Answer(0x12), Automatic(WELL)], 0)


def test_a_message_in_four_pieces_is_one() -> None:
    assert read(*(bytes((byte,)) for byte in PAPER_OUT)) == ([Automatic(PrinterStatus(paper="out", offline=True))], 0)


@pytest.mark.parametrize("byte", [0x00, 0x03, 0x0C, 0x0F])
def test_an_answer_to_the_proof_is_consumed_whatever_the_paper(byte: int) -> None:
    assert read(bytes((byte,))) == ([Consumed()], 0)


def test_letters_are_no_proof() -> None:
    assert read(b"Hello\r\n") == ([], 7)


def test_flow_control_is_no_noise() -> None:
    assert read(b"\x11\x13") == ([], 0)


def test_an_automatic_status_that_breaks_off_does_not_swallow_the_proof() -> None:
    reader = StatusReader()
    assert list(reader.feed(b"\x10\x00")) == []
    reader.silence()
    assert list(reader.feed(b"\x00")) == [Consumed()]
    assert reader.noise == 2


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_in_any_pieces_mean_the_same(pieces: list[bytes]) -> None:
    assert read(*pieces) == read(b"".join(pieces))


@given(st.binary())
def test_every_byte_is_accounted_for(data: bytes) -> None:
    reader = StatusReader()
    said = list(reader.feed(data))
    reader.silence()
    length = sum(4 if isinstance(one, Automatic) else 1 for one in said)
    assert length + reader.noise + sum(byte in {0x11, 0x13} for byte in data) == len(data)
