"""Which hand mends what another hand has broken, and what is broken now: a record of hands, kept by the bench."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MENDS: Mapping[str, tuple[str, ...]] = {
    "load_paper": ("run_out", "near_end"),
    "close_cover": ("open_cover",),
    "power_on": ("power_off",),
    "power_off": ("fail",),
    "put_online": ("take_offline",),
    "clear_jam": ("jam", "jam_cutter", "overheat"),
    "speed_up": ("slow_down",),
    "full_speed": ("slow",),
    "answer": ("silence", "garble", "truncate", "refuse"),
    "plug": ("unplug", "cut"),
    "unblock": ("block",),
    "vacate": ("occupy",),
    "unmute": ("mute",),
    "release": ("hold",),
    "free": ("stick",),
    "mend": ("kill_column", "kill_segment", "cut", "break_speaker"),
    "mend_columns": ("kill_column",),
    "mend_sensors": ("stick_door", "blind_motion", "stick_motion"),
}
"""By the names of hands. A hand that takes a number of frames or bytes spoils those and is over by itself."""

PASSING = frozenset({"frames", "count", "times"})


@dataclass(frozen=True)
class Broken:
    """A hand that has broken something which no other hand has mended yet."""

    hand: str
    how: Mapping[str, Any] = field(default_factory=dict)


def mender(hand: str, takes: Iterable[str], there: Iterable[str]) -> str | None:
    """The hand among those `there` that mends what `hand` breaks; None when it breaks nothing that lasts."""
    if PASSING & set(takes):
        return None
    known = set(there)
    return next((mends for mends, breaks in MENDS.items() if hand in breaks and mends in known), None)


def after(broken: tuple[Broken, ...], hand: str, how: Mapping[str, Any], mended_by: str | None) -> tuple[Broken, ...]:
    """What is broken after a hand has moved."""
    left = tuple(one for one in broken if not _mended(one, hand, how))
    return left if mended_by is None else (*(one for one in left if one != Broken(hand, how)), Broken(hand, how))


def _mended(one: Broken, hand: str, how: Mapping[str, Any]) -> bool:
    """A mending hand that says where mends only there."""
    return one.hand in MENDS.get(hand, ()) and all(one.how.get(name, value) == value for name, value in how.items())
