"""The MAX7219 cascade against its data sheet, and against luma's idea of a board."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luma.core.interface.serial import noop, spi
from luma.led_matrix.device import max7219
from PIL import Image, ImageDraw

from hardware_sim.max7219 import Cascade, Orientation, SpiPort
from tests.sim.spi import words

RUN = words((0xC, 1)) + words((0xB, 7))


def started(width: int, height: int, orientation: Orientation = 90) -> Cascade:
    """A cascade that runs, scans all digits and is dark."""
    cascade = Cascade(width, height, orientation)
    for register, value in ((0xC, 1), (0xB, 7), *((digit, 0) for digit in range(1, 9))):
        cascade.transfer(words((register, value), times=cascade.chips))
    return cascade


def test_after_power_on_all_is_dark() -> None:
    cascade = Cascade(32, 8)
    assert cascade.pixels() == bytes(32)
    assert cascade.running == (False,) * 4


def test_first_scan_after_power_on_shows_one_digit_of_garbage() -> None:
    cascade = Cascade(8, 8, 90)
    cascade.transfer(words((0xC, 1)))
    assert cascade.pixels() == cascade.register(1) + bytes(7)


def test_the_last_word_sent_lights_the_nearest_block() -> None:
    cascade = started(16, 16)
    cascade.transfer(words((1, 0x80), (1, 0x40), (1, 0x20), (1, 0x10)))
    rows = cascade.pixels()
    assert rows[0:2] == bytes((0x10, 0x20))
    assert rows[16:18] == bytes((0x40, 0x80))


def test_a_short_transfer_moves_everything_one_chip_on() -> None:
    cascade = started(16, 8)
    cascade.transfer(words((1, 0xAA)))
    assert cascade.pixels()[:2] == b"\xaa\x00"
    cascade.transfer(words((0, 0)))
    assert cascade.pixels()[:2] == b"\xaa\xaa"


def test_no_op_and_registers_that_do_not_exist_change_nothing() -> None:
    cascade = started(8, 8)
    for register in (0x0, 0xD, 0xE):
        cascade.transfer(words((register, 0xFF)))
    assert cascade.pixels() == bytes(8)


def test_upper_address_bits_are_ignored() -> None:
    cascade = started(8, 8)
    cascade.transfer(words((0xF1, 0x3C)))
    assert cascade.pixels()[0] == 0x3C


def test_display_test_lights_all_even_in_shutdown() -> None:
    cascade = Cascade(8, 8)
    cascade.transfer(words((0xF, 1)))
    assert cascade.pixels() == b"\xff" * 8


def test_scan_limit_leaves_the_digits_behind_it_dark() -> None:
    cascade = started(8, 8)
    for digit in range(1, 9):
        cascade.transfer(words((digit, 0xFF)))
    cascade.transfer(words((0xB, 2)))
    assert cascade.pixels() == b"\xff\xff\xff" + bytes(5)


def test_decode_mode_shows_code_b() -> None:
    cascade = started(8, 8)
    cascade.transfer(words((0x9, 0b11)))
    cascade.transfer(words((1, 0x08)))
    cascade.transfer(words((2, 0x8A)))
    cascade.transfer(words((3, 0x08)))
    assert cascade.pixels()[:3] == bytes((0x7F, 0x81, 0x08))


def test_a_browned_out_chip_is_dark_until_its_registers_are_written_again() -> None:
    cascade = started(16, 8)
    cascade.transfer(words((1, 0xFF), (1, 0xFF)))
    cascade.brown_out(1)
    assert cascade.pixels()[:2] == b"\xff\x00"
    assert cascade.faults() == ["brown-out 1"]
    for register, value in ((0xC, 1), (0xB, 7), (1, 0x0F)):
        cascade.transfer(words((register, value), times=2))
    assert cascade.pixels()[:2] == b"\x0f\x0f"
    assert cascade.faults() == []


def test_a_chip_can_hang_in_display_test() -> None:
    cascade = started(16, 8)
    cascade.brown_out(0, into="test")
    assert cascade.pixels() == b"\xff\x00" * 8


def test_unplugged_is_dark_and_replugged_is_as_at_power_on() -> None:
    cascade = started(8, 8)
    cascade.transfer(words((1, 0xFF)))
    cascade.unplug()
    cascade.transfer(words((1, 0xFF)))
    assert (cascade.pixels(), cascade.faults()) == (bytes(8), ["unplugged"])
    cascade.plug()
    assert cascade.running == (False,)


def test_a_dead_column_stays_dark() -> None:
    cascade = started(16, 8)
    cascade.transfer(words((1, 0xFF), (1, 0xFF)))
    cascade.kill_column(9)
    assert cascade.pixels()[:2] == b"\xff\xbf"
    cascade.mend_columns()
    assert cascade.pixels()[:2] == b"\xff\xff"


def test_intensity_is_what_most_running_chips_have() -> None:
    cascade = started(24, 8)
    cascade.transfer(words((0xA, 3), (0xA, 0xF9), (0xA, 9)))
    assert cascade.intensity == 9


def test_listeners_hear_every_latch_until_they_stop() -> None:
    cascade, heard = Cascade(8, 8), list[int]()
    stop = cascade.listen(lambda: heard.append(cascade.latches))
    cascade.transfer(RUN)
    stop()
    cascade.transfer(RUN)
    assert heard == [1]


@pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated")
@pytest.mark.parametrize("orientation", [-90, 0, 90, 180])
@pytest.mark.parametrize("size", [(8, 8), (32, 8), (128, 16), (64, 24), (16, 32)])
def test_luma_shows_the_picture_it_was_given(orientation: Orientation, size: tuple[int, int]) -> None:
    cascade = Cascade(*size, orientation)
    port = SpiPort(cascade)
    device = max7219(spi(spi=port, gpio=noop()), width=size[0], height=size[1], block_orientation=orientation)
    picture = Image.new("1", size)
    draw = ImageDraw.Draw(picture)
    draw.line((0, 0, *size), fill=1)
    draw.rectangle((1, 2, size[0] // 2, 5), fill=1)
    draw.point((size[0] - 1, 0), fill=1)
    device.display(picture)
    assert cascade.image().tobytes() == picture.tobytes()
    assert port.transfers == 3 + 1 + 8 + 1 + 8


def test_too_fast_a_clock_or_a_wrong_mode_is_noise() -> None:
    cascade = started(8, 8)
    port = SpiPort(cascade, keep=4)
    port.open(0, 0)
    port.max_speed_hz = 16_000_000
    port.writebytes([1, 0xFF])
    port.max_speed_hz, port.mode = 8_000_000, 1
    port.writebytes([1, 0xFF])
    assert cascade.pixels() == bytes(8)
    port.mode = 0
    port.writebytes(b"\x01\xff")
    assert cascade.pixels() == b"\xff" + bytes(7)
    assert (port.transfers, port.bytes_sent, list(port.sent)) == (3, 6, [b"\x01\xff"] * 3)


def test_a_closed_port_refuses_to_write() -> None:
    port = SpiPort(Cascade(8, 8))
    with pytest.raises(OSError, match="Bad file descriptor"):
        port.writebytes(b"\x01\xff")
    port.close()
    port.close()


@given(st.lists(st.binary(max_size=40), max_size=40), st.sampled_from([-90, 0, 90, 180]))
def test_any_bytes_give_the_same_picture_whenever_one_looks(transfers: list[bytes], orientation: Orientation) -> None:
    watched, unwatched = Cascade(24, 16, orientation), Cascade(24, 16, orientation)
    for data in transfers:
        watched.transfer(data)
        watched.pixels()
        unwatched.transfer(data)
    assert watched.pixels() == unwatched.pixels()
    assert watched.faults() == unwatched.faults()
