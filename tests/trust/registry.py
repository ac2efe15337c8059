"""A registrar behind a real HTTPS socket over a trusted hall, and machines that ask it."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

import msgspec

from broker_config.process import HOST
from contract.enrolment import Identity
from contract.settings import parse
from controller.config import HallConfig
from controller.config_machine import Trust
from controller.config_parts import PlannedNode
from controller.enrolment import EnrolmentBook
from controller.web.serve import Tls, listen, serving
from link.weather import Backoff
from provisioning.claim_file import ClaimFile
from provisioning.enrol import Enrolling
from provisioning.identity import IdentityFolder
from provisioning.lamp import Lamp
from provisioning.machine import Machine
from provisioning.pem import new_pair
from provisioning.registrar import Registrar
from provisioning.registrar_app import registrar_app
from provisioning.revocation import Revocation
from tests.trust.stage import NODE, OTHER, TrustedHall, now

_MANY = ThreadPoolExecutor(64)
"""Machines wait for a person, each in a thread of its own."""

SERIAL = "10000000abcdef01"


@dataclass
class Clock:
    """The real time, and whatever was skipped."""

    skipped: timedelta = timedelta()

    def __call__(self) -> datetime:
        return now() + self.skipped

    def skip(self, **units: float) -> None:
        self.skipped += timedelta(**units)


@dataclass
class Registry:
    """A hall with its registrar."""

    hall: TrustedHall
    config: HallConfig
    book: EnrolmentBook
    port: int
    clock: Clock

    def card(self, name: str = NODE, token: str | None = None, **other: object) -> ClaimFile:
        """The claim.toml of a new card."""
        claim = ClaimFile(
            hall=self.config.hall.id, name=name, token=token or self.book.invite(name, Identity.NODE, "test"),
            registrar=HOST, port=self.port, ca=self.hall.ca.fingerprint,
        )  # fmt: skip
        return msgspec.structs.replace(claim, **other)

    def plan(self, nodes: tuple[PlannedNode, ...]) -> None:
        """Another plan, as if hall.toml had been changed."""
        self.config = msgspec.structs.replace(self.config, node=nodes)

    def board(self, name: str = "card-1") -> "Board":
        return Board(self.hall.folder / "machines" / name, self.clock)


class Board:
    """A machine: its files, its lamp, and a thread in which it enrols."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.blinks = folder, 0
        (folder / "ACT").mkdir(parents=True, exist_ok=True)
        (folder / "ACT" / "trigger").write_text("none [mmc0] timer")
        self._stop = threading.Event()
        self.identity = IdentityFolder(folder / "identity")
        self.enrolling = Enrolling(
            identity=self.identity, settings=folder / "node.toml", machine=Machine(SERIAL, "Raspberry Pi 4"),
            lamp=Lamp(folder / "ACT", self._sleep), sleep=self._sleep, clock=clock, backoff=Backoff(first=0.05, most=0.1),
        )  # fmt: skip

    def _sleep(self, _: float) -> None:
        """Time passes quickly here; a person who decides need not hurry."""
        if (self.folder / "ACT" / "brightness").exists():
            self.blinks += (self.folder / "ACT" / "brightness").read_text() == "1"
        if self._stop.wait(0.01):
            raise InterruptedError

    @asynccontextmanager
    async def asking(self, claim: ClaimFile) -> AsyncIterator[asyncio.Future[None]]:
        """The machine asks while inside, and is cut off at the end if it still does."""
        task = asyncio.ensure_future(asyncio.get_running_loop().run_in_executor(_MANY, self.enrolling.enrol, claim))
        try:
            yield task
        finally:
            self._stop.set()
            await asyncio.gather(task, return_exceptions=True)
            self._stop.clear()


def plan(hall: TrustedHall, reload: tuple[str, ...]) -> HallConfig:
    """The demo hall with two nodes of ours and a registrar."""
    demo = parse((files("hallware.demo") / "hall.toml").read_text(encoding="utf-8"), HallConfig, name="hall.toml")
    devices = [node.device for node in demo.node][:2]
    nodes = tuple(PlannedNode(id=name, device=device) for name, device in zip((NODE, OTHER), devices, strict=True))
    trust = Trust(
        host=HOST, broker_port=hall.broker.port, enrolment_port=0, ca=hall.files.path, certificate=hall.folder / "registrar.crt",
        key=hall.folder / "registrar.key", loopback=hall.local("registrar"), reload=reload,
    )  # fmt: skip
    store = f"sqlite:///{hall.folder / 'hall.db'}"
    return msgspec.structs.replace(demo, node=nodes, trust=trust, store=store)


@asynccontextmanager
async def registry(hall: TrustedHall, store: str | None = None) -> AsyncIterator[Registry]:
    """A hall whose registrar runs, and which holds the broker to the book; `store` is another database than a file of its own."""
    assert hall.broker.pid is not None
    config, clock = plan(hall, ("kill", "-HUP", str(hall.broker.pid))), Clock()
    config = config if store is None else msgspec.structs.replace(config, store=store)
    new_pair(hall.folder, "registrar", partial(hall.ca.server, "registrar", [HOST], now=now()))
    book = EnrolmentBook.open(config.store, config.hall.id, clock)
    desk = Registry(hall, config, book, 0, clock)
    registrar = Registrar(hall.ca, book, lambda: desk.config, clock)
    assert config.trust is not None
    revocation = Revocation(hall.ca, book, config.trust, clock, every=0.05)
    watching = asyncio.create_task(revocation.run())
    tls = Tls(config.trust.certificate, config.trust.key)
    with listen(HOST, 0) as listening:
        desk.port = int(listening.getsockname()[1])
        async with serving(registrar_app(registrar), listening, closing=lambda _: None, tls=tls):
            yield desk
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    book.close()
