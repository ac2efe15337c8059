"""QR codes for a page: one SVG path of dark squares, drawn by whoever shows it."""

from dataclasses import dataclass
from functools import lru_cache

import qrcode

QUIET = 2
"""Light squares around the code."""


@dataclass(frozen=True)
class Qr:
    """A code of `size` squares a side, and the path of its dark ones."""

    size: int
    path: str


@lru_cache(maxsize=64)
def qr(text: str) -> Qr:
    """The code of a text."""
    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dark = ((x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return Qr(size=len(rows), path="".join(f"M{x} {y}h1v1h-1z" for x, y in dark))
