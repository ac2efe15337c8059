"""A device's panel of faults: a row for every hand that breaks or spoils something, made of what hands say of themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.values import Text
from hardware_sim.hall import FarDevice
from hardware_sim.mending import MENDS
from hardware_sim.page.words import AIMED, HANDS, TAKEN, USE

PARTS = ("key", "cubicle")
"""What hands take that a view has a list of."""


MEND = Text(zh="修好", en="mend")


@dataclass(frozen=True)
class Take:
    """One parameter as a form shows it."""

    name: str
    words: Text
    sort: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    default: str = ""
    required: bool = True


@dataclass(frozen=True)
class HandRow:
    """One hand in the panel."""

    hand: str
    words: Text
    says: str
    takes: tuple[Take, ...] = ()
    mend: str = ""
    """The hand that undoes it; empty when it passes by itself."""
    mend_words: Text = MEND
    mend_takes: tuple[str, ...] = ()
    aim: str = ""

    @property
    def plain(self) -> bool:
        """Whether one switch says it all."""
        return bool(self.mend) and not any(take.required for take in self.takes)


@dataclass(frozen=True)
class Panel:
    """All that can be done to a device beside using it."""

    lasting: tuple[HandRow, ...] = ()
    passing: tuple[HandRow, ...] = ()
    use: tuple[HandRow, ...] = ()


NOTHING = Panel()


def panel(device: FarDevice, view: Mapping[str, Any]) -> Panel:
    """The panel of a device."""
    rows = [_row(device, hand, view) for hand in device.hands if not _only_mends(device, hand)]
    return Panel(
        lasting=tuple(row for row in rows if row.mend),
        passing=tuple(row for row in rows if not row.mend and row.hand not in USE),
        use=tuple(row for row in rows if not row.mend and row.hand in USE),
    )


def called(hand: str) -> Text:
    """A hand's name for people."""
    plain = hand.replace("_", " ")
    return HANDS.get(hand, Text(zh=plain, en=plain))


def _only_mends(device: FarDevice, hand: str) -> bool:
    """Whether it stands in the row of what it mends, and breaks nothing itself."""
    mends = any(device.about.get(other, {}).get("mended_by") == hand for other in MENDS.get(hand, ()))
    return mends and not device.about.get(hand, {}).get("mended_by")


def _row(device: FarDevice, hand: str, view: Mapping[str, Any]) -> HandRow:
    about = device.about.get(hand, {})
    mend = about.get("mended_by") or ""
    takes = tuple(_takes(about, view))
    aim = AIMED.get(hand, "")
    return HandRow(
        hand=hand,
        words=called(hand),
        says=str(about.get("says", "")),
        takes=takes,
        mend=mend,
        mend_words=called(mend) if mend else MEND,
        mend_takes=tuple(name.rstrip("?") for name in device.hands.get(mend, ())),
        aim=aim if any(take.name == aim for take in takes) else "",
    )


def _takes(about: Mapping[str, Any], view: Mapping[str, Any]) -> Iterator[Take]:
    for take in about.get("takes", ()):
        name, default = str(take["name"]), take.get("default")
        choices = tuple(str(choice) for choice in take.get("choices", _parts(name, view)))
        plain = name.replace("_", " ")
        yield Take(
            name=name,
            words=TAKEN.get(name, Text(zh=plain, en=plain)),
            sort="choice" if choices else str(take["sort"]),
            choices=choices,
            least=take.get("least"),
            most=take.get("most"),
            default="" if default is None else str(default),
            required="default" not in take,
        )


def _parts(name: str, view: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys or cubicles that a device has."""
    if name not in PARTS:
        return ()
    parts = view.get(f"{name}s", ())
    if isinstance(parts, Mapping):
        return tuple(dict.fromkeys(str(meaning) for meaning in parts.values()))
    return tuple(str(part.get(name)) for part in parts if isinstance(part, Mapping) and name in part)
