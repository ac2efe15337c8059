"""Parts: what of the hall appears in Home Assistant, each with its entities and how they stand. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from contract.health import WANTING, DeviceState
from contract.values import Text
from controller.config import HallConfig
from controller.kinds import name_of
from controller.view import HallView, NodeView, RoomView

Figure = bool | int | float | None
"""None: nobody knows."""

WHOLE, NODE, ROOM = "hall", "node-", "room-"
"""Ids of parts, or how they begin."""


@dataclass(frozen=True)
class Entity:
    """One thing that is watched."""

    key: str
    platform: Literal["sensor", "binary_sensor"]
    name: Text
    figure: Figure
    kind: str | None = None
    """Home Assistant's device class."""
    unit: str | None = None
    diagnostic: bool = False


@dataclass(frozen=True)
class Part:
    """What appears as one device."""

    id: str
    name: Text
    model: Text
    entities: tuple[Entity, ...]
    area: str = ""
    version: str | None = None
    within: str | None = None
    """The part that it belongs to."""
    figures: dict[str, Figure] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "figures", {entity.key: entity.figure for entity in self.entities})


def parts(config: HallConfig, view: HallView) -> tuple[Part, ...]:
    """Everything that appears, and how it stands."""
    whole = Part(id=WHOLE, name=view.name, model=Text(zh="大厅", en="Hall"), entities=tuple(_hall(view)))
    return (whole, *(_node(config, node) for node in view.nodes), *(_room(room) for room in view.rooms))


def _hall(view: HallView) -> Iterator[Entity]:
    for service in view.services:
        name = Text(zh=f"{service.name.zh} 等候人数", en=f"{service.name.en}, waiting")
        yield Entity(f"waiting-{service.service}", "sensor", name, service.count, unit="人")
    known = [device for node in view.nodes if _there(node) for device in node.devices]
    ill = sum(device.condition in WANTING for device in known)
    lost = sum(node.status is not None and node.status.state == "lost" for node in view.nodes)
    yield Entity("devices-ill", "sensor", Text(zh="需要处理的设备", en="Devices to see to"), ill, unit="台")
    yield Entity("nodes-lost", "sensor", Text(zh="失联的节点", en="Nodes lost"), lost, unit="台")
    yield Entity("trouble", "binary_sensor", Text(zh="设备需要处理", en="Something to see to"), bool(ill or lost), kind="problem")
    yield Entity("help", "binary_sensor", Text(zh="有人求助", en="Help wanted"), bool(view.help), kind="problem")


def _there(node: NodeView) -> bool:
    return node.status is not None and node.status.state == "online"


def _node(config: HallConfig, node: NodeView) -> Part:
    place, version = node.place or node.node, None if node.status is None else node.status.version
    return Part(
        id=f"{NODE}{node.node}", name=Text(zh=f"节点 {place}", en=f"Node {place}"), model=Text(zh="节点", en="Node"),
        entities=tuple(_of_node(config, node)), area=node.place, version=version, within=WHOLE,
    )  # fmt: skip


def _of_node(config: HallConfig, node: NodeView) -> Iterator[Entity]:
    status = None if node.status is None else _there(node)
    yield Entity("online", "binary_sensor", Text(zh="在线", en="Online"), status, kind="connectivity", diagnostic=True)
    heard = {device.device: device for device in node.devices}
    planned = next((dict(_planned(table) for table in known.device) for known in config.node if known.id == node.node), {})
    for device, kind in {**planned, **{name: said.kind for name, said in heard.items()}}.items():
        said = heard.get(device) if _there(node) else None
        name = name_of(kind)
        named = Text(zh=f"{name.zh} {device}", en=f"{name.en} {device}")
        yield Entity(f"ill-{device}", "binary_sensor", named, None if said is None else said.condition in WANTING, kind="problem")
        if kind == "kiosk":
            paper = Text(zh=f"{named.zh} 余纸", en=f"{named.en}, paper left")
            yield Entity(f"paper-{device}", "sensor", paper, _paper(said), kind="distance", unit="m", diagnostic=True)


def _planned(table: dict[str, object]) -> tuple[str, str]:
    return str(table.get("id", "")), str(table.get("kind", ""))


def _paper(said: DeviceState | None) -> float | None:
    """Metres left by the estimate of the kiosk; 0 is what it says before it reckons."""
    left = 0 if said is None else said.counts.get("paper-left-mm", 0)
    return round(left / 1000, 1) if left else None


def _room(room: RoomView) -> Part:
    cubicles = tuple(
        Entity(
            f"occupied-{cubicle.cubicle}", "binary_sensor", Text(zh=f"隔间 {cubicle.cubicle}", en=f"Cubicle {cubicle.cubicle}"),
            cubicle.occupied, kind="occupancy",
        )
        for cubicle in room.cubicles
    )  # fmt: skip
    model = Text(zh="母婴室", en="Mother-and-baby room")
    return Part(id=f"{ROOM}{room.room}", name=room.name, model=model, entities=cubicles, within=WHOLE)
