"""A station with hands: the test says what the agent hears, and reads what it says."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from contract.events import Fact
from contract.health import Condition
from contract.topics import Topic
from contract.values import Text
from firmware.stream import Place

M = TypeVar("M", bound=msgspec.Struct)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""


class HandClock:
    """Real monotonic time; the hall's time began at noon and can be set."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()
        self.start = NOON

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass
class HandStation:
    """One agent's place on a node that exists only in this test."""

    device: str
    hall: str = "centre"
    node: str = "board-node"
    data: Path = Path("/nowhere")
    timezone: ZoneInfo = SHANGHAI
    controller_present: bool = True
    clock: HandClock = field(default_factory=HandClock)
    said: list[msgspec.Struct] = field(default_factory=list)
    states: list[tuple[Condition, str]] = field(default_factory=list)
    words: list[tuple[Text, Text | None]] = field(default_factory=list)
    """What was wrong, and what to touch, for each of the states."""
    counts: Counter[str] = field(default_factory=Counter)
    beats: int = 0
    _ears: dict[str, asyncio.Queue[Any]] = field(default_factory=dict)

    def tell(self, topic: Topic[Any], message: msgspec.Struct) -> None:
        """Let the agent hear a message."""
        self._ear(topic.name).put_nowait(message)

    def lose_controller(self) -> None:
        """The controller does not answer any more."""
        self.controller_present = False
        self._ear("presence").put_nowait(False)

    def find_controller(self) -> None:
        """It answers again."""
        self.controller_present = True
        self._ear("presence").put_nowait(True)

    async def presence(self) -> AsyncIterator[bool]:
        yield self.controller_present
        while True:
            yield await self._ear("presence").get()

    async def record(self, fact: Fact) -> None:
        raise AssertionError(f"a board records nothing, but this: {fact}")

    def state(self, condition: Condition, code: str, what: Text, touch: Text | None = None) -> None:
        self.states.append((condition, code))
        self.words.append((what, touch))

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] += by

    def alive(self) -> None:
        self.beats += 1

    async def hear(self, topic: Topic[M], **levels: str) -> AsyncIterator[M]:
        while True:
            yield await self._ear(topic.name).get()

    async def hear_at_once(self, topic: Topic[M], take: Callable[[M], None], **levels: str) -> None:
        async for message in self.hear(topic, **levels):
            take(message)

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        self.said.append(message)
        return True

    def stream(self) -> Place:
        return Place("epoch-one", 0, 0)

    def tell_neighbours(self, message: msgspec.Struct, about: str, *, keep: bool = False) -> None:
        self._ear(f"{type(message).__name__} {about}").put_nowait(message)

    async def hear_neighbours(self, kind: type[M], about: str) -> AsyncIterator[M]:
        while True:
            yield await self._ear(f"{kind.__name__} {about}").get()

    def _ear(self, name: str) -> asyncio.Queue[Any]:
        return self._ears.setdefault(name, asyncio.Queue())
