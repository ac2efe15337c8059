"""Recordings: what a node's wires carried, as lines of JSON that any program can read.

The first line says whose wires they are and which moment of the wall clock is which of the monotonic one; every other line is one
passing of bytes: `[monotonic seconds, number of the wire, "out" or "in", hex]`. A last line that was cut off is passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from contract.settings import BadSettings
from contract.values import Id, Moment, Value

Way = Literal["out", "in"]
ENDING = ".wires.jsonl"


class RecordedWire(Value, frozen=True, kw_only=True):
    """A wire and the device on it."""

    wire: str
    device: Id


class Header(Value, frozen=True, kw_only=True):
    """The first line."""

    recording: Literal[1]
    node: Id
    wall: Moment
    monotonic: float
    """What the monotonic clock showed at `wall`, in seconds."""
    wires: tuple[RecordedWire, ...]
    devices: tuple[dict[str, Any], ...] = ()
    """The devices' tables in node.toml, from which a simulator builds what stood at the far ends."""


@dataclass(frozen=True, slots=True)
class Passing:
    """Bytes that passed at `at`, in monotonic seconds."""

    at: float
    wire: str
    way: Way
    data: bytes


_line = msgspec.json.Decoder(tuple[float, int, Way, str])


def header_line(header: Header) -> bytes:
    """The first line of a file."""
    return msgspec.json.encode(header) + b"\n"


def passing_line(at: float, wire: int, way: Way, data: bytes) -> bytes:
    """One more line; `wire` is its number in the header."""
    return msgspec.json.encode((round(at, 6), wire, way, data.hex())) + b"\n"


def read_recording(path: Path) -> tuple[Header, Iterator[Passing]]:
    """A recording's header, and its passings as they are asked for. Raises `BadSettings`."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadSettings(f"{path}: cannot be read: {error.strerror}") from error
    with file:
        try:
            header = msgspec.json.decode(file.readline(), type=Header)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadSettings(f"{path}: is no recording of wires: {error}; they end in {ENDING}") from error
    return header, _passings(path, header)


def _passings(path: Path, header: Header) -> Iterator[Passing]:
    with path.open("rb") as file:
        file.readline()
        for line in file:
            try:
                at, number, way, data = _line.decode(line)
                yield Passing(at, header.wires[number].wire, way, bytes.fromhex(data))
            except (msgspec.DecodeError, ValueError, IndexError):
                continue
