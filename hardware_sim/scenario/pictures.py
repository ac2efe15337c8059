"""Pictures for a report: boards lamp by lamp, paper dot by dot, as they were in one moment."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from hardware_sim.scenario.spelling import letters, text_width

PITCH = 5
LIT, DARK = (255, 64, 32), (40, 18, 16)
GLOWS = {"red": LIT, "green": (60, 255, 110), "yellow": (255, 210, 60), "black": (60, 60, 60)}


@dataclass(frozen=True)
class Picture:
    """A PNG with the name of what it shows."""

    name: str
    png: bytes


def pictures(view: Mapping[str, Any]) -> Iterator[Picture]:
    """What can be shown of a device's view."""
    if "pixels" in view:
        yield Picture(view["device"], _board(view["pixels"], view["width"], view["height"]))
    elif rows := _texts(view):
        yield Picture(view["device"], _lettered(rows))
    for page in view.get("pages", ())[-1:]:
        yield Picture(f"{view['device']} {page['id']}", b64decode(page["png"]))


def _texts(view: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Text and colour of each row of a text board."""
    rows = view.get("rows", ())
    return tuple((str(row["text"]), str(row.get("colour", "red"))) for row in rows if isinstance(row, Mapping) and "text" in row)


@lru_cache(maxsize=64)
def _lettered(rows: tuple[tuple[str, str], ...]) -> bytes:
    """Rows as they glow."""
    wide = max(160, *(text_width(text) + 16 for text, _ in rows))
    image = Image.new("RGB", (wide, 24 * len(rows) + 8), (9, 7, 8))
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    for row, (text, colour) in enumerate(rows):
        pen.text((8, 24 * row + 8), text, GLOWS.get(colour, LIT), letters())
    return _png(image.resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST))


@lru_cache(maxsize=64)
def _board(pixels: str, width: int, height: int) -> bytes:
    lamps = Image.frombytes("1", (width, height), b64decode(pixels))
    large = lamps.resize((width * PITCH, height * PITCH), Image.Resampling.NEAREST).convert("L")
    board = Image.composite(Image.new("RGB", large.size, LIT), Image.new("RGB", large.size, DARK), large)
    shown = Image.composite(board, Image.new("RGB", large.size), _holes(width, height))
    return _png(shown)


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.quantize(8).save(file, "PNG", optimize=True)
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
