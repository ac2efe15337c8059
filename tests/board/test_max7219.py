"""The driver: luma is the first oracle, the simulated chips are the second."""

import errno
import random
import warnings
from collections.abc import Callable

import pytest
from luma.core.interface.serial import noop, spi
from luma.led_matrix.device import max7219
from PIL import Image

from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused
from devices.lettering import Row, Typesetter
from devices.max7219 import LedBoard, Orientation
from hardware_sim.max7219 import Cascade, SpiPort

SIZES = [(8, 8), (64, 8), (128, 16), (256, 16), (512, 16), (24, 24), (64, 32), (40, 64)]
ORIENTATIONS: list[Orientation] = [-90, 0, 90, 180]


class OneWire:
    """Wires with a single SPI bus."""

    def __init__(self, port: object) -> None:
        self._port = port

    def spi(self, wire: str) -> object:
        return self._port


class Strip:
    """A board at the end of its wire, and hands to break it."""

    def __init__(self, width: int = 128, height: int = 16, orientation: Orientation = -90) -> None:
        self.cascade = Cascade(width, height, orientation)
        self.port = SpiPort(self.cascade, keep=100)
        self.board = board_on(self.port, width, height, orientation)

    def sent_by(self, action: Callable[[], object]) -> list[bytes]:
        self.port.sent.clear()
        action()
        return list(self.port.sent)


