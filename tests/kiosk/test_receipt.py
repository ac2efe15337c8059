"""Receipts become exactly these bytes."""

import pytest
from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy
from msgspec.structs import replace

from contract.values import WaitRange
from devices.printer import Model
from devices.receipt import Note, Receipt
from devices.receipt_blocks import Block, Cut, Line, Qr, Rule, Space
from devices.receipt_bytes import Encoder
from devices.receipt_templates import Templates
from tests.kiosk.papers import AT, HALL, OFFLINE, PRIORITY, REPRINT, SLIP, TICKET

WIDE = Encoder(80, cutter=True, answers=True)
NARROW = Encoder(58, cutter=False, answers=False)
ON_WIDE = Model()
ON_NARROW = Model(paper=58, cutter=False, answers=False)
TEMPLATES = Templates()


def encoded(*parts: Block, encoder: Encoder = WIDE) -> bytes:
    """The bytes behind the printer's reset."""
    return encoder.encode(parts).data.removeprefix(b"\x1b@").removeprefix(b"\x1da\x0e")


def printed(receipt: Receipt, model: Model = ON_WIDE) -> bytes:
    """The bytes of a whole receipt."""
    return model.encode(receipt, TEMPLATES).data


def test_chinese_is_sent_in_the_two_byte_mode_and_only_chinese() -> None:
    assert encoded(Line("请A012号")) == b"\x1c&\x1c!\x00\xc7\xeb\x1c.A012\x1c&\x1c!\x00\xba\xc5\x1c.\n"


def test_double_size_is_set_for_both_fonts_and_taken_back() -> None:
    assert encoded(Line("窗口3", 2, 2)) == b"\x1d!\x11\x1c&\x1c!\x0c\xb4\xb0\xbf\xda\x1c.3\n\x1d!\x00"


def test_a_receipt_begins_with_a_reset_and_asks_for_automatic_status() -> None:
    assert WIDE.encode((Cut(),)).data == b"\x1b@\x1da\x0e\x1dVB\x00"


def test_without_a_cutter_the_last_line_is_fed_to_the_tear_bar() -> None:
    assert NARROW.encode((Cut(),)).data == b"\x1b@\x1bd\x05"


def test_a_rule_is_as_long_as_the_paper_is_wide() -> None:
    assert encoded(Rule(), encoder=NARROW) == b"-" * 32 + b"\n"
    assert encoded(Rule()) == b"-" * 48 + b"\n"


def test_a_space_is_fed_in_dots() -> None:
    assert encoded(Space(16)) == b"\x1bJ\x10"


def test_a_qr_code_is_native_and_centred() -> None:
    assert encoded(Qr("A012")) == (
        b"\x1ba\x01\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k\x07\x001P0A012\x1d(k\x03\x001Q0\x1ba\x00"
    )


def test_a_long_qr_code_gets_smaller_modules_until_it_fits() -> None:
    assert b"1C\x03" in encoded(Qr("x" * 260), encoder=NARROW)


def test_a_character_that_the_printer_lacks_is_named() -> None:
    assert WIDE.encode((Line("𠮷"),)).replaced == "𠮷"


def test_the_library_writes_the_same_commands() -> None:
    """python-escpos and this module agree wherever the library can be used."""
    library = Dummy()
    library.set(align="center")
    library.qr("https://hall.example/t/1", ec=QR_ECLEVEL_M, size=6, native=True)
    library.set(align="left")
    ours = encoded(Qr("https://hall.example/t/1"))
    assert ours in library.output.replace(b"\x1bM\x00", b"")
    big = Dummy()
    big.set(custom_size=True, width=8, height=8, bold=True, invert=True)
    for command in (b"\x1d!\x77", b"\x1bE\x01", b"\x1dB\x01"):
        assert command in big.output
        assert command in encoded(Line("A012", 8, 8, bold=True, inverted=True))


def test_the_number_is_as_large_as_the_paper_allows() -> None:
    assert b"\x1d!\x77\x1bE\x01A012\n" in printed(TICKET)
    assert b"\x1d!\x55\x1bE\x01A012\n" in printed(TICKET, ON_NARROW)
    assert b"\x1d!\x33\x1bE\x01AB1600\n" in printed(replace(TICKET, number="AB1600"), ON_NARROW)


