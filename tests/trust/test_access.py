"""Every topic of the contract, said by every role and listened for by every role, all with certificates at the real broker."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.client import MQTTMessage

from broker_config.access import REGISTRAR
from contract.topics import TABLE, Role, Topic
from link.address import BrokerAddress
from link.connection import Credentials, connection
from tests.broker import HALL
from tests.crowded import kept_waiting
from tests.runtime.waiting import until
from tests.trust.stage import NODE, OTHER, TrustedHall

ROLES = {
    "controller": Role.CONTROLLER, "dispatch": Role.DISPATCH, "viewer": Role.VIEWER, NODE: Role.NODE, OTHER: Role.NODE,
}  # fmt: skip
LEVELS = {name: f"{name}-1" for row in TABLE for name in row.levels} | {"hall": HALL}
EVERYTHING = ("#", "$SYS/#", f"hall/v1/{HALL}/node/+/#", f"$share/spies/hall/v1/{HALL}/node/#")


@dataclass
class Crowd:
    """Everybody connected, everybody listening to everything, and what came to whom."""

    clients: dict[str, aiomqtt.Client] = field(default_factory=dict)
    heard: dict[str, set[tuple[str, bytes]]] = field(default_factory=dict)
    said: int = 0

    async def join(self, stack: AsyncExitStack, user: str, address: BrokerAddress) -> None:
        heard = self.heard.setdefault(user, set())

        def hear(message: MQTTMessage) -> None:
            heard.add((message.topic, bytes(message.payload)))

        joining = connection(address, Credentials(address), user, HALL, None, hear)
        self.clients[user] = await stack.enter_async_context(joining)
        for wish in EVERYTHING:
            await self.clients[user].subscribe(wish, qos=1)

    async def say(self, by: str, topic: str) -> set[str]:
        """Who hears what `by` says on `topic`."""
        self.said += 1
        payload = str(self.said).encode()
        await self.clients[by].publish(topic, payload, qos=1)
        await self._settle()
        return {user for user, heard in self.heard.items() if (topic, payload) in heard}

    async def _settle(self) -> None:
        """A call comes to everybody; the broker keeps the order, so what was said before it has come or will not come."""
        mark = (f"hall/v1/{HALL}/call", f"mark {self.said}".encode())
        await self.clients["controller"].publish(*mark, qos=1)
        await until(lambda: all(mark in heard for user, heard in self.heard.items() if user in ROLES))


@pytest.fixture
async def crowd(hall: TrustedHall) -> AsyncIterator[Crowd]:
    everybody = Crowd()
    async with AsyncExitStack() as stack:
        for user, role in ROLES.items():
            await everybody.join(stack, user, hall.node(user, role.value))
        yield everybody


def at(row: Topic[Any], owner: str) -> str:
    levels = {**LEVELS, "node": owner, "user": owner}
    return row.at(**{level: levels[level] for level in row.levels})


def may_say(row: Topic[Any], speaker: str, owner: str) -> bool:
    return row.says is ROLES[speaker] and (row.says is Role.CONTROLLER or row.owner is None or owner == speaker)


def may_hear(row: Topic[Any], listener: str, owner: str) -> bool:
    own = (row.owner == "node" and ROLES[listener] is Role.NODE and not row.overheard) or (
        row.owner == "user" and ROLES[listener] is Role.DISPATCH
    )
    return ROLES[listener] in row.hears and (not own or owner == listener)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_a_topic_goes_from_who_may_say_it_to_who_may_hear_it_and_nowhere_else(crowd: Crowd, row: Topic[Any]) -> None:
    for owner in [None] if row.owner is None else ROLES:
        topic = at(row, owner or "")
        for speaker in ROLES:
            hearers = (
                {user for user in ROLES if may_hear(row, user, owner or "")} if may_say(row, speaker, owner or "") else set()
            )
            assert await crowd.say(speaker, topic) == hearers, f"{speaker} says {topic}"


async def test_what_is_no_topic_of_this_hall_is_carried_for_nobody(crowd: Crowd) -> None:
    foreign = ["hall/v1/elsewhere/call", f"hall/v1/{HALL}/node", f"hall/v1/{HALL}/node/{NODE}/secret", "x", "homeassistant/x"]
    for topic in foreign:
        for speaker in ROLES:
            assert await crowd.say(speaker, topic) == set(), f"{speaker} says {topic}"


async def test_nobody_says_what_a_wildcard_means(crowd: Crowd, hall: TrustedHall) -> None:
    with pytest.raises(ValueError, match="wildcards"):
        await crowd.clients[NODE].publish(f"hall/v1/{HALL}/node/+/event", b"x", qos=1)


async def test_the_brokers_own_figures_come_to_the_monitor_alone(crowd: Crowd, hall: TrustedHall) -> None:
    async with AsyncExitStack() as stack:
        await crowd.join(stack, "monitor", hall.local("monitor"))
        await until(lambda: any(topic == "$SYS/broker/version" for topic, _ in crowd.heard["monitor"]))
    assert {topic.split("/")[0] for topic, _ in crowd.heard["monitor"]} == {"$SYS"}
    assert not [topic for user in ROLES for topic, _ in crowd.heard[user] if topic.startswith("$")]


async def test_the_registrar_may_be_connected_and_nothing_else(crowd: Crowd, hall: TrustedHall) -> None:
    async with AsyncExitStack() as stack:
        await crowd.join(stack, REGISTRAR, hall.local(REGISTRAR))
        for row in TABLE:
            assert await crowd.say(REGISTRAR, at(row, REGISTRAR)) == set(), row.name
            await crowd.say("controller", at(row, REGISTRAR))
    assert crowd.heard[REGISTRAR] == set()


async def test_an_oversized_message_ends_the_connection_of_who_sent_it_and_of_nobody_else(
    crowd: Crowd, hall: TrustedHall
) -> None:
    event = f"hall/v1/{HALL}/node/{NODE}/event"
    saying = asyncio.create_task(crowd.clients[NODE].publish(event, b"x" * 80 * 1024, qos=0))
    await until(crowd.clients[NODE]._disconnected.done)
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    await until(lambda: re.search(rf"Client {NODE} .*disconnected[ :]", hall.broker.log))  # 2.0 and 2.1 say it in other words
    del crowd.heard[NODE]
    assert await crowd.say(OTHER, f"hall/v1/{HALL}/node/{OTHER}/event") == {"controller", "viewer"}


async def test_a_node_that_talks_without_end_does_not_keep_the_hall_from_talking(crowd: Crowd, hall: TrustedHall) -> None:
    """Mosquitto has no limit on how often one may speak; what holds is that it serves everybody in turn."""
    hall.certify("chatterbox")
    del crowd.heard["viewer"], crowd.heard["controller"]  # they would hear all of it, here in this process
    call = f"hall/v1/{HALL}/call"
    slowest, loop, all_of_it = 0.0, asyncio.get_running_loop(), (hall.broker.pid, os.getpid())
    with flood(hall, "chatterbox") as flooding:
        await until(lambda: "as chatterbox" in hall.broker.log)
        for number in range(10):
            begun, others, mark = loop.time(), kept_waiting(*all_of_it), (call, str(number).encode())
            await crowd.clients["controller"].publish(*mark, qos=1, timeout=60)
            await until(partial(crowd.heard[OTHER].__contains__, mark), within=60)
            slowest = max(slowest, loop.time() - begun - (kept_waiting(*all_of_it) - others))
        assert flooding.poll() is None
    assert slowest < 2.0


@contextmanager
def flood(hall: TrustedHall, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another program that says its node's state as fast as it can."""
    address = hall.shown(name)
    words = ["mosquitto_pub", "-V", "5", "-l", "-q", "0", "-h", address.host, "-p", str(address.port), "--cafile", address.ca]
    words += ["--cert", address.certificate, "--key", address.key, "-t", f"hall/v1/{HALL}/node/{name}/status"]
    with (
        subprocess.Popen(["yes", "x" * 200], stdout=subprocess.PIPE) as source,
        subprocess.Popen([str(word) for word in words], stdin=source.stdout) as talking,
    ):
        try:
            yield talking
        finally:
            source.kill()
            talking.kill()
