"""The demo hall's files: hall.toml at the wished speed, a node.toml and a password for everybody who needs one."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from broker_config.access import CONTROLLER
from contract.settings import parse
from controller.config import HallConfig
from controller.config_machine import Http
from controller.config_parts import PlannedNode
from controller.config_rules import CallingRules, RatingRules
from link.address import BrokerAddress
from provisioning.plan import Folders, node_files, write_node_files

VIEWER = "viewer"
"""The user name at the broker of the people and the page, who only listen."""
REHEARSAL = 25.0
"""So many times as fast as on a working day are people served in a demonstration at speed 1."""
ROOM_PACE = {"limit": 45.0, "stillness": 2.5}
"""The room's durations at speed 1, in seconds."""


def demo_hall(speed: float) -> HallConfig:
    """The demo hall at the pace of a brisk rehearsal, and that made `speed` times as fast."""
    hall = parse((files("hallware.demo") / "hall.toml").read_text(encoding="utf-8"), HallConfig, name="hall.toml")
    calling: CallingRules = msgspec.structs.replace(hall.calling, times=2, interval=6.0)
    rating: RatingRules = msgspec.structs.replace(hall.rating, window=15.0, grace=3.0, hasty=0.1)
    services = tuple(msgspec.structs.replace(one, expected=one.expected / REHEARSAL) for one in hall.service)
    nodes = tuple(_with(node, room=ROOM_PACE) for node in hall.node)
    return faster(msgspec.structs.replace(hall, calling=calling, rating=rating, service=services, node=nodes), speed)


def faster(hall: HallConfig, speed: float) -> HallConfig:
    """The same hall where what its rules wait for comes `speed` times as soon."""
    calling: CallingRules = msgspec.structs.replace(hall.calling, interval=hall.calling.interval / speed)
    now = hall.rating
    rating: RatingRules = msgspec.structs.replace(
        now, window=now.window / speed, grace=now.grace / speed, hasty=now.hasty / speed
    )
    services = tuple(msgspec.structs.replace(one, expected=one.expected / speed) for one in hall.service)
    nodes = tuple(_brisk(node, speed) for node in hall.node)
    return msgspec.structs.replace(hall, calling=calling, rating=rating, service=services, node=nodes)


def _with(node: PlannedNode, **pace: dict[str, Any]) -> PlannedNode:
    """Devices of the kinds named, with other settings."""
    return msgspec.structs.replace(node, device=tuple(one | pace.get(one["kind"], {}) for one in node.device))


def _brisk(node: PlannedNode, speed: float) -> PlannedNode:
    """A room's durations are divided where its plan has them."""
    return msgspec.structs.replace(
        node, device=tuple(one | {key: one[key] / speed for key in ROOM_PACE if key in one} for one in node.device)
    )


def _with_pages(node: PlannedNode, free_port: Callable[[], int]) -> PlannedNode:
    """The pages of its touch screens at free ports."""
    device = tuple(one | {"touch": one["touch"] | {"port": free_port()}} if "touch" in one else one for one in node.device)
    return msgspec.structs.replace(node, device=device)


def touch_pages(hall: HallConfig) -> dict[str, str]:
    """Where the pages of touch screens are, by kiosk."""
    screens = {one["id"]: one["touch"] for node in hall.node for one in node.device if "touch" in one}
    return {kiosk: f"http://127.0.0.1:{screen['port']}/" for kiosk, screen in screens.items()}


def new_passwords(hall: HallConfig) -> dict[str, str]:
    """A random password for everybody at the broker, by user name."""
    users = (CONTROLLER, VIEWER, *hall.dispatcher, *(node.id for node in hall.node))
    return {user: secrets.token_urlsafe(24) for user in users}


@dataclass(frozen=True)
class DemoFiles:
    """Where everything of a demonstration lies."""

    folder: Path

    @property
    def hall(self) -> Path:
        """hall.toml."""
        return self.folder / "hall.toml"

    @property
    def broker(self) -> Path:
        """The broker's folder."""
        return self.folder / "broker"

    @property
    def store(self) -> str:
        """The controller's database as an SQLAlchemy URL."""
        return f"sqlite:///{self.folder / 'hall.db'}"

    def log(self, child: str) -> Path:
        """What a child process wrote."""
        return self.folder / "log" / f"{child}.log"

    @property
    def client(self) -> Path:
        """client.toml, with which a terminal reaches this hall: `hallware watch --settings …`."""
        return self.folder / "client.toml"

    def write_client(self, hall: HallConfig, broker: BrokerAddress) -> None:
        """Write client.toml for whoever `broker` stands for."""
        own = _without_none(msgspec.to_builtins(broker, enc_hook=str))
        self.client.write_text(tomli_w.dumps({"hall": hall.hall.id, "broker": own}), encoding="utf-8")

    @property
    def sockets(self) -> Path:
        """sockets.toml, which says where each node's control socket is: `hallware sim run --hall …` reaches its hands there."""
        return self.folder / "sockets.toml"

    def write_sockets(self, sockets: Mapping[str, Path]) -> None:
        """Write sockets.toml."""
        self.sockets.write_text(tomli_w.dumps({node: str(path) for node, path in sockets.items()}), encoding="utf-8")

    def prepare(self) -> None:
        """Make the folders."""
        for folder in (self.folder, self.broker, self.folder / "log"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, hall: HallConfig, broker: BrokerAddress, free_port: Callable[[], int]) -> tuple[HallConfig, dict[str, Path]]:
        """Write hall.toml and every node.toml; returns the hall as it is in force and the nodes' files by node id.

        `broker` is the broker as the controller finds it; every page gets a free port.
        """
        port = free_port()
        http = Http(port=port, public_url=f"http://127.0.0.1:{port}")
        nodes = tuple(_with_pages(node, free_port) for node in hall.node)
        ready = msgspec.structs.replace(hall, broker=broker, http=http, store=self.store, node=nodes)
        self.hall.write_text(_toml(ready), encoding="utf-8")
        folders = Folders(data=str(self.folder / "nodes" / "{node}"), password=str(self.broker / "{node}.password"))
        address = BrokerAddress(host=broker.host, port=broker.port)
        return ready, write_node_files(node_files(ready, address, folders), self.folder / "nodes")


def _toml(hall: HallConfig) -> str:
    return "# Made by `hallware demo`.\n\n" + tomli_w.dumps(_without_none(msgspec.to_builtins(hall, enc_hook=str)))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_none(inner) for inner in value]
    return value
