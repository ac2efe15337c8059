"""The grammar of ESC/POS: a byte stream, in whatever pieces it comes, becomes text bytes and commands.

Lengths are those of Epson's ESC/POS command reference. A command's name is its prefix as hex digits (`1b40`), its
arguments are the bytes behind the prefix. What the table does not know is reported as unknown and skipped alone, so that
the text behind it is printed, as a printer would. Nothing is read from or written to the world here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

LONGEST = 4 * 1024 * 1024
"""A command that claims more argument bytes than this is taken for noise."""

Length = Callable[[bytearray], int]
"""How many argument bytes follow; minus n while it takes n of them to tell."""


@dataclass(frozen=True)
class Command:
    """A complete command."""

    name: str
    arguments: bytes


@dataclass(frozen=True)
class Characters:
    """Bytes to print, control characters among them not included."""

    codes: bytes


@dataclass(frozen=True)
class Unknown:
    """Bytes that begin no command known here."""

    prefix: bytes


Item = Command | Characters | Unknown


def _bytes(count: int) -> Length:
    return lambda arguments: count


def _counted(at: int, size: int) -> Length:
    """A little-endian count of `size` bytes at `at`, then as many bytes."""
    head = at + size

    def length(arguments: bytearray) -> int:
        return -head if len(arguments) < head else head + int.from_bytes(arguments[at:head], "little")

    return length


def _raster(arguments: bytearray) -> int:
    """GS v 0: m xL xH yL yH, then x bytes a row for y rows."""
    if len(arguments) < 5:
        return -5
    return 5 + int.from_bytes(arguments[1:3], "little") * int.from_bytes(arguments[3:5], "little")


def _columns(arguments: bytearray) -> int:
    """ESC *: m nL nH, then n columns of one byte, or of three when m is 32 or 33."""
    if len(arguments) < 3:
        return -3
    return 3 + int.from_bytes(arguments[1:3], "little") * (3 if arguments[0] in (32, 33) else 1)


def _downloaded(arguments: bytearray) -> int:
    """GS *: x y, then x times y times 8 bytes."""
    return -2 if len(arguments) < 2 else 2 + arguments[0] * arguments[1] * 8


def _own_characters(arguments: bytearray) -> int:
    """ESC &: y c1 c2, then for each code its width x and x times y bytes."""
    if len(arguments) < 3:
        return -3
    rows, first, last = arguments[:3]
    at = 3
    for _ in range(first, last + 1):
        if len(arguments) <= at:
            return -(at + 1)
        at += 1 + arguments[at] * rows
    return at


def _stored_images(arguments: bytearray) -> int:
    """FS q: n, then n images of xL xH yL yH and x times y times 8 bytes."""
    if not arguments:
        return -1
    at = 1
    for _ in range(arguments[0]):
        if len(arguments) < at + 4:
            return -(at + 4)
        size = int.from_bytes(arguments[at : at + 2], "little") * int.from_bytes(arguments[at + 2 : at + 4], "little")
        at += 4 + 8 * size
    return at


def _until_nul(arguments: bytearray) -> int:
    """ESC D: tab positions up to a NUL, 32 of them at most."""
    end = arguments.find(0, 0, 33)
    return end + 1 if end >= 0 else 33 if len(arguments) >= 33 else -len(arguments) - 1


def _bar_code(arguments: bytearray) -> int:
    """GS k: m, then data up to a NUL (m to 6) or n and n bytes (m from 65)."""
    if not arguments:
        return -1
    if arguments[0] <= 6:
        end = arguments.find(0, 1, 257)
        return end + 1 if end >= 0 else 257 if len(arguments) >= 257 else -len(arguments) - 1
    return -2 if len(arguments) < 2 else 2 + arguments[1]


def _by_first(lengths: dict[int, int], otherwise: int = 1) -> Length:
    """The first argument decides how many there are."""
    return lambda arguments: lengths.get(arguments[0], otherwise) if arguments else -1


def _cut(arguments: bytearray) -> int:
    """GS V: m alone (0, 1, 48, 49) or m and a feed n."""
    if not arguments:
        return -1
    return 2 if arguments[0] in (65, 66, 97, 98, 103, 104) else 1


def _user_memory(arguments: bytearray) -> int:
    """FS g: function 1 writes (m, four address bytes, nL nH, then n bytes), function 2 reads (the same without data)."""
    if len(arguments) < 8:
        return -8
    return 8 + (int.from_bytes(arguments[6:8], "little") if arguments[0] == 0x31 else 0)


def _rows(prefix: int, lengths: dict[str, Length]) -> dict[bytes, Length]:
    """Every letter of a key is a command with that length; a key that starts with `=` is one longer prefix."""
    rows = {}
    for letters, length in lengths.items():
        for name in (letters[1:],) if letters.startswith("=") else letters:
            rows[bytes((prefix,)) + name.encode("latin-1")] = length
    return rows


COMMANDS: dict[bytes, Length] = {
    **{bytes((code,)): _bytes(0) for code in (0x09, 0x0A, 0x0C, 0x0D, 0x18)},
    **_rows(
        0x10,
        {
            "\x04": _by_first({7: 2, 8: 2, 18: 2}),
            "\x05": _bytes(1),
            "\x14": _by_first({1: 3, 2: 3, 3: 6, 7: 2, 8: 8}),
        },
    ),
    **_rows(
        0x1B,
        {
            "@2<LSimv\x0c": _bytes(0),
            " !%-39?EGJKMRTUVadertu{": _bytes(1),
            "==": _bytes(1),
            "$\\cB": _bytes(2),
            "p": _bytes(3),
            "W": _bytes(8),
            "*": _columns,
            "&": _own_characters,
            "D": _until_nul,
            "(": _counted(1, 2),
        },
    ),
    **_rows(
        0x1C,
        {
            "&.": _bytes(0),
            "!-CW": _bytes(1),
            "S?p": _bytes(2),
            "2": _bytes(2 + 72),
            "q": _stored_images,
            "g": _user_memory,
            "(": _counted(1, 2),
        },
    ),
    **_rows(
        0x1D,
        {
            ":c": _bytes(0),
            "!/BEHITabfhjrwx": _bytes(1),
            "$LPW\\": _bytes(2),
            "^": _bytes(3),
            "V": _cut,
            "*": _downloaded,
            "k": _bar_code,
            "(": _counted(1, 2),
            "8": _counted(1, 4),
            "=v0": _raster,
            "=g0": _bytes(3),
            "=g2": _bytes(3),
            "=z0": _bytes(2),
            "=C0": _bytes(2),
            "=C1": _bytes(6),
            "=C2": _bytes(2),
        },
    ),
}
_LONGEST_PREFIX = max(map(len, COMMANDS))
_BEGINNINGS = {prefix[:size] for prefix in COMMANDS for size in range(1, len(prefix))}
_CONTROL = frozenset(range(0x20))


class Parser:
    """Cuts a stream into items; the same stream gives the same items however it is cut into pieces."""

    def __init__(self) -> None:
        self._left = bytearray()
        self._wanted = 0

    def feed(self, data: bytes) -> Iterator[Item]:
        """Take more bytes; gives what is complete by now. Read the answer to its end before feeding again."""
        self._left += data
        done = 0
        if len(self._left) >= self._wanted:
            self._wanted = 0
            while done < len(self._left) and (step := self._next(done)):
                item, done = step
                yield item
            del self._left[:done]
            self._wanted = max(0, self._wanted - done)

    def _next(self, at: int) -> tuple[Item, int] | None:
        if self._left[at] not in _CONTROL:
            return self._characters(at)
        for size in range(1, _LONGEST_PREFIX + 1):
            prefix = bytes(self._left[at : at + size])
            if len(prefix) < size:
                return None
            if length := COMMANDS.get(prefix):
                return self._command(prefix, length, at + size)
            if prefix not in _BEGINNINGS:
                break
        return Unknown(prefix), at + size

    def _command(self, prefix: bytes, length: Length, at: int) -> tuple[Item, int] | None:
        size = length(self._left[at : at + LONGEST])
        if abs(size) > LONGEST:
            return Unknown(prefix), at
        if size < 0 or len(self._left) < at + size:
            self._wanted = at + abs(size)
            return None
        return Command(prefix.hex(), bytes(self._left[at : at + size])), at + size

    def _characters(self, at: int) -> tuple[Item, int]:
        end = at
        while end < len(self._left) and self._left[end] not in _CONTROL:
            end += 1
        return Characters(bytes(self._left[at:end])), end
