"""The page's layout: which devices stand where, found from their views and from what the hall says of itself."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from contract.values import Text
from hardware_sim.hall import FarDevice, Hall
from hardware_sim.page.panel import NOTHING, Panel, panel
from hardware_sim.page.words import KINDS

DRAWN: Mapping[str, set[str]] = {
    "board": {"pixels", "width", "height"},
    "kiosk": {"keys", "printer", "pages"},
    "rater": {"keys", "window"},
    "caller": {"keys", "window"},
    "room": {"cubicles"},
}
"""Kinds that the page draws, with what it needs of their views."""


@dataclass(frozen=True)
class Placed:
    """A device as the page draws it."""

    id: str
    kind: str
    hands: tuple[str, ...] = ()
    panel: Panel = NOTHING
    width: int = 0
    height: int = 0
    place: str = ""
    """Where its node is."""

    @property
    def name(self) -> Text:
        """What such a device is called."""
        return KINDS.get(self.kind, Text(zh=self.kind, en=self.kind))


@dataclass(frozen=True)
class KeyPlace:
    """A key of a kiosk or rater."""

    key: str
    prior: bool = False
    level: int = 0


@dataclass(frozen=True)
class KioskRow:
    """A service's keys on a kiosk: ordinary, then priority."""

    service: str
    name: Text
    keys: tuple[KeyPlace, ...]


@dataclass(frozen=True)
class KioskPlace(Placed):
    """A kiosk with its keys."""

    rows: tuple[KioskRow, ...] = ()


@dataclass(frozen=True)
class RoomPlace(Placed):
    """A room with its cubicles."""

    cubicles: tuple[str, ...] = ()


@dataclass(frozen=True)
class WindowPlace:
    """A window with what hangs there."""

    id: str
    name: Text
    strip: Placed | None = None
    rater: Placed | None = None
    rater_keys: tuple[KeyPlace, ...] = ()
    caller: Placed | None = None
    caller_keys: tuple[tuple[str, str], ...] = ()
    others: tuple[Placed, ...] = ()


@dataclass(frozen=True)
class NodePlace:
    """A node and the ids of its devices."""

    id: str
    place: str
    devices: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """Everything on the page, in the order in which it stands there."""

    main: tuple[Placed, ...]
    zones: tuple[Placed, ...]
    windows: tuple[WindowPlace, ...]
    kiosks: tuple[KioskPlace, ...]
    rooms: tuple[RoomPlace, ...]
    others: tuple[Placed, ...]
    """Devices that the page has no picture of: they show what their views say."""
    nodes: tuple[NodePlace, ...]

    @property
    def structure(self) -> str:
        """Changes when the page must be built anew."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


def lay_out(hall: Hall) -> Layout:
    """Where everything stands now."""
    boards = {device.id: _board(hall, device) for device in _kind(hall, "board")}
    windows = {name: picture.window for name, picture in hall.pictures.items() if picture.window is not None}
    zoned = {name for name, picture in hall.pictures.items() if picture.zones}
    return Layout(
        main=tuple(board for name, board in boards.items() if name not in windows and name not in zoned),
        zones=tuple(board for name, board in boards.items() if name in zoned),
        windows=_windows(hall, {windows[name]: board for name, board in boards.items() if name in windows}),
        kiosks=tuple(_kiosk(device, hall) for device in _kind(hall, "kiosk")),
        rooms=tuple(_room(hall, device) for device in _kind(hall, "room")),
        others=tuple(Placed(**_placed(hall, device)) for device in _others(hall) if _window_of(hall, device) is None),
        nodes=tuple(_node(hall, name) for name in hall.places),
    )


def _kind(hall: Hall, kind: str) -> list[FarDevice]:
    found = [device for device in hall.devices.values() if device.kind == kind and _drawable(hall, device)]
    return sorted(found, key=lambda device: list(hall.places).index(device.node))


def _drawable(hall: Hall, device: FarDevice) -> bool:
    """Whether the device's view has all that the page's picture of its kind needs."""
    return device.kind in DRAWN and DRAWN[device.kind] <= hall.views.get(device.id, {}).keys()


def _others(hall: Hall) -> list[FarDevice]:
    return [device for device in hall.devices.values() if device.id in hall.views and not _drawable(hall, device)]


def _window_of(hall: Hall, device: FarDevice) -> str | None:
    """The window that a device is at, as its view or its board's picture says."""
    picture = hall.pictures.get(device.id)
    return hall.views[device.id].get("window") or (picture.window if picture else None)


