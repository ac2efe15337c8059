"""The rater: keys with lamps at one window, open for one visit at a time."""

import asyncio
from contextlib import ExitStack

from contract.commands import Command
from contract.events import RatingGiven
from contract.rating import RatingInvite
from contract.topics import COMMAND, RATING_INVITE
from contract.values import Text
from devices.gpio import Edge, Inputs, Lamps, to_ground
from devices.wires import Wires
from firmware.agents.flashing import Flashing, flash_on
from firmware.agents.keeping import TOUCH, Keeping
from firmware.agents.mailbox import Mailbox
from firmware.agents.opening import saying_why
from firmware.agents.rater_rules import Decision, RaterRules
from firmware.agents.stuck import HELD, Stuck
from firmware.config import RaterConfig
from firmware.station import Agent, Station

READY = Text(zh="评价器正常", en="The rater is ready")
UNKEPT = Text(zh="评价无法保存，按键不予确认", en="Ratings cannot be kept; presses are not thanked")
RELEASE = Text(zh="松开该按键；若仍卡住，请检查按键和接线", en="Free the key; if it stays stuck, check the key and its cable")
LEVELS = {
    5: Text(zh="非常满意", en="very satisfied"),
    4: Text(zh="满意", en="satisfied"),
    3: Text(zh="基本满意", en="fairly satisfied"),
    2: Text(zh="不满意", en="dissatisfied"),
    1: Text(zh="非常不满意", en="very dissatisfied"),
}


def build(config: RaterConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one rater."""
    return RaterAgent(config, wires, station)


class RaterAgent:
    """Drives one rater until it is cancelled."""

    def __init__(self, config: RaterConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config = config
        self._wires = wires
        self._station = station
        self._keeping = Keeping(station)
        self._rules = RaterRules(config.window, [key.level for key in config.keys], config.thanks)
        self._stuck = Stuck[int](HELD)
        self._flashing = Flashing()
        self._mailbox = Mailbox[RatingInvite | Edge[int] | Command]()

    async def run(self) -> None:
        """Drive the rater."""
        keys = {key.level: to_ground(key.line) for key in self._config.keys}
        lamps = {key.level: key.lamp for key in self._config.keys if key.lamp is not None}
        with ExitStack() as opened:
            with saying_why(self._station):
                pins = self._wires.pins()
                inputs = opened.enter_context(Inputs(pins, keys))
                lights = opened.enter_context(Lamps(pins, lamps))
            for level, pressed in inputs.levels.items():
                self._stuck.level(level, pressed, self._now())
            async with asyncio.TaskGroup() as sources:
                sources.create_task(self._mailbox.feed(inputs.changes(self._config.debounce)))
                sources.create_task(self._mailbox.feed(self._station.hear(RATING_INVITE, window=self._config.window)))
                sources.create_task(self._mailbox.feed(self._station.hear(COMMAND)))
                while True:
                    await self._turn(inputs, lights)

    async def _turn(self, inputs: Inputs[int], lights: Lamps[int]) -> None:
        lights.show(self._lit())
        self._say_how_it_is()
        self._station.alive()
        now = self._now()
        happening = await self._mailbox.next(self._rules.due(now), self._flashing.due(now), now=now)
        if happening is None:
            inputs.reread()
        for word, times in inputs.take_counts().items():
            self._station.count(word, times)
        await self._take(happening)
        await self._settle(self._rules.look(self._now()))

    async def _take(self, happening: RatingInvite | Edge[int] | Command | None) -> None:
        match happening:
            case RatingInvite():
                await self._settle(self._rules.invite(happening, self._now(), self._station.clock.now()))
            case Edge(name=level, active=pressed, at=at):
                self._stuck.level(level, pressed, at)
                if pressed:
                    await self._press(level, at)
            case Command():
                self._flashing = await flash_on(happening, self._station, self._flashing)

    async def _press(self, level: int, at: float) -> None:
        decision = self._rules.press(level, at)
        if await self._settle(decision) and isinstance(decision.fact, RatingGiven):
            self._rules.stored(decision.fact, at, self._now())

    async def _settle(self, decision: Decision) -> bool:
        """Count and record what was decided; whether a fact was recorded."""
        if decision.count:
            self._keeping.pass_over(decision.count)
        return decision.fact is not None and await self._keeping.keep(decision.fact)

    def _lit(self) -> frozenset[int]:
        now = self._now()
        if not self._flashing.runs(now):
            return self._rules.lit(now)
        return frozenset(key.level for key in self._config.keys) if self._flashing.lit(now) else frozenset()

    def _say_how_it_is(self) -> None:
        stuck = self._stuck.names(self._now())
        if self._keeping.failed:
            self._station.state("fault", "not-kept", UNKEPT, TOUCH)
        elif stuck:
            key = LEVELS[stuck[0]]
            what = Text(zh=f"评价键“{key.zh}”一直处于按下状态", en=f"The key “{key.en}” is held down all the time")
            self._station.state("attention", "key-stuck", what, RELEASE)
        else:
            self._station.state("ready", "ok", READY)

    def _now(self) -> float:
        return self._station.clock.monotonic()
