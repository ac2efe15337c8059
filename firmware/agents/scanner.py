"""The scanner: asks the controller about the hall's codes that people hold before it, and lights a lamp with the answer."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from contract.commands import Command
from contract.scanning import ScanReply, ScanRequest
from contract.topics import COMMAND, SCAN_REPLY, SCAN_REQUEST
from contract.values import Text
from devices.errors import DeviceError, DeviceMissing
from devices.gpio import Lamps
from devices.scan_lines import Garbage, Scan
from devices.scanner import Scanner, opened
from devices.wires import Wires
from firmware.agents.answering import answer
from firmware.agents.flashing import Flashing, flash_on
from firmware.agents.mailbox import Mailbox
from firmware.agents.opening import saying_why
from firmware.agents.scanner_codes import Code
from firmware.agents.scanner_rules import Lamp, ScannerRules
from firmware.agents.stuck import HELD
from firmware.config import ScannerConfig
from firmware.station import Agent, Station

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.25, 4.0
"""Seconds between attempts to open a missing scanner; each is twice the one before."""

READY = Text(zh="扫码器正常", en="The scanner is ready")
UNPLUGGED = Text(zh="扫码器未连接", en="The scanner is unplugged")
PLUG = Text(zh="将扫码器插回，检查线缆", en="Plug the scanner back in and check its cable")
REFUSED = Text(zh="扫码器无法打开", en="The scanner cannot be opened")
RIGHTS = Text(zh="请技术人员查看该节点的日志", en="Have a technician read this node's log")
STUCK = Text(zh="扫码器一直发送同一个键", en="The scanner holds a key down all the time")
REPLUG = Text(zh="拔下扫码器，等三秒再插回", en="Unplug the scanner, wait three seconds, plug it in again")
NOISY = Text(zh="扫码器发来乱码", en="The scanner sends garbage")
SPEED = Text(zh="检查串口线、接地和波特率；擦净扫码窗", en="Check cable, ground and baud rate; wipe the scanner's window")
UNANSWERED = Text(zh="扫码无人应答，控制器不在线", en="Scans are not answered: the controller is out of reach")
DESK = Text(zh="请持票人到服务台；检查网络和控制器", en="Send people to the desk; check network and controller")


class Opened:
    """The scanner was opened."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner


def build(config: ScannerConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one scanner."""
    return ScannerAgent(config, wires, station)


class ScannerAgent:
    """Drives one scanner until it is cancelled."""

    def __init__(self, config: ScannerConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config, self._wires, self._station = config, wires, station
        self._rules = ScannerRules(again=config.again, patience=config.patience, show=config.show)
        self._scanner: Scanner | None = None
        self._trouble: DeviceError | None = None
        self._answered: Text | None = None
        self._flashing = Flashing()
        self._mailbox = Mailbox[Opened | Scan | Garbage | DeviceError | ScanReply | Command]()

    async def run(self) -> None:
        """Drive the scanner."""
        lamps: dict[Lamp, int | None] = {"green": self._config.green, "red": self._config.red}
        there = {lamp: line for lamp, line in lamps.items() if line is not None}
        with ExitStack() as stack:
            with saying_why(self._station):
                lights = stack.enter_context(Lamps(self._wires.pins(), there)) if there else None
            async with asyncio.TaskGroup() as sources:
                for source in self._sources():
                    sources.create_task(self._mailbox.feed(source))
                while True:
                    await self._turn(lights)

    def _sources(self) -> list[AsyncIterator[Any]]:
        return [self._scans(), self._station.hear(SCAN_REPLY), self._station.hear(COMMAND)]

    async def _scans(self) -> AsyncIterator[Opened | Scan | Garbage | DeviceError]:
        """What is scanned, through every unplugging."""
        wait, config = FIRST_RETRY, self._config
        while True:
            try:
                async with opened(self._wires, config.wire, config.speaks, config.baud) as scanner:
                    wait = FIRST_RETRY
                    yield Opened(scanner)
                    async for found in scanner.scans():
                        yield found
            except DeviceError as error:
                yield error
            await asyncio.sleep(wait)
            wait = min(2 * wait, LAST_RETRY)

    async def _turn(self, lights: Lamps[Lamp] | None) -> None:
        now = self._now()
        if lights is not None:
            lights.show(self._lit(now))
        self._say_how_it_is(now)
        self._station.alive()
        await self._take(await self._mailbox.next(self._rules.due(now), self._flashing.due(now), now=now))
        if self._rules.look(self._now()):
            self._station.count("unanswered-scan")

    async def _take(self, happening: Opened | Scan | Garbage | DeviceError | ScanReply | Command | None) -> None:
        match happening:
            case Scan(text=text, at=at):
                await self._scan(text, at)
            case Garbage(why=why, at=at):
                self._station.count(why)
                self._rules.garbage(at)
            case ScanReply():
                if self._rules.replied(happening.request, self._now(), good=happening.outcome != "refused"):
                    self._answered = happening.what
                    self._station.tell_neighbours(happening, self._config.id)  # a touch screen beside it shows it too
            case Command():
                await self._obey(happening)
            case Opened(scanner=scanner):
                self._scanner, self._trouble = scanner, None
            case DeviceError():
                if self._trouble is None:
                    log.warning("%s: %s", self._config.id, happening)
                self._scanner, self._trouble = None, happening

    async def _scan(self, text: str, at: float) -> None:
        self._answered = None
        read = self._rules.scan(text, at)
        if read.count:
            self._station.count(read.count)
        if read.ask is not None:
            await self._ask(read.ask)

    async def _ask(self, code: Code) -> None:
        config, now = self._config, self._station.clock.now()
        request = ScanRequest(
            id=secrets.token_hex(8), scanner=config.id, kind=code.kind, code=code.code, returns=config.returns, slip=config.slip,
            at=now, not_after=now + timedelta(seconds=config.patience),
        )  # fmt: skip
        self._rules.asked(request.id, self._now())
        await self._station.say(SCAN_REQUEST, request)

    async def _obey(self, command: Command) -> None:
        if self._trouble is not None:
            await answer(self._station, command, "failed", UNPLUGGED)
        else:
            self._flashing = await flash_on(command, self._station, self._flashing)

    def _lit(self, now: float) -> tuple[Lamp, ...]:
        if self._flashing.runs(now):
            return ("green", "red") if self._flashing.lit(now) else ()
        lamp = self._rules.lamp(now)
        return () if lamp is None else (lamp,)

    def _say_how_it_is(self, now: float) -> None:
        say = self._station.state
        if isinstance(self._trouble, DeviceMissing):
            say("fault", "scanner-unplugged", UNPLUGGED, PLUG)
        elif self._trouble is not None:
            say("fault", "scanner-refused", REFUSED, RIGHTS)
        elif self._scanner is not None and self._scanner.held(now) >= HELD:
            say("attention", "key-stuck", STUCK, REPLUG)
        elif self._rules.noisy(now):
            say("attention", "scanner-noisy", NOISY, SPEED)
        elif self._rules.unanswered:
            say("attention", "no-answer", UNANSWERED, DESK)
        elif self._scanner is not None:
            answered = self._answered if self._rules.lamp(now) else None
            say("ready", "ok", answered or READY)

    def _now(self) -> float:
        return self._station.clock.monotonic()
