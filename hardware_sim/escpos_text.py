"""Character codes of ESC/POS: code pages one byte at a time, Chinese two bytes at a time, or UTF-8 by the printer's setting."""

import unicodedata
from collections.abc import Iterator
from typing import Literal

CODE_PAGES = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    14: "cp737",
    15: "iso8859-7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    33: "cp775",
    34: "cp855",
    36: "cp862",
    37: "cp864",
    39: "iso8859-2",
    40: "iso8859-15",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
}
"""ESC t, as far as Python knows them too."""
NOT_A_CHARACTER = "\ufffd"

Encoding = Literal["gbk", "gb18030", "utf-8"]
"""How the printer takes Chinese; of GB18030 it has the two-byte codes."""
_LONGER = ((0xC2, 0xDF, 1), (0xE0, 0xEF, 2), (0xF0, 0xF4, 3))
"""Lead bytes of UTF-8, from and to, and how many bytes follow."""


class CharacterCodes:
    """Turns codes into characters; a Chinese one may come in pieces."""

    def __init__(self, *, chinese: bool = False, encoding: Encoding = "gbk") -> None:
        self._encoding: Encoding = encoding
        self.broken = 0
        """Codes that stood for no character."""
        self._chinese_at_start = chinese
        self.reset()

    def reset(self) -> None:
        """As after power-on."""
        self.page = "cp437"
        self._chinese = self._chinese_at_start
        self._lead: int | None = None
        self._begun = b""
        self._missing = 0

    @property
    def chinese(self) -> bool:
        """Whether two-byte codes are read (FS &)."""
        return self._chinese

    @chinese.setter
    def chinese(self, on: bool) -> None:
        self._chinese = on
        self._lead = None

    def read(self, codes: bytes) -> Iterator[tuple[str, bool]]:
        """Characters, each with whether it is as wide as a Chinese one."""
        if self._encoding == "utf-8":
            for code in codes:
                yield from self._take_utf8(code)
            return
        for code in codes:
            if self._lead is not None:
                lead, self._lead = self._lead, None
                if 0x40 <= code <= 0xFE and code != 0x7F:
                    yield self._decoded(bytes((lead, code)), self._encoding), True
                    continue
                self.broken += 1
                yield NOT_A_CHARACTER, True
            if self._chinese and 0x81 <= code <= 0xFE:
                self._lead = code
            else:
                yield self._decoded(bytes((code,)), self.page), False

    def interrupt(self) -> Iterator[tuple[str, bool]]:
        """A command came: half a Chinese character is none."""
        if self._missing:
            self._missing, self._begun = 0, b""
            self.broken += 1
            yield NOT_A_CHARACTER, True
        if self._lead is not None:
            self._lead = None
            self.broken += 1
            yield NOT_A_CHARACTER, True

    def _take_utf8(self, code: int) -> Iterator[tuple[str, bool]]:
        if self._missing and 0x80 <= code <= 0xBF:
            self._begun += bytes((code,))
            self._missing -= 1
            if not self._missing:
                character, self._begun = self._decoded(self._begun, "utf-8"), b""
                yield character, unicodedata.east_asian_width(character) in "WFA"
            return
        yield from self.interrupt()
        follow = next((count for first, last, count in _LONGER if first <= code <= last), 0)
        if follow:
            self._begun, self._missing = bytes((code,)), follow
        else:
            yield self._decoded(bytes((code,)), "utf-8"), False

    def _decoded(self, code: bytes, encoding: str) -> str:
        try:
            character = code.decode(encoding)
        except UnicodeDecodeError:
            character = NOT_A_CHARACTER
        if not character.isprintable() and character != "\u3000":
            character = NOT_A_CHARACTER
        self.broken += character == NOT_A_CHARACTER
        return character
