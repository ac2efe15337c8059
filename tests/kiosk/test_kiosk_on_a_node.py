"""The kiosk on a real node, through a real Mosquitto; the controller is played by the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import pytest

from broker_config.process import MosquittoProcess
from contract.codec import encode
from contract.events import Ack, Event, TicketPrinted
from contract.health import ControllerStatus, DeviceState
from contract.ticketing import TicketGrant
from contract.topics import ACK, CONTROLLER_STATUS, DEVICE_STATE, EVENT, KIOSK_OFFER, TICKET_REPLY, TICKET_REQUEST
from contract.values import Text
from firmware.config import KioskConfig, NodeConfig, NodeIdentity, PrinterConfig
from firmware.node import Node
from hallware.simulated import SimulatedWires, Simulation
from tests.kiosk.hall import NAMES, SOCIAL, offer

HALL = "hall"
WIRE = "tcp://printer:9100"


class Controller:
    """Grants every request and acknowledges every event."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.events: list[Event] = []
        self.states: list[DeviceState] = []

    async def run(self) -> None:
        """Answer until cancelled."""
        for topic in (TICKET_REQUEST, EVENT, DEVICE_STATE):
            await self._client.subscribe(topic.filter(hall=HALL), qos=1)
        await self._say(KIOSK_OFFER.at(hall=HALL, kiosk="kiosk-1"), encode(offer()), retain=True)
        status = ControllerStatus(session="session-1", state="online", at=datetime.now(UTC), version="1", every=60)
        await self._say(CONTROLLER_STATUS.at(hall=HALL), encode(status), retain=True)
        async for message in self._client.messages:
            assert isinstance(message.payload, bytes)
            await self._hear(str(message.topic), message.payload)

    async def _hear(self, topic: str, payload: bytes) -> None:
        if TICKET_REQUEST.match(topic):
            await self._grant(TICKET_REQUEST.decode(payload).id)
        elif EVENT.match(topic):
            event = EVENT.decode(payload)
            self.events.append(event)
            await self._say(ACK.at(hall=HALL, node=event.node), encode(Ack(epoch=event.epoch, stored=event.number)))
        else:
            self.states.append(DEVICE_STATE.decode(payload))

    async def _grant(self, request: str) -> None:
        grant = TicketGrant(
            request=request,
            ticket="ticket-001",
            number="A001",
            service="social",
            service_name=NAMES["social"],
            zone_name=Text(zh="A区", en="zone A"),
            priority="ordinary",
            at=datetime.now(UTC),
            ahead=0,
        )
        await self._say(TICKET_REPLY.at(hall=HALL, node="node-1"), encode(grant))

    async def _say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=1, retain=retain)


@asynccontextmanager
async def played(broker: MosquittoProcess) -> AsyncIterator[Controller]:
    """A controller for the length of a block."""
    async with aiomqtt.Client(broker.address().host, broker.address().port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        controller = Controller(client)
        task = asyncio.create_task(controller.run())
        yield controller
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: object, seconds: float = 20) -> None:
    """Wait until `condition()` is true."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - lists tell nobody that they have changed
            await asyncio.sleep(0.005)


@pytest.mark.timeout(60)
async def test_a_press_becomes_a_printed_ticket_through_the_broker(broker: MosquittoProcess, tmp_path: Path) -> None:
    device = KioskConfig(id="kiosk-1", printer=PrinterConfig(wire=WIRE), keys=(SOCIAL,), patience=10)
    identity = NodeIdentity(id="node-1", hall=HALL, data=tmp_path)
    config = NodeConfig(node=identity, broker=broker.address(), device=(device,))
    stop = asyncio.Event()
    async with Simulation(config) as simulation, played(broker) as controller:
        running = asyncio.create_task(Node(config, simulation.wires, version="test").run(stop))
        await until(lambda: any(state.code == "ok" for state in controller.states))
        await asyncio.wrap_future(simulation.lines.press(SOCIAL.line, 0.1))
        await until(lambda: any(isinstance(event.fact, TicketPrinted) for event in controller.events))
        stop.set()
        await running
        (printed,) = [event.fact for event in controller.events if isinstance(event.fact, TicketPrinted)]
        assert printed == TicketPrinted(ticket="ticket-001", number="A001")
        assert isinstance(simulation.wires, SimulatedWires)
        (page,) = simulation.wires.ports[WIRE].printer.pages()
        assert "A001" in page.text
        assert "您是下一位" in page.text
