"""Pages that come out of the printer, compared with text, dots and what a scanner reads."""

from itertools import pairwise

import pytest
import zxingcpp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from hardware_sim.escpos_page import HEAD_TO_CUTTER, LONGEST_PAGE, Page
from hardware_sim.escpos_parser import COMMANDS
from hardware_sim.escpos_printer import Printer
from tests.sim.paper import CUT, hanzi, printed, qr, send

TICKET = (
    b"\x1b@\x1ba\x01"
    + hanzi("综合便民服务中心\n")
    + b"Service Centre\n"
    + b"\x1d!\x11"
    + hanzi("社会保障\n")
    + b"\x1d!\x33\x1bE\x01A012\x1bE\x00\n\x1d!\x00"
    + hanzi("前面还有 12 人\n")
    + qr(b"https://hall.example/t/0123456789abcdef")
    + b"\x1ba\x00\n2025-11-22 08:31\n"
)


def black(page: Page, box: tuple[int, int, int, int] | None = None) -> int:
    """How many dots are burnt in a part of the page."""
    return page.image.convert("L").crop(box).histogram()[0] if box else page.image.convert("L").histogram()[0]


def ink_box(page: Page) -> tuple[int, int, int, int]:
    """The smallest box around all dots."""
    box = page.image.convert("L").point(lambda value: 255 - value).getbbox()
    assert box is not None
    return box


def test_a_ticket_reads_as_it_was_sent() -> None:
    page = printed(TICKET + CUT)
    assert page.text.splitlines() == [
        "综合便民服务中心",
        "Service Centre",
        "社会保障",
        "A012",
        "前面还有 12 人",
        "2025-11-22 08:31",
    ]
    assert page.qr == ("https://hall.example/t/0123456789abcdef",)
    assert (page.ending, page.width) == ("cut", 576)


def test_a_scanner_reads_the_qr_code_off_the_paper() -> None:
    page = printed(TICKET + CUT)
    (code,) = zxingcpp.read_barcodes(page.image.convert("L"))
    assert code.text == "https://hall.example/t/0123456789abcdef"


def test_cells_are_12_and_24_dots_wide_and_lines_30_apart() -> None:
    page = printed(b"A" + hanzi("办") + b"\nB\n")
    (first, second) = page.lines
    assert [left for left, _ in first.marks] == [0, 12]
    assert [mark.width for _, mark in first.marks] == [12, 24]
    assert second.top - first.top == 30
    assert first.top == HEAD_TO_CUTTER


def test_chinese_characters_burn_dots_in_their_own_cells() -> None:
    page = printed(hanzi("办理") + CUT)
    for cell in (0, 24):
        assert black(page, (cell, HEAD_TO_CUTTER, cell + 24, HEAD_TO_CUTTER + 24)) > 60


def test_without_chinese_mode_the_bytes_are_code_page_characters() -> None:
    assert printed("办".encode("gbk") + b"\n").text == "░∞"
    assert printed(b"\x1bt\x10\xe9\n").text == "é"


def test_a_printer_that_wakes_up_in_chinese_mode_needs_no_switch() -> None:
    assert printed("请".encode("gbk") + b"\n", chinese=True).text == "请"


def test_four_byte_codes_and_half_characters_do_not_exist_on_paper() -> None:
    printer = Printer()
    send(printer, b"\x1c&" + "㐀".encode("gb18030") + b"A\n\xb0\n")
    (page,) = printer.pages()
    assert page.text == "\ufffd9\ufffd9A\n\ufffd"
    assert printer.interpreter.broken_characters == 3


@pytest.mark.parametrize(("align", "left"), [(0, 0), (1, 276), (2, 552)])
def test_alignment_places_the_line(align: int, left: int) -> None:
    page = printed(b"\x1ba" + bytes((align,)) + b"AB\n")
    assert page.lines[0].marks[0][0] == left


def test_alignment_inside_a_line_has_no_effect() -> None:
    page = printed(b"A\x1ba\x01B\n")
    assert page.lines[0].marks[0][0] == 0


