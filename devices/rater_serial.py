"""Serial raters: on an `FF 68` line, beside the caller of its window, and with the frame of JT/T 905."""

import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import msgspec

from devices import ff68, jtt905
from devices.caller import Move
from devices.caller_serial import GAP
from devices.framing import Encoded, Frames
from devices.keypad import Press
from devices.rater import RaterKeys
from devices.serial_bus import LineSettings
from devices.talk import Pace, Talk, talking
from devices.wires import Wires

F = TypeVar("F", bound=Encoded)

ONCE = Pace(refresh=None)
"""An invitation is not sent again: the rater would greet the citizen anew each time."""


@asynccontextmanager
async def open_ff68(
    wires: Wires, wire: str, address: int, *, baud: int = 9600, answers: bool = False, pace: Pace = ONCE
) -> AsyncIterator[RaterKeys]:
    """The rater at `address`; with `answers` it repeats whatever it is told. Raises `DeviceError`."""

    def take(talk: "Talk[ff68.Frame, Press]", frame: ff68.Frame) -> Press | None:
        if frame.address != address or frame.command != ff68.RATING or not frame.data:
            return None
        talk.answer(ff68.echo(frame))
        return Press(f"{frame.data[0]:02X}", time.monotonic())

    async with (
        wires.bus(wire, LineSettings(baud, GAP)) as bus,
        talking(bus, Frames(ff68.look), take, answered=answers, pace=pace) as talk,
    ):
        yield _SerialRater(talk, ff68.start_rating(address), ff68.beep(address))


class Commands(msgspec.Struct, frozen=True):
    """The numbers that a maker gave to the commands of a JT/T 905 rater; the standard's frame leaves them to the device."""

    rating: int
    """From the rater: the first byte of its data is the key."""
    invite: int
    """To the rater: open for one rating."""
    device: int = jtt905.RATERS[0]
    vendor: int = 0


@asynccontextmanager
async def open_jtt905(
    wires: Wires, wire: str, commands: Commands, *, baud: int = 9600, answers: bool = False, pace: Pace = ONCE
) -> AsyncIterator[RaterKeys]:
    """The one rater on `wire`; with `answers` it repeats whatever it is told. Raises `DeviceError`."""

    def take(_: "Talk[jtt905.Frame, Press]", frame: jtt905.Frame) -> Press | None:
        if frame.device not in jtt905.RATERS or frame.command != commands.rating or not frame.data:
            return None
        return Press(f"{frame.data[0]:02X}", time.monotonic())

    invite = jtt905.Frame(commands.device, commands.vendor, commands.invite)
    async with (
        wires.bus(wire, LineSettings(baud)) as bus,
        talking(bus, Frames(jtt905.look), take, answered=answers, pace=pace) as talk,
    ):
        yield _SerialRater(talk, invite, None)


class _SerialRater(Generic[F]):
    """`RaterKeys` behind a serial line: it lights its own lamps once it is told to open."""

    lights = True
    tells_release = False
    down: frozenset[str] = frozenset()

    def __init__(self, talk: "Talk[F, Press]", opening: F, sound: F | None) -> None:
        self._talk, self._opening, self._sound = talk, opening, sound
        self._invitation: str | None = None

    def moves(self) -> AsyncIterator[Move]:
        return self._talk.happenings()

    def show(self, lit: Collection[str], invitation: str | None) -> None:
        if invitation != self._invitation:
            self._invitation = invitation
            self._talk.show("open", None)
            self._talk.show("open", self._opening if invitation is not None else None)

    def flash(self) -> None:
        self._talk.answer(self._sound or self._opening)

    def reread(self) -> None:
        """A serial rater tells nothing twice."""

    def take_counts(self) -> dict[str, int]:
        return self._talk.take_counts()
