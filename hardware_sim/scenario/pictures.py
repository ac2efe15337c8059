"""Pictures for a report: boards lamp by lamp, paper dot by dot, as they were in one moment."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

PITCH = 5
LIT, DARK = (255, 64, 32), (40, 18, 16)


@dataclass(frozen=True)
class Picture:
    """A PNG with the name of what it shows."""

    name: str
    png: bytes


def pictures(view: Mapping[str, Any]) -> Iterator[Picture]:
    """What can be shown of a device's view."""
    if "pixels" in view:
        yield Picture(view["device"], _board(view["pixels"], view["width"], view["height"]))
    for page in view.get("pages", ())[-1:]:
        yield Picture(f"{view['device']} {page['id']}", b64decode(page["png"]))


@lru_cache(maxsize=64)
def _board(pixels: str, width: int, height: int) -> bytes:
    lamps = Image.frombytes("1", (width, height), b64decode(pixels))
    large = lamps.resize((width * PITCH, height * PITCH), Image.Resampling.NEAREST).convert("L")
    board = Image.composite(Image.new("RGB", large.size, LIT), Image.new("RGB", large.size, DARK), large)
    shown = Image.composite(board, Image.new("RGB", large.size), _holes(width, height))
    file = BytesIO()
    shown.quantize(8).save(file, "PNG", optimize=True)
    return file.getvalue()


@lru_cache(maxsize=16)
def _holes(width: int, height: int) -> Image.Image:
    hole = Image.new("L", (PITCH, PITCH))
    ImageDraw.Draw(hole).ellipse((0, 0, PITCH - 2, PITCH - 2), fill=255)
    sheet = Image.new("L", (width * PITCH, height * PITCH))
    for y in range(height):
        for x in range(width):
            sheet.paste(hole, (x * PITCH, y * PITCH))
    return sheet
