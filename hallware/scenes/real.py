"""A real hall as a world for scenarios: nobody but people have hands and eyes there, so they are asked at the terminal."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from contract.dispatch import DispatchReply
from contract.settings import BadSettings, read
from hallware.commands.client import ClientSettings
from hallware.demo.show import background
from hallware.scenes.voice import Voice, voice
from hardware_sim.errors import CannotDo
from hardware_sim.hall import FarDevice, Hall
from hardware_sim.hall_hearing import hear
from hardware_sim.page.words import HANDS
from hardware_sim.scenario import steps
from hardware_sim.scenario.read import Script
from link.link import Link

Person = Callable[[str], Awaitable[None]]
"""Does what is said, in the hall, and comes back when it is done. Raises `CannotDo`."""
COMES_WITHIN = 5.0
SETTLES = 0.3
"""Seconds for the rest of what the broker keeps."""
UNSEEN = (steps.Arrive, steps.ExpectBoard, steps.ExpectTicket, steps.ExpectView, steps.ExpectStored, steps.Process)
"""Steps for which one must see paper, lamps and pixels, read the store or end processes."""


class RealHall:
    """A hall of real nodes. Implements `hardware_sim.scenario.world.World`."""

    def __init__(self, hall: Hall, speaking: Voice, person: Person) -> None:
        """`speaking` is a dispatcher's."""
        self.hall, self._voice, self._person = hall, speaking, person

    async def move(self, device: str, hand: str, how: Mapping[str, Any]) -> None:
        """Have somebody do it."""
        word = HANDS.get(hand)
        name = hand if word is None else f"{word.zh} · {word.en} ({hand})"
        with_ = ", ".join(f"{key} = {value}" for key, value in how.items())
        await self._person(f"{device}: {name}{f', {with_}' if with_ else ''}")

    async def ask(self, action: Mapping[str, Any]) -> DispatchReply:
        """Ask the controller and wait for its answer."""
        return await self._voice.ask(action)

    async def process(self, who: str, act: str) -> None:
        """Nothing is ended in a real hall."""
        raise CannotDo(f"{who}: nothing is ended in a real hall ({act})")

    async def stored(self, table: str, where: Mapping[str, Any], since: datetime) -> int:
        """The store of a real hall is its controller's alone."""
        raise CannotDo(f"{table}: the store of a real hall is not read from here")


def refuse_unseen(script: Script) -> None:
    """Raise `BadSettings` when a step needs eyes, paper or processes that only a simulated hall has."""
    for step, line in zip(script.scenario.step, script.lines, strict=True):
        if isinstance(step, UNSEEN):
            raise BadSettings(
                f"{script.path}:{line}: `{step.__struct_config__.tag}` can be played in a simulated hall only; "
                "in a real one use press, move, ask, wait and what states, windows, calls and nodes say"
            )


@asynccontextmanager
async def real_hall(client: Path, person: Person) -> AsyncIterator[RealHall]:
    """The hall whose broker `client` (a client.toml) names; `person` is its hands. Raises `BadSettings`."""
    settings = read(client, ClientSettings)
    hall = Hall({})
    hall.listeners.append(lambda kind, name: _meet(hall, kind, name))
    async with AsyncExitStack() as stack:
        start = await stack.enter_async_context(background())
        link = await stack.enter_async_context(Link(settings.broker, f"scenario-{secrets.token_hex(4)}", settings.hall))
        start(hear(hall, link))
        await _known(hall)
        yield RealHall(hall, await stack.enter_async_context(voice(settings.broker, settings.hall)), person)


def _meet(hall: Hall, kind: str, name: str) -> None:
    """Who is there is known by what is said."""
    if kind == "state" and name not in hall.devices:
        hall.devices[name] = FarDevice("", name, hall.states[name].kind)
    elif kind == "node":
        hall.places.setdefault(name, name)


async def _known(hall: Hall) -> None:
    """Wait until the broker has told what it keeps, as far as it ever comes."""
    with suppress(TimeoutError):
        async with asyncio.timeout(COMES_WITHIN):
            while hall.controller is None or not hall.states:  # noqa: ASYNC110  what is waited for is told by the broker
                await asyncio.sleep(0.05)
            await asyncio.sleep(SETTLES)


async def at_the_terminal(what: str) -> None:
    """Ask whoever sits at the terminal, who says with Enter that it is done. Raises `CannotDo`."""
    try:
        await asyncio.to_thread(input, f"\n  -> {what}\n     完成后按回车 · Enter when it is done ")
    except EOFError as error:
        raise CannotDo("nobody sits at the terminal to do it") from error
