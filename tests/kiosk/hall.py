"""A kiosk at work in a test: simulated keys and printer below it, and above it a station that answers as a controller would."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from contract.ticketing import KioskOffer, Lease, ServiceOffer, TicketClass, TicketGrant, TicketRefusal, TicketRequest
from contract.topics import KIOSK_OFFER, TICKET_REPLY, Topic
from contract.values import Text, WaitRange
from firmware.agents.kiosk import build
from firmware.config import KioskConfig, NodeConfig, NodeIdentity, PrinterConfig, ServiceKey
from hallware.simulated import SimulatedWires, Simulation
from hardware_sim.escpos_page import Page
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_printer import Printer
from tests.keys.running import running
from tests.keys.station import HeldStation

HALL_TIME = ZoneInfo("Asia/Shanghai")
SOCIAL = ServiceKey(line=5, service="social")
URGENT = ServiceKey(line=6, service="social", priority="priority")
LAND = ServiceKey(line=13, service="land")

NAMES = {"social": Text(zh="社会保障", en="Social security"), "land": Text(zh="不动产登记", en="Land registry")}


def lease(first: int = 901, last: int = 903, day: date | None = None) -> Lease:
    """A block of numbers for today."""
    return Lease(day=day or datetime.now(UTC).astimezone(HALL_TIME).date(), prefix="A", first=first, last=last)


def offer(*, version: int = 1, block: Lease | None = None, closed: Text | None = None) -> KioskOffer:
    """Two services; only the first has a block of numbers."""
    services = tuple(
        ServiceOffer(
            service=service,
            name=name,
            prefix="A",
            zone="zone-a",
            zone_name=Text(zh="A区", en="zone A"),
            open=closed is None,
            why_closed=closed,
            lease=block if service == "social" else None,
        )
        for service, name in NAMES.items()
    )
    return KioskOffer(
        kiosk="kiosk-1",
        version=version,
        at=datetime.now(UTC),
        hall_name=Text(zh="综合便民服务中心", en="Service Centre"),
        services=services,
        rules=Text(zh="过号后请到服务台。", en="Missed your call? Tell the desk."),
        ticket_link="https://hall.example/t/",
    )


class KioskStation(HeldStation):
    """A station whose controller grants every request, refuses (`refuse`), or keeps silent (`silent`)."""

    def __init__(self, data: Path) -> None:
        super().__init__("kiosk-1", data)
        self.silent = False
        self.refuse = False
        self.ticket_class: TicketClass | None = None
        """The class of the tickets that are granted; the request's own when it is None."""
        self.requests: list[TicketRequest] = []
        self._changes: asyncio.Queue[bool] = asyncio.Queue()

    def lose_controller(self) -> None:
        """The controller is out of reach from now on."""
        self.controller_present = False
        self._changes.put_nowait(False)

    def find_controller(self) -> None:
        """It is back."""
        self.controller_present = True
        self._changes.put_nowait(True)

    async def presence(self) -> AsyncIterator[bool]:
        """Whether the controller is there, as the hands above say."""
        yield self.controller_present
        while True:
            yield await self._changes.get()

    async def hear_at_once(self, topic: Topic[Any], take: Callable[[Any], None], **levels: str) -> None:
        async for message in self.hear(topic, **levels):
            take(message)

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        """Publish; the controller answers a request at once."""
        if isinstance(message, TicketRequest):
            self.requests.append(message)
            if not self.silent:
                self.answer(self.reply(message))
        return await super().say(topic, message, **levels)

    def answer(self, reply: TicketGrant | TicketRefusal) -> None:
        """The controller's reply arrives."""
        replies: Topic[Any] = TICKET_REPLY
        self.tell(replies, reply)

    def reply(self, request: TicketRequest) -> TicketGrant | TicketRefusal:
        """What the controller says to a request."""
        if self.refuse:
            return TicketRefusal(
                request=request.id, code="quota", why=Text(zh="今日号已取完", en="No tickets are left for today")
            )
        return TicketGrant(
            request=request.id,
            ticket=f"ticket-{len(self.requests):03d}",
            number=f"A{len(self.requests):03d}",
            service=request.service,
            service_name=NAMES[request.service],
            zone_name=Text(zh="A区", en="zone A"),
            priority=self.ticket_class or request.priority,
            at=self.clock.now(),
            ahead=4,
            wait=WaitRange(low=10, high=20),
        )


class Kiosk:
    """A running kiosk with its hands and eyes."""

    def __init__(self, config: KioskConfig, simulation: Simulation, station: KioskStation) -> None:
        self.config, self.simulation, self.station = config, simulation, station
        wires = simulation.wires
        assert isinstance(wires, SimulatedWires)
        self.port: Port = wires.ports[config.printer.wire]
        self.printer: Printer = self.port.printer

    @property
    def pages(self) -> list[Page]:
        """What the printer has put out, without a sheet that still hangs there."""
        return [page for page in self.printer.pages() if page.ending == "cut"]

    async def do(self, hand: str, **how: Any) -> None:
        """Move a hand of the bench."""
        await self.simulation.bench.do(self.config.id, hand, **how)

    async def press(self, key: ServiceKey = SOCIAL) -> None:
        """Press a key and take the finger off, without bounce: on a crowded machine it could last long enough for two presses."""
        await asyncio.wrap_future(self.simulation.lines.drive(key.line, False, 0.1))
        await asyncio.wrap_future(self.simulation.lines.drive(key.line, None, 0.1))

    async def tickets(self, count: int) -> list[Page]:
        """Wait until so many sheets have come out."""
        await self.station.until(lambda: len(self.pages) >= count)
        return self.pages

    async def code(self, code: str) -> None:
        """Wait until the kiosk says that it is so."""
        await self.station.until(lambda: self.station.code == code)


@asynccontextmanager
async def kiosk(
    folder: Path,
    *,
    station: KioskStation | None = None,
    told: KioskOffer | None = None,
    ready: bool = True,
    patience: float = 5.0,
    wire: str = "/dev/serial/by-id/printer",
    slips: dict[str, Any] | None = None,
    **printer: Any,
) -> AsyncIterator[Kiosk]:
    """A kiosk with three keys, an offer and paper, for the length of a block; `slips` says how it prints."""
    config = KioskConfig(
        id="kiosk-1",
        printer=PrinterConfig(wire=wire, **printer),
        keys=(SOCIAL, URGENT, LAND),
        debounce=0.01,
        patience=patience,
        **(slips or {}),
    )
    node = NodeConfig(node=NodeIdentity(id="node", hall="hall", data=folder), device=(config,))
    station = station or KioskStation(folder)
    async with Simulation(node) as simulation:
        agent = build(config, simulation.wires, station)
        made = Kiosk(config, simulation, station)
        if told is not None:
            station.tell(KIOSK_OFFER, told)
        async with running(agent):
            if ready:
                await made.code("ok")
            yield made
