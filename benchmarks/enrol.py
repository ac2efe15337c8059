"""What it costs to make a card, to enrol one node, and to enrol fifty at once; a person's time is not in it."""

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure
from controller.config_parts import PlannedNode
from provisioning.card import Card, CardSettings
from provisioning.card_files import CardFiles
from tests.runtime.waiting import until
from tests.trust.registry import Registry, registry
from tests.trust.stage import trusted_hall

NODES = 50
CARD_WITHIN, ENROLLED_WITHIN, ALL_WITHIN = 0.5, 1.0, 30.0
"""Seconds: a card without its wheels, one node, all fifty."""


def measure(*, short: bool = False) -> list[Figure]:
    """All figures of enrolment."""
    return asyncio.run(_measured(5 if short else NODES))


async def _measured(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="hallware-bench-") as folder:
        async with trusted_hall(Path(folder)) as hall, registry(hall) as desk:
            names = [f"node-{number}" for number in range(count + 1)]
            devices = desk.config.node[0].device
            desk.plan(tuple(PlannedNode(id=name, device=devices) for name in names))
            card = _card(desk, Path(folder) / "bootfs")
            one = await _enrolled(desk, names[:1])
            all_ = await _enrolled(desk, names[1:])
    return [
        Figure("card written and read back, without wheels", card * 1000, "ms", limit=CARD_WITHIN * 1000),
        Figure("one node, from asking to its certificate", one * 1000, "ms", limit=ENROLLED_WITHIN * 1000),
        Figure(f"{count} nodes at once, each approved as soon as it waits", all_, "s", limit=ALL_WITHIN),
    ]


def _card(desk: Registry, folder: Path) -> float:
    folder.mkdir()
    files, card, claim = (
        CardFiles(folder),
        Card(node="node-0", settings=CardSettings(), time_server="192.0.2.5"),
        desk.card("node-0"),
    )
    begun = time.perf_counter()
    files.write(card, claim, "1")
    files.check(card, claim)
    return time.perf_counter() - begun


async def _enrolled(desk: Registry, names: list[str]) -> float:
    cards = {name: desk.card(name) for name in names}
    begun = time.perf_counter()
    async with AsyncExitStack() as stack:
        asking = {name: await stack.enter_async_context(desk.board(name).asking(cards[name])) for name in names}
        for name in names:
            await until(partial(_waits, desk, name), within=60)
            desk.book.decide(name, approve=True, by="benchmark")
        await asyncio.gather(*asking.values())
        return time.perf_counter() - begun


def _waits(desk: Registry, name: str) -> bool:
    return any(row.name == name for row in desk.book.waiting())
