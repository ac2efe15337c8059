"""People at the edge: they look at the hall's picture, move their hands at its wires, and live while somebody lets them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from contract.calling import Call
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.people import Crowd, Figures
from hardware_sim.people_eyes import HallSeen, Hand, Seen, look

TICK = 0.05
Mover = Callable[[str, str, Mapping[str, str | float]], Awaitable[None]]
"""Moves a hand: device, what it does, and how. Raises `CannotDo`."""

log = logging.getLogger("hallware.people")


class People:
    """A crowd in a hall. Time stands still for them while they are held."""

    def __init__(self, hall: Hall, crowd: Crowd, move: Mover) -> None:
        """People who reach the hall's devices by `move`."""
        self.live = True
        self._hall, self._crowd, self._move = hall, crowd, move
        self._now = 0.0
        self._seen: dict[str, Seen] = {}
        self._moving: set[asyncio.Task[None]] = set()
        self.watchers: list[Callable[[], None]] = []
        """Called with every tick."""

    def figures(self) -> Figures:
        """What they have done so far."""
        return self._crowd.figures()

    async def run(self) -> None:
        """Live until cancelled."""
        for device in self._hall.views:
            self._look("view", device)
        self._hall.listeners.append(self._look)
        self._hall.callers.append(self._hear)
        try:
            while True:
                await self._tick()
        finally:
            self._hall.listeners.remove(self._look)
            self._hall.callers.remove(self._hear)
            for task in self._moving:
                task.cancel()

    async def _tick(self) -> None:
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(TICK)
        if self.live:
            self._now += asyncio.get_running_loop().time() - began
            for hand in self._crowd.step(self._now, self._eyes()):
                self._start(hand)
        for watch in self.watchers:
            watch()

    def _look(self, kind: str, name: str) -> None:
        if kind == "view" and (seen := look(self._hall.views[name])) is not None:
            self._seen[name] = seen

    def _hear(self, call: Call) -> None:
        self._crowd.hear(call, self._now)

    def _eyes(self) -> HallSeen:
        reachable = {device: seen for device, seen in self._seen.items() if self._hall.reachable(device)}
        return HallSeen(devices=reachable, windows=self._hall.windows)

    def _start(self, hand: Hand) -> None:
        task = asyncio.create_task(self._do(hand), name=f"hand at {hand.device}")
        self._moving.add(task)
        task.add_done_callback(self._moving.discard)

    async def _do(self, hand: Hand) -> None:
        try:
            await self._move(hand.device, hand.does, hand.how)
        except CannotDo as error:
            log.debug("%s: %s: %s", hand.device, hand.does, error)
