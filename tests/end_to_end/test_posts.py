"""Help buttons, scanners and loudspeakers with the real controller, a real node and a real broker between them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from broker_config.process import MosquittoProcess
from contract import dispatch
from contract.dispatch import Action, DispatchReply
from contract.settings import parse
from contract.values import Text
from controller.config import HallConfig
from controller.running import running
from controller.service import HallService
from firmware.config import NodeConfig
from firmware.node import Node
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from link.address import BrokerAddress
from provisioning.plan import Folders, node_files
from tests.controller.halls import sqlite, text
from tests.controller.play import Client, until

POSTS = """
[[node]]
id = "post"

[[node.device]]
kind = "help"
id = "help-desk"
place = "w1"
line = 5
lamp = 16
coming = 0.5

[[node.device]]
kind = "scanner"
id = "door-scanner"
wire = "/dev/serial/by-id/usb-scanner"
speaks = "serial"
green = 17
red = 18

[[node.device]]
kind = "announcer"
id = "announcer-1"
wire = "plughw:CARD=Device"
mixer = "PCM"
board = "main"
repeat = 1

[[node.device]]
kind = "strip"
id = "for-the-deaf"
dialect = "strip-aa"
wire = "/dev/serial/by-id/usb-strip"
columns = 60
layout = "spoken"

[[board]]
id = "for-the-deaf"
"""


@dataclass(frozen=True)
class Place:
    """The hall, a dispatcher in it, and hands at its devices."""

    hall: HallService
    client: Client
    bench: Bench

    async def ask(self, do: Action) -> DispatchReply:
        """Ask the controller, and be answered well."""
        reply = await self.client.ask(do)
        assert reply.outcome == "done", reply.what.en
        return reply

    def see(self, device: str, part: str) -> Any:
        """A part of a device's view."""
        return self.bench.view(device)[part]

    def state(self, device: str) -> Any:
        """What a device says of itself to staff."""
        states = {state.device: state for node in self.hall.view().nodes for state in node.devices}
        return states.get(device)

    def ready(self, device: str) -> bool:
        """Whether a device has said that it is well."""
        state = self.state(device)
        return state is not None and state.code == "ok"

    async def until(self, seen: Callable[[], Any], what: str) -> Any:
        """Wait for it."""
        return await until(seen, what)


@asynccontextmanager
async def a_place(broker: MosquittoProcess, folder: Path) -> AsyncIterator[Place]:
    config = parse(text(sqlite(folder), port=broker.port) + POSTS, HallConfig, name="hall.toml")
    planned = parse(text(sqlite(folder), port=broker.port).partition("[[node]]")[0] + POSTS, HallConfig, name="hall.toml")
    files = node_files(planned, BrokerAddress(port=broker.port), Folders(data=str(folder), password=str(folder / "none")))
    node = parse(files["post"].replace(f'password_file = "{folder}/none"\n', ""), NodeConfig, name="node.toml")
    stop = asyncio.Event()
    async with running(config) as controller, Client(broker) as client, Simulation(node) as simulation:
        loudspeaker: Any = simulation.bench.peripherals["announcer-1"]
        loudspeaker.card.speed = 20.0
        task = asyncio.create_task(Node(node, simulation.wires, version="1").run(stop))
        place = Place(controller.hall, client, simulation.bench)
        try:
            for device in ("help-desk", "door-scanner", "announcer-1"):
                await place.until(partial(place.ready, device), f"{device} to be ready")
            yield place
        finally:
            stop.set()
            await task


async def test_a_call_for_help_goes_from_the_button_to_staff_and_their_answer_back_to_its_lamp(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    async with a_place(broker, tmp_path) as place:
        await place.bench.do("help-desk", "press")
        (help_,) = await place.until(lambda: place.hall.view().help, "the call for help")
        assert (help_.place, help_.cubicle) == ("w1", None)
        assert place.state("help-desk").what.zh == "有人求助，等待响应"
        await place.until(lambda: place.see("help-desk", "lamp"), "the lamp")
        await place.until(lambda: not place.see("help-desk", "lamp"), "the lamp to blink")
        await place.ask(dispatch.AnswerHelp(help=help_.id))
        await place.until(
            lambda: place.state("help-desk").what.en == "Staff have said that they come", "the answer at the button"
        )
        await place.until(lambda: place.state("help-desk").what.en == "The help button is ready", "the end of it")
        assert not place.see("help-desk", "lamp")


async def test_a_missed_ticket_is_held_before_the_scanner_and_called_again(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with a_place(broker, tmp_path) as place:
        ticket = await place.ask(dispatch.IssueTicket(service="social"))
        await place.ask(dispatch.CallNext(window="w1"))
        for _ in range(2):
            await place.ask(dispatch.Recall(window="w1"))
        await place.ask(dispatch.NoShow(window="w1"))
        await place.bench.do("door-scanner", "scan", code=f"http://hall.example/t/{ticket.ticket}")
        await place.until(lambda: place.see("door-scanner", "green"), "the green lamp")
        await place.until(lambda: place.state("door-scanner").what.zh.startswith("A001 重新排队"), "the answer in words")
        assert (await place.ask(dispatch.CallNext(window="w1"))).number == "A001"


async def test_a_call_and_an_urgent_notice_are_spoken_and_the_call_is_answered_so(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    async with a_place(broker, tmp_path) as place:
        await place.ask(dispatch.IssueTicket(service="social"))
        await place.ask(dispatch.CallNext(window="w1"))
        await place.until(lambda: place.see("for-the-deaf", "text") == "请 A001 号到 1号窗口", "the text of what is spoken")
        answers = await place.until(lambda: place.hall.view().calls[0].answers, "the answer of the loudspeaker")
        assert [(answer.device, answer.outcome) for answer in answers] == [("announcer-1", "spoken")]
        (said,) = place.see("announcer-1", "said")
        assert (said["text"], said["level"] > 0.02) == ("请 A001 号到 1号窗口 · Ticket A001, please go to Window 1", True)
        await place.ask(dispatch.PostNotice(text=Text(zh="请立即疏散", en="Please leave at once"), urgent=True))
        await place.until(lambda: place.see("announcer-1", "said")[-1]["text"].startswith("请立即疏散"), "the notice")
