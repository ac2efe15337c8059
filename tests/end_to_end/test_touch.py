"""A touch screen with the real controller, a real node and a real broker between them: what is touched happens in the hall."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from broker_config.process import MosquittoProcess, free_port
from contract import dispatch
from contract.dispatch import Action, DispatchReply
from contract.settings import parse
from controller.appointments import slots
from controller.config import HallConfig
from controller.hall_rules import HallRules
from controller.running import running
from controller.service import HallService
from firmware.config import NodeConfig
from firmware.node import Node
from hallware.simulated import SimulatedWires, Simulation
from link.address import BrokerAddress
from provisioning.plan import Folders, node_files
from tests.controller.halls import ALL_DAY, sqlite, text
from tests.controller.play import Client, now, until

PRINTER = "/dev/serial/by-id/printer"
APPOINTMENTS = "appointments = { minutes = 30, places = 5, days = 2, early = 1440, late = 30 }"
KIOSK = f"""
[[node]]
id = "entrance"

[[node.device]]
kind = "kiosk"
id = "kiosk-1"
printer = {{ wire = "{PRINTER}" }}
touch = {{ port = PORT, help = "east" }}
"""


@dataclass(frozen=True)
class Place:
    """The hall, a dispatcher in it, and whoever stands before the screen."""

    hall: HallService
    client: Client
    wires: SimulatedWires
    page: httpx.AsyncClient

    async def touch(self, what: str, **more: Any) -> dict[str, Any]:
        """Order something as the page does."""
        answer = await self.page.post(what, json={"id": secrets.token_hex(8), **more})
        said: dict[str, Any] = answer.json()
        return said

    async def ask(self, do: Action) -> DispatchReply:
        """Ask the controller, and be answered well."""
        reply = await self.client.ask(do)
        assert reply.outcome == "done", reply.what.en
        return reply

    @property
    def papers(self) -> list[str]:
        """What came out of the printer."""
        return [page.text for page in self.wires.ports[PRINTER].printer.pages() if page.ending == "cut"]

    @property
    def ready(self) -> bool:
        """Whether the kiosk gives tickets and the controller knows it."""
        states = [state for node in self.hall.view().nodes for state in node.devices]
        return any((state.device, state.code) == ("kiosk-1", "ok") for state in states)


@asynccontextmanager
async def a_place(broker: MosquittoProcess, folder: Path, hours: str = "always = true") -> AsyncIterator[Place]:
    port = free_port()
    hall = text(sqlite(folder), port=broker.port, hours=hours).partition("[[node]]")[0]
    plan = hall.replace('prefix = "A"', f'prefix = "A"\n{APPOINTMENTS}') + KIOSK.replace("PORT", str(port))
    config = parse(plan, HallConfig, name="hall.toml")
    files = node_files(config, BrokerAddress(port=broker.port), Folders(data=str(folder), password=str(folder / "none")))
    node = parse(files["entrance"].replace(f'password_file = "{folder}/none"\n', ""), NodeConfig, name="node.toml")
    stop = asyncio.Event()
    address = f"http://127.0.0.1:{port}"
    async with (
        running(config) as controller,
        Client(broker) as client,
        Simulation(node) as simulation,
        httpx.AsyncClient(base_url=address, headers={"Origin": address}, timeout=20) as page,
    ):
        task = asyncio.create_task(Node(node, simulation.wires, version="1").run(stop))
        place = Place(controller.hall, client, simulation.bench_wires, page)
        try:
            await until(lambda: place.ready, "the kiosk to be ready")
            yield place
        finally:
            stop.set()
            await task


async def test_a_ticket_for_two_services_is_taken_called_and_goes_on(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with a_place(broker, tmp_path) as place:
        first = await place.touch("/take", service="social")
        await until(lambda: place.hall.view().services[0].count == 1, "the first one to wait")
        said = await place.touch("/take", service="social", then=["civil"])
        assert (first["became"], said["became"], said["ahead"]) == ("printed", "printed", 1)
        assert said["wait"]["low"] <= said["wait"]["high"]
        assert "随后办理 民政" in place.papers[-1]
        assert f"预计等候 {said['wait']['low']}-{said['wait']['high']} 分钟" in place.papers[-1]
        for number in (first["number"], said["number"]):
            called = await place.client.ask(dispatch.CallNext(window="w1"))
            assert called.number == number
            await place.ask(dispatch.Start(window="w1"))
            await place.ask(dispatch.Finish(window="w1"))
        assert (await place.ask(dispatch.CallNext(window="w1"))).number == said["number"], "for its second service"


async def test_an_appointment_is_checked_in_and_its_slip_comes_out(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with a_place(broker, tmp_path, ALL_DAY) as place:
        rules = HallRules.of(place.hall.config).queue
        soon = next(at for day in (0, 1) for at in slots("social", now(), rules, now() + timedelta(days=day)))
        booked = await place.ask(dispatch.BookAppointment(service="social", slot=soon))
        said = await place.touch("/check-in", code=booked.check_in)
        assert (said["became"], said["number"], "why" in said) == ("checked-in", "A001", False)
        assert any("【 A001 】" in paper for paper in place.papers)
        again = await place.touch("/check-in", code=booked.check_in)
        assert again["became"] == "refused"


async def test_a_call_for_help_reaches_staff_and_their_answer_the_screen(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with a_place(broker, tmp_path) as place:
        await place.touch("/help")
        (help_,) = await until(lambda: place.hall.view().help, "the call for help")
        assert help_.place == "east"
        await place.ask(dispatch.AnswerHelp(help=help_.id))
        async with asyncio.timeout(20), place.page.stream("GET", "/live") as stream:
            async for line in stream.aiter_lines():
                if '"help":"coming"' in line:
                    break
