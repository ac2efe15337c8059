"""Whatever comes over a printer's wire, and wherever a ticket breaks off: no crash, and the next message is understood."""

import math
from collections.abc import Iterator
from typing import cast

import pytest
from escpos import constants as word
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from devices.errors import DeviceError, DeviceMissing
from devices.printer import Model
from devices.printer_status import Answer, Automatic, Consumed, PrinterStatus, Said, StatusReader, automatic
from devices.printer_talk import PrinterTalk
from devices.printer_transport import PrinterTransport
from devices.receipt_blocks import Cut, Line, Picture, Qr
from devices.receipt_bytes import Encoder
from devices.receipt_templates import Templates
from hardware_sim.escpos_printer import Printer
from tests.kiosk.papers import TICKET
from tests.kiosk.test_printer_status import read
from tests.sim.paper import send

AUTOMATIC = st.tuples(
    st.sampled_from([0x10, 0x18, 0x30, 0x38]), st.sampled_from([0x00, 0x04, 0x08, 0x20, 0x40]), st.sampled_from([0, 3, 15])
).map(lambda three: bytes((*three, 0x0F)))
ANSWER = st.sampled_from([0x12, 0x1A, 0x16, 0x32, 0x52, 0x1E, 0x7E])
FIRST = Model().encode(TICKET, Templates()).data
SECOND = Model().encode(replace(TICKET, number="A013"), Templates()).data


@given(st.binary(max_size=30), AUTOMATIC)
def test_an_automatic_status_is_understood_behind_any_noise(noise: bytes, message: bytes) -> None:
    said, _ = read(noise, message)
    assert said[-1] == Automatic(automatic(message))


@given(st.binary(max_size=30), ANSWER)
def test_an_answer_is_understood_behind_any_noise(noise: bytes, byte: int) -> None:
    said, _ = read(noise, bytes((byte,)))
    assert said[-1] == Answer(byte)


@given(st.binary(max_size=30))
def test_a_proof_is_understood_behind_noise_and_a_silence(noise: bytes) -> None:
    reader = StatusReader()
    list(reader.feed(noise))
    reader.silence()
    assert list(reader.feed(b"\x00")) == [Consumed()]


@given(AUTOMATIC, st.lists(st.tuples(st.integers(1, 3), ANSWER), max_size=4))
def test_answers_between_the_bytes_of_an_automatic_status_disturb_neither(message: bytes, answers: list[tuple[int, int]]) -> None:
    stream = b""
    for at, byte in enumerate(message):
        stream += b"".join(bytes((answer,)) for where, answer in answers if where == at) + bytes((byte,))
    said, noise = read(stream)
    expected: list[Said] = [Answer(byte) for at in range(4) for where, byte in answers if where == at]
    assert said == [*expected, Automatic(automatic(message))]
    assert noise == 0


class Script:
    """A wire on which these pieces come, one at each look; then its cable is pulled."""

    wire = "script"
    sent = 0

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)

    def send(self, data: bytes, within: float) -> None:
        """Taken."""

    def receive(self, within: float) -> bytes:
        """The next piece."""
        for piece in self._pieces:
            return piece
        raise DeviceMissing("the script is over")


@settings(deadline=None)
@given(st.lists(st.one_of(st.just(b""), st.binary(max_size=8), ANSWER.map(lambda byte: bytes((byte,))), AUTOMATIC), max_size=40))
def test_a_talk_over_any_bytes_ends_in_a_status_or_a_device_error(pieces: list[bytes]) -> None:
    talk = PrinterTalk(cast(PrinterTransport, Script(pieces)))
    for turn in (talk.ask, lambda: talk.prove(math.inf), talk.ask):
        try:
            turn()
        except DeviceError:
            return
    assert isinstance(talk.status, PrinterStatus)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, len(FIRST) - 1), st.integers(1, 200))
def test_a_ticket_broken_off_anywhere_leaves_the_next_one_whole(at: int, piece: int) -> None:
    printer = Printer()
    send(printer, FIRST[:at] + bytes(len(FIRST) - at) + word.HW_INIT + SECOND, piece)
    page = printer.pages()[-1]
    assert "A013" in page.text
    assert page.qr[-1:] == (TICKET.qr,)
    assert page.text.rstrip().endswith("2026-11-20 10:32:05")


@pytest.mark.parametrize("command", [b"\x10\x05\x02", b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", b"\x10\x04\x01"])
def test_nothing_in_a_picture_or_a_qr_code_is_obeyed(command: bytes) -> None:
    picture = Picture(8 * len(command), 2, command * 2)
    blocks = (Line("A012"), picture, Qr(f"https://hall.example/{command.decode('latin-1')}t"), Line("A013"), Cut())
    printer = Printer()
    assert send(printer, Encoder(80, cutter=True, answers=False).encode(blocks).data) == b""
    (page,) = printer.pages()
    assert page.text == "A012\nA013"
    assert page.qr[0].startswith("https://hall.example/")


def test_a_long_slip_on_a_slow_wire_has_the_time_that_it_needs() -> None:
    assert Model(baud=9600).wire_time(9600) == 10
    assert Model(baud=9600).wire_time(1_000_000) == 30


def test_the_bytes_of_the_data_sheet_stand_in_the_drivers_messages() -> None:
    """Golden bytes, computed: status on, proof asked, Chinese on and off, cut."""
    assert FIRST.startswith(b"\x1b@\x1da")
    for golden in (b"\x1c&", b"\x1c.", b"\x1d(k\x04\x001A2\x00", b"\x1d(k\x03\x001Q0", b"\x1dVB\x00"):
        assert golden in FIRST


@pytest.mark.parametrize(
    ("asked", "golden"), [(b"\x10\x04\x01", "12"), (b"\x10\x04\x04", "12"), (b"\x1da\x0e", "1000000f"), (b"\x1dr\x01", "00")]
)
def test_the_bytes_of_the_data_sheet_stand_in_the_printers_answers(asked: bytes, golden: str) -> None:
    """Golden bytes, computed."""
    assert send(Printer(), asked).hex() == golden