def board_on(port: object, width: int = 128, height: int = 16, orientation: Orientation = -90) -> LedBoard:
    return LedBoard(OneWire(port), "/dev/spidev0.0", width, height, orientation=orientation)  # type: ignore[arg-type]


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    return Image.frombytes("1", (width, height), random.Random(seed).randbytes(width * height // 8))


def luma_sends(image: Image.Image, orientation: Orientation) -> list[bytes]:
    port = SpiPort(Cascade(image.width, image.height), keep=100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # luma asks Pillow for getdata
        device = max7219(spi(spi=port, gpio=noop()), width=image.width, height=image.height, block_orientation=orientation)
        device.persist = True
        port.sent.clear()
        device.display(image)
    return list(port.sent)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_frame_is_sent_as_luma_sends_it_and_lights_the_image(width: int, height: int, orientation: Orientation) -> None:
    strip = Strip(width, height, orientation)
    strip.board.open()
    image = noise(width, height)
    assert strip.sent_by(lambda: strip.board.show(image.tobytes())) == luma_sends(image, orientation)
    assert strip.cascade.pixels() == image.tobytes()


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(("width", "height"), [(128, 16), (64, 32)])
def test_every_single_pixel_is_where_it_belongs(width: int, height: int, orientation: Orientation) -> None:
    strip = Strip(width, height, orientation)
    strip.board.open()
    for x, y in random.Random(2).sample([(x, y) for x in range(width) for y in range(height)], 200):
        image = Image.new("1", (width, height))
        image.putpixel((x, y), 1)
        strip.board.show(image.tobytes())
        assert strip.cascade.pixels() == image.tobytes()


def test_an_equal_frame_sends_no_byte() -> None:
    strip = Strip()
    strip.board.open()
    assert strip.board.show(noise(128, 16).tobytes())
    assert strip.sent_by(lambda: strip.board.show(noise(128, 16).tobytes())) == []


def test_only_digit_rows_that_differ_are_sent() -> None:
    strip = Strip()
    strip.board.open()
    image = noise(128, 16)
    strip.board.show(image.tobytes())
    image.putpixel((5, 3), not image.getpixel((5, 3)))
    sent = strip.sent_by(lambda: strip.board.show(image.tobytes()))
    assert [transfer[0] for transfer in sent] == [8 - 3]
    assert strip.cascade.pixels() == image.tobytes()


def test_the_rows_of_two_boards_do_not_mix() -> None:
    left, right = Strip(), Strip()
    left.board.open()
    right.board.open()
    left.board.show(noise(128, 16, 1).tobytes())
    right.board.show(noise(128, 16, 2).tobytes())
    assert left.cascade.pixels() == noise(128, 16, 1).tobytes()
    assert right.cascade.pixels() == noise(128, 16, 2).tobytes()


def test_opening_sets_every_chip_up_and_starts_dark() -> None:
    strip = Strip()
    strip.board.brightness = 3
    strip.board.open()
    assert all(strip.cascade.running)
    assert strip.cascade.intensity == 3
    assert not any(strip.cascade.pixels())
    assert strip.port.max_speed_hz == 8_000_000


@pytest.mark.parametrize("into", ["shutdown", "test"])
def test_a_chip_that_browned_out_comes_back_with_the_next_assertion(into: str) -> None:
    strip = Strip()
    strip.board.open()
    image = noise(128, 16)
    strip.board.show(image.tobytes())
    strip.cascade.brown_out(7, into)  # type: ignore[arg-type]
    assert strip.cascade.pixels() != image.tobytes()
    strip.board.reassert()
    assert strip.cascade.pixels() == image.tobytes()
    assert strip.cascade.faults() == []


def test_brightness_holds_from_the_next_assertion() -> None:
    strip = Strip()
    strip.board.open()
    strip.board.brightness = 15
    strip.board.reassert()
    assert strip.cascade.intensity == 15


def test_chinese_text_stands_on_the_board_as_it_was_set() -> None:
    strip = Strip()
    strip.board.open()
    page = Typesetter(128, 16, print).page((Row("请A012到3号窗口"),))
    strip.board.show(page)
    assert strip.cascade.pixels() == page


def test_closing_darkens_the_board_and_may_be_done_twice() -> None:
    strip = Strip()
    strip.board.open()
    strip.board.show(noise(128, 16).tobytes())
    strip.board.close()
    strip.board.close()
    assert not any(strip.cascade.running)
    assert not strip.board.is_open


def test_a_closed_board_shows_nothing_and_says_so() -> None:
    with pytest.raises(DeviceMissing, match=r"spidev0\.0: the board is not open"):
        Strip().board.show(noise(128, 16).tobytes())


def test_a_frame_of_another_size_is_refused() -> None:
    strip = Strip()
    strip.board.open()
    with pytest.raises(ValueError, match="128 bytes are no frame of 128 x 16 pixels"):
        strip.board.show(noise(64, 16).tobytes())


class BrokenPort:
    """An SPI bus that fails when it is told to."""

    def __init__(self) -> None:
        self.max_speed_hz, self.mode, self.cshigh = 0, 0, False
        self.fails_open: OSError | None = None
        self.fails_write: OSError | None = None
        self.closed = 0

    def open(self, port: int, device: int) -> None:
        if self.fails_open:
            raise self.fails_open

    def writebytes(self, data: list[int] | bytes | bytearray) -> None:
        if self.fails_write:
            raise self.fails_write

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOENT, DeviceMissing), (errno.EACCES, DeviceRefused), (errno.EBUSY, DeviceRefused), (errno.EIO, DeviceBroken)],
)
def test_what_the_kernel_refuses_becomes_an_error_of_the_device(number: int, kind: type[DeviceError]) -> None:
    port = BrokenPort()
    port.fails_open = OSError(number, "no luck")
    with pytest.raises(kind, match=r"/dev/spidev0\.0: no luck"):
        board_on(port).open()


def test_a_failed_write_closes_the_board_and_opening_sends_everything_anew() -> None:
    port = BrokenPort()
    board = board_on(port)
    board.open()
    port.fails_write = OSError(errno.EIO, "noise")
    with pytest.raises(DeviceBroken):
        board.show(noise(128, 16).tobytes())
    assert not board.is_open
    assert port.closed == 1
    port.fails_write = None
    board.open()
    assert board.show(Image.new("1", (128, 16)).tobytes()) is False
    assert board.show(noise(128, 16).tobytes()) is True


def test_a_wire_that_is_no_spi_bus_is_named() -> None:
    board = LedBoard(OneWire(BrokenPort()), "/dev/ttyUSB0", 128, 16)  # type: ignore[arg-type]
    with pytest.raises(DeviceMissing, match="/dev/ttyUSB0: is not an SPI wire"):
        board.open()


def test_a_frame_of_128_by_16_takes_half_a_millisecond_on_the_wire_at_most() -> None:
    assert Strip().board.frame_seconds == pytest.approx(0.000512)