@pytest.mark.parametrize(
    ("command", "latin", "chinese"), [(b"\x1d!\x21", (36, 48), (72, 48)), (b"\x1b!\x30", (24, 48), (24, 24))]
)
def test_sizes(command: bytes, latin: tuple[int, int], chinese: tuple[int, int]) -> None:
    page = printed(command + b"A" + hanzi("办") + b"\n")
    assert [(mark.width, mark.height) for _, mark in page.lines[0].marks] == [latin, chinese]


def test_fs_exclamation_sizes_chinese_alone() -> None:
    page = printed(b"\x1c!\x0cA" + hanzi("办") + b"\n")
    assert [(mark.width, mark.height) for _, mark in page.lines[0].marks] == [(12, 24), (48, 48)]


def test_small_characters_stand_on_the_bottom_of_a_tall_line() -> None:
    page = printed(b"_\x1d!\x01_\n")
    boxes = [page.image.convert("L").crop((x, 96, x + 12, 144)).point(lambda v: 255 - v).getbbox() for x in (0, 12)]
    assert [box and box[3] for box in boxes] == [47, 46]


def test_bold_and_underlined_and_reversed_burn_more_dots() -> None:
    plain = black(printed(b"A\n"))
    assert black(printed(b"\x1bE\x01A\n")) > plain
    assert black(printed(b"\x1b-\x02A\n")) >= plain + 20
    assert black(printed(b"\x1dB\x01A\n")) == 12 * 24 - plain


def test_a_line_wraps_at_the_width_of_the_roll() -> None:
    assert printed(hanzi("一二三四五六七八九十一二三四五六七") + b"\n", paper=58).text.splitlines() == [
        "一二三四五六七八九十一二三四五六",
        "七",
    ]
    assert len(printed(b"x" * 49 + b"\n").lines) == 2


def test_tabs_and_positions_leave_gaps() -> None:
    page = printed(b"A\tB\x1b$\x2c\x01C\n")
    assert [left for left, _ in page.lines[0].marks] == [0, 96, 300]
    assert page.text == "A B C"


def test_feeds_move_the_paper() -> None:
    page = printed(b"A\x1bd\x03B\x1bJ\x64C\n\x1b3\x50D\nE\n")
    tops = [line.top for line in page.lines]
    assert [after - before for before, after in pairwise(tops)] == [90, 100, 30, 80]


def test_raster_image_dot_for_dot() -> None:
    page = printed(b"\x1dv0\x00\x02\x00\x02\x00\x80\x01\xff\xff")
    picture = page.image.crop((0, HEAD_TO_CUTTER, 16, HEAD_TO_CUTTER + 2))
    assert picture.tobytes() == bytes((0x7F, 0xFE, 0x00, 0x00))


@pytest.mark.parametrize(("mode", "size"), [(0, (8, 1)), (1, (16, 1)), (2, (8, 2)), (3, (16, 2))])
def test_raster_modes_double_the_dots(mode: int, size: tuple[int, int]) -> None:
    page = printed(b"\x1dv0" + bytes((mode,)) + b"\x01\x00\x01\x00\xff")
    assert ink_box(page) == (0, 96, size[0], 96 + size[1])


def test_stored_graphics_are_printed_on_request() -> None:
    store = b"\x1d(L\x0b\x000p0\x01\x011\x08\x00\x01\x00\xff"
    assert ink_box(printed(store + b"\x1d(L\x02\x0002")) == (0, 96, 8, 97)
    assert ink_box(printed(b"\x1d8L\x0b\x00\x00\x00" + store[5:] + b"\x1d(L\x02\x0002")) == (0, 96, 8, 97)


def test_column_images_have_their_highest_bit_on_top() -> None:
    page = printed(b"\x1b*\x21\x02\x00\x80\x00\x00\x00\x00\x01\n")
    dots = page.image.crop((0, 96, 2, 120))
    assert [xy for xy in ((x, y) for y in range(24) for x in range(2)) if not dots.getpixel(xy)] == [(0, 0), (1, 23)]


