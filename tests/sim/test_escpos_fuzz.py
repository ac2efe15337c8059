"""Any bytes into the simulated printer: it neither crashes nor grows, and its buffers can be cleared at any moment."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware_sim.escpos_page import PAGES_KEPT
from hardware_sim.escpos_parser import COMMANDS
from hardware_sim.escpos_printer import RECEIVE_BUFFER, Printer
from hardware_sim.escpos_text import Encoding
from tests.sim.paper import CUT, hanzi, send

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
STREAM = st.lists(
    st.one_of(st.sampled_from(sorted(COMMANDS)), st.binary(max_size=12), st.just(hanzi("号")), st.just(CUT)), max_size=30
).map(b"".join)
ENCODINGS: tuple[Encoding, ...] = ("gbk", "gb18030", "utf-8")


@settings(deadline=None, max_examples=200)
@given(STREAM, st.integers(1, 64), st.sampled_from(ENCODINGS))
def test_any_bytes_are_printed_or_ignored_and_the_next_ticket_comes_out(data: bytes, piece: int, encoding: Encoding) -> None:
    printer = Printer(encoding=encoding)
    send(printer, data, piece)
    assert len(printer.pages()) <= PAGES_KEPT + 1
    assert printer.room <= RECEIVE_BUFFER
    printer.load_paper()
    send(printer, CLEAR + b"\x1b=\x01\x1b@A012\n" + CUT, piece)
    assert "A012" in printer.pages()[-1].text


@settings(deadline=None, max_examples=50)
@given(STREAM)
def test_whatever_was_printed_can_be_looked_at(data: bytes) -> None:
    printer = Printer()
    send(printer, data)
    for page in printer.pages():
        assert page.png.startswith(b"\x89PNG")
        assert isinstance(page.text, str)
