"""A simulated hall from outside: what its wires show, what it says over MQTT, and who wants to know of changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contract.calling import BoardPicture, Call, CallAnswer, WindowState
from contract.health import ControllerStatus, DeviceState, NodeStatus
from contract.ticketing import KioskOffer


@dataclass(frozen=True)
class FarDevice:
    """A device's far end as a node announced it: the hands that it has, with the names of what each wants to know."""

    node: str
    id: str
    kind: str
    hands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of each hand its sentence, what it takes in full, and the hand that mends what it breaks."""


Listener = Callable[[str, str], None]
"""Called with a part's kind (`view`, `node`, `state`, `window`, `offer`, `picture`, `controller`, `devices`) and its id."""


class Hall:
    """The newest of everything. Only the loop it lives in may change it."""

    def __init__(self, nodes: Mapping[str, str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """A hall of these nodes, with the place of each; nothing is known of them yet."""
        self._clock = clock
        self.places = dict(nodes)
        self.devices: dict[str, FarDevice] = {}
        self.views: dict[str, Mapping[str, Any]] = {}
        self.connected: set[str] = set()
        self.statuses: dict[str, NodeStatus] = {}
        self.away: dict[str, datetime] = {}
        """Nodes that were lost or switched off, with the moment in which that was heard."""
        self.states: dict[str, DeviceState] = {}
        self.windows: dict[str, WindowState] = {}
        self.offers: dict[str, KioskOffer] = {}
        self.pictures: dict[str, BoardPicture] = {}
        self.controller: ControllerStatus | None = None
        self.listeners: list[Listener] = []
        self.callers: list[Callable[[Call], None]] = []
        self.answerers: list[Callable[[CallAnswer], None]] = []

    def known(self) -> Iterator[tuple[str, str]]:
        """Every part that is known by now, as listeners would have been told of it."""
        parts: dict[str, Iterable[str]] = {
            "node": self.places, "view": self.views, "state": self.states, "window": self.windows,
            "offer": self.offers, "picture": self.pictures,
        }  # fmt: skip
        yield from ((kind, name) for kind, names in parts.items() for name in names)
        if self.controller is not None:
            yield "controller", self.controller.session

    def reachable(self, device: str) -> bool:
        """Whether the device's node is connected now."""
        far = self.devices.get(device)
        return far is not None and far.node in self.connected

    def node_came(self, node: str, devices: list[FarDevice]) -> None:
        """A node's control socket said what hangs on it."""
        self.connected.add(node)
        news = {device.id: device for device in devices}
        changed = any(self.devices.get(name) != device for name, device in news.items())
        self.devices |= news
        if changed:
            self._tell("devices", node)
        self._tell("node", node)

    def node_went(self, node: str) -> None:
        """A node's control socket ended."""
        self.connected.discard(node)
        self._tell("node", node)

    def saw(self, view: Mapping[str, Any]) -> None:
        """A device's far end looks different."""
        self.views[view["device"]] = view
        self._tell("view", view["device"])

    def heard(self, message: object) -> None:
        """The hall said something over MQTT."""
        match message:
            case NodeStatus():
                self._status(message)
            case DeviceState():
                self._keep(self.states, "state", message.device, message)
            case WindowState():
                self._keep(self.windows, "window", message.window, message)
            case KioskOffer():
                self._keep(self.offers, "offer", message.kiosk, message)
            case BoardPicture():
                self._keep(self.pictures, "picture", message.board, message)
            case ControllerStatus():
                self.controller = message
                self._tell("controller", message.session)
            case Call():
                for hear in self.callers:
                    hear(message)
            case CallAnswer():
                for hear_answer in self.answerers:
                    hear_answer(message)
            case _:
                raise TypeError(f"nobody here hears {type(message).__name__}")

    def _status(self, status: NodeStatus) -> None:
        known = self.statuses.get(status.node)
        if known is not None and known.session != status.session and status.state != "online":
            return  # the late will of an old session; moments say nothing, for a node's clock may be set back
        if status.state == "online":
            self.away.pop(status.node, None)
        else:
            self.away.setdefault(status.node, self._clock())
        self._keep(self.statuses, "node", status.node, status)

    def _keep(self, where: dict[str, Any], kind: str, name: str, message: object) -> None:
        where[name] = message
        self._tell(kind, name)

    def _tell(self, kind: str, name: str) -> None:
        for listener in self.listeners:
            listener(kind, name)
