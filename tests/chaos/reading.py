"""Reading a board as a person does: the ticket numbers that its pixels spell."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from devices.lettering import CELL, SIZE, Lettering

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NUMBER = re.compile(r"[A-Z]{1,2}[0-9]{3,4}")


def numbers(view: Mapping[str, Any]) -> tuple[str, ...]:
    """The ticket numbers on a board of 16 rows, from left to right; none on one that is dark or has lost its cable."""
    return _numbers(view["pixels"], view["width"]) if view["powered"] else ()


def drawing(view: Mapping[str, Any]) -> str:
    """A board's pixels as a drawing for people."""
    packed, stride = b64decode(view["pixels"]), view["width"] // 8
    rows = (packed[y * stride : (y + 1) * stride] for y in range(view["height"]))
    return "\n".join("".join(f"{byte:08b}" for byte in row).replace("0", " ").replace("1", "#") for row in rows)


@lru_cache(maxsize=1024)
def _numbers(pixels: str, width: int) -> tuple[str, ...]:
    stride = width // 8
    packed = b64decode(pixels)
    rows = [int.from_bytes(packed[y * stride : (y + 1) * stride], "big") for y in range(SIZE)]
    return tuple(word for word in _words(rows, width) if NUMBER.fullmatch(word))


def _words(rows: list[int], width: int) -> Iterator[str]:
    """Runs of characters that stand side by side, wherever they begin."""
    glyphs, word, x = _glyphs(), "", 0
    while x <= width - CELL:
        shift = width - CELL - x
        found = glyphs.get(bytes((row >> shift) & 0xFF for row in rows))
        if found is None:
            if word:
                yield word
            word, x = "", x + 1
        else:
            word, x = word + found, x + CELL
    yield word


@cache
def _glyphs() -> dict[bytes, str]:
    lettering = Lettering(1, missing=lambda character: None)
    return {lettering.columns(character)[0]: character for character in CHARACTERS}
