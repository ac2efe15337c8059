"""Hearing: each payload is read once and handed straight to whoever hears its topic; a broken one is a line and a count."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec

from contract.codec import BadMessage, BadTopic
from contract.plain import plain
from contract.topics import Topic, find

log = logging.getLogger("hallware.link")

M = TypeVar("M", bound=msgspec.Struct)

QUIET = 60.0
"""Seconds for which a topic that was complained about is only counted."""
MOST_TOPICS = 1000
"""Topics remembered as complained about; beyond it the memory is cleared rather than grown."""


class Heard(msgspec.Struct, Generic[M], frozen=True):
    """A message as it came: what it says, where it stood, and whether it is an old one that the broker kept."""

    message: M
    levels: Mapping[str, str]
    retained: bool


class Hearer(Protocol):
    """Takes what is heard on one topic."""

    topic: Topic[Any]
    levels: Mapping[str, str]

    def put(self, heard: Heard[Any]) -> None:
        """Take a message; must not raise."""
        ...

    def bad(self) -> None:
        """A broken payload came."""
        ...


class Ear(Generic[M]):
    """An async iterator over the messages of a topic. Keeps over reconnects until it is closed."""

    def __init__(
        self, topic: Topic[M], levels: Mapping[str, str], close: Callable[["Ear[M]"], None], bad: Callable[[], None]
    ) -> None:
        """Made by `Link.hear`."""
        self.topic: Topic[Any] = topic
        self.levels = levels
        self.bad = bad
        self._close = close
        self._closed = False
        self._heard: deque[Heard[M]] = deque()
        self._take: Callable[[Heard[M]], None] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def put(self, heard: Heard[M]) -> None:
        """Take a message."""
        if self._take is None:
            self._heard.append(heard)
            self._wake()
            return
        try:
            self._take(heard)
        except Exception as bug:  # noqa: BLE001  whatever it is belongs to who waits in `each`
            self._fail(bug)

    def _fail(self, bug: Exception) -> None:
        self._take = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(bug)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Hear no more; who iterates comes to the end. Safe to call twice."""
        if not self._closed:
            self._closed = True
            self._close(self)
            self._wake()

    async def each(self, take: Callable[[Heard[M]], None]) -> None:
        """Call `take` with each message in the moment it comes, before anything else turns, until the ear is closed.

        Waking an iterator costs a turn of the loop, in which the connection's own work comes first. Raises what `take` raises.
        """
        while self._heard:
            take(self._heard.popleft())
        self._waiter = asyncio.get_running_loop().create_future()
        self._take = None if self._closed else take
        try:
            if not self._closed:
                await self._waiter
        finally:
            self._take = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Heard[M]:
        while not self._heard:
            if self._closed:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._heard.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Hearing:
    """All hearers of a link, the last retained message of each topic they hear, and the count of what was broken."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives monotonic seconds."""
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._hearers: dict[str, list[Hearer]] = {}
        self._retained: dict[str, Heard[Any]] = {}
        self._complaints: dict[str, tuple[float, int]] = {}
        self._way = lru_cache(maxsize=MOST_TOPICS)(self._find)

    def add(self, hearer: Hearer) -> None:
        """Let `hearer` hear from now on, the retained messages that others hear already first of all."""
        self._hearers.setdefault(hearer.topic.name, []).append(hearer)
        self._way.cache_clear()
        for topic, heard in self._retained.items():
            if hearer.topic.match(topic) is not None and _fits(hearer, heard.levels):
                hearer.put(Heard(heard.message, heard.levels, retained=True))

    def remove(self, hearer: Hearer) -> None:
        """Let it hear no more."""
        left = self._hearers[hearer.topic.name]
        left.remove(hearer)
        self._way.cache_clear()
        if not left:
            del self._hearers[hearer.topic.name]
        for topic in [
            t for t, heard in self._retained.items() if hearer.topic.match(t) and not self._wanted(hearer.topic, heard)
        ]:
            del self._retained[topic]

    def _wanted(self, topic: Topic[Any], heard: Heard[Any]) -> bool:
        return any(_fits(hearer, heard.levels) for hearer in self._hearers.get(topic.name, ()))

    def deliver(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Read one payload and hand it to everybody who hears its topic."""
        try:
            row, levels, hearers = self._way(topic)
        except BadTopic as error:
            self._complain(topic, "foreign-topic", error)
            return
        if row.retain and not payload:
            self._retained.pop(topic, None)  # an empty payload is how MQTT clears a retained message
            return
        try:
            heard = Heard(row.decode(payload), levels, retained)
        except BadMessage as error:
            self._complain(topic, "bad-message", error)
            for hearer in hearers:
                hearer.bad()
            return
        if row.retain and hearers:
            self._retained[topic] = heard
        for hearer in hearers:
            hearer.put(heard)

    def _find(self, topic: str) -> tuple[Topic[Any], Mapping[str, str], tuple[Hearer, ...]]:
        """The row of the contract, the levels, and who hears it. Raises `BadTopic`."""
        row, levels = find(topic)
        return row, levels, tuple(hearer for hearer in self._hearers.get(row.name, ()) if _fits(hearer, levels))

    def _complain(self, topic: str, what: str, error: Exception) -> None:
        self.counts[what] += 1
        now = self._clock()
        last, unsaid = self._complaints.get(topic, (float("-inf"), 0))
        if now - last < QUIET:
            self._complaints[topic] = (last, unsaid + 1)
            return
        if len(self._complaints) >= MOST_TOPICS:
            self._complaints.clear()
        self._complaints[topic] = (now, 0)
        more = f" (and {unsaid} more in the last {QUIET:.0f} s)" if unsaid else ""
        log.warning("refused a message on %s: %s%s", plain(topic), plain(error), more)


def _fits(hearer: Hearer, levels: Mapping[str, str]) -> bool:
    return all(value in (levels[level], "+") for level, value in hearer.levels.items())


def filters(hearers: Iterable[Hearer]) -> dict[str, int]:
    """The subscriptions that these hearers need, with their quality of service."""
    return {hearer.topic.filter(**hearer.levels): hearer.topic.qos for hearer in hearers}
