"""Links for tests, which come back quickly, and what is said over them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from contract.calling import BoardPicture, Call
from contract.health import Echo, NodeStatus
from contract.topics import CALL, ECHO
from contract.values import Text
from link.address import BrokerAddress
from link.link import Link
from link.pulse import Pulse
from link.weather import Backoff

HALL = "centre"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LOG = "hallware.link"


def link(port: int, client_id: str = "node-1", **rest: Any) -> Link:
    return Link(BrokerAddress(port=port), client_id, HALL, backoff=Backoff(first=0.02, most=0.1, steady=0.2), **rest)


def call(number: int) -> Call:
    name = Text(zh="1号窗口", en="Window 1")
    return Call(
        id=f"call-{number:06d}", at=NOON, not_after=NOON + timedelta(seconds=20), ticket="ticket-1", number="A001",
        window="w1", window_name=name, zone="z1", times=1,
    )  # fmt: skip


def picture(board: str, version: int) -> BoardPicture:
    return BoardPicture(board=board, version=version, at=NOON, idle=Text(zh="欢迎", en="Welcome"))


def status(state: Any, session: str = "session-1") -> NodeStatus:
    return NodeStatus(node="node-1", session=session, state=state, at=NOON, version="1")


def pulse(every: float = 0.05) -> Pulse:
    return Pulse(ECHO, {"node": "node-1"}, lambda beat: Echo(session="session-1", beat=beat), every=every)


async def say_until_heard(here: Link, ear: Any) -> None:
    """Say calls until one is heard: subscriptions take a moment."""
    hearing = asyncio.create_task(anext(ear))
    number = 0
    async with asyncio.timeout(10):
        while not hearing.done():
            number += 1
            await here.say(CALL, call(number))
            await asyncio.wait({hearing}, timeout=0.05)
