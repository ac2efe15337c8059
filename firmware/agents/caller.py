"""The window caller: a keypad whose presses go to the controller as orders, and what its window does in words."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

from contract.calling import WindowState
from contract.commands import Command, SelfTest
from contract.topics import COMMAND, WINDOW_STATE
from contract.values import Text
from devices.errors import DeviceError, DeviceMissing
from devices.keypad import Keypad, Press
from devices.wires import Wires
from firmware.agents.answering import DONE, FOREIGN, answer
from firmware.agents.caller_rules import CallerRules, words
from firmware.agents.keeping import TOUCH, Keeping
from firmware.agents.mailbox import Mailbox
from firmware.config import CallerConfig
from firmware.station import Agent, Station

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.25, 4.0
"""Seconds between attempts to open a missing keypad; each is twice the one before."""

READY = Text(zh="叫号键盘正常", en="The keypad is ready")
UNKEPT = Text(zh="按键无法保存，叫号无效", en="Presses cannot be kept and call nobody")
UNPLUGGED = Text(zh="叫号键盘未连接", en="The keypad is unplugged")
PLUG = Text(zh="将叫号键盘插回 USB 口", en="Plug the keypad back into its USB socket")
REFUSED = Text(zh="叫号键盘无法打开", en="The keypad cannot be opened")
RIGHTS = Text(zh="请技术人员查看该节点的日志", en="Have a technician read this node's log")


class Plugged:
    """The keypad was opened."""


def build(config: CallerConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one window's keypad."""
    return CallerAgent(config, wires, station)


class CallerAgent:
    """Drives one keypad until it is cancelled."""

    def __init__(self, config: CallerConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config = config
        self._wires = wires
        self._station = station
        self._keeping = Keeping(station)
        self._rules = CallerRules(config.window, config.keys, config.patience)
        self._window: WindowState | None = None
        self._trouble: DeviceError | None = None
        self._mailbox = Mailbox[Plugged | Press | DeviceError | WindowState | Command]()

    async def run(self) -> None:
        """Drive the keypad."""
        async with asyncio.TaskGroup() as sources:
            sources.create_task(self._mailbox.feed(self._pad()))
            sources.create_task(self._mailbox.feed(self._station.hear(WINDOW_STATE, window=self._config.window)))
            sources.create_task(self._mailbox.feed(self._station.hear(COMMAND)))
            while True:
                self._station.alive()
                await self._take(await self._mailbox.next(now=self._station.clock.monotonic()))

    async def _pad(self) -> AsyncIterator[Plugged | Press | DeviceError]:
        """What the keypad does, through every unplugging."""
        wait = FIRST_RETRY
        while True:
            try:
                with Keypad(self._wires, self._config.wire) as pad:
                    wait = FIRST_RETRY
                    yield Plugged()
                    async for press in pad.presses():
                        if lost := pad.take_lost():
                            self._station.count("lost-press", lost)
                        yield press
            except DeviceError as error:
                yield error
            await asyncio.sleep(wait)
            wait = min(2 * wait, LAST_RETRY)

    async def _take(self, happening: Plugged | Press | DeviceError | WindowState | Command | None) -> None:
        match happening:
            case None:
                return
            case Press():
                await self._press(happening)
            case WindowState():
                self._window = happening
            case Command():
                await self._obey(happening)
            case Plugged():
                self._trouble = None
            case DeviceError():
                if self._trouble is None:
                    log.warning("%s: %s", self._config.id, happening)
                self._trouble = happening
        self._say_how_it_is()

    async def _press(self, press: Press) -> None:
        clock = self._station.clock
        pressed = clock.now() - timedelta(seconds=clock.monotonic() - press.at)
        decision = self._rules.press(press.key, press.at, pressed)
        if decision.count:
            self._keeping.pass_over(decision.count)
        if decision.fact:
            await self._keeping.keep(decision.fact)

    async def _obey(self, command: Command) -> None:
        if not isinstance(command.do, SelfTest):
            await answer(self._station, command, "refused", FOREIGN)
        elif self._trouble is None:
            await answer(self._station, command, "done", DONE)
        else:
            await answer(self._station, command, "failed", UNPLUGGED)

    def _say_how_it_is(self) -> None:
        if isinstance(self._trouble, DeviceMissing):
            self._station.state("fault", "keypad-unplugged", UNPLUGGED, PLUG)
        elif self._trouble is not None:
            self._station.state("fault", "keypad-refused", REFUSED, RIGHTS)
        elif self._keeping.failed:
            self._station.state("fault", "not-kept", UNKEPT, TOUCH)
        else:
            self._station.state("ready", "ok", words(self._window) if self._window else READY)
