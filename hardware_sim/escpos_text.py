"""Character codes of ESC/POS: code pages one byte at a time, Chinese two bytes at a time."""

from collections.abc import Iterator

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


class CharacterCodes:
    """Turns codes into characters; a Chinese one may come in two pieces."""

    def __init__(self, *, chinese: bool = False) -> None:
        self.broken = 0
        """Codes that stood for no character."""
        self._chinese_at_start = chinese
        self.reset()

    def reset(self) -> None:
        """As after power-on."""
        self.page = "cp437"
        self._chinese = self._chinese_at_start
        self._lead: int | None = None

    @property
    def chinese(self) -> bool:
        """Whether two-byte codes are read (FS &)."""
        return self._chinese

    @chinese.setter
    def chinese(self, on: bool) -> None:
        self._chinese = on
        self._lead = None

    def read(self, codes: bytes) -> Iterator[tuple[str, bool]]:
        """Characters, each with whether it is a two-byte one."""
        for code in codes:
            if self._lead is not None:
                lead, self._lead = self._lead, None
                if 0x40 <= code <= 0xFE and code != 0x7F:
                    yield self._decoded(bytes((lead, code)), "gbk"), True
                    continue
                self.broken += 1
                yield NOT_A_CHARACTER, True
            if self._chinese and 0x81 <= code <= 0xFE:
                self._lead = code
            else:
                yield self._decoded(bytes((code,)), self.page), False

    def interrupt(self) -> Iterator[tuple[str, bool]]:
        """A command came: half a Chinese character is none."""
        if self._lead is not None:
            self._lead = None
            self.broken += 1
            yield NOT_A_CHARACTER, True

    def _decoded(self, code: bytes, encoding: str) -> str:
        try:
            character = code.decode(encoding)
        except UnicodeDecodeError:
            character = NOT_A_CHARACTER
        if not character.isprintable():
            character = NOT_A_CHARACTER
        self.broken += character == NOT_A_CHARACTER
        return character
