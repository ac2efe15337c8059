"""The doctor's look at the devices of a whole hall: each one's self-test, asked for through the broker."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contract.commands import Command, CommandAnswer, SelfTest
from contract.health import DeviceState, NodeStatus
from contract.topics import COMMAND, COMMAND_ANSWER, DEVICE_STATE, NODE_STATUS, Topic
from contract.values import Text
from link.address import BrokerAddress
from link.hearing import Heard
from link.link import Link
from provisioning.finding import Finding, How, ill, unknown

REACH = 5.0
ANSWER = 25.0
"""Seconds for a self-test; a board shows every pixel for some of them."""
TOUCH = Text(
    zh="检查设备的电源和插头，再自检一次；仍不正常请联系技术人员",
    en="Look at the device's power and plug and test it again; if it is still not well, call a technician",
)
"""For a device that does not say itself what to touch."""
QUIET = 0.5
"""Seconds without news after which all that the broker keeps has come."""

Place = tuple[str, str]
"""Node and device."""


@dataclass
class _Hall:
    """What was heard."""

    nodes: dict[str, NodeStatus] = field(default_factory=dict)
    states: dict[Place, DeviceState] = field(default_factory=dict)
    answers: dict[str, CommandAnswer] = field(default_factory=dict)
    news: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, heard: Heard[Any]) -> None:
        """Something was heard."""
        match heard.message:
            case NodeStatus() as status:
                self.nodes[status.node] = status
            case DeviceState() as state:
                self.states[heard.levels["node"], state.device] = state
            case CommandAnswer() as answer:
                self.answers[answer.id] = answer
        self.news += 1
        self.changed.set()

    def online(self, node: str) -> bool:
        """Whether a node is there."""
        return node in self.nodes and self.nodes[node].state == "online"


async def self_tests(
    address: BrokerAddress, hall: str, planned: Mapping[str, tuple[str, ...]], clock: Callable[[], datetime]
) -> list[Finding]:
    """A finding for every device, planned or heard of; `address` is the controller's, with a password.

    Devices print a page, light up or beep: not for a hall full of people. Raises `LinkDown`.
    """
    heard = _Hall()
    async with Link(address, f"doctor-{secrets.token_hex(4)}", hall) as link:
        ears = [asyncio.create_task(_listen(link, topic, heard)) for topic in (NODE_STATUS, DEVICE_STATE, COMMAND_ANSWER)]
        try:
            await asyncio.sleep(0)
            await link.wait_up(REACH)
            await _settled(heard)
            places = sorted({(node, device) for node, devices in planned.items() for device in devices} | set(heard.states))
            asked = {place: await _ask(link, *place, clock()) for place in places if heard.online(place[0])}
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER):
                    while not set(asked.values()) <= heard.answers.keys():
                        heard.changed.clear()
                        await heard.changed.wait()
        finally:
            for ear in ears:
                ear.cancel()
            await asyncio.gather(*ears, return_exceptions=True)
    return [_finding(place, heard, heard.answers.get(asked.get(place, ""))) for place in places]


async def _listen(link: Link, topic: Topic[Any], heard: _Hall) -> None:
    with link.hear(topic) as ear:
        async for message in ear:
            heard.take(message)


async def _settled(heard: _Hall) -> None:
    seen = -1
    while seen != heard.news:
        seen = heard.news
        await asyncio.sleep(QUIET)


async def _ask(link: Link, node: str, device: str, now: datetime) -> str:
    command = Command(
        id=secrets.token_hex(8), device=device, at=now, not_after=now + timedelta(seconds=ANSWER), do=SelfTest()
    )  # fmt: skip
    await link.say(COMMAND, command, node=node)
    return command.id


def _finding(place: Place, heard: _Hall, answer: CommandAnswer | None) -> Finding:
    """What the device said of its self-test, and, when it was not well, what it says to touch."""
    node, device = place
    name = f"self-test of {device}"
    if not heard.online(node):
        return ill(
            name,
            (f"节点 {node} 不在线", f"its node {node} is not there"),
            ("检查节点的电源和网线", "look at the node's power and network cable"),
        )
    if answer is None:
        return unanswered(node, device)
    return told(device, answer, heard.states.get(place))


def unanswered(node: str, device: str) -> Finding:
    """The device's node did not answer for it."""
    return ill(
        f"self-test of {device}",
        (f"{node} 没有回答", f"{node} did not answer"),
        (f"重启节点 {node}：重新插拔电源", f"start {node} anew: unplug its power and plug it in again"),
    )


def told(device: str, answer: CommandAnswer, state: DeviceState | None) -> Finding:
    """What a device said of its self-test, and, when it was not well, what it says to touch."""
    name = f"self-test of {device}"
    if answer.outcome == "refused":
        return unknown(name, f"没有自检：{answer.what.zh}", f"has none: {answer.what.en}")
    well = answer.outcome == "done" and (state is None or state.condition in ("ready", "busy"))
    if well:
        return Finding(name=name, how=How.WELL, what=answer.what)
    what = answer.what if state is None or answer.outcome != "done" else state.what
    touch = (state.touch if state is not None else None) or TOUCH
    attention = answer.outcome == "done" and state is not None and state.condition == "attention"
    return Finding(name=name, how=How.LOOK if attention else How.ILL, what=what, touch=touch)
