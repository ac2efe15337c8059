"""Players for tests of the service: a running hall, and a client that stands where nodes and dispatchers stand."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec

from broker_config.process import MosquittoProcess
from contract import topics
from contract.dispatch import Action, DispatchReply, DispatchRequest
from contract.events import Event, Fact, TicketPrinted
from contract.health import NodeStatus
from contract.ticketing import Priority, TicketRequest
from contract.topics import Topic
from controller.running import running
from controller.service import HallService
from controller.slip_forms import Forms
from link.hearing import Heard
from link.link import Link
from tests.controller.halls import hall, sqlite

DEADLINE = 40.0


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def today() -> date:
    """The day in the hall, which begins eight hours before that of UTC."""
    return now().astimezone(ZoneInfo("Asia/Shanghai")).date()


def token() -> str:
    """A new id."""
    return secrets.token_hex(8)


async def until(holds: Callable[[], Any], what: str = "", within: float = DEADLINE) -> Any:
    """Wait until `holds()` is true, and give what it gave."""
    end = asyncio.get_running_loop().time() + within
    while not (found := holds()):
        assert asyncio.get_running_loop().time() < end, f"waited in vain for {what or holds}"
        await asyncio.sleep(0.01)
    return found


@asynccontextmanager
async def running_hall(
    broker: MosquittoProcess, folder: Path, forms: Forms | None = None, /, **settings: str
) -> AsyncIterator[HallService]:
    """A hall on `broker` with its store in `folder`."""
    async with running(hall(sqlite(folder), port=broker.port, **settings), forms=forms) as running_:
        await running_.link.wait_up(DEADLINE)
        yield running_.hall


class Client:
    """Hears everything of the hall and says what a test wants said."""

    def __init__(self, broker: MosquittoProcess, name: str = "tester", hall: str = "centre") -> None:
        self.link = Link(broker.address(), name, hall)
        self.heard: dict[str, list[Heard[Any]]] = defaultdict(list)
        self.numbers: dict[tuple[str, str], int] = defaultdict(int)
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for topic in topics.TABLE:
            self._tasks.append(asyncio.create_task(self._listen(topic)))
        await asyncio.sleep(0)
        await self._stack.enter_async_context(self.link)
        await self.link.wait_up(DEADLINE)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, topic: Topic[Any]) -> None:
        with self.link.hear(topic) as ear:
            async for heard in ear:
                self.heard[topic.name].append(heard)

    def messages(self, topic: Topic[Any], **levels: str) -> list[Any]:
        """What was said on a topic so far."""
        return [h.message for h in self.heard[topic.name] if levels.items() <= h.levels.items()]

    async def said(self, topic: Topic[Any], fits: Callable[[Any], bool] = lambda _: True, **levels: str) -> Any:
        """The last message of a topic that fits; waits for it."""
        return (await until(lambda: [m for m in self.messages(topic, **levels) if fits(m)], f"a message on {topic.name}"))[-1]

    async def ask(self, do: Action, user: str = "dispatch", **changes: Any) -> DispatchReply:
        """Ask the controller over MQTT."""
        request = DispatchRequest(**{"id": token(), "at": now(), "not_after": now() + timedelta(seconds=20), "do": do, **changes})
        await self.link.say(topics.DISPATCH_REQUEST, request, user=user)
        reply: DispatchReply = await self.said(topics.DISPATCH_REPLY, lambda reply: reply.id == request.id, user=user)
        return reply

    async def request(
        self, service: str = "social", priority: Priority = "ordinary", kiosk: str = "kiosk-1", **changes: Any
    ) -> Any:
        """Ask for a ticket as the kiosk does."""
        request = TicketRequest(**{
            "id": token(), "kiosk": kiosk, "service": service, "priority": priority, "at": now(),
            "not_after": now() + timedelta(seconds=5), **changes,
        })  # fmt: skip
        before = len(self.messages(topics.TICKET_REPLY))
        await self.link.say(topics.TICKET_REQUEST, request, node="entrance")
        await until(lambda: len(self.messages(topics.TICKET_REPLY)) > before, "an answer to the kiosk")
        return await self.said(topics.TICKET_REPLY, lambda reply: reply.request == request.id)

    async def report(self, node: str, device: str, fact: Fact, *, epoch: str = "epoch-one", **changes: Any) -> Event:
        """Report an event with the next number of the node's stream."""
        self.numbers[node, epoch] += 1
        event = Event(**{
            "node": node, "epoch": epoch, "number": self.numbers[node, epoch], "device": device, "at": now(), "age": 0.0,
            "fact": fact, **changes,
        })  # fmt: skip
        await self.link.say(topics.EVENT, event, node=node)
        return event

    async def acked(self, node: str, number: int, epoch: str = "epoch-one") -> None:
        """Wait until the controller has stored so many events."""
        await self.said(topics.ACK, lambda ack: ack.epoch == epoch and ack.stored >= number, node=node)

    async def birth(self, node: str, session: str, state: Any = "online", devices: tuple[str, ...] = ()) -> None:
        """Say that a node is there, or is not."""
        status = NodeStatus(node=node, session=session, state=state, at=now(), version="1", devices=devices)
        await self.link.say(topics.NODE_STATUS, status, node=node)

    async def raw(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Say anything at all."""
        client = self.link._client
        assert client is not None
        await client.publish(topic, payload, qos=1, retain=retain)


async def printed(client: Client, service: str = "social", **more: Any) -> Any:
    """A ticket that came out of the printer."""
    grant = await client.request(service, **more)
    event = await client.report("entrance", "kiosk-1", TicketPrinted(ticket=grant.ticket, number=grant.number))
    await client.acked("entrance", event.number)
    return grant


def plain(message: msgspec.Struct) -> dict[str, Any]:
    """A message as plain values."""
    return msgspec.to_builtins(message)  # type: ignore[no-any-return]
