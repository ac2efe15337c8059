"""Serial callers: the `FF 68` caller with its digits and beep, and the four-key caller with its lamp."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from devices import ff68, four_key
from devices.caller import Caller, Doing, Face, Move
from devices.framing import Frames
from devices.keypad import Press
from devices.serial_bus import LineSettings
from devices.talk import Pace, Talk, talking
from devices.wires import Wires

GAP = 0.02
"""Seconds between two frames to a bus, so that a caller may get a word in."""
_TO_DEVICES = frozenset((ff68.SHOW, ff68.BEEP, ff68.START, ff68.RATING))
"""Commands that no key of a caller carries."""
OFTEN = Pace()


@asynccontextmanager
async def open_ff68(
    wires: Wires, wire: str, address: int, *, baud: int = 9600, answers: bool = False, pace: Pace = OFTEN
) -> AsyncIterator[Caller]:
    """The caller at `address`; with `answers` it repeats whatever it is told. Raises `DeviceError`."""

    def take(talk: "Talk[ff68.Frame, Press]", frame: ff68.Frame) -> Press | None:
        if frame.address != address or frame.command in _TO_DEVICES or (key := ff68.key(frame)) is None:
            return None
        talk.answer(ff68.echo(frame))
        return Press(key, time.monotonic())

    frames = Frames(ff68.look)
    async with (
        wires.bus(wire, LineSettings(baud, GAP)) as bus,
        talking(bus, frames, take, answered=answers, pace=pace) as talk,
    ):
        yield _Ff68Caller(talk, address)


class _Ff68Caller:
    """`Caller` at an address of an `FF 68` line."""

    shows = True
    tells_release = False

    def __init__(self, talk: "Talk[ff68.Frame, Press]", address: int) -> None:
        self._talk, self._address = talk, address

    def moves(self) -> AsyncIterator[Move]:
        return self._talk.happenings()

    def show(self, face: Face) -> None:
        """The ticket while there is one, else how many wait; nothing while the window is closed."""
        self._talk.show("digits", self._digits(face))

    def beep(self) -> None:
        self._talk.answer(ff68.beep(self._address))

    def take_counts(self) -> dict[str, int]:
        return self._talk.take_counts()

    def _digits(self, face: Face) -> ff68.Frame:
        if face.alight:
            return ff68.every_segment(self._address)
        if face.number is not None:
            return ff68.ticket(self._address, face.number)
        return ff68.waiting(self._address, face.waiting) if face.doing == "idle" else ff68.blank(self._address)


@asynccontextmanager
async def open_four_key(
    wires: Wires, wire: str, address: int, lamps: Mapping[Doing, four_key.Lamp], *, baud: int = 9600, pace: Pace = OFTEN
) -> AsyncIterator[Caller]:
    """The four-key caller at `address`; `lamps` says how its lamp shows what the window does. Raises `DeviceError`."""

    def take(_: "Talk[four_key.Frame, Press]", frame: four_key.Frame) -> Press | None:
        key = four_key.key(frame)
        return Press(key, time.monotonic()) if key is not None and frame.address == address else None

    frames = Frames(four_key.look, noise="collision")
    async with (
        wires.bus(wire, LineSettings(baud, GAP)) as bus,
        talking(bus, frames, take, answered=False, pace=pace) as talk,
    ):
        yield _FourKeyCaller(talk, address, lamps)


class _FourKeyCaller:
    """`Caller` at an address of a line of four-key callers."""

    shows = True
    tells_release = False

    def __init__(self, talk: "Talk[four_key.Frame, Press]", address: int, lamps: Mapping[Doing, four_key.Lamp]) -> None:
        self._talk, self._address, self._lamps = talk, address, lamps

    def moves(self) -> AsyncIterator[Move]:
        return self._talk.happenings()

    def show(self, face: Face) -> None:
        lamp: four_key.Lamp = "blink-green" if face.alight else self._lamps.get(face.doing, "off")
        self._talk.show("lamp", four_key.lamp(self._address, lamp))

    def beep(self) -> None:
        """It has no sound."""

    def take_counts(self) -> dict[str, int]:
        return self._talk.take_counts()
