"""The rater: keys with lamps at one window, open for one visit at a time."""

import asyncio
import logging
import secrets
from contextlib import AbstractAsyncContextManager

from contract.commands import Command, SelfTest
from contract.events import RatingGiven
from contract.rating import RatingInvite
from contract.topics import COMMAND, RATING_INVITE
from contract.values import Text
from devices.caller import Move
from devices.errors import DeviceError
from devices.keypad import Press, Release
from devices.rater import RaterKeys
from devices.rater_gpio import open_gpio
from devices.rater_keypad import open_keypad
from devices.rater_serial import Commands, open_ff68, open_jtt905
from devices.talk import Reached
from devices.wires import Wires
from firmware.agents.answering import DONE, FOREIGN, answer
from firmware.agents.flashing import Flashing, flash_on
from firmware.agents.held import Held
from firmware.agents.keeping import TOUCH, Keeping
from firmware.agents.key_words import NOISE, KeyWords
from firmware.agents.lately import Often
from firmware.agents.mailbox import Mailbox
from firmware.agents.opening import lines_refused
from firmware.agents.plugging import Plugged, plugged
from firmware.agents.rater_rules import Decision, RaterRules
from firmware.config_keys import RaterConfig
from firmware.station import Agent, Station

log = logging.getLogger(__name__)

UNKEPT = Text(zh="评价无法保存，按键不予确认", en="Ratings cannot be kept; presses are not thanked")
GONE = Text(zh="评价器现在连不上", en="The rater cannot be reached")
LEVELS = {
    5: Text(zh="非常满意", en="very satisfied"),
    4: Text(zh="满意", en="satisfied"),
    3: Text(zh="基本满意", en="fairly satisfied"),
    2: Text(zh="不满意", en="dissatisfied"),
    1: Text(zh="非常不满意", en="very dissatisfied"),
}
WORDS = {str(level): text for level, text in LEVELS.items()} | {
    "attitude": Text(zh="服务态度", en="attitude"),
    "quality": Text(zh="服务质量", en="quality"),
    "efficiency": Text(zh="办事效率", en="efficiency"),
    "environment": Text(zh="服务环境", en="environment"),
    "complaint": Text(zh="办不成事", en="complaint"),
}

Happening = Plugged[RaterKeys] | Move | DeviceError | RatingInvite | Command


