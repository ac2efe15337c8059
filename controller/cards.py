"""Cards: what is printed and stuck to each device and node, so that whoever stands before it knows what it is and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from contract.values import Text
from controller.config import HallConfig
from controller.config_parts import PlannedNode
from controller.kinds import first_of, name_of

UNPLUG = Text(zh="拔下电源，等 10 秒，再插上", en="Unplug its power, wait 10 s, plug it in again")


@dataclass(frozen=True)
class Card:
    """One card. `where` says which window, room or zone it belongs to; `link` stands in its code, empty without an address."""

    id: str
    kind: Text
    node: str
    place: str
    where: Text | None
    first: Text
    link: str


def cards(hall: HallConfig, base: str) -> list[Card]:
    """A card for each planned node and each of its devices, in the order of hall.toml; `base` is the address of the pages."""
    return [card for node in hall.node for card in _of(node, hall, base.rstrip("/"))]


def _of(node: PlannedNode, hall: HallConfig, base: str) -> Iterator[Card]:
    def link(id_: str) -> str:
        return f"{base}/devices#{id_}" if base else ""

    devices = [str(table["id"]) for table in node.device if "id" in table]
    names = ", ".join(devices)
    drives = Text(zh=names, en=names) if devices else None
    yield Card(node.id, name_of("node"), node.id, node.place, drives, UNPLUG, link(f"node-{node.id}"))
    for table in node.device:
        kind, id_ = str(table.get("kind")), str(table.get("id", ""))
        yield Card(id_, name_of(kind), node.id, node.place, _where(table, hall), first_of(kind), link(f"device-{id_}"))


def _where(table: dict[str, object], hall: HallConfig) -> Text | None:
    """The name of the window or room that a device is for, or of the board's window or zones."""
    windows = {window.id: window.name.text for window in hall.window}
    rooms = {room.id: room.name.text for room in hall.room}
    zones = {zone.id: zone.name.text for zone in hall.zone}
    board = next((board for board in hall.board if board.id == table.get("id")), None)
    window = table.get("window") or (board and board.window)
    if window is not None:
        return windows.get(str(window))
    if "room" in table:
        return rooms.get(str(table["room"]))
    named = [zones[zone] for zone in (board.zones if board else ()) if zone in zones]
    return Text(zh="、".join(n.zh for n in named), en=", ".join(n.en for n in named)) if named else None
