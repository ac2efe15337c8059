"""A touch kiosk at work in a test: its page on a real socket, a simulated printer below it, and a controller's answers above."""

import json
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from broker_config.process import free_port
from contract.calling import NoticeLine
from contract.commands import PrintSlip
from contract.scanning import ScanReply, ScanRequest
from contract.ticketing import KioskOffer, ServiceOffer, TicketGrant, TicketRefusal, TicketRequest
from contract.topics import COMMAND, KIOSK_OFFER, SCAN_REPLY, Topic
from contract.values import Text, WaitRange
from firmware.agents.kiosk import build
from firmware.config import KioskConfig, NodeConfig, NodeIdentity, PrinterConfig, ServiceKey
from firmware.config_kiosk import TouchConfig
from hallware.simulated import Simulation
from tests.keys.running import command, running
from tests.kiosk.hall import NAMES, Kiosk, KioskStation, lease

WIRE = "/dev/serial/by-id/printer"
FULL = Text(zh="今日号已取完", en="today's tickets for this service are all given out")
SERVICES = (
    ("social", "A", NAMES["social"], 5, WaitRange(low=10, high=20)),
    ("land", "B", NAMES["land"], 0, WaitRange(low=0, high=0)),
    ("civil", "C", Text(zh="民政事务", en="Civil affairs"), 12, WaitRange(low=25, high=45)),
    ("market", "D", Text(zh="市场监管", en="Market regulation"), 0, None),
    ("everyday", "E", Text(zh="便民服务", en="Everyday services"), 1, WaitRange(low=5, high=10)),
    ("assisted", "F", Text(zh="帮办代办", en="Assisted application"), 7, WaitRange(low=15, high=30)),
)
HALL = Text(zh="综合便民服务中心", en="Public Service Centre")
CLOSING = NoticeLine(notice="notice-1", text=Text(zh="今日17点闭馆，请合理安排时间", en="The hall closes at 5 pm today"))


def offer(*, notices: tuple[NoticeLine, ...] = (CLOSING,), version: int = 1) -> KioskOffer:
    """Six services of which one is used up; the first has numbers for use without the controller."""
    services = tuple(
        ServiceOffer(
            service=service, name=name, prefix=prefix, zone="zone-a", zone_name=Text(zh="A区", en="zone A"),
            open=service != "market", why_closed=FULL if service == "market" else None, waiting=waiting, wait=wait,
            lease=lease() if service == "social" else None,
        )
        for service, prefix, name, waiting, wait in SERVICES
    )  # fmt: skip
    return KioskOffer(
        kiosk="kiosk-1", version=version, at=datetime.now(UTC), hall_name=HALL, services=services,
        rules=Text(zh="过号后请到服务台。", en="Missed your call? Tell the desk."), ticket_link="https://hall.example/t/",
        notices=notices,
    )  # fmt: skip


MORE = ("税务", "Taxes"), ("出入境", "Exit and entry"), ("公积金", "Housing fund"), ("医疗保障", "Medical insurance")


def many() -> KioskOffer:
    """Sixteen services, some with long names: more than have room at once."""
    told = offer()
    like = told.services[0]
    added = tuple(
        msgspec.structs.replace(
            like, service=f"more-{n}", prefix="GHJKLMNPQR"[n], lease=None,
            name=Text(zh=MORE[n % 4][0] + "业务受理" * (n // 4), en=MORE[n % 4][1] + " and whatever else" * (n // 4)),
        )
        for n in range(10)
    )  # fmt: skip
    return msgspec.structs.replace(told, services=(*told.services, *added))


class TouchStation(KioskStation):
    """A station whose controller also knows one appointment, by the code 20261125."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.scans: list[ScanRequest] = []

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        if isinstance(message, ScanRequest):
            self.scans.append(message)
            if not self.silent:
                replies: Topic[Any] = SCAN_REPLY
                self.tell(replies, self.checked(message))
        return await super().say(topic, message, **levels)

    def checked(self, request: ScanRequest) -> ScanReply:
        """What the controller says to a code."""
        if request.code != "20261125":
            unknown = Text(zh="没有这个预约码", en="There is no such appointment")
            return ScanReply(request=request.id, outcome="refused", code="unknown-code", what=unknown)
        what = Text(zh="A007 已签到，前面 1 人", en="A007 is checked in: 1 ahead")
        wait = WaitRange(low=3, high=8)
        return ScanReply(request=request.id, outcome="checked-in", what=what, number="A007", ahead=1, wait=wait)

    def reply(self, request: TicketRequest) -> TicketGrant | TicketRefusal:
        """A grant names what follows."""
        names = {service: name for service, _, name, *_ in SERVICES}
        first = msgspec.structs.replace(request, service="social")  # all that the other controller knows
        reply = super().reply(first)
        if isinstance(reply, TicketRefusal):
            return reply
        then = tuple(names[service] for service in request.then)
        granted: TicketGrant = msgspec.structs.replace(
            reply, service=request.service, service_name=names[request.service], then=then
        )
        return granted


class TouchKiosk(Kiosk):
    """A running touch kiosk with its page."""

    def __init__(self, config: KioskConfig, simulation: Simulation, station: TouchStation) -> None:
        super().__init__(config, simulation, station)
        self.scans = station.scans

    @property
    def page_port(self) -> int:
        """Where the page is."""
        assert self.config.touch is not None
        return self.config.touch.port

    @property
    def address(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.page_port}"

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser that stands on the page."""
        return httpx.AsyncClient(base_url=self.address, headers={"Origin": self.address, **headers}, timeout=20)

    async def post(self, path: str, id_: str | None = None, **more: Any) -> dict[str, Any]:
        """Order something as the page does."""
        async with self.browser() as client:
            answer = await client.post(path, json={"id": id_ or secrets.token_hex(8), **more})
            assert answer.status_code == 200, answer.text
            said: dict[str, Any] = answer.json()
            return said

    async def print_slip(self) -> None:
        """The controller orders the slip of the last check-in to be printed."""
        await self.station.until(lambda: self.scans)
        slip = PrintSlip(slip=self.scans[-1].id, title=Text(zh="预约签到", en="Your appointment"), lines=("【 A007 】",))
        self.station.tell(COMMAND, command("kiosk-1", slip))

    async def screen(self) -> dict[str, Any]:
        """What stands on the screen now."""
        async with self.browser() as client, client.stream("GET", "/live") as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    shown: dict[str, Any] = json.loads(line.removeprefix("data: "))
                    return shown
        raise AssertionError("nothing came")


@asynccontextmanager
async def touch_kiosk(
    folder: Path, *, told: KioskOffer | None = None, keys: tuple[ServiceKey, ...] = (), patience: float = 5.0, ready: bool = True,
    **touch: Any,
) -> AsyncIterator[TouchKiosk]:  # fmt: skip
    """A touch kiosk with paper, for the length of a block; `touch` are its screen's settings."""
    screen = TouchConfig(**{"port": free_port(), "help": "zone-a", **touch})
    config = KioskConfig(id="kiosk-1", printer=PrinterConfig(wire=WIRE), keys=keys, touch=screen, patience=patience)
    node = NodeConfig(node=NodeIdentity(id="node", hall="hall", data=folder), device=(config,))
    station = TouchStation(folder)
    async with Simulation(node) as simulation:
        made = TouchKiosk(config, simulation, station)
        station.tell(KIOSK_OFFER, told or offer())
        async with running(build(config, simulation.wires, station)):
            if ready:
                await made.code("ok")
            await station.until(lambda: listens(made.page_port))
            yield made


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
