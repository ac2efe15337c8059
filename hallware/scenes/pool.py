"""Several scenarios at once: those of one hall share it while they leave it as they found it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from broker_config.process import BrokerProblem
from hallware.demo.children import ChildDied
from hallware.scenes.worlds import RunningHall
from hardware_sim.scenario.play import Performance, Player, Progress
from hardware_sim.scenario.read import Script
from hardware_sim.scenario.rest import rest

RESTS_WITHIN = 6.0
BEGINS_WITHIN = 20.0


@dataclass(frozen=True)
class HallNeed:
    """What kind of hall a scenario asks for; those that need the same can share one."""

    plan: Path
    speed: float
    alone: str = ""
    """The scenario's name when it wants one of its own."""

    @classmethod
    def of(cls, script: Script) -> "HallNeed":
        """What this one asks for."""
        wish = script.scenario
        return cls(script.plan.resolve(), wish.speed, script.name if wish.own else "")


class NoHall(Exception):
    """A hall did not come up; the text says why."""


Open = Callable[[HallNeed], AbstractAsyncContextManager[RunningHall]]
"""Starts a hall."""


class Pool:
    """Plays scripts, so many halls at a time."""

    def __init__(self, start: Open, *, parallel: int = 1, progress: Progress = lambda performance, step: None) -> None:
        self._start, self._parallel, self._progress = start, parallel, progress
        self.halls = 0
        """Halls that were started."""

    async def play(self, scripts: Iterable[Script]) -> AsyncIterator[Performance]:
        """Every performance when it is over. Raises `NoHall`."""
        todo: asyncio.Queue[tuple[HallNeed, list[Script]]] = asyncio.Queue()
        for group in _groups(scripts, self._parallel):
            todo.put_nowait(group)
        over: asyncio.Queue[Performance | None] = asyncio.Queue()
        workers = [asyncio.create_task(self._work(todo, over)) for _ in range(min(self._parallel, todo.qsize()))]
        for worker in workers:
            worker.add_done_callback(lambda _: over.put_nowait(None))
        left = len(workers)
        try:
            while left:
                performance = await over.get()
                if performance is not None:
                    yield performance
                    continue
                left -= 1
                for worker in workers:
                    if worker.done():
                        worker.result()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(
        self, todo: "asyncio.Queue[tuple[HallNeed, list[Script]]]", over: "asyncio.Queue[Performance | None]"
    ) -> None:
        while not todo.empty():
            need, scripts = todo.get_nowait()
            waiting = list(scripts)
            while waiting:
                await self._in_one_hall(need, waiting, over)

    async def _in_one_hall(self, need: HallNeed, waiting: list[Script], over: "asyncio.Queue[Performance | None]") -> None:
        """Play what waits until a scenario leaves the hall restless, or none is left."""
        async with AsyncExitStack() as stack:
            try:
                world = await stack.enter_async_context(self._start(need))
            except (BrokerProblem, ChildDied, TimeoutError, OSError) as error:
                raise NoHall(f"the hall of {need.plan.name} does not start: {error}") from error
            self.halls += 1
            if left := await rest(world.hall, BEGINS_WITHIN):
                raise NoHall(f"the hall of {need.plan.name} does not come to rest: {'; '.join(left)}")
            player = Player(world, self._progress)
            while waiting:
                performance = await player.play(waiting.pop(0))
                clean = performance.outcome == "passed"
                if waiting and clean:
                    performance.untidy = "; ".join(await rest(world.hall, RESTS_WITHIN))
                over.put_nowait(performance)
                if not clean or performance.untidy:
                    return


def _groups(scripts: Iterable[Script], parallel: int) -> list[tuple[HallNeed, list[Script]]]:
    """Scripts by hall, the largest groups first; a group that is more than its share is divided."""
    by_need: dict[HallNeed, list[Script]] = {}
    for script in scripts:
        by_need.setdefault(HallNeed.of(script), []).append(script)
    most = max(1, -(-sum(map(len, by_need.values())) // parallel))
    parts = [(need, part) for need, group in by_need.items() for part in _parts(group, most)]
    return sorted(parts, key=lambda part: -len(part[1]))


def _parts(group: Sequence[Script], most: int) -> list[list[Script]]:
    return [list(group[at : at + most]) for at in itertools.islice(itertools.count(0, most), -(-len(group) // most))]