def _placed(hall: Hall, device: FarDevice) -> dict[str, Any]:
    return {
        "id": device.id,
        "kind": device.kind,
        "hands": tuple(device.hands),
        "panel": panel(device, hall.views[device.id]),
        "place": hall.places.get(device.node, ""),
    }


def _board(hall: Hall, device: FarDevice) -> Placed:
    view = hall.views[device.id]
    return Placed(**_placed(hall, device), width=view["width"], height=view["height"])


def _room(hall: Hall, device: FarDevice) -> RoomPlace:
    cubicles = tuple(cubicle["cubicle"] for cubicle in hall.views[device.id]["cubicles"])
    return RoomPlace(**_placed(hall, device), cubicles=cubicles)


def _kiosk(device: FarDevice, hall: Hall) -> KioskPlace:
    names = {service.service: service.name for offer in hall.offers.values() for service in offer.services}
    keys: dict[str, list[KeyPlace]] = {}
    for key in hall.views[device.id]["keys"]:
        prior = key.get("priority") in (True, "priority")
        keys.setdefault(key["service"], []).append(KeyPlace(key["key"], prior))
    rows = (
        KioskRow(service, names.get(service, Text(zh=service, en=service)), tuple(sorted(places, key=lambda place: place.prior)))
        for service, places in keys.items()
    )
    return KioskPlace(**_placed(hall, device), rows=tuple(rows))


def _windows(hall: Hall, strips: Mapping[str, Placed]) -> tuple[WindowPlace, ...]:
    raters, callers = ({hall.views[d.id]["window"]: d for d in _kind(hall, kind)} for kind in ("rater", "caller"))
    names = {window: state.name for window, state in hall.windows.items()}
    others: dict[str, list[Placed]] = {}
    for device in _others(hall):
        if (window := _window_of(hall, device)) is not None:
            others.setdefault(window, []).append(Placed(**_placed(hall, device)))
    known = sorted({*strips, *raters, *callers, *others}, key=_by_number)
    placed = (_window(hall, name, names, strips.get(name), raters.get(name), callers.get(name)) for name in known)
    return tuple(replace(window, others=tuple(others.get(window.id, ()))) for window in placed)


def _window(
    hall: Hall, name: str, names: Mapping[str, Text], strip: Placed | None, rater: FarDevice | None, caller: FarDevice | None
) -> WindowPlace:
    keys: Sequence[Mapping[str, Any]] = hall.views[rater.id]["keys"] if rater else ()
    codes: Mapping[str, str] = hall.views[caller.id]["keys"] if caller else {}
    return WindowPlace(
        id=name,
        name=names.get(name, Text(zh=name, en=name)),
        strip=strip,
        rater=Placed(**_placed(hall, rater)) if rater else None,
        rater_keys=tuple(KeyPlace(key["key"], level=key["level"]) for key in sorted(keys, key=lambda key: -key["level"])),
        caller=Placed(**_placed(hall, caller)) if caller else None,
        caller_keys=tuple(codes.items()),
    )


def _node(hall: Hall, name: str) -> NodePlace:
    return NodePlace(name, hall.places[name], tuple(device.id for device in hall.devices.values() if device.node == name))


def _by_number(name: str) -> tuple[str, int, str]:
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return stem, int(digits) if digits else 0, name
