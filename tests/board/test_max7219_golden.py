"""Golden words of a MAX7219, computed from its register table and not captured; driver and simulated chips are held to them.

16 bits each, the register in the low nibble of the first byte, its value in the second.
"""

import pytest

from hardware_sim.max7219 import Cascade
from tests.board.test_max7219 import Strip

SET_UP = {"0f 00": "display test off", "0b 07": "all eight rows", "09 00": "no decoding", "0c 01": "running"}
BRIGHTNESS_3 = "0a 03"
TOP_ROW_LIT = "01 ff"


def one_block() -> Strip:
    """A board of one chip that lies as its rows do."""
    return Strip(8, 8, 90)


def test_the_driver_sets_a_chip_up_with_these_words() -> None:
    strip = one_block()
    strip.board.brightness = 3
    sent = {word.hex(" ") for word in strip.sent_by(strip.board.open)}
    assert {*SET_UP, BRIGHTNESS_3} <= sent
    assert all(int(word[:2], 16) <= 0x0F for word in sent)


def test_the_driver_lights_a_row_with_this_word() -> None:
    strip = one_block()
    strip.board.open()
    assert [word.hex(" ") for word in strip.sent_by(lambda: strip.board.show(b"\xff" + bytes(7)))] == [TOP_ROW_LIT]


@pytest.mark.parametrize("register", [2, 5, 8])
def test_rows_are_registers_1_to_8_on_both_sides(register: int) -> None:
    strip = one_block()
    strip.board.open()
    picture = bytes(register - 1) + b"\x81" + bytes(8 - register)
    assert [word.hex(" ") for word in strip.sent_by(lambda: strip.board.show(picture))] == [f"{register:02x} 81"]
    assert strip.cascade.pixels() == picture


def test_a_chip_obeys_these_words() -> None:
    chip = Cascade(8, 8, 90)
    for word in (*SET_UP, BRIGHTNESS_3, *(f"{row:02x} 00" for row in range(1, 9)), TOP_ROW_LIT):
        chip.transfer(bytes.fromhex(word))
    assert (chip.running, chip.intensity, chip.pixels()) == ((True,), 3, b"\xff" + bytes(7))
    chip.transfer(bytes.fromhex("0f 01"))
    assert chip.pixels() == b"\xff" * 8
    chip.transfer(bytes.fromhex("0f 00"))
    chip.transfer(bytes.fromhex("0c 00"))
    assert chip.pixels() == bytes(8)
