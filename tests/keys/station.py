"""A station with hands: what a node gives an agent, kept in lists that tests read."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from contract.commands import CommandAnswer
from contract.events import Fact
from contract.health import Condition
from contract.topics import Topic
from contract.values import Text
from firmware.intercom import Intercom
from firmware.station import OutboxFull
from firmware.stream import Place

M = TypeVar("M", bound=msgspec.Struct)


class SkippingClock:
    """The machine's own clocks, on which time can be skipped."""

    def __init__(self) -> None:
        self._skipped = self._ahead = 0.0

    def set_ahead(self, seconds: float) -> None:
        """Somebody sets the wall clock; the monotonic one goes on."""
        self._ahead += seconds

    def skip(self, seconds: float) -> None:
        """So much time passes at once."""
        self._skipped += seconds

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._skipped + self._ahead)

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic() + self._skipped


class HeldStation:
    """A `Station` without a node.

    Hands: `tell` it a message, fill its disk with `full`. Eyes: `facts`, `states`, `counts`, `said`.
    """

    def __init__(self, device: str, data: Path) -> None:
        self.device = device
        self.hall = "hall"
        self.node = "node"
        self.clock = SkippingClock()
        self.data = data
        self.timezone = ZoneInfo("Asia/Shanghai")
        self.controller_present = True
        self.full = False
        self.facts: list[Fact] = []
        self.states: list[tuple[Condition, str, Text, Text | None]] = []
        self.counts = Counter[str]()
        self.said: list[msgspec.Struct] = []
        self.beats = 0
        self.stored = 0
        """How many of its facts the controller has stored."""
        self.intercom = Intercom()
        self._topics: dict[str, asyncio.Queue[Any]] = defaultdict(asyncio.Queue)
        self._presence: asyncio.Queue[bool] = asyncio.Queue()

    @property
    def code(self) -> str:
        """The code of the present state."""
        return self.states[-1][1] if self.states else ""

    @property
    def answers(self) -> list[CommandAnswer]:
        """The answers to commands."""
        return [said for said in self.said if isinstance(said, CommandAnswer)]

    def tell(self, topic: Topic[M], message: M) -> None:
        """A message arrives."""
        self._topics[topic.name].put_nowait(message)

    async def until(self, seen: Callable[[], object], seconds: float = 30) -> None:
        """Wait until something is seen; the deadline is for what never comes."""
        async with asyncio.timeout(seconds):
            while not seen():  # noqa: ASYNC110 - pins and lists tell nobody that they have changed
                await asyncio.sleep(0.002)

    def controller(self, *, there: bool) -> None:
        """The controller goes, or comes back."""
        self.controller_present = there
        self._presence.put_nowait(there)

    async def presence(self) -> AsyncIterator[bool]:
        """Whether it is there."""
        yield self.controller_present
        while True:
            yield await self._presence.get()

    def stream(self) -> Place:
        """Its facts are its stream."""
        return Place("epoch-one", len(self.facts), self.stored)

    def tell_neighbours(self, message: msgspec.Struct, about: str, *, keep: bool = False) -> None:
        """Tell other agents at this station."""
        self.intercom.tell(message, about, keep=keep)

    def hear_neighbours(self, kind: type[M], about: str) -> AsyncIterator[M]:
        """What they tell."""
        return self.intercom.listen(kind, about)

    async def record(self, fact: Fact) -> None:
        """Keep a fact, unless the disk is full."""
        await asyncio.sleep(0)
        if self.full:
            raise OutboxFull("the disk is full")
        self.facts.append(fact)

    def state(self, condition: Condition, code: str, what: Text, touch: Text | None = None) -> None:
        """Keep a state that differs from the one before."""
        if not self.states or self.states[-1] != (condition, code, what, touch):
            self.states.append((condition, code, what, touch))

    def count(self, what: str, by: int = 1) -> None:
        """Count."""
        self.counts[what] += by

    def alive(self) -> None:
        """Count a heartbeat."""
        self.beats += 1

    async def hear(self, topic: Topic[M], **levels: str) -> AsyncIterator[M]:
        """What is told."""
        while True:
            yield await self._topics[topic.name].get()

    async def hear_at_once(self, topic: Topic[M], take: Callable[[M], None], **levels: str) -> None:
        async for message in self.hear(topic, **levels):
            take(message)

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        """Keep what is said."""
        self.said.append(message)
        return True
