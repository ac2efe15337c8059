"""What people see of a hall: the few things of each device's view that a person acts on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from contract.calling import WindowState


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is read from a view; a view may carry more."""

    device: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what such a thing consists of."""


class KioskKey(Part, frozen=True, kw_only=True):
    """A key and what it is for."""

    key: str
    service: str
    priority: bool | str = False

    @property
    def prior(self) -> bool:
        """Whether it is for those who go first."""
        return self.priority in (True, "priority")


class Printer(Part, frozen=True, kw_only=True):
    """The printer's front."""

    paper: Literal["ok", "near-end", "out"] = "ok"
    cover: Literal["open", "closed"] = "closed"
    powered: bool = True
    plugged: bool = True
    faults: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a person would expect a ticket from it."""
        return self.powered and self.plugged and self.paper != "out" and self.cover == "closed" and not self.faults


class Page(Part, frozen=True, kw_only=True):
    """A printed page that hangs from the printer."""

    id: str | int
    text: str


class KioskSeen(Seen, frozen=True, kw_only=True):
    """A kiosk: what its keys say, its printer, and what came out of it."""

    keys: tuple[KioskKey, ...]
    printer: Printer
    pages: tuple[Page, ...] = ()


class RaterKey(Part, frozen=True, kw_only=True):
    """A rating key; `lamp` is None without one."""

    key: str
    level: int
    lamp: bool | None = None


class RaterSeen(Seen, frozen=True, kw_only=True):
    """A rater at its window."""

    window: str
    keys: tuple[RaterKey, ...]

    @property
    def invites(self) -> bool:
        """Whether its lamps ask for a rating; a rater without lamps always seems to."""
        levels = [key for key in self.keys if key.level]
        return all(key.lamp is None for key in levels) or any(key.lamp for key in levels)


class CallerSeen(Seen, frozen=True, kw_only=True):
    """A keypad at its window."""

    window: str
    plugged: bool = True


class CubicleSeen(Part, frozen=True, kw_only=True):
    """A cubicle from outside."""

    cubicle: str
    door: Literal["open", "closed"]
    lamp: bool | None = None

    @property
    def free(self) -> bool:
        """Whether a person would go in."""
        return self.door == "open" and not self.lamp


class RoomSeen(Seen, frozen=True, kw_only=True):
    """A mother-and-baby room from outside."""

    cubicles: tuple[CubicleSeen, ...]


KINDS: Mapping[str, type[Seen]] = {"kiosk": KioskSeen, "rater": RaterSeen, "caller": CallerSeen, "room": RoomSeen}


def look(view: Mapping[str, Any]) -> Seen | None:
    """What a person sees of a device's view; None when there is nothing to act on, or it makes no sense."""
    kind = KINDS.get(view.get("kind", ""))
    try:
        return None if kind is None else msgspec.convert(view, kind)
    except msgspec.ValidationError:
        return None


@dataclass(frozen=True)
class HallSeen:
    """All devices that can be reached, by id, and all windows by id."""

    devices: Mapping[str, Seen] = field(default_factory=dict)
    windows: Mapping[str, WindowState] = field(default_factory=dict)


@dataclass(frozen=True)
class Hand:
    """One movement of somebody's hand at a device."""

    device: str
    does: str
    how: Mapping[str, str | float] = field(default_factory=dict)
