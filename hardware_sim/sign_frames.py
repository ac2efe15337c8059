"""Frames of LED strips, text cards and digit boards, as the boards read them: each dialect cuts the next frame off a stream.

Written from the layouts alone. A reader looks at the beginning of what has come in and says how long the frame is and
what it means; a frame that is wrong costs one byte, so that a whole one behind or inside it is found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor

FOREVER = -1
LONGEST = 255
"""Bytes; a frame that says that it is longer is not waited for."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text for one address; `stacked` None where the dialect has one form only."""

    address: int
    raw: bytes
    stacked: bool | None = None
    blinks: int = 0
    colour: str = "red"
    effect: str = "still"


@dataclass(frozen=True, slots=True)
class Digits:
    """A number for one address; None for a board without addresses."""

    address: int | None
    number: int
    colour: str = "red"


@dataclass(frozen=True, slots=True)
class Dim:
    """A brightness, 0 the darkest and 3 the brightest."""

    address: int
    level: int


@dataclass(frozen=True, slots=True)
class Readdress:
    """The board at `old` (None: any) shall be `new` from now on."""

    old: int | None
    new: int


Message = Text | Digits | Dim | Readdress


@dataclass(frozen=True, slots=True)
class Frame:
    """`size` bytes belong together; they mean `message`, or are refused because of `why`."""

    size: int
    message: Message | None = None
    why: str = ""


Reader = Callable[[bytes], Frame | None]
"""The frame at the beginning of these bytes; None while more of it may come. Without message and why the bytes are noise."""

_NOISE = Frame(1)


def refused(why: str) -> Frame:
    """One byte goes; perhaps a good frame begins behind it."""
    return Frame(1, why=why)


def read_aa(data: bytes) -> Frame | None:
    """`AA ADDR BB 51 54 CK 01 00|08 02 99 00 63 text FF`, CK the sum of all behind it."""
    if data[0] != 0xAA or not b"\xbb\x51\x54".startswith(data[2:5]):
        return _NOISE
    end = data.find(0xFF, 6)
    if end < 0:
        return refused("no end") if len(data) > LONGEST else None
    body = data[6 : end + 1]
    if sum(body) % 256 != data[5]:
        return refused("checksum")
    forms = {b"\x01\x00": False, b"\x08\x02": True}
    if body[:2] not in forms or body[2:5] != b"\x99\x00\x63" or len(body) < 6:
        return refused("layout")
    return Frame(end + 1, Text(data[1], body[5:-1], forms[body[:2]]))


def read_a0(data: bytes) -> Frame | None:
    """`A0 9x ADDR A5 LEN_H LEN_L DATA XOR`, a zero behind each character, XOR from ADDR on."""
    if data[0] != 0xA0 or (data[1:2] and data[1] >> 4 != 9) or data[3:4] not in (b"", b"\xa5"):
        return _NOISE
    if len(data) < 6:
        return None
    size = 6 + int.from_bytes(data[4:6], "big")
    if size > LONGEST:
        return refused("length")
    if len(data) <= size:
        return None
    if reduce(xor, data[2:size]) != data[size]:
        return refused("checksum")
    text = _without_zeros(data[6:size])
    return refused("layout") if text is None else Frame(size + 1, Text(data[2], text))


def _without_zeros(data: bytes) -> bytes | None:
    text, at = b"", 0
    while at < len(data):
        wide = 2 if data[at] > 0x80 else 1
        if data[at + wide : at + wide + 1] != b"\0":
            return None
        text += data[at : at + wide]
        at += wide + 1
    return text


