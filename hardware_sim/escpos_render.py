"""Drawing a printed page as its dots: characters from GNU Unifont in the cells that thermal printers have."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFont

from hardware_sim.escpos_marks import Glyph, Line, Mark, QrSymbol, Raster

_FONTS = (
    Path(__file__).resolve().parent.parent / "devices" / "fonts" / "unifont-gb2312.otf",
    Path("/usr/share/fonts/opentype/unifont/unifont.otf"),
)
_QR_LEVELS = {48: "ERROR_CORRECT_L", 49: "ERROR_CORRECT_M", 50: "ERROR_CORRECT_Q", 51: "ERROR_CORRECT_H"}


def draw(lines: Iterable[Line], width: int, height: int) -> Image.Image:
    """Paper with these lines on it as an image of mode `1`, paper white and dots black."""
    dots = Image.new("1", (width, max(1, height)))
    for line in lines:
        for left, mark in line.marks:
            place = (left, _top(line, mark))
            ink = _ink(mark)
            dots.paste(255, (*place, place[0] + ink.width, place[1] + ink.height), ink)
    return ImageChops.invert(dots)


def qr_version(data: bytes, level: int) -> int:
    """The smallest QR version that holds `data`. Raises `ValueError` when none does."""
    from qrcode.exceptions import DataOverflowError

    try:
        return int(_qr(data, level).best_fit())
    except DataOverflowError as error:
        raise ValueError(f"{len(data)} bytes fit no QR code") from error


def _qr(data: bytes, level: int) -> Any:
    import qrcode

    code = qrcode.QRCode(error_correction=getattr(qrcode.constants, _QR_LEVELS[level]), box_size=1, border=0)
    code.add_data(data)
    return code


def _top(line: Line, mark: Mark) -> int:
    return line.top + line.height - mark.height


def _ink(mark: Mark) -> Image.Image:
    match mark:
        case Glyph():
            return _enlarged(_character(mark), mark.style.wide, mark.style.tall)
        case Raster():
            return _enlarged(Image.frombytes("1", (mark.columns, mark.rows), mark.data), mark.across, mark.down)
        case QrSymbol():
            return _enlarged(_modules(mark.data, mark.level), mark.module, mark.module)


def _enlarged(image: Image.Image, across: int, down: int) -> Image.Image:
    if across == down == 1:
        return image
    return image.resize((image.width * across, image.height * down), Image.Resampling.NEAREST)


@lru_cache(maxsize=16)
def _modules(data: bytes, level: int) -> Image.Image:
    rows = _qr(data, level).get_matrix()
    image = Image.new("1", (len(rows), len(rows)))
    image.putdata([255 * dark for row in rows for dark in row])
    return image


def _character(glyph: Glyph) -> Image.Image:
    style = glyph.style
    cell = _shape(glyph.character, glyph.cell, glyph.height // style.tall)
    if glyph.gap:
        cell = cell.crop((0, 0, glyph.cell + glyph.gap, cell.height))
    if style.bold:
        cell = ImageChops.logical_or(cell, ImageChops.offset(cell, 1, 0))
    if style.underline:
        cell = cell.copy()
        cell.paste(255, (0, cell.height - style.underline, cell.width, cell.height))
    return ImageChops.invert(cell) if style.reverse else cell


@lru_cache(maxsize=2048)
def _shape(character: str, width: int, height: int) -> Image.Image:
    image = Image.new("1", (width, height))
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    pen.text((0, 0), character, font=_font(24 if height == 24 else 18), fill=255)
    return image


@lru_cache(maxsize=2)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = next((path for path in _FONTS if path.exists()), None)
    if path is None:
        raise FileNotFoundError("GNU Unifont is missing: install the Debian package fonts-unifont")
    return ImageFont.truetype(path, size)
