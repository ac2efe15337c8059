"""The caller port: what every window caller can do for its agent, whatever it hangs on."""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

import msgspec

from devices.keypad import Press, Release
from devices.talk import Reached

Move = Press | Release | Reached
Doing = Literal["closed", "paused", "idle", "called", "serving"]


class Face(msgspec.Struct, frozen=True):
    """What a caller is to show of its window; `alight` has it show all that it can, to be tested or found."""

    doing: Doing = "closed"
    number: str | None = None
    waiting: int = 0
    alight: bool = False


class Caller(Protocol):
    """A window's caller, open."""

    @property
    def shows(self) -> bool:
        """Whether it has anything to show or sound itself with."""
        ...

    @property
    def tells_release(self) -> bool:
        """Whether it tells of keys that are let go; else a held key repeats itself, at most a second apart."""
        ...

    def moves(self) -> AsyncIterator[Move]:
        """What its keys do, and whether it can be reached. Raises `DeviceMissing` when its cable is pulled."""
        ...

    def show(self, face: Face) -> None:
        """Show this from now on; the newest wins."""
        ...

    def beep(self) -> None:
        """A short sound, where it has one."""
        ...

    def take_counts(self) -> dict[str, int]:
        """What went wrong since this was last asked, by word."""
        ...
