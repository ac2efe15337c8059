"""Presence: which nodes are there, and how their devices are; an old session's will is ignored."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from contract.health import WANTING, DeviceState, NodeStatus
from contract.plain import plain
from controller.boards import BoardWatch
from controller.view import WebhookView

log = logging.getLogger("hallware.controller")


@dataclass
class Presence:
    """The last word of each node and device. Built anew after a restart from what the broker keeps."""

    nodes: dict[str, NodeStatus] = field(default_factory=dict)
    devices: dict[str, dict[str, DeviceState]] = field(default_factory=dict)
    """Node to device to its state."""

    away: dict[str, datetime] = field(default_factory=dict)
    """Nodes that are not there, with the moment in which that was heard; without those of which the broker only keeps it."""

    boards: BoardWatch = field(default_factory=BoardWatch)
    """What boards say that they show."""

    webhooks: dict[str, WebhookView] = field(default_factory=dict)
    """How messages to other systems stand."""

    out_of_reach: datetime | None = None
    """Since when the broker is, and with it every node."""

    commands: dict[str, str] = field(default_factory=dict)
    """Commands that were sent and not answered, to whoever asked for them."""

    tests: dict[str, str] = field(default_factory=dict)
    """Those of them that are the self-test of a record of maintenance, to the record."""

    def status(self, said: NodeStatus, now: datetime, *, retained: bool = False) -> bool:
        """Take a node's word in, which came at `now` by the controller's clock.

        False when it is no news: an equal one, the will of an older session, or an old birth.

        Only a birth that the broker kept can be old; of one that is said now the moment is not asked, for the clock of a
        node may have been set back since the last one.
        """
        before = self.nodes.get(said.node)
        if before == said:
            return False
        if before is not None and before.session != said.session and _is_old(before, said, retained=retained):
            return False
        self.nodes[said.node] = said
        self._note_away(said, now, retained=retained)
        self._tell(before, said)
        return True

    def _note_away(self, said: NodeStatus, now: datetime, *, retained: bool) -> None:
        if said.state == "online":
            self.away.pop(said.node, None)
        elif not retained:
            self.away.setdefault(said.node, now)

    def device(self, node: str, said: DeviceState) -> bool:
        """Take a device's state in; False when it is no news."""
        devices = self.devices.setdefault(node, {})
        before = devices.get(said.device)
        if before == said:
            return False
        devices[said.device] = said
        if before is None or (before.condition, before.code) != (said.condition, said.code):
            bad = said.condition in WANTING
            if bad or (before is not None and before.condition in WANTING):
                log.log(logging.WARNING if bad else logging.INFO, "%s on %s: %s", said.device, node, plain(said.what.en))
        return True

    def online(self, node: str) -> bool:
        """Whether a node is there."""
        status = self.nodes.get(node)
        return status is not None and status.state == "online"

    def node_of(self, device: str) -> str | None:
        """The node that named a device in its birth."""
        return next((node for node, status in self.nodes.items() if device in status.devices), None)

    def _tell(self, before: NodeStatus | None, said: NodeStatus) -> None:
        if before is not None and (before.state, before.session) == (said.state, said.session):
            return
        if said.state == "online":
            log.info("node %s is there (version %s)", said.node, plain(said.version))
        elif said.state == "offline":
            log.info("node %s said goodbye", said.node)
        else:
            log.warning("node %s is lost", said.node)


def _is_old(before: NodeStatus, said: NodeStatus, *, retained: bool) -> bool:
    """Whether the word of another session than the known one is from before it."""
    return said.state != "online" or (retained and said.at < before.at)
