"""What the nodes themselves say, for `hallware nodes list`: which version runs, and what became of the last update."""

import asyncio
import secrets
from collections.abc import Mapping

from contract.health import NodeStatus
from contract.settings import BadSettings
from contract.topics import NODE_STATUS
from controller.config import HallConfig
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


def heard(hall: HallConfig) -> Mapping[str, NodeStatus] | None:
    """The status of each node; None when the broker does not let us ask, since whoever may read the list need not be root."""
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


async def _heard(hall: HallConfig) -> dict[str, NodeStatus]:
    statuses: dict[str, NodeStatus] = {}
    async with Link(hall.broker, f"nodes-{secrets.token_hex(4)}", hall.hall.id) as link:
        with link.hear(NODE_STATUS) as ear:
            await link.wait_up(PATIENCE)
            while True:
                try:
                    async with asyncio.timeout(QUIET):
                        said = (await anext(aiter(ear))).message
                except TimeoutError:
                    return statuses
                statuses[said.node] = said
