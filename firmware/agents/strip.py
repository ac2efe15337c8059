"""The strip agent: keeps a text board saying what stands, the newest first, and again on schedule, since it never answers."""

import asyncio
import logging
from math import inf

from devices.errors import DeviceError, DeviceMissing, DeviceRefused
from devices.text_board import Line, TextBoard
from devices.wires import Wires
from firmware.agents.board_ears import Drills, Ears
from firmware.agents.board_rules import BoardRules, Instant, brightness
from firmware.agents.board_sheet import of_cells
from firmware.agents.strip_memory import Memory, Order, orders, readable
from firmware.agents.strip_words import drill_of, fault_of, working
from firmware.config import StripConfig
from firmware.station import Agent, Station
from link.apart import apart

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.5, 15.0
"""Seconds between attempts to get the wire back: doubled each time."""
HEARTBEAT = 2.0
"""The agent says at least so often that it is alive."""
WITHIN = 1.0
"""Seconds that the wire may take for a frame beyond the frame's own time."""
PROBATION = 4.0
"""Seconds without an error after which a card that was not on the network is well again: a network looks for it so long."""


class StripAgent:
    """Drives one text board."""

    def __init__(self, config: StripConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config, self._wires, self._station = config, wires, station
        self._board = TextBoard(
            config.dialect, config.wire, config.first, columns=config.cells, missing=self._missing, stacked=config.stacked,
            baud=config.baud, nothing=config.nothing, dwell=config.page,
        )  # fmt: skip
        characters = self._board.characters
        sheet = of_cells(config, characters.name, characters.sign)
        self._rules = BoardRules(sheet, characters.cells, self._now())
        self._memory = Memory(config.refresh)
        self._reached = False
        self._doubted_until = -inf
        self._ears = Ears(
            config.id, self._rules, Drills(*drill_of(config, characters.name)), station, reachable=lambda: self._reached
        )

    async def run(self) -> None:
        """Drive the board until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(), name=f"{self._config.id} keep")
            tasks.create_task(self._ears.listen(), name=f"{self._config.id} ears")

    async def _keep(self) -> None:
        """Use the wire, and take it again whenever it was lost."""
        retry = FIRST_RETRY
        while True:
            try:
                await apart(self._use())
            except* DeviceError as errors:
                retry = FIRST_RETRY if self._reached else min(2 * retry, LAST_RETRY)
                self._broken(errors.exceptions[0])
            await self._wait_for_wire(retry)

    async def _use(self) -> None:
        """Everything is sent anew: nobody knows what the board was told meanwhile."""
        self._memory.forget()
        async with asyncio.TaskGroup() as tasks, self._board.line(self._wires) as line:
            # A board never answers, but a line that goes away is noticed by whoever reads it.
            listening = tasks.create_task(self._overhear(line), name=f"{self._config.id} wire")
            try:
                await self._show_on(line)
            finally:
                listening.cancel()

    async def _overhear(self, line: Line) -> None:
        async for _ in line.received():
            pass

    async def _show_on(self, line: Line) -> None:
        while True:
            self._ears.begin_turn()
            now = self._now()
            face, due = self._rules.face(now)
            wanted = orders(face, self._config, self._level(now) if self._board.can_dim else None)
            order = self._memory.next(wanted, now.tick)
            if order is not None:
                await self._send(line, self._frame(order))
                self._memory.sent(order, self._now().tick)
                self._reached = True
            if now.tick >= self._doubted_until:
                self._ears.well(working(self._config))
            self._ears.settle(readable(face, wanted, self._memory), self._now(), whole=order is None)
            await self._ears.say_answers()
            if order is None:
                rest = min(due, self._memory.rest(now.tick), self._rules.unanswered_for(now), HEARTBEAT)
                if self._doubted_until > now.tick:
                    rest = min(rest, self._doubted_until - now.tick)
                await self._ears.something(max(rest, 0.0))

    async def _send(self, line: Line, frame: bytes) -> None:
        """The wait for one's turn on a line of many may be long: the agent is alive meanwhile."""
        sending = asyncio.ensure_future(line.send(frame, within=WITHIN))
        try:
            while not sending.done():
                self._station.alive()
                await asyncio.wait({sending}, timeout=HEARTBEAT)
            await sending
        finally:
            sending.cancel()

    def _frame(self, order: Order) -> bytes:
        if isinstance(order.what, int):
            return self._board.dimmed(order.row, order.what)
        return self._board.frame(order.row, order.what)

    def _level(self, now: Instant) -> int:
        return brightness(self._config.brightness, now.at, self._station.timezone)[0]

    async def _wait_for_wire(self, seconds: float) -> None:
        """Calls that come meanwhile are answered when their time is over."""
        until = self._now().tick + seconds
        while (left := until - self._now().tick) > 0:
            self._ears.begin_turn()
            now = self._now()
            self._rules.face(now)
            self._ears.settle(None, now)
            await self._ears.say_answers()
            await self._ears.something(max(0.0, min(left, HEARTBEAT, self._rules.unanswered_for(now))))

    def _broken(self, error: BaseException) -> None:
        self._reached = False
        if not self._config.speaks.bauds:
            self._doubted_until = self._now().tick + PROBATION
        refused, missing = isinstance(error, DeviceRefused), isinstance(error, DeviceMissing)
        self._ears.state("fault", *fault_of(self._config, str(error), refused=refused, missing=missing))

    def _missing(self, character: str) -> None:
        self._station.count("missing-character")
        log.warning("%s: the board has no %r (U+%04X); it is replaced", self._config.id, character, ord(character))

    def _now(self) -> Instant:
        return Instant(self._station.clock.now(), self._station.clock.monotonic())


def build(config: StripConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one text board."""
    return StripAgent(config, wires, station)
