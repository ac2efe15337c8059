"""Asking the controller for something, and waiting only so long for its reply."""

import asyncio
import logging
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from contract.topics import Topic
from firmware.station import Station

log = logging.getLogger(__name__)


class Reply(Protocol):
    """Something that names the request it answers."""

    @property
    def request(self) -> str:
        """The request's id."""
        ...


R = TypeVar("R", bound=Reply)


class Asking(Generic[R]):
    """The open questions of one kiosk about one thing."""

    def __init__(self, station: Station, patience: float) -> None:
        self._station, self._patience = station, patience
        self._open: dict[str, asyncio.Future[R]] = {}

    async def ask(self, topic: Topic[Any], request: str, message: msgspec.Struct) -> R | None:
        """The reply to a request; None, and counted, when there is none in time."""
        reply: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._open[request] = reply
        try:
            async with asyncio.timeout(self._patience):
                if await self._station.say(topic, message):
                    return await reply
        except TimeoutError:
            log.info("%s: the controller did not answer in %g s", self._station.device, self._patience)
        finally:
            self._open.pop(request)
        self._station.count("unanswered-request")
        return None

    def replied(self, reply: R) -> bool:
        """A reply came; False when nobody waits for it."""
        waiting = self._open.get(reply.request)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(reply)
        return True
