"""Alone: a controller does not take a hall that another one keeps at the same broker."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from contract.health import ControllerStatus
from contract.topics import CONTROLLER_STATUS
from controller.config import HallConfig
from controller.service import new_id
from link.hearing import Ear
from link.link import Link, LinkDown

log = logging.getLogger("hallware.controller")

REACH = 1.0
"""Seconds to reach the broker; without one there is nobody to be thrown out, and a hall opens without its broker."""
RETAINED = 0.5
"""Seconds for the broker to hand over the last heartbeat; it comes with the answer to the subscription."""
YOUNG = 3
"""A heartbeat older than so many intervals is that of a controller which is gone."""


class AnotherController(Exception):
    """Another controller lives at this broker; the text says which and what to do."""


async def refuse_another(config: HallConfig) -> None:
    """Return when no other controller lives. Raises `AnotherController`, `BadSettings`.

    One that was killed does not stand in the way: its last will says so at once, and a last heartbeat that nobody took
    back counts only if another one follows it.
    """
    link = Link(config.broker, f"newcomer-{new_id()}", config.hall.id)
    with link.hear(CONTROLLER_STATUS) as ear, suppress(LinkDown, TimeoutError):
        async with link:
            await link.wait_up(REACH)
            last = await _next(ear, RETAINED)
            if last.state != "online" or datetime.now(UTC) - last.at > timedelta(seconds=YOUNG * last.every):
                return
            async with asyncio.timeout(last.every + RETAINED):
                while (now := (await anext(ear)).message).at == last.at:
                    pass
            if now.state == "online" and now.session == last.session:
                raise AnotherController(_words(config, now))


async def watch_for_another(ear: Ear[ControllerStatus], session: str, since: datetime) -> None:
    """Log one error for each other controller that says anything after `since`; ours is `session`.

    The two throw each other out, for the broker takes both for one: each finds the other's last word when it comes back.
    """
    known = {session}
    async for heard in ear:
        status = heard.message
        if status.session not in known and status.at > since:
            known.add(status.session)
            log.error("another controller (session %s) uses this broker for this hall; stop one of them", status.session)


async def _next(ear: Ear[ControllerStatus], within: float) -> ControllerStatus:
    async with asyncio.timeout(within):
        return (await anext(ear)).message


def _words(config: HallConfig, living: ControllerStatus) -> str:
    at = f"{config.broker.host}:{config.broker.port}"
    return (
        f"another controller (session {living.session}) keeps hall `{config.hall.id}` at the broker {at}; "
        "stop that one first, or give this hall another `hall.id` or broker"
    )
