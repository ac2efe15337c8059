"""A dispatcher's voice: asks the controller over MQTT and waits for its answers."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from contract.dispatch import Action, DispatchReply, DispatchRequest
from contract.topics import DISPATCH_REPLY, DISPATCH_REQUEST
from hardware_sim.errors import CannotDo
from link.address import BrokerAddress
from link.hearing import Ear
from link.link import Link

ANSWERS_WITHIN = 10.0


class Voice:
    """Speaks while its block lasts; hears from its beginning on, so that no answer comes before anybody listens."""

    def __init__(self, link: Link, user: str) -> None:
        self._link, self._user = link, user
        self._waiting: dict[str, asyncio.Future[DispatchReply]] = {}

    async def ask(self, action: Mapping[str, Any]) -> DispatchReply:
        """Ask and wait for the answer. Raises `CannotDo`."""
        now = datetime.now(UTC)
        late = now + timedelta(seconds=ANSWERS_WITHIN)
        request = DispatchRequest(id=secrets.token_hex(8), at=now, not_after=late, do=as_action(action))
        answer = self._waiting[request.id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                await self._link.wait_up(ANSWERS_WITHIN)
                await self._link.say(DISPATCH_REQUEST, request, user=self._user)
                reply: DispatchReply = await answer
        except TimeoutError as error:
            raise CannotDo(f"the controller did not answer `{action['type']}` within {ANSWERS_WITHIN:.0f} s") from error
        finally:
            del self._waiting[request.id]
        return reply

    async def listen(self, replies: Ear[DispatchReply]) -> None:
        """Hand every answer to whoever waits for it."""
        async for heard in replies:
            waiting = self._waiting.get(heard.message.id)
            if waiting is not None and not waiting.done():
                waiting.set_result(heard.message)


@asynccontextmanager
async def voice(address: BrokerAddress, hall: str) -> AsyncIterator[Voice]:
    """The voice of the dispatcher whose broker address this is."""
    user = address.username or "dispatch"
    async with Link(address, f"scenario-{secrets.token_hex(4)}", hall) as link:
        speaking = Voice(link, user)
        with link.hear(DISPATCH_REPLY, user=user) as replies:
            await link.wait_up(ANSWERS_WITHIN)
            listening = asyncio.create_task(speaking.listen(replies), name="dispatcher's ear")
            try:
                yield speaking
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


def as_action(action: Mapping[str, Any]) -> Action:
    """A dispatcher's action from plain values. Raises `CannotDo`."""
    try:
        done: Action = msgspec.convert(dict(action), Action)
    except msgspec.ValidationError as error:
        raise CannotDo(f"`{action.get('type')}` cannot be asked so: {error}") from error
    return done
