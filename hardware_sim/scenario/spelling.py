"""Reading a board as a person does: whether its lit pixels spell a text, drawn in GNU Unifont anywhere on it."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).parents[2] / "devices" / "fonts" / "unifont-gb2312.otf"
SIZE = 16

Rows = Sequence[int]
"""A picture's rows as whole numbers, the highest bit left."""


def spells(view: Mapping[str, Any], text: str) -> bool:
    """Whether a board's view shows `text`, in the letters' own size or in twice or three times that."""
    if "pixels" not in view or not view.get("powered", True):
        return False
    return _found(view["pixels"], view["width"], text)


def wider(view: Mapping[str, Any], text: str) -> bool:
    """Whether `text` is wider than the whole board, so that it can only be seen piece by piece."""
    return bool(_cells(text) * 8 > view["width"])


@lru_cache(maxsize=4096)
def _found(pixels: str, width: int, text: str) -> bool:
    rows = _rows(b64decode(pixels), width)
    return any(_stands(rows, width, _drawn(text, scale), _cells(text) * 8 * scale) for scale in (1, 2, 3))


def _rows(packed: bytes, width: int) -> Rows:
    stride = (width + 7) // 8
    spare = 8 * stride - width
    return [int.from_bytes(packed[at : at + stride], "big") >> spare for at in range(0, len(packed), stride)]


def _stands(board: Rows, width: int, letters: Rows, wide: int) -> bool:
    if not letters or wide > width:
        return False
    mask = (1 << wide) - 1
    for top in range(len(board) - len(letters) + 1):
        for shift in range(width - wide + 1):
            if all(board[top + y] >> shift & mask == row for y, row in enumerate(letters)):
                return True
    return False


@lru_cache(maxsize=512)
def _drawn(text: str, scale: int) -> Rows:
    """The text's rows from the first that has ink to the last."""
    image = Image.new("1", (_cells(text) * 8, SIZE))
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    pen.text((0, 0), text, 1, letters())
    box = image.getbbox()
    if box is None:
        return []
    inked = image.crop((0, box[1], image.width, box[3]))
    large = inked.resize((inked.width * scale, inked.height * scale), Image.Resampling.NEAREST)
    return _rows(large.tobytes(), large.width)


def text_width(text: str) -> int:
    """Pixels that a text is wide."""
    return int(letters().getlength(text))


def _cells(text: str) -> int:
    """Half-width cells: Unifont draws a Latin letter 8 pixels wide and a Chinese one 16."""
    return text_width(text) // 8


@lru_cache(maxsize=1)
def letters() -> ImageFont.FreeTypeFont:
    """GNU Unifont at its own size."""
    return ImageFont.truetype(FONT, SIZE)
