"""The board agent: hears calls and pictures, latches what stands, and answers each call once its pixels are lit.

A frame that takes less than `SHORT` on the wire is written in the event loop itself. Measured for 128x16 on x86-64 after
some milliseconds of rest: from the agent's ear to latched pixels 0.35 ms inline; handing a frame to a worker thread and
back adds 0.29 ms (`python -m benchmarks board`), about as much as the 0.5 ms that such a frame takes on a wire of 8 MHz
would hold up the loop. A longer frame, of a large board or on a slow wire, goes through a worker.
"""

import asyncio
import logging
from math import inf
from typing import Literal

from contract.calling import Call, CallAnswer
from contract.commands import Command, CommandAnswer, Identify, SelfTest
from contract.health import Condition
from contract.topics import BOARD_PICTURE, CALL, CALL_ANSWER, COMMAND, COMMAND_ANSWER
from contract.values import Text, Token
from devices.errors import DeviceError, DeviceRefused
from devices.lettering import Typesetter
from devices.max7219 import LedBoard
from devices.wires import Wires
from firmware.agents.answering import DONE, FOREIGN, Outcome
from firmware.agents.board_drill import Drill, DrillEnd, identify, name_plate, self_test
from firmware.agents.board_rules import TOLERANCE, Answer, BoardRules, Instant, brightness
from firmware.agents.board_turns import Face
from firmware.agents.picture_report import PictureReport
from firmware.config import BoardConfig
from firmware.station import Agent, Station
from firmware.worker import Worker

log = logging.getLogger(__name__)

SHORT = 0.002
"""Seconds on the wire up to which a frame is written in the loop."""
PATIENCE = 2.0
"""Seconds that a long frame may take in its worker, on top of its time on the wire."""
FRAMES = 5.0
"""Frames' worth of time that opening, showing and asserting the registers take at most."""
FIRST_RETRY, LAST_RETRY = 0.5, 30.0
"""Seconds between attempts to open a board that fails: doubled each time."""
HEARTBEAT = 5.0
"""The agent says at least so often that it is alive."""

WORKING = Text(zh="显示屏工作正常", en="the board is working")
UNKNOWN = Text(zh="控制器没有给这块屏任何内容", en="the controller has nothing for this board")
REGISTER = Text(zh="在 hall.toml 中登记这块屏", en="register the board in hall.toml")
CHECK_CABLE = Text(zh="检查显示屏排线，并确认已启用 SPI", en="check the board's cable, and that SPI is switched on")
CHECK_RIGHTS = Text(
    zh="把运行用户加入 spi 组，并确认没有其他程序占用",
    en="add the node's user to group `spi`; no other program may hold the board",
)


