"""The link: one MQTT 5 connection that keeps itself up, proves itself, and speaks the contract."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from types import TracebackType
from typing import Any, Self, TypeVar

import aiomqtt
import msgspec
from paho.mqtt.client import MQTTMessage
from paho.mqtt.properties import Properties

from contract.codec import encode
from contract.topics import Topic
from link.address import BrokerAddress
from link.connection import Credentials, connection, expiring, heeding, subscription
from link.hearing import Ear, Heard, Hearing, filters
from link.letter import Letter
from link.pulse import Pulse
from link.refusals import in_words
from link.watched import Watched
from link.weather import Backoff, Outage

log = logging.getLogger("hallware.link")

M = TypeVar("M", bound=msgspec.Struct)
T = TypeVar("T")

FAREWELL = 1.0
"""Seconds for the goodbye and the end of the connection when the link closes."""

TAKEN_OVER = 142
"""The broker's reason for ending a connection whose client id somebody else has connected with."""


class LinkDown(Exception):
    """The broker was not reached in time; the text says why."""


class _Lost(Exception):
    """The connection carries nothing any more."""


class Link:
    """Connects between `async with` and stays connected; who hears and says needs to know nothing of outages.

    `will` makes the last will for each new connection, `birth` what is said at the beginning of each, `goodbye` what is
    said at a clean end; when the block ends by an exception, nothing is said and the broker publishes the will. With a
    `pulse` the connection proves itself; one that does not is cut and made anew.
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        hall: str,
        *,
        will: Callable[[], Letter] | None = None,
        birth: Callable[[], Sequence[Letter]] | None = None,
        goodbye: Callable[[], Sequence[Letter]] | None = None,
        pulse: Pulse | None = None,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a link. Raises `BadSettings` when a file that `address` names cannot be read."""
        self.hall = hall
        self.up = Watched(value=False)
        """Whether the link carries: connected, subscribed, born."""
        self._address, self._client_id, self._credentials = address, client_id, Credentials(address)
        self._will, self._birth, self._goodbye, self._pulse = will, birth, goodbye, pulse
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._outage = Outage(f"the broker {address.host}:{address.port}")
        self._hearing = Hearing(clock)
        self._ears: list[Ear[Any] | _Returned] = []
        self._wanted_changed = asyncio.Event()
        self._client: aiomqtt.Client | None = None
        self._says: set[asyncio.Timeout] = set()
        self._asks: set[asyncio.Task[Any]] = set()
        self._proved: float | None = None
        self._stirred = clock()
        self._bug: Exception | None = None
        self._reason = "not connected yet"
        self._displaced = False
        self._clean = True
        self._task: asyncio.Task[None] | None = None

    @property
    def counts(self) -> Counter[str]:
        """Payloads refused so far, by reason: `bad-message`, `foreign-topic`."""
        return self._hearing.counts

    @property
    def displaced(self) -> bool:
        """Whether the last connection ended because somebody else connected with its client id."""
        return self._displaced

    @property
    def age(self) -> float | None:
        """Seconds since the link last proved itself; None before the first time."""
        return None if self._proved is None else self._clock() - self._proved

    @property
    def quiet(self) -> float:
        """Seconds since the link last did anything: proved itself, or tried to connect. A sound one is never quiet for long."""
        return self._clock() - self._stirred

    def hear(self, topic: Topic[M], *, bad: Callable[[], None] = lambda: None, **levels: str) -> Ear[M]:
        """The messages of a topic from now on, the retained ones first; every level not given is free.

        A payload that is no message of the topic is logged, counted, told to `bad` and never comes here. Since delivery is
        at least once, a message may come twice. Close the ear when done, or use it as `with link.hear(...) as ear`.
        """
        ear = Ear(topic, {"hall": self.hall, **levels}, self._unhear, bad)
        self._listen(ear)
        return ear

    def _listen(self, ear: "Ear[Any] | _Returned") -> None:
        self._hearing.add(ear)
        self._ears.append(ear)
        self._wanted_changed.set()

    def _unhear(self, ear: Ear[Any]) -> None:
        self._hearing.remove(ear)
        self._ears.remove(ear)
        self._wanted_changed.set()

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        """Publish a message; True when the broker has it (handed to the socket at QoS 0), False when the link is down.

        The message leaves before the first wait, so several at once belong into a gather or a task group.
        """
        if self._client is None:
            return False
        properties = _properties(topic.lives(message))
        return await self._publish(self._client, topic.at(hall=self.hall, **levels), topic, encode(message), properties)

    async def _publish(
        self, client: aiomqtt.Client, address: str, topic: Topic[Any], payload: bytes, properties: Properties | None
    ) -> bool:
        try:
            async with asyncio.timeout(None) as limit:
                self._says.add(limit)
                try:
                    await heeding(client.publish(address, payload, topic.qos, topic.retain, properties))
                finally:
                    self._says.discard(limit)
        except (aiomqtt.MqttError, TimeoutError):
            return False
        return True

    async def wait_up(self, within: float) -> None:
        """Return when the link carries. Raises `LinkDown` with the reason when that takes longer than `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self.up.until(value=True)
        except TimeoutError as error:
            raise LinkDown(f"the broker {self._address.host}:{self._address.port}: {self._reason}") from error

    async def ended(self) -> None:
        """Return when the link is closed; raises what broke it, should it have a bug."""
        if self._task is not None:
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    async def __aenter__(self) -> Self:
        if self._pulse is not None:
            self._listen(_Returned(self._pulse, self.hall, self._prove))
        self._task = asyncio.create_task(self._keep(), name=f"link {self._client_id}")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._clean = error is None
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _prove(self) -> None:
        self._proved = self._stirred = self._clock()

    async def _keep(self) -> None:
        """Connect, serve, wait, and again."""
        while True:
            self._stirred = self._clock()
            try:
                await self._connected()
            except (aiomqtt.MqttError, _Lost) as error:
                if self._bug is not None:
                    raise self._bug from error
                self._lost(error)
            await asyncio.sleep(self._backoff.next())

    def _lost(self, error: Exception) -> None:
        code = getattr(error.__cause__ or error, "rc", None)
        self._displaced = getattr(code, "value", None) == TAKEN_OVER
        if self._displaced:
            self._reason = f"another process uses it as `{self._client_id}`; stop one of them"
            self._outage.disputed(self._reason, self._clock())
        else:
            self._reason = _words(error)
            self._outage.lost(self._reason, self._clock())

    async def _connected(self) -> None:
        """One connection from its beginning to its end, which is always an error."""
        self._credentials = self._credentials.anew()
        will = None if self._will is None else self._will()
        link = connection(self._address, self._credentials, self._client_id, self.hall, will, self._deliver)
        async with link as client:
            try:
                await self._serve(client)
            except asyncio.CancelledError:
                if self._clean:
                    await self._part(client)
                raise
            finally:
                self._fall()

    async def _serve(self, client: aiomqtt.Client) -> None:
        await _first(_disconnected(client), self._live(client))

    async def _live(self, client: aiomqtt.Client) -> None:
        subscribed: dict[str, int] = {}
        await self._subscribe(client, subscribed)
        self._client = client
        await self._born()
        self._prove()
        self.up.set(value=True)
        settling = asyncio.get_running_loop().call_later(self._backoff.steady, self._settle)
        try:
            await _first(self._resubscribe(client, subscribed), self._beat())
        finally:
            settling.cancel()

    def _settle(self) -> None:
        """The connection holds. Before that neither the waits nor the log start anew, lest a link that flaps makes a storm."""
        self._outage.back(self._clock())
        self._backoff.reset()

    def _deliver(self, message: MQTTMessage) -> None:
        try:
            self._hearing.deliver(message.topic, bytes(message.payload), retained=message.retain)
        except Exception as bug:
            self._bug = bug  # aiomqtt takes whatever is raised here for a lost connection
            raise

    async def _subscribe(self, client: aiomqtt.Client, subscribed: dict[str, int]) -> None:
        """Make the broker's idea of what is heard here the same as ours."""
        self._wanted_changed.clear()
        wanted = filters(self._ears)
        if gone := [topic for topic in subscribed if topic not in wanted]:
            await self._ask(client.unsubscribe(gone))
        if new := {topic: qos for topic, qos in wanted.items() if topic not in subscribed}:
            for topic, answer in zip(new, await self._ask(client.subscribe(subscription(new))), strict=True):
                if getattr(answer, "is_failure", False):
                    log.warning("the broker refuses the subscription to %s: %s; look at its access list", topic, answer)
        subscribed.clear()
        subscribed.update(wanted)

    async def _resubscribe(self, client: aiomqtt.Client, subscribed: dict[str, int]) -> None:
        while True:
            await self._wanted_changed.wait()
            await self._subscribe(client, subscribed)

    async def _ask(self, question: Coroutine[Any, Any, T]) -> T:
        """Wait for the broker's answer. Who waits may be cancelled, the question is not: its answer comes all the same."""
        asking = asyncio.create_task(question)
        self._asks.add(asking)
        asking.add_done_callback(self._asks.discard)
        return await asyncio.shield(asking)

    async def _born(self) -> None:
        letters = self._birth() if self._birth is not None else ()
        said = await asyncio.gather(*(self.say(letter.topic, letter.message, **letter.levels) for letter in letters))
        if not all(said):
            raise _Lost("the broker did not take the birth messages")

    async def _beat(self) -> None:
        """Send beats and look for their return; raises `_Lost` when they stay away."""
        pulse = self._pulse
        if pulse is None:
            await asyncio.Event().wait()
            return
        pulse.begin()
        while not pulse.dead:
            due, beat = asyncio.get_running_loop().time() + pulse.every, pulse.next()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self.say(pulse.topic, beat, **pulse.levels)
            await asyncio.sleep(due - asyncio.get_running_loop().time())
        raise _Lost(
            f"nothing said to oneself came back {pulse.patience} times; the connection is dead, "
            f"or the broker's access list does not know {self._credentials.username or self._client_id}"
        )

    async def _part(self, client: aiomqtt.Client) -> None:
        """Say goodbye and end the connection in good order, if that can be done quickly."""
        with suppress(TimeoutError, aiomqtt.MqttError):
            async with asyncio.timeout(FAREWELL):
                letters = self._goodbye() if self._goodbye is not None else ()
                await asyncio.gather(*(self.say(letter.topic, letter.message, **letter.levels) for letter in letters))
                await client.__aexit__(None, None, None)

    def _fall(self) -> None:
        """Nothing can be said any more; whoever waits for the broker's word waits in vain."""
        self._client = None
        self.up.set(value=False)
        now = asyncio.get_running_loop().time()
        for limit in list(self._says):
            limit.reschedule(now)
        for asking in list(self._asks):
            asking.cancel()


class _Returned:
    """Hears the pulse."""

    def __init__(self, pulse: Pulse, hall: str, prove: Callable[[], None]) -> None:
        self.topic: Topic[Any] = pulse.topic
        self.levels: Mapping[str, str] = {"hall": hall, **pulse.levels}
        self._pulse, self._prove = pulse, prove

    def put(self, heard: Heard[Any]) -> None:
        if self._pulse.returned(heard):
            self._prove()

    def bad(self) -> None:
        """A broken beat is no beat."""


async def _disconnected(client: aiomqtt.Client) -> None:
    """Wait for the end of the connection, which aiomqtt tells whoever asks for messages."""
    async for _ in client.messages:
        raise AssertionError("messages go straight to their hearers")


async def _first(*waits: Any) -> None:
    """Run all until the first one ends, cancel the others, and end as it ended."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    done.pop().result()


def _words(error: BaseException) -> str:
    """What a person should read of a lost connection: aiomqtt keeps the broker's own reason behind its error."""
    return in_words(str(error.__cause__ or error)) or type(error).__name__


@lru_cache(maxsize=256)
def _properties(seconds: int | None) -> Properties | None:
    return expiring(seconds)
