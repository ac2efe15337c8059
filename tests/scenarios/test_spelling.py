"""Whether a board spells a text is read off its pixels, wherever and however large the text stands."""

from base64 import b64encode

import pytest
from PIL import Image, ImageDraw, ImageFont

from hardware_sim.scenario.spelling import FONT, spells, wider


def board(text: str, at: tuple[int, int] = (0, 0), size: tuple[int, int] = (128, 16), scale: int = 1) -> dict[str, object]:
    """A view of a board with a text drawn on it."""
    small = Image.new("1", (size[0] // scale, size[1] // scale))
    pen = ImageDraw.Draw(small)
    pen.fontmode = "1"
    pen.text(at, text, 1, ImageFont.truetype(FONT, 16))
    image = small.resize(size, Image.Resampling.NEAREST)
    return {"width": size[0], "height": size[1], "pixels": b64encode(image.tobytes()).decode(), "powered": True}


@pytest.mark.parametrize("at", [(0, 0), (3, 0), (40, 0)])
def test_text_is_read_wherever_it_stands(at: tuple[int, int]) -> None:
    view = board("A012 3号窗口", at, (256, 16))
    assert spells(view, "A012")
    assert spells(view, "3号窗口")
    assert not spells(view, "A013")
    assert not spells(view, "窗口3")


def test_text_is_read_in_twice_its_size() -> None:
    assert spells(board("请到", (0, 0), (128, 32), scale=2), "请到")
    assert spells(board("A001", (5, 16), (128, 32)), "A001")


def test_board_without_power_spells_nothing() -> None:
    assert not spells(board("A012") | {"powered": False}, "A012")


def test_text_wider_than_the_board_can_only_be_seen_in_pieces() -> None:
    assert wider(board(""), "请A012号到3号窗口")
    assert not wider(board(""), "A012")
