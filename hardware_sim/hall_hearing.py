"""Hearing a hall: what anybody in it may read over MQTT goes into the picture of the hall."""

import asyncio
from typing import Any

from contract.topics import (
    BOARD_PICTURE,
    CALL,
    CALL_ANSWER,
    CONTROLLER_STATUS,
    DEVICE_STATE,
    KIOSK_OFFER,
    NODE_STATUS,
    WINDOW_STATE,
    Topic,
)
from hardware_sim.hall import Hall
from link.link import Link

HEARD: tuple[Topic[Any], ...] = (
    NODE_STATUS, DEVICE_STATE, WINDOW_STATE, KIOSK_OFFER, BOARD_PICTURE, CONTROLLER_STATUS, CALL, CALL_ANSWER,
)  # fmt: skip


async def hear(hall: Hall, link: Link) -> None:
    """Keep the hall's picture up to date until cancelled."""
    async with asyncio.TaskGroup() as group:
        for topic in HEARD:
            group.create_task(_hear(hall, link, topic), name=f"hear {topic.name}")


async def _hear(hall: Hall, link: Link, topic: Topic[Any]) -> None:
    with link.hear(topic) as ear:
        async for heard in ear:
            hall.heard(heard.message)
