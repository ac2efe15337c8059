"""The identity: what a node says of itself in birth, last will and goodbye."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from contract.health import Echo, NodeStatus
from contract.topics import NODE_STATUS
from contract.updating import UpdateReport
from contract.values import Text
from firmware.clock import HallClock
from link.letter import Letter


class Identity:
    """One session for each connection, so that a will that comes late is known for an old one."""

    def __init__(
        self,
        node: str,
        version: str,
        devices: tuple[str, ...],
        clock: HallClock,
        update: Callable[[], UpdateReport | None] = lambda: None,
    ) -> None:
        """`devices` are the ids of what hangs on it, `update` tells what became of the last update."""
        self.node, self._update = node, update
        self._version, self._devices, self._clock = version, devices, clock
        self._session, self._began = secrets.token_hex(8), clock.now()

    def will(self) -> Letter:
        """The last will of a new connection, and with it a new session."""
        self._session, self._began = secrets.token_hex(8), self._clock.now()
        return self._letter("lost", self._began)

    def birth(self, *, waiting: int, trouble: Text | None, counts: dict[str, int]) -> Letter:
        """The node as it is now, within the present session."""
        return self._letter("online", self._began, waiting, trouble, counts)

    def goodbye(self, *, waiting: int) -> Letter:
        """The clean end."""
        return self._letter("offline", self._clock.now(), waiting)

    def echo(self, beat: int) -> Echo:
        """One beat of the link's pulse."""
        return Echo(session=self._session, beat=beat)

    def _letter(
        self,
        state: Literal["online", "lost", "offline"],
        at: datetime,
        waiting: int = 0,
        trouble: Text | None = None,
        counts: dict[str, int] | None = None,
    ) -> Letter:
        status = NodeStatus(
            node=self.node,
            session=self._session,
            state=state,
            at=at,
            version=self._version,
            devices=self._devices,
            waiting=waiting,
            clock_off=round(self._clock.off, 1),
            trouble=trouble,
            counts=counts or {},
            update=self._update(),
        )
        return Letter(NODE_STATUS, status, {"node": self.node})
