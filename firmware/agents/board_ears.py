"""A board's ears: calls, pictures, the controller's presence and commands reach the rules, and answers go back."""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

from contract.calling import Call, CallAnswer
from contract.commands import Command, CommandAnswer, Identify, SelfTest
from contract.health import Condition
from contract.topics import BOARD_PICTURE, CALL, CALL_ANSWER, COMMAND, COMMAND_ANSWER, SPOKEN
from contract.values import Id, Text, Token
from firmware.agents.answering import DONE, FOREIGN, Outcome
from firmware.agents.board_drill import Drill, DrillEnd, Step
from firmware.agents.board_rules import TOLERANCE, Answer, BoardRules, Instant
from firmware.agents.board_turns import Face
from firmware.agents.picture_memory import PictureMemory
from firmware.agents.picture_report import PictureReport
from firmware.intercom import Standing
from firmware.station import Station

UNKNOWN = Text(zh="控制器没有给这块屏任何内容", en="the controller has nothing for this board")
REGISTER = Text(zh="在 hall.toml 中登记这块屏", en="register the board in hall.toml")


class Drills(NamedTuple):
    """What a board shows to be recognised or examined."""

    self_test: Callable[[], Iterable[Step]]
    identify: Callable[[int], Iterable[Step]]
    """For so many seconds."""


class Ears:
    """Whatever a board is made of: what it hears, and what it says of itself."""

    def __init__(
        self,
        device: Id,
        rules: BoardRules,
        drills: Drills,
        station: Station,
        *,
        reachable: Callable[[], bool],
        at_once: Callable[[Instant], None] = lambda now: None,
    ) -> None:
        """`at_once` is called in the moment in which a new call stands; drills are refused unless the board is `reachable`."""
        self._device, self._rules, self._drills, self._station = device, rules, drills, station
        self._reachable, self._at_once = reachable, at_once
        self._woken = asyncio.Event()
        self._report = PictureReport(station)
        self._memory = PictureMemory(station.data / f"{device}.picture.json")
        self._answers: list[CallAnswer | CommandAnswer] = []
        self._began = station.clock.monotonic()
        self._said: tuple[str, Text] | None = None

    @property
    def now(self) -> Instant:
        """This moment by both clocks."""
        return Instant(self._station.clock.now(), self._station.clock.monotonic())

    async def listen(self) -> None:
        """Tell the rules whatever comes, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for part in (self._hear_calls, self._see_pictures, self._watch_controller, self._obey):
                tasks.create_task(part(), name=f"{self._device} {part.__name__}")
            if self._rules.captions:
                tasks.create_task(self._read_along(), name=f"{self._device} captions")
            if self._rules.window is not None:
                tasks.create_task(self._see_the_window(self._rules.window), name=f"{self._device} window")

    async def something(self, seconds: float) -> None:
        """Wait until something was heard since this was last called, or `seconds` have passed."""
        alarm = asyncio.get_running_loop().call_later(seconds, self._woken.set)
        try:
            await self._woken.wait()
        finally:
            alarm.cancel()

    def begin_turn(self) -> None:
        """What is heard from here on wakes the next `something`."""
        self._woken.clear()
        self._station.alive()

    def settle(self, face: Face | None, now: Instant, *, whole: bool = True) -> None:
        """`face` can be read on the board, or nothing can (None): calls and drills are answered accordingly.

        With not the `whole` of what stands on the board yet, its picture is not reported as shown.
        """
        if face is not None and whole:
            self._report.stands(self._rules.version)
        for answer in self._rules.settle(face, now):
            self._answer(answer, now)
        for end in self._rules.ended_drills():
            self._drill_over(end)

    async def say_answers(self) -> None:
        """Send what has been answered, and which picture stands."""
        answers, self._answers = self._answers, []
        for answer in answers:
            await self._station.say(CALL_ANSWER if isinstance(answer, CallAnswer) else COMMAND_ANSWER, answer)
        await self._report.say()

    def state(self, condition: Condition, code: str, what: Text, touch: Text | None = None) -> None:
        """Say how the board is, when that has changed."""
        if self._said != (code, what):
            self._said = code, what
            self._station.state(condition, code, what, touch)

    def well(self, what: Text) -> None:
        """The board can be reached; is it known?"""
        now = self._station.clock.monotonic()
        if self._station.controller_present and self._rules.knows_nothing and now - self._began > TOLERANCE:
            self.state("attention", "no-picture", UNKNOWN, REGISTER)
        else:
            self.state("ready", "ok", what)

    async def _hear_calls(self) -> None:
        await self._station.hear_at_once(CALL, self._on_call)

    def _on_call(self, call: Call) -> None:
        """A call's light comes first; what it leads to besides, its answer above all, comes with the next turn."""
        now = self.now
        heard = self._rules.hear(call, now)
        if heard == "ignored":
            return
        if heard != "stands":
            self._answer(Answer(call.id, heard), now)
        else:
            self._at_once(now)
        self._woken.set()

    async def _see_pictures(self) -> None:
        async for picture in self._station.hear(BOARD_PICTURE, board=self._device):
            if not self._memory.is_old(picture):
                self._memory.keep(picture)
                self._rules.see(picture, self.now)
                self._woken.set()

    async def _read_along(self) -> None:
        """What any loudspeaker of the hall says. How long it takes is all that is asked of its clock."""
        async for spoken in self._station.hear(SPOKEN, node="+"):
            self._rules.caption(spoken.text, spoken.until - spoken.at, self.now)
            self._woken.set()

    async def _see_the_window(self, window: Id) -> None:
        """What the caller of the strip's window, on this node, does without the controller."""
        async for standing in self._station.hear_neighbours(Standing, window):
            now = self.now
            if self._rules.stand_alone(standing, now):
                self._at_once(now)
            self._woken.set()

    async def _watch_controller(self) -> None:
        async for present in self._station.presence():
            self._rules.presence(present, self.now)
            if present:
                self._report.repeat()
            self._woken.set()

    async def _obey(self) -> None:
        async for command in self._station.hear(COMMAND):
            self._carry_out(command)
            await self.say_answers()
            self._woken.set()

    def _carry_out(self, command: Command) -> None:
        tick = self.now.tick
        if not self._reachable():
            self._reply(command.id, "failed", Text(zh="显示屏打不开", en="the board cannot be opened"))
        elif isinstance(command.do, SelfTest):
            self._rules.drill(Drill(command.id, tuple(self._drills.self_test()), tick))
        elif isinstance(command.do, Identify):
            self._rules.drill(Drill(None, tuple(self._drills.identify(command.do.seconds)), tick))
            self._reply(command.id, "done", DONE)
        else:
            self._reply(command.id, "refused", FOREIGN)

    def _answer(self, answer: Answer, now: Instant) -> None:
        node, device = self._station.node, self._device
        self._answers.append(CallAnswer(call=answer.call, node=node, device=device, at=now.at, outcome=answer.outcome))

    def _drill_over(self, end: DrillEnd) -> None:
        if end.completed:
            self._reply(end.command, "done", Text(zh="已显示完毕", en="shown to its end"))
        else:
            self._reply(end.command, "failed", Text(zh="被叫号或紧急公告打断", en="a call or an urgent notice came between"))

    def _reply(self, command: Token, outcome: Outcome, what: Text) -> None:
        device, at = self._device, self._station.clock.now()
        self._answers.append(CommandAnswer(id=command, device=device, at=at, outcome=outcome, what=what))
