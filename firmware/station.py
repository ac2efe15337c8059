"""The station: what a node gives each of its agents, and what it wants back."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from contract.events import Fact
from contract.health import Condition
from contract.topics import Topic
from contract.values import Text
from firmware.stream import Place

M = TypeVar("M", bound=msgspec.Struct)


class OutboxFull(Exception):
    """The outbox cannot take a fact: the disk is full or damaged. Nothing was kept, so nobody may be thanked."""


class Clock(Protocol):
    """Both kinds of time."""

    def now(self) -> datetime:
        """The hall's time: this node's clock corrected by what the controller says. Aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        ...


class Station(Protocol):
    """One agent's place on its node. Everything here is safe to call while the broker is out of reach."""

    @property
    def device(self) -> str:
        """The id of the agent's device."""
        ...

    @property
    def hall(self) -> str:
        """The id of the hall."""
        ...

    @property
    def node(self) -> str:
        """The id of the node."""
        ...

    @property
    def clock(self) -> Clock:
        """Both kinds of time."""
        ...

    @property
    def data(self) -> Path:
        """The node's folder for what must survive a power cut."""
        ...

    @property
    def timezone(self) -> ZoneInfo:
        """The hall's time zone, for the times that people read and the days that numbers belong to."""
        ...

    @property
    def controller_present(self) -> bool:
        """Whether the controller answers: the link carries, and its heartbeat is young."""
        ...

    async def presence(self) -> AsyncIterator[bool]:
        """The present value of `controller_present`, then every change."""
        yield self.controller_present

    async def record(self, fact: Fact) -> None:
        """Put a fact into the node's outbox; it is on the disk when this returns. Raises `OutboxFull`."""
        ...

    def state(self, condition: Condition, code: str, what: Text, touch: Text | None = None) -> None:
        """Say how the device is; repeated equal states cost nothing. A fault is logged once, and once when it heals."""
        ...

    def count(self, what: str, by: int = 1) -> None:
        """Count something worth knowing, such as `refused-press`; travels with the next state."""
        ...

    def alive(self) -> None:
        """Say that the agent still turns. An agent that has not said so for ten seconds is started anew."""
        ...

    def hear(self, topic: Topic[M], **levels: str) -> AsyncIterator[M]:
        """Messages of a topic, from now on; retained ones first. Broken ones were logged and counted before they come here.

        `hall` and, where the topic has one, `node` are filled in. Keeps over reconnects; ends when the agent ends.
        Commands are this device's own, each once and in time; the node carries out `reload` itself.
        """
        ...

    async def hear_at_once(self, topic: Topic[M], take: Callable[[M], None], **levels: str) -> None:
        """Like `hear`, for what must be quick: `take` is called in the moment a message comes, before anything else turns.

        For no commands. Goes on until the agent ends; raises what `take` raises.
        """
        async for message in self.hear(topic, **levels):
            take(message)

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        """Publish a message; False when the link is down, in which case it is dropped: what must not be lost is recorded."""
        ...

    def stream(self) -> Place:
        """How far the node's stream of events has come, with all that `record` has kept."""
        ...

    def tell_neighbours(self, message: msgspec.Struct, about: str, *, keep: bool = False) -> None:
        """Tell the other agents of this node; with `keep` also those that listen later."""
        ...

    def hear_neighbours(self, kind: type[M], about: str) -> AsyncIterator[M]:
        """What other agents of this node tell about a subject, such as a window; what was kept comes first."""
        ...


class Agent(Protocol):
    """Drives one device until it is cancelled. What it raises starts it anew with back-off and never touches its neighbours."""

    async def run(self) -> None:
        """Drive the device."""
        ...
