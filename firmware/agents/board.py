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

from contract.values import Text
from devices.errors import DeviceError, DeviceRefused
from devices.lettering import Typesetter
from devices.max7219 import LedBoard
from devices.wires import Wires
from firmware.agents.board_drill import identify, name_plate, self_test
from firmware.agents.board_ears import Drills, Ears
from firmware.agents.board_rules import BoardRules, Instant, brightness
from firmware.agents.board_sheet import of_pixels
from firmware.agents.board_turns import Face
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
        self._rules = BoardRules(of_pixels(config), self._setter.width, self._now())
        self._board = LedBoard(
            wires, config.wire, config.width, config.height, orientation=config.orientation, speed_hz=config.speed_hz
        )
        self._worker = Worker(f"board-{config.id}")
        self._short = self._board.frame_seconds <= SHORT
        name = name_plate(config.id, config.width)
        self._ears = Ears(
            config.id,
            self._rules,
            Drills(lambda: self_test(name), lambda seconds: identify(name, seconds)),
            station,
            reachable=lambda: self._board.is_open,
            at_once=self._draw_short,
        )
        self._writing = asyncio.Lock()
        self._retry_at, self._retry = -inf, FIRST_RETRY
        self._tend_at = -inf

    async def run(self) -> None:
        """Drive the board until cancelled; then it is dark."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._turn(), name=f"{self._config.id} turn")
                tasks.create_task(self._ears.listen(), name=f"{self._config.id} ears")
        finally:
            self._worker.close()
            self._board.close()

    async def _turn(self) -> None:
        """Draw whenever something is due."""
        while True:
            self._ears.begin_turn()
            seconds = await self._draw()
            await self._ears.say_answers()
            await self._ears.something(min(seconds, HEARTBEAT))

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

    def _draw_short(self, now: Instant) -> None:
        """A call that has just come is drawn at once, unless that would hold up the loop."""
        if self._short:
            self._draw_at_once(now)

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
            self._ears.well(WORKING)
        after = self._now()
        self._ears.settle(face, after)
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
        touch = CHECK_RIGHTS if isinstance(error, DeviceRefused) else CHECK_CABLE
        self._ears.state("fault", "board-unreachable", what, touch)
        return False

    def _missing(self, character: str) -> None:
        self._station.count("missing-glyph")
        log.warning("%s: the font has no %r (U+%04X); it is shown as a box", self._config.id, character, ord(character))

    def _now(self) -> Instant:
        return Instant(self._station.clock.now(), self._station.clock.monotonic())


def build(config: BoardConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one board."""
    return BoardAgent(config, wires, station)
