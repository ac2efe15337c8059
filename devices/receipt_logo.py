"""A hall's logo as a printer takes it: a picture file becomes black and white dots, scaled to the paper."""

from pathlib import Path

from devices.receipt_blocks import Picture
from devices.receipt_template import TemplateProblem

SHARE = 0.6
"""How much of the line's width a logo takes at most."""
TALLEST = 240
"""Dots: 30 mm of paper."""


class BadLogo(TemplateProblem):
    """The picture cannot be used."""


def load_logo(path: Path, dots: int) -> Picture:
    """The picture for a line of so many dots: never enlarged, on white, dithered. Raises `BadLogo`."""
    from PIL import Image, UnidentifiedImageError  # a node without a logo does not carry it

    try:
        with Image.open(path) as file:
            colours = file.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadLogo(f"logo {path}: cannot be used: {error}; a PNG file is wanted") from error
    paper = Image.new("RGBA", colours.size, "white")
    grey = Image.alpha_composite(paper, colours).convert("L")
    scale = min(1.0, dots * SHARE / grey.width, TALLEST / grey.height)
    size = (max(8, int(grey.width * scale) // 8 * 8), max(1, round(grey.height * scale)))
    ink = grey.resize(size, Image.Resampling.LANCZOS).point(_inverted).convert("1", dither=Image.Dither.FLOYDSTEINBERG)
    return Picture(size[0], size[1], ink.tobytes())


def _inverted(grey: int) -> int:
    return 255 - grey
