"""The post: a node's side of the station at which one agent stands."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import msgspec

from contract.commands import CommandAnswer
from contract.events import Fact
from contract.health import Condition
from contract.topics import COMMAND, COMMAND_ANSWER, Topic
from contract.values import Text
from firmware.clock import HallClock
from firmware.desk import CommandDesk
from firmware.device import Device
from firmware.intercom import Intercom
from firmware.outbox import Outbox
from firmware.stream import Place
from link.link import Link
from link.watched import Watched

M = TypeVar("M", bound=msgspec.Struct)


class Post:
    """The `Station` of one device."""

    def __init__(
        self,
        device: Device,
        *,
        node: str,
        data: Path,
        timezone: ZoneInfo,
        clock: HallClock,
        link: Link,
        outbox: Outbox,
        desk: CommandDesk,
        presence: Watched[bool],
        intercom: Intercom,
    ) -> None:
        """All but `device` belongs to the node and is shared."""
        self.device, self.node, self.hall = device.name, node, link.hall
        self.data, self.timezone, self.clock = data, timezone, clock
        self._device, self._link, self._outbox, self._desk, self._presence = device, link, outbox, desk, presence
        self._intercom = intercom

    @property
    def controller_present(self) -> bool:
        """Whether the controller answers."""
        return self._presence.value

    def presence(self) -> AsyncIterator[bool]:
        """The present value of `controller_present`, then every change."""
        return self._presence.changes()

    async def record(self, fact: Fact) -> None:
        """Put a fact into the node's outbox; it is on the disk when this returns. Raises `OutboxFull`."""
        await self._outbox.record(self.device, fact)

    def state(self, condition: Condition, code: str, what: Text, touch: Text | None = None) -> None:
        """Say how the device is."""
        self._device.say(condition, code, what, touch)

    def count(self, what: str, by: int = 1) -> None:
        """Count something worth knowing."""
        self._device.count(what, by)

    def alive(self) -> None:
        """Say that the agent still turns."""
        self._device.alive()

    def hear(self, topic: Topic[M], **levels: str) -> AsyncIterator[M]:
        """Messages of a topic; commands are this device's own, each once and in time."""
        if topic is COMMAND:
            return cast(AsyncIterator[M], self._desk.commands(self.device))
        return self._messages(topic, levels)

    async def hear_at_once(self, topic: Topic[M], take: Callable[[M], None], **levels: str) -> None:
        """Messages of a topic, each handed to `take` in the moment it comes."""
        with self._link.hear(topic, bad=self._bad, **self._levels(topic, levels)) as ear:
            await ear.each(lambda heard: take(heard.message))

    async def _messages(self, topic: Topic[M], levels: dict[str, str]) -> AsyncIterator[M]:
        with self._link.hear(topic, bad=self._bad, **self._levels(topic, levels)) as ear:
            async for heard in ear:
                yield heard.message

    def _bad(self) -> None:
        self.count("bad-message")

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        """Publish a message; False when the link is down."""
        if topic is COMMAND_ANSWER and isinstance(message, CommandAnswer):
            return await self._desk.answered(message)
        return await self._link.say(topic, message, **self._levels(topic, levels))

    def stream(self) -> Place:
        """How far the node's stream has come."""
        return self._outbox.place

    def tell_neighbours(self, message: msgspec.Struct, about: str, *, keep: bool = False) -> None:
        """Tell the node's other agents."""
        self._intercom.tell(message, about, keep=keep)

    def hear_neighbours(self, kind: type[M], about: str) -> AsyncIterator[M]:
        """What the node's other agents tell."""
        return self._intercom.listen(kind, about)

    def _levels(self, topic: Topic[Any], levels: dict[str, str]) -> dict[str, str]:
        return {"node": self.node, **levels} if "node" in topic.levels else levels