def test_a_picture_wider_than_the_head_is_cut_off() -> None:
    page = printed(b"\x1dv0\x00\x64\x00\x01\x00" + b"\xff" * 100, paper=58)
    assert ink_box(page) == (0, 96, 384, 97)


def test_a_cut_without_feed_leaves_the_last_12_millimetres_on_the_roll() -> None:
    printer = Printer()
    send(printer, b"one\ntwo\nthree\nfour\nfive\n\x1dV\x00")
    cut, hanging = printer.pages()
    assert (cut.text, cut.ending) == ("one\ntwo", "cut")
    assert (hanging.text, hanging.ending) == ("three\nfour\nfive", "open")


def test_cut_after_feed_takes_everything_and_the_next_page_starts_blank() -> None:
    printer = Printer()
    send(printer, b"first" + CUT + b"second" + CUT)
    first, second = printer.pages()
    assert (first.text, second.text) == ("first", "second")
    assert (first.height, second.height) == (HEAD_TO_CUTTER + 30, HEAD_TO_CUTTER + 30)
    assert first.id != second.id


def test_a_printer_without_cutter_leaves_it_to_the_hand() -> None:
    printer = Printer(cutter=False)
    send(printer, b"ticket" + CUT)
    assert [page.ending for page in printer.pages()] == ["open"]
    assert printer.tear().text == "ticket"
    assert [page.ending for page in printer.pages()] == ["torn"]


def test_two_metres_without_a_cut_fall_off() -> None:
    printer = Printer()
    send(printer, b"x\n" * 1200, piece=1024)
    assert [page.ending for page in printer.pages()] == ["torn", "torn", "open"]
    assert all(page.height <= LONGEST_PAGE + 60 for page in printer.pages())


def test_commands_without_effect_are_counted_and_what_follows_is_printed() -> None:
    printer = Printer()
    send(printer, b"\x1bV\x01\x1dk\x04ABC\x00\x1d(A\x02\x00\x00\x02\x1bx\x7fok\n")
    assert printer.pages()[0].text == "\ufffdok"
    assert dict(printer.interpreter.ignored) == {"1b56": 1, "1d6b": 1, "1d2841": 1, "1b78": 1}


def test_initialise_forgets_line_and_styles() -> None:
    page = printed(b"\x1d!\x77lost\x1b@kept\n")
    assert (page.text, page.lines[0].height) == ("kept", 24)


def test_a_png_is_the_page() -> None:
    from io import BytesIO

    page = printed(TICKET + CUT)
    assert Image.open(BytesIO(page.png)).convert("1").tobytes() == page.image.tobytes()


noise = st.lists(
    st.one_of(
        st.binary(max_size=30),
        st.sampled_from([TICKET, CUT, qr(b"x" * 300), hanzi("办理"), b"\x1b@", b"\x1d\x72\x01"]),
        st.builds(lambda prefix, rest: prefix + rest, st.sampled_from(sorted(COMMANDS)), st.binary(max_size=24)),
    ),
    max_size=20,
).map(b"".join)


def everything(printer: Printer) -> object:
    """All that can be seen of a printer."""
    return [(page.lines, page.height, page.ending) for page in printer.pages()], printer.interpreter.ignored


@given(noise, st.integers(1, 40))
@settings(deadline=None)
def test_noise_in_any_pieces_gives_the_same_paper_and_never_breaks_the_printer(data: bytes, piece: int) -> None:
    assume(b"\x10\x05\x02" not in data)  # empties the receive buffer, so it matters when it comes
    by_piece, at_once = Printer(), Printer()
    answers = send(by_piece, data, piece), send(at_once, data, 1024)
    assert everything(by_piece) == everything(at_once)
    assert len(answers[0]) == len(answers[1])
    for page in by_piece.pages():
        assert page.image.size == (page.width, page.height)
        assert isinstance(page.text, str)