def read_fe(data: bytes) -> Frame | None:
    """`ADDR FE LEN SEQ 86 3C 00 05 00|8C 00 text 00 CRC_H CRC_L`, LEN the whole frame."""
    if data[1:2] not in (b"", b"\xfe"):
        return _NOISE
    if len(data) < 3:
        return None
    size = data[2]
    if size < 9:
        return refused("length")
    if len(data) < size:
        return None
    if crc16(data[: size - 2]) != int.from_bytes(data[size - 2 : size], "big"):
        return refused("checksum")
    body = data[4 : size - 2]
    for head, stacked in ((b"\x86\x3c\x00\x05\x00", False), (b"\x8c\x00", True)):
        if body.startswith(head) and len(body) > len(head) and body.find(0, len(head)) == len(body) - 1:
            return Frame(size, Text(data[0], body[len(head) : -1], stacked))
    return refused("layout")


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM, bit by bit."""
    value = 0
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def read_queue(data: bytes) -> Frame | None:
    """`01 ADDR BLINK characters 07`, `02 ADDR 20..23 07`, `03 OLD NEW 07`."""
    if data[0] not in (1, 2, 3):
        return _NOISE
    end = data.find(0x07, 1)
    if end < 0:
        return refused("no end") if len(data) > LONGEST else None
    inside, kind = data[1:end], data[0]
    if len(inside) < 2 or (kind != 1 and len(inside) != 2) or any(byte < 0x20 for byte in inside):
        return refused("layout")
    address, argument = inside[:2]
    if not (0x20 <= address <= 0x7F or (kind == 3 and address == 0xFF)) or not 0x20 <= argument <= 0x7F:
        return refused("address")
    if kind == 1:
        blinks = FOREVER if argument == 0x21 else max(0, argument - 0x21)
        return Frame(end + 1, Text(address, inside[2:], blinks=blinks))
    if kind == 2:
        return Frame(end + 1, Dim(address, 0x23 - argument)) if argument <= 0x23 else refused("layout")
    return Frame(end + 1, Readdress(None if address == 0xFF else address, argument))


def read_card(data: bytes) -> Frame | None:
    """`21 21 55 AA zone colour effect speed dwell(4) count(2) text`; one datagram, so nothing is waited for."""
    if len(data) < 14 or data[:4] != b"\x21\x21\x55\xaa":
        return Frame(len(data), why="layout")
    zone, colour, effect, speed = data[4:8]
    if int.from_bytes(data[12:14], "little") != len(data) - 14:
        return Frame(len(data), why="length")
    if zone > 15 or colour > 3 or effect > 3 or speed > 9:
        return Frame(len(data), why="layout")
    colours, effects = ("black", "red", "green", "yellow"), ("page", "up", "down", "left")
    return Frame(len(data), Text(zone, data[14:], colour=colours[colour], effect=effects[effect]))


def read_digits(data: bytes) -> Frame | None:
    """`ID HI LO sum8`."""
    if len(data) < 4:
        return None
    if sum(data[:3]) % 256 != data[3]:
        return refused("checksum")
    return Frame(4, Digits(data[0], 256 * data[1] + data[2]))


def read_digits_colour(data: bytes) -> Frame | None:
    """`3A colour LO HI info sum8 0A`; the sum is taken to be that of all before it."""
    if data[0] != 0x3A:
        return _NOISE
    if len(data) < 7:
        return None
    if data[6] != 0x0A or data[1] > 2:
        return refused("layout")
    if sum(data[:5]) % 256 != data[5]:
        return refused("checksum")
    return Frame(7, Digits(None, data[2] + 256 * data[3], ("green", "yellow", "red")[data[1]]))


class Stream:
    """Frames out of whatever comes in. A frame that stops in its middle is given up when silence follows."""

    SILENCE = 0.08
    """Seconds: boards want more between two frames."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._rest = b""
        self._heard_at = 0.0

    def feed(self, data: bytes, now: float) -> list[Frame]:
        """Every frame that is whole now, good or refused, in order; noise is left out."""
        frames = []
        if self._rest and now - self._heard_at > self.SILENCE:
            frames += self._give_up()
        self._heard_at = now
        self._rest += data
        return frames + self._cut()

    def _give_up(self) -> list[Frame]:
        """The unfinished frame goes; shorter ones may stand inside it."""
        frames = []
        while self._rest:
            self._rest = self._rest[1:]
            frames += self._cut()
        return [refused("cut short"), *frames]

    def _cut(self) -> list[Frame]:
        frames = []
        while self._rest and (frame := self._read(self._rest)) is not None:
            self._rest = self._rest[frame.size :]
            if frame.message is not None or frame.why:
                frames.append(frame)
        return frames


READERS: dict[str, Reader] = {
    "strip-aa": read_aa,
    "strip-a0": read_a0,
    "strip-fe": read_fe,
    "queue": read_queue,
    "udp-card": read_card,
    "digits": read_digits,
    "digits-colour": read_digits_colour,
}
"""By the names of the dialects."""
