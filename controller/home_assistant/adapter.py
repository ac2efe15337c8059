"""The adapter: publishes discovery, availability and states over a connection of its own, and takes away what is no more."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import aiomqtt
from paho.mqtt.client import MQTTMessage

from contract.codec import encode
from contract.home import HomeState, HomeStatus
from contract.settings import BadSettings
from contract.topics import HOME_STATE, HOME_STATUS, Topic
from controller.config_home import HomeAssistant
from controller.home_assistant.discovery import discovery, object_of, payload, topic_of, without
from controller.home_assistant.parts import NODE, ROOM, WHOLE, Part, parts
from controller.ports import RunningHall
from link.apart import apart
from link.connection import Credentials, connection, heeding
from link.letter import Letter
from link.weather import Backoff, Outage

log = logging.getLogger("hallware.home")

BEAT = 20.0
"""Seconds between two words that the figures are kept up to date: also how a dead connection is noticed."""
SELDOM = 1.0
"""Seconds between two pictures of the hall."""


class _Published:
    """What the broker keeps of ours."""

    def __init__(self) -> None:
        self.discovery: dict[str, dict[str, Any]] = {}
        """Part to message."""
        self.figures: dict[str, object] = {}


async def keep_home(hall: RunningHall, settings: HomeAssistant, clock: Callable[[], datetime]) -> None:
    """Until cancelled. A broker that is away is weather, and none of the hall's."""
    address = settings.broker or hall.config.broker
    outage, backoff = Outage(f"Home Assistant's broker {address.host}:{address.port}"), Backoff(most=60.0)

    async def once() -> None:
        adapter = _Adapter(hall, settings, clock)
        credentials = Credentials(address)
        client_id = object_of(hall.config.hall.id, "home")
        will = Letter(HOME_STATUS, HomeStatus(state="offline", at=clock()))
        async with connection(address, credentials, client_id, hall.config.hall.id, will, adapter.hear) as client:
            outage.back(time.monotonic())
            backoff.reset()
            await adapter.run(client)

    while True:
        try:
            await apart(once())
        except* (aiomqtt.MqttError, BadSettings, OSError) as errors:
            outage.lost(str(errors.exceptions[0]), time.monotonic())
        await asyncio.sleep(backoff.next())


class _Adapter:
    """One connection's work."""

    def __init__(self, hall: RunningHall, settings: HomeAssistant, clock: Callable[[], datetime]) -> None:
        self._hall, self._settings, self._clock = hall, settings, clock
        self._id = hall.config.hall.id
        self._published = _Published()

    def hear(self, message: MQTTMessage) -> None:
        """Take in what an earlier run has left at the broker; what others publish there is none of ours."""
        part, left = self._part(message.topic), None
        if part is None or not message.payload:
            return
        with suppress(ValueError):
            left = json.loads(message.payload)
        known, ours = left if isinstance(left, dict) else {}, HOME_STATE.at(hall=self._id, part=part)
        if known.get("stat_t", ours) == ours:
            self._published.discovery.setdefault(part, known)

    def _part(self, topic: str) -> str | None:
        """The part that a discovery is about; None for another hall's, also where its name only begins like ours."""
        name, own = topic.removesuffix("/config").rpartition("/")[2], object_of(self._id, "")
        part = name.removeprefix(own)
        return part if name != part and (part == WHOLE or part.startswith((NODE, ROOM))) else None

    async def run(self, client: aiomqtt.Client) -> None:
        """Publish until the connection ends, which raises, or until cancelled, and then say so."""
        await self._read_what_is_there(client)
        try:
            async with asyncio.TaskGroup() as works:
                works.create_task(self._beat(client))
                works.create_task(self._follow(client))
        except asyncio.CancelledError:
            with suppress(aiomqtt.MqttError):
                await self._say(client, HOME_STATUS, HomeStatus(state="offline", at=self._clock()))
            raise

    async def _read_what_is_there(self, client: aiomqtt.Client) -> None:
        """At quality 0 the broker writes what it keeps before it answers the next question, however much that is."""
        everything = topic_of(self._settings, "+")
        await heeding(client.subscribe(everything, qos=0))
        await heeding(client.unsubscribe(everything))

    async def _beat(self, client: aiomqtt.Client) -> None:
        while True:
            await self._say(client, HOME_STATUS, HomeStatus(state="online", at=self._clock()))
            await asyncio.sleep(BEAT)

    async def _follow(self, client: aiomqtt.Client) -> None:
        async for view in self._hall.changes():
            now = parts(self._hall.config, view)
            await self._take_away(client, now)
            for part in now:
                await self._tell(client, part)
            await asyncio.sleep(SELDOM)

    async def _tell(self, client: aiomqtt.Client, part: Part) -> None:
        """The figures first: whoever learns of an entity finds how it stands."""
        if self._published.figures.get(part.id) != part.figures:
            state = HomeState(at=self._clock(), state=part.figures)
            await self._say(client, HOME_STATE, state, part=part.id)
            self._published.figures[part.id] = part.figures
        topic = self._topic(part.id)
        message, former = discovery(part, self._hall.config, self._settings), self._published.discovery.get(part.id)
        if former == message:
            return
        if former is not None and (first := without(former, message)) is not None:
            await _keep(client, topic, payload(first))
        await _keep(client, topic, payload(message))
        self._published.discovery[part.id] = message

    async def _take_away(self, client: aiomqtt.Client, now: tuple[Part, ...]) -> None:
        for part in set(self._published.discovery) - {part.id for part in now}:
            await _keep(client, self._topic(part), b"")
            del self._published.discovery[part]
            await _keep(client, HOME_STATE.at(hall=self._id, part=part), b"")

    def _topic(self, part: str) -> str:
        return topic_of(self._settings, object_of(self._id, part))

    async def _say(self, client: aiomqtt.Client, topic: Topic[Any], message: Any, **levels: str) -> None:
        await _keep(client, topic.at(hall=self._id, **levels), encode(message))


async def _keep(client: aiomqtt.Client, topic: str, message: str | bytes) -> None:
    """Let the broker keep a message; an empty one takes away what it keeps."""
    await heeding(client.publish(topic, message, qos=1, retain=True))
