"""What the nodes themselves say, for `hallware nodes list`: whether they are well, which version runs, the last update."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from contract.health import DeviceState, NodeStatus
from contract.settings import BadSettings
from contract.topics import DEVICE_STATE, NODE_STATUS, Topic
from controller.config import HallConfig
from controller.view import NodeView
from link.link import Link, LinkDown

PATIENCE = 2.0
"""Seconds to reach the broker, which is on this machine."""
QUIET = 0.4
"""Seconds without news after which the broker has told all that it keeps."""
MARKS = {
    "kept": "✓",
    "trying": "… {version}",
    "returned": "✗ {version} went back · 已恢复原版本",
    "refused": "✗ {version} refused · 未更新",
}


HOW = {
    "unknown": "",
    "away": "not there · 不在线",
    "there": "healthy · 正常",
    "ill": "ILL: {n} to see to · 需处理 {n} 项",
}


def heard(hall: HallConfig) -> Mapping[str, NodeView] | None:
    """How each node is; None when the broker does not let us ask, since whoever may read the list need not be root."""
    try:
        return asyncio.run(_heard(hall))
    except (LinkDown, BadSettings):
        return None


def program(status: NodeStatus | None) -> str:
    """Version and update in a few words."""
    if status is None:
        return ""
    last = status.update
    return status.version if last is None else f"{status.version} {MARKS[last.result].format(version=last.version)}"


async def _heard(hall: HallConfig) -> dict[str, NodeView]:
    """Everything that the broker keeps of nodes and devices."""
    statuses: dict[str, NodeStatus] = {}
    states: dict[tuple[str, str], DeviceState] = {}
    news = asyncio.Event()

    async def listen(topic: Topic[Any]) -> None:
        with link.hear(topic) as ear:
            async for said in ear:
                if isinstance(said.message, NodeStatus):
                    statuses[said.message.node] = said.message
                else:
                    states[said.levels["node"], said.message.device] = said.message
                news.set()

    async with Link(hall.broker, f"nodes-{secrets.token_hex(4)}", hall.hall.id) as link:
        ears = [asyncio.create_task(listen(topic)) for topic in (NODE_STATUS, DEVICE_STATE)]
        try:
            await link.wait_up(PATIENCE)
            await _quiet(news)
        finally:
            for ear in ears:
                ear.cancel()
            await asyncio.gather(*ears, return_exceptions=True)
    return {
        node: NodeView(node=node, place="", status=status, devices=tuple(state for at, state in states.items() if at[0] == node))
        for node, status in statuses.items()
    }


async def _quiet(news: asyncio.Event) -> None:
    """Come back when nothing more comes."""
    with suppress(TimeoutError):
        while True:
            news.clear()
            async with asyncio.timeout(QUIET):
                await news.wait()