@pytest.mark.parametrize(
    ("receipt", "words"),
    [
        (TICKET, "综合便民服务中心"),
        (TICKET, "您前面还有"),
        (OFFLINE, "等候时间未知"),
        (PRIORITY, "优先"),
        (REPRINT, "补打"),
        (replace(TICKET, appointment="10:30-11:00"), "预约时段"),
        (replace(TICKET, ahead=0), "您是下一位"),
        (replace(TICKET, then=(HALL, TICKET.zone)), "服务中心、"),
        (replace(PRIORITY, then=(HALL,)), "随后办理"),
        (replace(TICKET, qr=None, rules=None), "请到"),
        (SLIP, "受理凭证"),
        (replace(SLIP, reprint=True), "补打"),
        (Note(hall=HALL, title=TICKET.service, text=HALL, at=AT), "社会保障"),
    ],
)
def test_it_says(receipt: Receipt, words: str) -> None:
    assert words.encode("gbk") in printed(receipt)


def test_an_ordinary_first_print_bears_no_mark() -> None:
    assert "优先".encode("gbk") not in printed(TICKET)
    assert "补打".encode("gbk") not in printed(TICKET)


def test_one_person_ahead_is_one_person() -> None:
    assert b"1 person ahead of you" in printed(replace(TICKET, ahead=1, wait=WaitRange(low=5, high=5)))
    assert b"Estimated wait 5 min" in printed(replace(TICKET, ahead=1, wait=WaitRange(low=5, high=5)))


def test_large_print_doubles_what_one_has_to_know() -> None:
    large = printed(replace(TICKET, large_print=True))
    assert b"\x1c!\x0c" + "您前面还有".encode("gbk") in large
    assert b"\x1c!\x0c" + "过号后".encode("gbk") in large
    assert b"\x1c!\x00" + "您前面还有".encode("gbk") in printed(TICKET)


def test_the_golden_ticket() -> None:
    """Every byte of a ticket without number of people, rules and QR."""
    plain = replace(OFFLINE, rules=None, qr=None)
    assert printed(plain, ON_NARROW) == (
        b"\x1b@"
        b"\x1ba\x01\x1c&\x1c!\x00\xd7\xdb\xba\xcf\xb1\xe3\xc3\xf1\xb7\xfe\xce\xf1\xd6\xd0\xd0\xc4\x1c.\n\x1ba\x00"
        b"\x1bJ\x04"
        b"\x1ba\x01Integrated Public Service Centre\n\x1ba\x00"
        b"--------------------------------\n"
        b"\x1bJ\x08"
        b"\x1ba\x01\x1d!\x11\x1bE\x01\x1c&\x1c!\x0c\xc9\xe7\xbb\xe1\xb1\xa3\xd5\xcf\x1c.\n\x1bE\x00\x1d!\x00\x1ba\x00"
        b"\x1bJ\x04"
        b"\x1ba\x01Social security\n\x1ba\x00"
        b"\x1bJ\x10"
        b"\x1ba\x01\x1d!\x55\x1bE\x01A012\n\x1bE\x00\x1d!\x00\x1ba\x00"
        b"\x1bJ\x10"
        b"\x1ba\x01\x1bE\x01\x1c&\x1c!\x00\xb5\xc8\xba\xf2\xca\xb1\xbc\xe4\xce\xb4\xd6\xaa\xa3\xac"
        b"\xc7\xeb\xc1\xf4\xd2\xe2\xbd\xd0\xba\xc5\x1c.\n\x1bE\x00\x1ba\x00"
        b"\x1bJ\x02"
        b"\x1ba\x01Waiting time unknown, please\nwatch for your number\n\x1ba\x00"
        b"\x1bJ\x0a"
        b"\x1ba\x01\x1d!\x11\x1bE\x01\x1c&\x1c!\x0c\xc7\xeb\xb5\xbd\x1c.A\x1c&\x1c!\x0c\xc7\xf8\xb5\xc8\xba\xf2\x1c.\n"
        b"\x1bE\x00\x1d!\x00\x1ba\x00"
        b"\x1bJ\x04"
        b"\x1ba\x01Please wait in zone A\n\x1ba\x00"
        b"\x1bJ\x0a"
        b"\x1ba\x012026-11-20 10:32:05\n\x1ba\x00"
        b"\x1bd\x05"
    )
