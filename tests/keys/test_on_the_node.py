"""Rater, room and caller on a real node behind a real Mosquitto, with simulated wires and a controller that acknowledges."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from broker_config.process import MosquittoProcess
from contract.codec import encode
from contract.commands import CommandAnswer, SelfTest
from contract.events import Ack, Event, KeyPressed, RatingGiven, StayEnded, StayStarted
from contract.health import ControllerStatus, DeviceState
from contract.rating import RatingInvite
from contract.topics import ACK, COMMAND, COMMAND_ANSWER, CONTROLLER_STATUS, DEVICE_STATE, EVENT, RATING_INVITE, Topic
from firmware.config import NodeConfig, NodeIdentity
from firmware.node import Node
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from tests.keys.running import command
from tests.keys.test_on_the_bench import CALLER, RATER, ROOM

HALL, NODE = "hall", "node-3"


class Desk:
    """A controller that keeps what it hears and acknowledges every event."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.events: list[Event] = []
        self.states: dict[str, DeviceState] = {}
        self.answers: list[CommandAnswer] = []
        self._changed = asyncio.Condition()

    async def say(self, topic: Topic[Any], message: Any, **levels: str) -> None:
        """Publish."""
        await self._client.publish(topic.at(hall=HALL, **levels), encode(message), qos=1, retain=topic.retain)

    async def until(self, seen: Any) -> None:
        """Wait until something was heard."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(seen)

    def ready(self, device: str) -> bool:
        """Whether a device has said that it is well."""
        return device in self.states and self.states[device].code == "ok"

    def facts(self, kind: type[Any]) -> list[Any]:
        """The facts of one kind."""
        return [event.fact for event in self.events if isinstance(event.fact, kind)]

    async def beat(self) -> None:
        """The heartbeat."""
        while True:
            now = datetime.now(UTC)
            status = ControllerStatus(session="controller-1", state="online", at=now, version="1", every=1.0)
            await self.say(CONTROLLER_STATUS, status)
            await asyncio.sleep(1.0)

    async def listen(self) -> None:
        """Hear, keep, acknowledge."""
        for topic in (EVENT, DEVICE_STATE, COMMAND_ANSWER):
            await self._client.subscribe(topic.filter(hall=HALL), qos=1)
        async for message in self._client.messages:
            async with self._changed:
                await self._keep(str(message.topic), bytes(message.payload))
                self._changed.notify_all()

    async def _keep(self, topic: str, payload: bytes) -> None:
        if EVENT.match(topic):
            event = EVENT.decode(payload)
            if all(event.number != known.number for known in self.events):
                self.events.append(event)
            await self.say(ACK, Ack(epoch=event.epoch, stored=event.number), node=NODE)
        elif DEVICE_STATE.match(topic):
            state = DEVICE_STATE.decode(payload)
            self.states[state.device] = state
        else:
            self.answers.append(COMMAND_ANSWER.decode(payload))


@asynccontextmanager
async def at_work(*jobs: Any) -> AsyncIterator[None]:
    """Run jobs for the length of a block."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def hall(broker: MosquittoProcess, tmp_path: Path) -> AsyncIterator[tuple[Desk, Bench]]:
    """A desk, and the bench of a node whose three agents are well."""
    identity = NodeIdentity(id=NODE, hall=HALL, data=tmp_path)
    config = NodeConfig(node=identity, broker=broker.address(), device=(RATER, ROOM, CALLER))
    stop = asyncio.Event()
    async with (
        Simulation(config) as simulation,
        aiomqtt.Client("127.0.0.1", broker.address().port, protocol=aiomqtt.ProtocolVersion.V5) as client,
    ):
        desk = Desk(client)
        async with at_work(desk.listen(), desk.beat()):
            node = asyncio.create_task(Node(config, simulation.wires, version="1").run(stop))
            try:
                await desk.until(lambda: all(desk.ready(device.id) for device in config.device))
                yield desk, simulation.bench
            finally:
                stop.set()
                await node


async def test_from_the_hand_to_the_controller_and_back(hall: tuple[Desk, Bench]) -> None:
    desk, bench = hall
    now = datetime.now(UTC)
    invitation = RatingInvite(rating="rating-1", window="w3", at=now, not_after=now + timedelta(seconds=60))
    await bench.do("caller-3", "press", key="finish")
    await desk.until(lambda: desk.facts(KeyPressed))
    await desk.say(RATING_INVITE, invitation, window="w3")
    async with asyncio.timeout(20):
        while not all(key["lamp"] for key in bench.view("rater-3")["keys"]):  # noqa: ASYNC110 - lamps tell nobody
            await asyncio.sleep(0.01)
    await bench.do("rater-3", "press", key="5")
    await bench.do("room-1", "close_door", cubicle="c1")
    await bench.do("room-1", "move", cubicle="c1", seconds=0.1)
    await bench.do("room-1", "open_door", cubicle="c1")
    await desk.until(lambda: desk.facts(RatingGiven) and desk.facts(StayEnded))
    assert [fact.key for fact in desk.facts(KeyPressed)] == ["finish"]
    assert [(fact.rating, fact.level) for fact in desk.facts(RatingGiven)] == [("rating-1", 5)]
    assert [fact.stay for fact in desk.facts(StayStarted)] == [fact.stay for fact in desk.facts(StayEnded)]
    assert [event.number for event in desk.events] == list(range(1, len(desk.events) + 1))


async def test_a_self_test_is_answered_and_an_unplugged_keypad_is_seen_by_the_controller(hall: tuple[Desk, Bench]) -> None:
    desk, bench = hall
    order = command("rater-3", SelfTest())
    await desk.say(COMMAND, order, node=NODE)
    await desk.until(lambda: desk.answers)
    assert [(answer.id, answer.outcome) for answer in desk.answers] == [(order.id, "done")]
    await bench.do("caller-3", "unplug")
    await desk.until(lambda: desk.states["caller-3"].code == "keypad-unplugged")
    await bench.do("caller-3", "plug")
    await desk.until(lambda: desk.ready("caller-3"))
