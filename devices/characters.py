"""Characters: text as the bytes that a text board understands; what a board lacks is replaced, and reported once.

On such boards a byte is a cell: half the width of a Chinese character.
"""

import unicodedata
from collections.abc import Callable
from typing import Literal, NamedTuple

CharacterSet = Literal["gbk", "gb2312", "ascii", "digits"]

_INSTEAD = {"gbk": ("□", "?"), "gb2312": ("□", "?"), "ascii": ("?", "?")}
_SIGNS: dict[CharacterSet, str] = {"gbk": "…", "gb2312": "…", "ascii": "..", "digits": ""}


class Characters:
    """One board's character set; `missing` is told once of each character that it lacks."""

    def __init__(self, name: CharacterSet, missing: Callable[[str], None]) -> None:
        self.name = name
        self.sign = _SIGNS[name]
        """Stands where a text goes on later."""
        self._missing = missing
        self._known: dict[str, bytes] = {}

    def encode(self, text: str) -> bytes:
        """The text's bytes; a character that the board lacks becomes a box or a question mark of the same width."""
        return b"".join([self._known.get(character) or self._look_up(character) for character in text])

    def split(self, text: str) -> list[bytes]:
        """The bytes of each character."""
        return [self.encode(character) for character in text]

    def cells(self, text: str) -> int:
        """How many cells the text takes."""
        return len(self.encode(text))

    def _look_up(self, character: str) -> bytes:
        shown = " " if character.isspace() and character != "\u3000" else character
        wide = unicodedata.east_asian_width(character) in "WF"
        encoded = _encoded(shown, self.name)
        if encoded is None:
            self._missing(character)
            encoded = _encoded(_INSTEAD[self.name][not wide], self.name) if self.name in _INSTEAD else b" "
        self._known[character] = encoded or b" "
        return self._known[character]


class Number(NamedTuple):
    """What a digit board can show: the digits of a text, or nothing that is a number."""

    value: int | None
    digits: int

    @classmethod
    def of(cls, text: str) -> "Number":
        """The digits of `text`, its other characters left out."""
        digits = "".join(character for character in text if character in "0123456789")
        return cls(int(digits) if digits else None, len(digits))


def _encoded(character: str, name: CharacterSet) -> bytes | None:
    """None for what the set lacks and for control characters, which would end a frame or do worse."""
    if not character.isprintable() or (name == "digits" and character not in "0123456789- "):
        return None
    try:
        return character.encode("ascii" if name == "digits" else name)
    except UnicodeEncodeError:
        return None
