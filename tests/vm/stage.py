"""A hall on this machine for a node on another: broker, registrar and controller with certificates, set up by `hallware init`."""

import asyncio
import os
import pwd
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from broker_config.process import MosquittoProcess, free_port
from controller.config import HallConfig, load
from hallware.main import main
from hardware_sim.machine import enclosure
from hardware_sim.machine.card_image import write_card
from tests.runtime.waiting import until
from tests.trust.test_init import Place

HALLWARE = str(Path(sys.executable).with_name("hallware"))
NODE = "machine"
PLAN = (Path(__file__).parent / "plan.toml").read_text(encoding="utf-8")


@dataclass
class HostHall:
    """The hall of one test session."""

    place: Place
    hall: HallConfig
    broker: MosquittoProcess

    @property
    def hall_toml(self) -> Path:
        return self.place.etc / "hall.toml"

    @property
    def ports(self) -> tuple[int, ...]:
        """What the machine must reach."""
        assert self.hall.trust is not None
        return (self.hall.trust.broker_port, self.hall.trust.enrolment_port)

    @asynccontextmanager
    async def program(self, *words: str) -> AsyncIterator[Path]:
        """A program of ours while inside; gives its log."""
        log = self.place.root / f"{words[0]}.log"
        with log.open("ab") as out:
            running = await asyncio.create_subprocess_exec(HALLWARE, *words, stdout=out, stderr=out)
        try:
            yield log
        finally:
            if running.returncode is None:
                running.terminate()
            await running.wait()

    def card(self, node: str, image: Path, wheels: Path, wishes: str = "") -> None:
        """`hallware provision card`, onto a card for the machine; `wishes` are lines of card.toml."""
        folder = image.with_suffix(".files")
        folder.mkdir()
        (folder / "cmdline.txt").write_text("root=/dev/ubda rootfstype=ext4 rootwait quiet\n")
        settings = image.with_suffix(".toml")
        settings.write_text(
            f'{wishes}\n[cable]\naddress = "{enclosure.MACHINE}/{enclosure.LENGTH}"\ngateway = "{enclosure.HOST}"\n',
            encoding="utf-8",
        )
        words = ["provision", "card", node, "--hall", str(self.hall_toml), "--into", str(folder), "--settings", str(settings)]
        assert main([*words, "--wheels", str(wheels), "--os", "trixie"]) == 0
        write_card(folder, image)

    async def command(self, *words: str) -> str:
        """What a command of ours says."""
        running = await asyncio.create_subprocess_exec(
            HALLWARE, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await running.communicate()
        assert running.returncode == 0, said.decode()
        return said.decode()

    async def approve(self, node: str, *, within: float = 600) -> None:
        """As staff do, once the machine is seen waiting."""
        await until(lambda: self.waiting(node), within=within)
        await self.command("nodes", str(self.hall_toml), "approve", node)

    def waiting(self, node: str) -> bool:
        return bool(self.rows("select 1 from enrolment_request where name = ? and state = 'waiting'", node))

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What the hall's database says."""
        with closing(sqlite3.connect(f"file:{self.place.root}/data/hall.db?mode=ro", uri=True, timeout=10)) as store:
            return store.execute(question, values).fetchall()

    def events(self, device: str | None = None, node: str = NODE) -> list["Stored"]:
        """What the node's stream has brought, as it is stored, in its order."""
        rows = self.rows(
            "select epoch, number, device, outcome, body from node_events where node = ? order by received, epoch, number", node
        )
        return [Stored(row[0], row[1], row[2], row[3], _body(row[4])) for row in rows if device in (None, row[2])]

    async def stored(self, device: str, true: Callable[["Stored"], bool], *, after: int = 0, within: float = 30) -> "Stored":
        """The first event of a device, behind the first `after` of it, for which `true` is."""
        found: list[Stored] = []

        def there() -> bool:
            found[:] = [event for event in self.events(device)[after:] if true(event)]
            return bool(found)

        await until(there, within=within)
        return found[0]

    def condition(self, device: str, node: str = NODE) -> str:
        """How the controller says that a device is."""
        question = "select condition from device_turns where node = ? and device = ? order by at desc limit 1"
        found = self.rows(question, node, device)
        return str(found[0][0]) if found else "unknown"

    def connected(self, node: str = NODE) -> bool:
        return f" as {node} (p5" in self.broker.log


def _body(text: str) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(text)
    return body


@dataclass(frozen=True)
class Stored:
    """An event in the controller's store."""

    epoch: str
    number: int
    device: str
    outcome: str
    body: dict[str, Any]


@asynccontextmanager
async def host_hall(folder: Path, plan: str = PLAN) -> AsyncIterator[HostHall]:
    """A hall whose broker, registrar and controller run."""
    place = Place(folder)
    assert place.run("--answers", place.answers(host=enclosure.HOST)) == 0
    path = place.etc / "hall.toml"
    hall = load(path)
    conf = (place.etc / "broker" / "mosquitto.conf").read_text().replace("/var/lib/mosquitto/", f"{folder}/")
    conf += f"user {pwd.getpwuid(os.geteuid()).pw_name}\n"
    async with (
        MosquittoProcess(folder=folder, port=hall.broker.port, configure=lambda _: conf) as broker,
        AsyncExitStack() as stack,
    ):
        path.write_text(_planned(path.read_text(encoding="utf-8"), plan, place, broker), encoding="utf-8")
        running = HostHall(place, load(path), broker)
        registrar = await stack.enter_async_context(running.program("registrar", str(path)))
        await until(lambda: "the registrar of hall" in registrar.read_text(), within=60)
        await stack.enter_async_context(running.program("controller", str(path)))
        await until(lambda: " as controller-" in broker.log, within=60)
        yield running


def _planned(text: str, plan: str, place: Place, broker: MosquittoProcess) -> str:
    """hall.toml of `hallware init` with our plan of the hall, and a port for pages that nobody else has."""
    head = text[: text.index("# Zones 区域")]
    head = head.replace("port = 8080", f"port = {free_port()}")
    head = head.replace(f'ca = "{place.etc}/trust"', f'ca = "{place.etc}/trust"\nreload = ["kill", "-HUP", "{broker.pid}"]')
    head = head.replace('hours = { opens = "09:00", closes = "17:00" }', "hours = { always = true }")
    return head + plan