def build(config: RaterConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one rater."""
    return RaterAgent(config, wires, station)


def opened(config: RaterConfig, wires: Wires) -> AbstractAsyncContextManager[RaterKeys]:
    """The rater of this configuration, open for the length of a block. Raises `DeviceError`."""
    wire = config.wire or ""
    match config.dialect:
        case "gpio":
            keys = {f"GPIO{key.line}": key.line for key in config.keys}
            lamps = {f"GPIO{key.line}": key.lamp for key in config.keys if key.lamp is not None}
            return open_gpio(wires.pins(), keys, lamps, config.debounce)
        case "keypad":
            return open_keypad(wires, wire)
        case "ff68":
            return open_ff68(wires, wire, config.address or 0, baud=config.baud, answers=config.answers)
        case "jtt905":
            commands = Commands(config.rating_command or 0, config.invite_command or 0, config.device_kind, config.vendor)
            return open_jtt905(wires, wire, commands, baud=config.baud, answers=config.answers)


class RaterAgent:
    """Drives one rater until it is cancelled."""

    def __init__(self, config: RaterConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config, self._wires, self._station = config, wires, station
        self._keeping = Keeping(station)
        self._meanings = config.words
        levels = [int(word) for word in self._meanings.values() if word.isdigit()]
        self._rules = RaterRules(config.window, levels, config.thanks, config.follow_up)
        self._held = Held()
        self._noise = Often(5, 60.0)
        self._flashing = Flashing()
        self._keys: RaterKeys | None = None
        self._reached = Reached("there")
        self._trouble: DeviceError | None = None
        self._words = KeyWords("评价器", "rater", keypad=config.dialect == "keypad")
        self._mailbox = Mailbox[Happening]()

    async def run(self) -> None:
        """Drive the rater."""
        keys = plugged(lambda: opened(self._config, self._wires), lambda keys: keys.moves())
        async with asyncio.TaskGroup() as sources:
            sources.create_task(self._mailbox.feed(keys))
            sources.create_task(self._mailbox.feed(self._station.hear(RATING_INVITE, window=self._config.window)))
            sources.create_task(self._mailbox.feed(self._station.hear_neighbours(RatingInvite, self._config.window)))
            sources.create_task(self._mailbox.feed(self._station.hear(COMMAND)))
            while True:
                await self._turn()

    async def _turn(self) -> None:
        self._station.alive()
        now = self._now()
        happening = await self._mailbox.next(self._rules.due(now), self._flashing.due(now), now=now)
        if happening is None and self._keys is not None:
            self._keys.reread()
        self._count()
        await self._take(happening)
        await self._settle(self._rules.look(self._now()))
        self._show()
        self._say_how_it_is()

    def _count(self) -> None:
        for word, times in self._keys.take_counts().items() if self._keys is not None else ():
            self._station.count(word, times)
            if word in NOISE:
                self._noise.add(times, self._now())

    async def _take(self, happening: Happening | None) -> None:
        match happening:
            case RatingInvite():
                await self._settle(self._rules.invite(happening, self._now(), self._station.clock.now()))
            case Press(key=key, at=at):
                self._held.press(key, self._now())
                await self._press(key, at)
            case Release(key=key):
                self._held.release(key)
            case Command():
                await self._obey(happening)
            case _:
                self._reach(happening)

    def _reach(self, happening: Plugged[RaterKeys] | Reached | DeviceError | None) -> None:
        match happening:
            case Plugged(device=keys):
                self._keys, self._trouble = keys, None
                self._held.tells_release = keys.tells_release
                for key in keys.down:
                    self._held.press(key, self._now())
            case Reached():
                self._reached = happening
            case DeviceError():
                if self._trouble is None:
                    log.warning("%s: %s", self._config.id, happening)
                self._keys, self._trouble, self._reached = None, happening, Reached("there")
                self._held.clear()

    async def _press(self, key: str, at: float) -> None:
        word = self._meanings.get(key)
        if word is None:
            decision = Decision(count="unknown-key")
        elif word.isdigit():
            decision = self._rules.press(int(word), at)
        elif word == "complaint":
            decision = self._rules.complain(secrets.token_hex(8), at)
        else:
            decision = self._rules.detail(word, at)
        if not await self._settle(decision):
            return
        if isinstance(decision.fact, RatingGiven):
            self._rules.stored(decision.fact, at, self._now())
        else:
            self._rules.heard(at, self._now())

    async def _settle(self, decision: Decision) -> bool:
        """Count and record what was decided; whether a fact was recorded."""
        if decision.count:
            self._keeping.pass_over(decision.count)
        return decision.fact is not None and await self._keeping.keep(decision.fact)

    async def _obey(self, command: Command) -> None:
        if self._keys is None or self._reached.how != "there":
            await answer(self._station, command, "failed", GONE)
        elif self._keys.lights:
            before, self._flashing = self._flashing, await flash_on(command, self._station, self._flashing)
            if self._flashing != before:
                self._keys.flash()
        elif isinstance(command.do, SelfTest):
            await answer(self._station, command, "done", DONE)
        else:
            await answer(self._station, command, "refused", FOREIGN)

    def _show(self) -> None:
        if self._keys is not None:
            now = self._now()
            lit = self._flashed(now) if self._flashing.runs(now) else self._lit(now)
            self._keys.show(lit, self._rules.invitation(now))

    def _flashed(self, now: float) -> set[str]:
        return set(self._meanings) if self._flashing.lit(now) else set()

    def _lit(self, now: float) -> set[str]:
        levels, asked = self._rules.lit(now), self._rules.asks(now)
        return {
            key
            for key, word in self._meanings.items()
            if (word.isdigit() and int(word) in levels) or word.partition("-")[0] in asked
        }

    def _say_how_it_is(self) -> None:
        now, station = self._now(), self._station
        stuck = self._held.stuck(now)
        if self._trouble is not None and self._config.dialect == "gpio":
            lines_refused(station, self._trouble)
        elif self._trouble is not None:
            self._words.gone(station, self._trouble)
        elif self._keys is None:
            return
        elif self._reached.how == "blocked":
            self._words.blocked(station)
        elif self._reached.how == "silent":
            self._words.silent(station)
        elif self._keeping.failed:
            station.state("fault", "not-kept", UNKEPT, TOUCH)
        elif stuck:
            word = self._meanings.get(stuck[0], stuck[0])
            self._words.stuck(station, WORDS.get(word, Text(zh=word, en=word)))
        elif self._noise.now(now):
            self._words.noisy(station)
        else:
            station.state("ready", "ok", self._words.ready)

    def _now(self) -> float:
        return self._station.clock.monotonic()
