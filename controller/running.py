"""Running: the service with its store, its link to the broker, its ears and its clock, between `async with`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from contract.health import ControllerStatus
from contract.topics import CONTROLLER_STATUS, Topic
from controller.alone import watch_for_another
from controller.city_telling import keep_told
from controller.config import HallConfig
from controller.hearing import HEARD
from controller.home_assistant.adapter import keep_home
from controller.rolling import keep_rolled
from controller.service import HallService, new_id, utc_now
from controller.slip_forms import Forms
from link.hearing import Ear
from link.letter import Letter
from link.link import Link
from link.pulse import Pulse
from link.watched import Watched

HEARTBEAT = 5.0
"""Seconds between two heartbeats, which are also the hall's time signal and the proof that the link carries."""
TICK = 1.0
GRACE = 3.0
"""Seconds without the broker about which nobody is told: it may be back before anybody has read it."""


class _Post:
    """Carries letters to the broker, in order, without anybody waiting for it."""

    def __init__(self) -> None:
        self.link: Link | None = None
        self._saying: set[asyncio.Task[bool]] = set()

    def send(self, letters: Sequence[Letter]) -> None:
        """Send letters; while the broker is out of reach they are dropped, for pictures are said anew at each beginning."""
        if self.link is None:
            return
        for letter in letters:
            saying = asyncio.create_task(self.link.say(letter.topic, letter.message, **letter.levels))
            self._saying.add(saying)
            saying.add_done_callback(self._saying.discard)


@dataclass(frozen=True)
class Running:
    """A hall that runs, and its way to the broker."""

    hall: HallService
    link: Link


@asynccontextmanager
async def running(
    config: HallConfig, *, clock: Callable[[], datetime] = utc_now, forms: Forms | None = None
) -> AsyncIterator[Running]:
    """A hall that runs, with the `forms` of its slips.

    Raises `BadSettings`, `StoreError`; a bug in one of its tasks comes out of `ended`, or here at last.
    """
    post = _Post()
    hall = HallService(config, say=post.send, clock=clock, forms=forms)
    try:
        await hall.open()
        session = new_id()
        async with _link(config, hall, session, clock) as link:
            post.link = link
            rival = ("watch for another", watch_for_another(link.hear(CONTROLLER_STATUS), session, clock()))
            tasks = [asyncio.create_task(work, name=name) for name, work in (*_works(hall, link, clock), rival)]
            try:
                for task in tasks:
                    task.add_done_callback(hall.broken)
                yield Running(hall, link)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await hall.close()
    await hall.ended()


def _works(hall: HallService, link: Link, clock: Callable[[], datetime]) -> list[tuple[str, Any]]:
    # The ears stay open to the end: the link closes with them, and need not first tell the broker that nobody listens.
    ears = [(f"ear {topic.name}", _hear(hall, link.hear(topic, bad=lambda: hall.count("bad-message")), topic)) for topic in HEARD]
    return [
        ("owner of the queue", hall.run()),
        ("clock", _tick(hall)),
        ("link", _guard(link)),
        ("broker", tell_outages(link.up, hall.broker_stands, clock)),
        ("roll-ups", keep_rolled(hall)),
        *([("city", keep_told(hall))] if hall.config.store.startswith("postgresql") else []),
        *_couriers(hall, clock),
        *([("home assistant", keep_home(hall, home, clock))] if (home := hall.config.home_assistant) else []),
        *ears,
    ]


def _couriers(hall: HallService, clock: Callable[[], datetime]) -> list[tuple[str, Any]]:
    if not hall.config.webhook:
        return []
    from controller.webhooks.courier import Courier  # with its HTTP client, which a hall without webhooks need not load

    return [(f"webhook {hook.id}", Courier(hook, hall, clock).run()) for hook in hall.config.webhook]


def _link(config: HallConfig, hall: HallService, session: str, clock: Callable[[], datetime]) -> Link:
    ours = version("hallware")

    def status(state: Any) -> ControllerStatus:
        return ControllerStatus(session=session, state=state, at=clock(), version=ours, every=HEARTBEAT)

    def letter(state: str) -> Letter:
        return Letter(CONTROLLER_STATUS, status(state))

    return Link(
        config.broker,
        f"controller-{config.hall.id}",
        config.hall.id,
        will=lambda: letter("lost"),
        birth=lambda: [letter("online"), *hall.retained()],
        goodbye=lambda: [letter("offline")],
        pulse=Pulse(CONTROLLER_STATUS, {}, lambda _: status("online"), every=HEARTBEAT),
    )


async def _hear(hall: HallService, ear: Ear[Any], topic: Topic[Any]) -> None:
    async for heard in ear:
        hall.hear(topic, heard)


async def _tick(hall: HallService) -> None:
    while True:
        await asyncio.sleep(TICK)
        hall.tick()


async def tell_outages(
    up: Watched[bool], tell: Callable[[datetime | None], None], clock: Callable[[], datetime], grace: float = GRACE
) -> None:
    """Tell since when the broker is out of reach, once that has lasted for `grace` seconds, and None when it is back."""
    while True:
        await up.until(value=False)
        since = clock()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await up.until(value=True)
        if not up.value:
            tell(since)
            await up.until(value=True)
            tell(None)


async def _guard(link: Link) -> None:
    await link.ended()
