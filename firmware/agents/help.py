"""The help button: a press reaches staff at once, and the lamp beside it says whether somebody comes."""

import asyncio
from contextlib import ExitStack

from contract.commands import Command
from contract.events import HelpAsked
from contract.helping import HelpState
from contract.topics import COMMAND, HELP_STATE
from contract.values import Text
from devices.gpio import Edge, Inputs, Lamps, to_ground
from devices.wires import Wires
from firmware.agents.flashing import Flashing, flash_on
from firmware.agents.help_rules import HelpRules, spot_of
from firmware.agents.keeping import TOUCH, Keeping
from firmware.agents.mailbox import Mailbox
from firmware.agents.opening import saying_why
from firmware.agents.stuck import HELD, Stuck
from firmware.config import HelpConfig
from firmware.station import Agent, Station

BUTTON = "button"

READY = Text(zh="求助按钮正常", en="The help button is ready")
ASKED = Text(zh="有人求助，等待响应", en="Somebody asks for help and waits for an answer")
GO = Text(zh="请立即去看，并在页面上响应求助", en="Go and see at once, and answer the call on the page")
COMING = Text(zh="已响应求助", en="Staff have said that they come")
UNKEPT = Text(zh="求助按钮被按下，但无法保存和上报", en="The help button was pressed, and the press cannot be kept and sent")
GO_AND_TOUCH = Text(zh=f"请立即去看；{TOUCH.zh}", en=f"Go and see at once; {TOUCH.en[0].lower()}{TOUCH.en[1:]}")
STUCK = Text(zh="求助按钮一直处于按下状态", en="The help button is held down all the time")
RELEASE = Text(zh="请检查该按钮和接线", en="Check the button and its cable")
OPEN = Text(zh="求助按钮一直处于按下状态，或线缆断开", en="The help button is held down all the time, or its cable is cut")
PLUG = Text(zh="请检查按钮是否卡住、线缆是否接好", en="Check whether the button is stuck and its cable in place")


def build(config: HelpConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one help button."""
    return HelpAgent(config, wires, station)


class HelpAgent:
    """Drives one help button until it is cancelled."""

    def __init__(self, config: HelpConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config = config
        self._wires = wires
        self._station = station
        self._keeping = Keeping(station)
        self._rules = HelpRules(config.coming)
        self._held = Stuck[str](HELD)
        self._flashing = Flashing()
        self._owed = False
        self._mailbox = Mailbox[Edge[str] | HelpState | Command]()

    async def run(self) -> None:
        """Drive the button."""
        lamps = {} if self._config.lamp is None else {BUTTON: self._config.lamp}
        with ExitStack() as opened:
            with saying_why(self._station):
                pins = self._wires.pins()
                inputs = opened.enter_context(Inputs(pins, {BUTTON: to_ground(self._config.line)}))
                light = opened.enter_context(Lamps(pins, lamps))
            await self._level(inputs.levels[BUTTON], self._now())
            async with asyncio.TaskGroup() as sources:
                sources.create_task(self._mailbox.feed(inputs.changes(self._config.debounce)))
                sources.create_task(self._mailbox.feed(self._station.hear(HELP_STATE, place=self._config.place)))
                sources.create_task(self._mailbox.feed(self._station.hear(COMMAND)))
                while True:
                    await self._turn(inputs, light)

    async def _turn(self, inputs: Inputs[str], light: Lamps[str]) -> None:
        now = self._now()
        lit = self._flashing.lit(now) if self._flashing.runs(now) else self._rules.lit(now)
        light.show({BUTTON} if lit else ())
        self._say_how_it_is(now)
        self._station.alive()
        happening = await self._mailbox.next(self._rules.due(now), self._flashing.due(now), now=now)
        if happening is None:
            inputs.reread()
        for word, times in inputs.take_counts().items():
            self._station.count(word, times)
        await self._take(happening)
        if self._owed:
            await self._ask()

    async def _take(self, happening: Edge[str] | HelpState | Command | None) -> None:
        match happening:
            case Edge(active=closed, at=at):
                await self._level(closed, at)
            case HelpState(spots=spots):
                self._rules.hear(spot_of(spots, self._config.cubicle), self._now())
            case Command():
                self._flashing = await flash_on(happening, self._station, self._flashing)

    async def _level(self, closed: bool, at: float) -> None:
        """The contact closed or opened; a button that is held while the node starts is heard too."""
        pressed = closed == (self._config.contact == "closes")
        self._held.level(BUTTON, pressed, at)
        if pressed:
            await self._ask()

    async def _ask(self) -> None:
        """Tell staff. A press that the disk does not take is tried again until it does: it must not be lost in silence."""
        self._owed = not await self._keeping.keep(HelpAsked(place=self._config.place, cubicle=self._config.cubicle))
        if not self._owed:
            self._rules.ask(self._now(), self._station.clock.now())

    def _say_how_it_is(self, now: float) -> None:
        stage = self._rules.stage(now)
        if self._keeping.failed:
            self._station.state("fault", "not-kept", UNKEPT, GO_AND_TOUCH)
        elif stage == "asked":
            self._station.state("attention", "help-asked", ASKED, GO)
        elif self._held.names(now):
            what, touch = (STUCK, RELEASE) if self._config.contact == "closes" else (OPEN, PLUG)
            self._station.state("attention", "key-stuck", what, touch)
        else:
            self._station.state("ready", "ok", COMING if stage == "coming" else READY)

    def _now(self) -> float:
        return self._station.clock.monotonic()
