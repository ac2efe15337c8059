"""Reading what a hall shows: a ticket's QR code from its paper, a number from a board's lit pixels."""

import io
import re
from functools import cache

import zxingcpp
from PIL import Image, ImageDraw, ImageFont

FONT = "devices/fonts/unifont-gb2312.otf"
CELL = (8, 16)
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Rows = list[str]
"""A board's pixels, row by row: `#` lit, `.` dark."""


def qr_of(png: bytes) -> str:
    """The text of the QR code on a page; empty while none is printed."""
    with Image.open(io.BytesIO(png)) as page:
        found = zxingcpp.read_barcodes(page.convert("L"))
    return found[0].text if found else ""


@cache
def _shapes() -> dict[tuple[str, ...], str]:
    font = ImageFont.truetype(FONT, 16)
    shapes = {}
    for sign in SIGNS:
        image = Image.new("1", CELL)
        draw = ImageDraw.Draw(image)
        draw.fontmode = "1"
        draw.text((0, 0), sign, 1, font)
        shapes[tuple("".join("#" if image.getpixel((x, y)) else "." for y in range(CELL[1])) for x in range(CELL[0]))] = sign
    return shapes


def signs_on(rows: Rows) -> str:
    """Latin letters and digits that stand on a board, from left to right, wherever they begin; a space for everything else."""
    columns = ["".join(row[x] for row in rows) for x in range(len(rows[0]))]
    text, x = "", 0
    while x < len(columns):
        sign = _shapes().get(tuple(columns[x : x + CELL[0]]))
        text += sign or " "
        x += CELL[0] if sign else 1
    return text


def numbers_on(rows: Rows) -> list[str]:
    """Ticket numbers that stand on a board."""
    return re.findall(r"(?<![A-Z0-9])[A-Z]{1,2}[0-9]{3,4}(?![0-9])", signs_on(rows))
