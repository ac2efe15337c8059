"""The window caller: keys whose presses are orders, and what its window does in words, digits and lamps."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from contract.calling import KeyRefused, WindowState
from contract.commands import Command, SelfTest
from contract.topics import COMMAND, KEY_REFUSED, WINDOW_STATE
from contract.values import Text
from devices.caller import Caller, Face, Move
from devices.caller_keypad import open_keypad
from devices.caller_serial import open_ff68, open_four_key
from devices.errors import DeviceError
from devices.keypad import Press, Release
from devices.talk import Reached
from devices.wires import Wires
from firmware.agents.answering import DONE, FOREIGN, answer
from firmware.agents.caller_alone import Alone
from firmware.agents.caller_rules import CallerRules, doing, key_words, words
from firmware.agents.flashing import Flashing, flash_on
from firmware.agents.held import Held
from firmware.agents.keeping import TOUCH, Keeping
from firmware.agents.key_words import NOISE, KeyWords
from firmware.agents.lately import Often
from firmware.agents.mailbox import Mailbox
from firmware.agents.plugging import Plugged, plugged
from firmware.config_keys import CallerConfig
from firmware.station import Agent, Station

log = logging.getLogger(__name__)

REFUSED_FOR = 5.0
"""Seconds for which the state says why a key did nothing."""
UNKEPT = Text(zh="按键无法保存，叫号无效", en="Presses cannot be kept and call nobody")
GONE = Text(zh="叫号器现在连不上", en="The caller cannot be reached")

Happening = Plugged[Caller] | Move | DeviceError | WindowState | KeyRefused | Command


def build(config: CallerConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one window's caller."""
    return CallerAgent(config, wires, station)


def opened(config: CallerConfig, wires: Wires) -> AbstractAsyncContextManager[Caller]:
    """The caller of this configuration, open for the length of a block. Raises `DeviceError`."""
    match config.dialect:
        case "keypad":
            return open_keypad(wires, config.wire)
        case "ff68":
            return open_ff68(wires, config.wire, config.address or 0, baud=config.baud, answers=config.answers)
        case "four-key":
            return open_four_key(wires, config.wire, config.address or 0, config.lamps, baud=config.baud)


class CallerAgent:
    """Drives one caller until it is cancelled."""

    def __init__(self, config: CallerConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config = config
        self._wires = wires
        self._station = station
        self._keeping = Keeping(station)
        self._rules = CallerRules(config.window, config.keys, config.patience)
        self._held = Held()
        self._noise, self._chatter = Often(5, 60.0), Often(20, 60.0)
        self._flashing = Flashing()
        self._window: WindowState | None = None
        self._refused: tuple[Text, float] | None = None
        self._caller: Caller | None = None
        self._reached = Reached("there")
        self._trouble: DeviceError | None = None
        keypad = config.dialect == "keypad"
        self._words = KeyWords("叫号键盘", "keypad", keypad=True) if keypad else KeyWords("叫号器", "caller", keypad=False)
        self._mailbox = Mailbox[Happening]()
        self._alone = Alone(station, self._keeping, config.window, config.patience, self._refuse)

    async def run(self) -> None:
        """Drive the caller."""
        caller = plugged(lambda: opened(self._config, self._wires), lambda caller: caller.moves())
        async with asyncio.TaskGroup() as sources:
            sources.create_task(self._mailbox.feed(caller))
            sources.create_task(self._mailbox.feed(self._station.hear(WINDOW_STATE, window=self._config.window)))
            sources.create_task(self._mailbox.feed(self._station.hear(KEY_REFUSED, window=self._config.window)))
            sources.create_task(self._mailbox.feed(self._station.hear(COMMAND)))
            sources.create_task(self._alone.run())
            while True:
                self._station.alive()
                now = self._now()
                refused = None if self._refused is None else self._refused[1]
                await self._take(await self._mailbox.next(self._flashing.due(now), refused, now=now))
                self._count()
                self._show()
                self._say_how_it_is()

    async def _take(self, happening: Happening | None) -> None:
        match happening:
            case Press():
                self._held.press(happening.key, self._now())
                await self._press(happening)
            case Release():
                self._held.release(happening.key)
            case WindowState():
                self._window = happening
                await self._alone.see(happening)
            case KeyRefused():
                self._refuse(happening.what)
            case Command():
                await self._obey(happening)
            case _:
                self._reach(happening)

    def _refuse(self, why: Text) -> None:
        self._station.count("refused-order")
        self._refused = (why, self._now() + REFUSED_FOR)
        if self._caller is not None:
            self._caller.beep()

    def _reach(self, happening: Plugged[Caller] | Reached | DeviceError | None) -> None:
        match happening:
            case Plugged():
                self._caller, self._trouble = happening.device, None
                self._rules.repeats = not happening.device.tells_release
                self._held.tells_release = happening.device.tells_release
            case Reached():
                self._reached = happening
            case DeviceError():
                if self._trouble is None:
                    log.warning("%s: %s", self._config.id, happening)
                self._caller, self._trouble, self._reached = None, happening, Reached("there")
                self._held.clear()

    async def _press(self, press: Press) -> None:
        clock = self._station.clock
        pressed = clock.now() - timedelta(seconds=clock.monotonic() - press.at)
        decision = self._rules.press(press.key, press.at, pressed, doing(self._alone.view(self._window)))
        if decision.count:
            self._keeping.pass_over(decision.count)
            self._chatter.add(decision.fast, self._now())
        if decision.fact:
            await self._alone.press(decision.fact, press.at)

    async def _obey(self, command: Command) -> None:
        if self._caller is None or self._reached.how != "there":
            await answer(self._station, command, "failed", GONE)
        elif self._caller.shows:
            self._flashing = await flash_on(command, self._station, self._flashing)
            self._caller.beep()
        elif isinstance(command.do, SelfTest):
            await answer(self._station, command, "done", DONE)
        else:
            await answer(self._station, command, "refused", FOREIGN)

    def _count(self) -> None:
        for word, times in self._caller.take_counts().items() if self._caller is not None else ():
            self._station.count(word, times)
            if word in NOISE:
                self._noise.add(times, self._now())

    def _show(self) -> None:
        if self._caller is not None:
            now, window = self._now(), self._alone.view(self._window)
            alight = self._flashing.runs(now) and self._flashing.lit(now)
            number, waiting = (None, 0) if window is None else (window.number, window.waiting)
            self._caller.show(Face(doing(window) if window else "closed", number, waiting, alight))

    def _say_how_it_is(self) -> None:
        now, station = self._now(), self._station
        stuck = self._held.stuck(now)
        if self._trouble is not None:
            self._words.gone(station, self._trouble)
        elif self._reached.how == "blocked":
            self._words.blocked(station)
        elif self._reached.how == "silent":
            self._words.silent(station)
        elif self._keeping.failed:
            station.state("fault", "not-kept", UNKEPT, TOUCH)
        elif stuck:
            self._words.stuck(station, key_words(stuck[0], self._config.keys))
        elif self._noise.now(now):
            self._words.noisy(station)
        elif self._chatter.now(now):
            self._words.chatters(station)
        elif self._refused is not None and now < self._refused[1]:
            what = self._refused[0]
            station.state("busy", "key-refused", Text(zh=f"按键无效：{what.zh}", en=f"The key did nothing: {what.en}"))
        elif alone := self._alone.words:
            station.state("attention", *alone)
        else:
            self._refused = None
            station.state("ready", "ok", words(self._window) if self._window else self._words.ready)

    def _now(self) -> float:
        return self._station.clock.monotonic()
