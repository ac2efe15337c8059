"""What the printer answers, at once or in order, and what its hands do to it. Golden answers are computed, not captured."""

import pytest

from hardware_sim.errors import CannotDo
from hardware_sim.escpos_printer import RECEIVE_BUFFER, Printer
from hardware_sim.escpos_status import Trouble
from tests.sim.paper import CUT, send

ALL_FOUR = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"


@pytest.mark.parametrize(
    ("hand", "answer"),
    [
        (lambda printer: None, "12121212"),
        (Printer.near_end, "1212121e"),
        (Printer.run_out, "1a32127e"),
        (Printer.open_cover, "1a161212"),
        (lambda printer: printer.break_down(Trouble.JAM), "1a521612"),
        (lambda printer: printer.break_down(Trouble.CUTTER), "1a521a12"),
        (lambda printer: printer.break_down(Trouble.UNRECOVERABLE), "1a523212"),
        (lambda printer: printer.break_down(Trouble.HOT), "1a525212"),
    ],
)
def test_realtime_status(hand: object, answer: str) -> None:
    printer = Printer()
    hand(printer)  # type: ignore[operator]
    assert send(printer, ALL_FOUR).hex() == answer


def test_realtime_status_is_answered_while_the_data_before_it_waits() -> None:
    printer = Printer()
    printer.open_cover()
    assert send(printer, b"ticket\n\x1dr\x01\x10\x04\x02") == b"\x16"
    assert printer.pages() == []
    printer.close_cover()
    printer.work(0.0)
    assert printer.take_replies() == b"\x00"
    assert printer.pages()[0].text == "ticket"


def test_realtime_status_is_answered_in_the_middle_of_an_image_in_any_pieces() -> None:
    for piece in (1, 3, 64):
        printer = Printer()
        assert send(printer, b"\x1dv0\x00\x01\x00\x03\x00\x10\x04\x04", piece) == b"\x12"
        assert printer.pages()[0].lines[0].height == 3


def test_paper_status_is_answered_in_order_with_the_data() -> None:
    printer = Printer(bytes_per_second=100)
    printer.receive(b"0123456789\n\x1dr\x01")
    printer.work(0.0)
    answers = []
    for tenth in range(1, 4):
        printer.work(tenth / 10)
        answers.append(printer.take_replies())
    assert answers == [b"", b"\x00", b""]


@pytest.mark.parametrize(("n", "answer"), [(b"\x01", b"\x03"), (b"1", b"\x03"), (b"\x02", b"\x00"), (b"\x09", b"")])
def test_transmitted_status_with_paper_near_its_end(n: bytes, answer: bytes) -> None:
    printer = Printer()
    printer.near_end()
    assert send(printer, b"\x1dr" + n) == answer


def test_automatic_status_comes_at_once_and_with_every_change() -> None:
    printer = Printer()
    assert send(printer, b"\x1da\x0e").hex() == "1000000f"
    printer.near_end()
    assert printer.take_replies().hex() == "1000030f"
    printer.run_out()
    assert printer.take_replies().hex() == "18000f0f"
    printer.load_paper()
    assert printer.take_replies().hex() == "1000000f"
    printer.open_cover()
    assert printer.take_replies().hex() == "3800000f"
    printer.close_cover()
    printer.take_replies()
    printer.break_down(Trouble.CUTTER)
    assert printer.take_replies().hex() == "1808000f"


def test_automatic_status_reports_only_what_was_asked_for() -> None:
    printer = Printer()
    send(printer, b"\x1da\x04")
    printer.near_end()
    assert printer.take_replies() == b""
    printer.break_down(Trouble.JAM)
    assert printer.take_replies().hex() == "1804030f"
    printer.mend()
    printer.take_replies()
    send(printer, b"\x1b@")
    printer.break_down(Trouble.JAM)
    assert printer.take_replies() == b""


def test_identity_and_process_id_are_answered() -> None:
    assert send(Printer(), b"\x1dI\x42") == b"_HALLWARE\x00"
    assert send(Printer(), b"\x1d(H\x06\x0000abcd") == b'7"abcd\x00'


def test_the_size_of_a_qr_code_is_answered() -> None:
    data = b"\x1d(k\x03\x001C\x04\x1d(k\x05\x001P0ab\x1d(k\x03\x001R0"
    assert send(Printer(), data) == b"\x37\x3684\x1f84\x1f1\x1f0\x00"


def test_paper_that_runs_out_in_a_ticket_stops_it_and_new_paper_carries_on() -> None:
    printer = Printer()
    printer.run_out(after=10)
    assert send(printer, b"one\ntwo\nthree\nfour\nfive" + CUT + b"\x1dr\x01") == b""
    assert [page.text for page in printer.pages()] == ["one\ntwo\nthree"]
    printer.load_paper()
    printer.work(0.0)
    assert printer.take_replies() == b"\x00"
    assert [(page.text, page.ending) for page in printer.pages()] == [("one\ntwo\nthree", "torn"), ("four\nfive", "cut")]


def test_power_off_loses_what_is_not_on_paper() -> None:
    printer = Printer()
    printer.open_cover()
    send(printer, b"\x1d!\x11\x1da\x0flost\n")
    printer.power_off()
    assert send(printer, b"into the dark" + ALL_FOUR) == b""
    printer.power_on()
    printer.close_cover()
    assert send(printer, b"kept\n") == b""
    (page,) = printer.pages()
    assert (page.text, page.lines[0].height) == ("kept", 24)


def test_a_full_receive_buffer_takes_no_more() -> None:
    printer = Printer()
    printer.open_cover()
    send(printer, bytes(b"x" * 10_000))
    assert printer.room == 0
    assert printer.busy
    assert printer.received == RECEIVE_BUFFER


def test_recovery_from_an_error_clears_the_buffer_on_request() -> None:
    printer = Printer()
    printer.break_down(Trouble.CUTTER)
    send(printer, b"old\n\x10\x05\x02")
    printer.mend(Trouble.CUTTER)
    send(printer, b"new\n")
    assert printer.pages()[0].text == "new"


def test_clear_buffer_in_real_time() -> None:
    printer = Printer()
    printer.open_cover()
    assert send(printer, b"old\n\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08") == b"7%\x00"
    printer.close_cover()
    assert not printer.busy


def test_a_mute_printer_prints_and_does_not_answer() -> None:
    printer = Printer()
    printer.hush(True)
    assert send(printer, b"seen\n\x1dr\x01" + ALL_FOUR) == b""
    assert printer.pages()[0].text == "seen"


def test_a_noisy_printer_says_anything() -> None:
    printer = Printer()
    printer.noise(100)
    assert len(printer.take_replies()) == 100


def test_nothing_to_tear_is_said() -> None:
    with pytest.raises(CannotDo, match="nothing printed"):
        Printer().tear()


def test_a_deselected_printer_takes_no_notice() -> None:
    printer = Printer()
    send(printer, b"\x1b=\x00not me\n\x1b=\x01me\n")
    assert printer.pages()[0].text == "me"
