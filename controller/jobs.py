"""Jobs: what waits for the owner of the queue. People come before the events of a node that has much to catch up on."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from contract.dispatch import Action, DispatchReply, DispatchRequest, ReprintSlip
from contract.topics import EVENT, Topic
from link.hearing import Heard

MOST = 256
"""So many events at most go into one commit, so that nobody waits long behind them."""


@dataclass(frozen=True)
class Message:
    """Something was heard."""

    topic: Topic[Any]
    heard: Heard[Any]


@dataclass(frozen=True)
class Ask:
    """Somebody in this process wants something done."""

    request: DispatchRequest
    actor: str
    reply: asyncio.Future[DispatchReply]


@dataclass(frozen=True)
class RateByPhone:
    """Somebody rates on the page of their ticket."""

    ticket: str
    level: int
    reply: asyncio.Future[DispatchReply]


@dataclass(frozen=True)
class ComplainByPhone:
    """Somebody says on the page of their ticket that something could not be done."""

    ticket: str
    reply: asyncio.Future[DispatchReply]


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True)
class Retry:
    """What waits for a node's answer has waited long enough."""


Job = Message | Ask | RateByPhone | ComplainByPhone | Tick | Retry


def reprinted(jobs: Iterable[Job]) -> set[tuple[str, str]]:
    """Templates and numbers of the slips that these jobs want printed once more."""
    return {(order.template, order.number) for job in jobs if isinstance(order := _ordered(job), ReprintSlip)}


def _ordered(job: Job) -> Action | None:
    if isinstance(job, Ask):
        return job.request.do
    asks = isinstance(job, Message) and isinstance(job.heard.message, DispatchRequest)
    return job.heard.message.do if asks else None  # type: ignore[union-attr]


class Jobs:
    """Two lines: people and time, and events."""

    def __init__(self) -> None:
        self._first: deque[Job] = deque()
        self._events: deque[Job] = deque()
        self._some = asyncio.Event()

    def put(self, job: Job) -> None:
        """Let a job wait."""
        bulk = isinstance(job, Message) and job.topic is EVENT
        (self._events if bulk else self._first).append(job)
        self._some.set()

    async def answer(self, job: Callable[[asyncio.Future[DispatchReply]], Job]) -> DispatchReply:
        """Let a job wait that is answered, and give the answer."""
        reply: asyncio.Future[DispatchReply] = asyncio.get_running_loop().create_future()
        self.put(job(reply))
        return await reply

    async def take(self) -> list[Job]:
        """All that is urgent and as many events as fit; waits until there is something."""
        await self._some.wait()
        jobs = list(self._first)
        self._first.clear()
        jobs += [self._events.popleft() for _ in range(min(MOST, len(self._events)))]
        if not self._events:
            self._some.clear()
        return jobs