class BoardAgent:
    """Drives one LED board."""

    def __init__(self, config: BoardConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config, self._station = config, station
        self._setter = Typesetter(config.width, config.height, self._missing)
        self._rules = BoardRules(config, self._setter.width, self._now())
        self._board = LedBoard(
            wires, config.wire, config.width, config.height, orientation=config.orientation, speed_hz=config.speed_hz
        )
        self._worker = Worker(f"board-{config.id}")
        self._short = self._board.frame_seconds <= SHORT
        self._writing = asyncio.Lock()
        self._woken = asyncio.Event()
        self._answers: list[CallAnswer | CommandAnswer] = []
        self._report = PictureReport(station)
        self._retry_at, self._retry = -inf, FIRST_RETRY
        self._tend_at = -inf
        self._began = station.clock.monotonic()
        self._said = ""

    async def run(self) -> None:
        """Drive the board until cancelled; then it is dark."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (self._turn, self._hear_calls, self._see_pictures, self._watch_controller, self._obey):
                    tasks.create_task(part(), name=f"{self._config.id} {part.__name__}")
        finally:
            self._worker.close()
            self._board.close()

    async def _turn(self) -> None:
        """Draw whenever something is due."""
        while True:
            self._woken.clear()
            self._station.alive()
            seconds = await self._draw()
            await self._say_answers()
            await self._report.say()
            await self._wait(min(seconds, HEARTBEAT))

    async def _hear_calls(self) -> None:
        await self._station.hear_at_once(CALL, self._on_call)

    def _on_call(self, call: Call) -> None:
        """A call's pixels come first; what it leads to besides, its answer above all, comes with the next turn."""
        now = self._now()
        heard = self._rules.hear(call, now)
        if heard == "ignored":
            return
        if heard != "stands":
            self._answer(Answer(call.id, heard), now)
        elif self._short:
            self._draw_at_once(now)
        self._woken.set()

    async def _see_pictures(self) -> None:
        async for picture in self._station.hear(BOARD_PICTURE, board=self._config.id):
            self._rules.see(picture, self._now())
            self._woken.set()

    async def _watch_controller(self) -> None:
        async for present in self._station.presence():
            self._rules.presence(present, self._now())
            if present:
                self._report.repeat()
            self._woken.set()

    async def _obey(self) -> None:
        async for command in self._station.hear(COMMAND):
            self._carry_out(command)
            await self._say_answers()
            self._woken.set()

    def _carry_out(self, command: Command) -> None:
        name, tick = name_plate(self._config.id, self._config.width), self._now().tick
        if not self._board.is_open:
            self._reply(command.id, "failed", Text(zh="显示屏打不开", en="the board cannot be opened"))
        elif isinstance(command.do, SelfTest):
            self._rules.drill(Drill(command.id, tuple(self_test(name)), tick))
        elif isinstance(command.do, Identify):
            self._rules.drill(Drill(None, tuple(identify(name, command.do.seconds)), tick))
            self._reply(command.id, "done", DONE)
        else:
            self._reply(command.id, "refused", FOREIGN)

    async def _draw(self) -> float:
        """Latch what stands now; returns the seconds until there is something to do again."""
        if self._short:
            return self._draw_at_once(self._now())
        async with self._writing:
            now = self._now()
            face, due = self._rules.face(now)
            try:
                latched = self._may_write(now) and await self._write_elsewhere(self._pixels(face), now)
            except DeviceError as error:
                latched = self._broken(error, now)
                if self._worker.abandoned:
                    raise
            return self._drawn(face if latched else None, due, now)

    def _draw_at_once(self, now: Instant) -> float:
        face, due = self._rules.face(now)
        try:
            latched = self._may_write(now) and self._write(self._pixels(face), now)
        except DeviceError as error:
            latched = self._broken(error, now)
        return self._drawn(face if latched else None, due, now)

    def _drawn(self, face: Face | None, due: float, now: Instant) -> float:
        """What follows from a face that was latched, or from none that could be."""
        if face is not None:
            self._well(now)
            self._report.stands(self._rules.version)
        after = self._now()
        for answer in self._rules.settle(face, after):
            self._answer(answer, after)
        for end in self._rules.ended_drills():
            self._drill_over(end)
        return min(due, self._rules.unanswered_for(after), self._chores(now))

    def _may_write(self, now: Instant) -> bool:
        return self._board.is_open or now.tick >= self._retry_at

    def _write(self, pixels: bytes, now: Instant) -> bool:
        """Latch the pixels first; registers and brightness can wait for it."""
        if not self._board.is_open:
            self._tend_at = now.tick + self._shine(now)
            self._board.open()
        self._board.show(pixels)
        if now.tick >= self._tend_at:
            self._tend_at = now.tick + self._shine(now)
            self._board.reassert()
            self._retry = FIRST_RETRY
        return True

    async def _write_elsewhere(self, pixels: bytes, now: Instant) -> bool:
        return await self._worker.run(self._write, pixels, now, deadline=PATIENCE + FRAMES * self._board.frame_seconds)

    def _shine(self, now: Instant) -> float:
        """Set the brightness for the next assertion of the registers; returns the seconds until that is due."""
        self._board.brightness, changes = brightness(self._config.brightness, now.at, self._station.timezone)
        return min(self._config.reassert, changes)

    def _pixels(self, face: Face) -> bytes:
        match face.pattern:
            case "lit":
                return self._setter.lit()
            case "even" | "odd":
                return self._setter.chequered(face.pattern == "odd")
            case _:
                return self._setter.page(face.rows)

    def _chores(self, now: Instant) -> float:
        """Seconds until the registers are due, or the next attempt to open the board."""
        return max(0.0, (self._tend_at if self._board.is_open else self._retry_at) - now.tick)

    def _broken(self, error: DeviceError, now: Instant) -> Literal[False]:
        self._retry_at = now.tick + self._retry
        self._retry = min(2 * self._retry, LAST_RETRY)
        what = Text(zh=f"显示屏打不开或写不进：{error}", en=f"the board cannot be opened or written: {error}")
        self._state("fault", "board-unreachable", what, CHECK_RIGHTS if isinstance(error, DeviceRefused) else CHECK_CABLE)
        return False

    def _well(self, now: Instant) -> None:
        forgotten = self._station.controller_present and self._rules.knows_nothing and now.tick - self._began > TOLERANCE
        if forgotten:
            self._state("attention", "no-picture", UNKNOWN, REGISTER)
        else:
            self._state("ready", "ok", WORKING)

    def _state(self, condition: Condition, code: str, what: Text, touch: Text | None = None) -> None:
        if self._said != code:
            self._said = code
            self._station.state(condition, code, what, touch)

    def _answer(self, answer: Answer, now: Instant) -> None:
        node, device = self._station.node, self._config.id
        self._answers.append(CallAnswer(call=answer.call, node=node, device=device, at=now.at, outcome=answer.outcome))

    def _drill_over(self, end: DrillEnd) -> None:
        if end.completed:
            self._reply(end.command, "done", Text(zh="已显示完毕", en="shown to its end"))
        else:
            self._reply(end.command, "failed", Text(zh="被叫号或紧急公告打断", en="a call or an urgent notice came between"))

    def _reply(self, command: Token, outcome: Outcome, what: Text) -> None:
        device, at = self._config.id, self._station.clock.now()
        self._answers.append(CommandAnswer(id=command, device=device, at=at, outcome=outcome, what=what))

    async def _say_answers(self) -> None:
        answers, self._answers = self._answers, []
        for answer in answers:
            await self._station.say(CALL_ANSWER if isinstance(answer, CallAnswer) else COMMAND_ANSWER, answer)

    async def _wait(self, seconds: float) -> None:
        alarm = asyncio.get_running_loop().call_later(seconds, self._woken.set)
        try:
            await self._woken.wait()
        finally:
            alarm.cancel()

    def _missing(self, character: str) -> None:
        self._station.count("missing-glyph")
        log.warning("%s: the font has no %r (U+%04X); it is shown as a box", self._config.id, character, ord(character))

    def _now(self) -> Instant:
        return Instant(self._station.clock.now(), self._station.clock.monotonic())


def build(config: BoardConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one board."""
    return BoardAgent(config, wires, station)
