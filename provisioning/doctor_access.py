"""The doctor's look at the access list: tries what must be refused, at the real broker, and expects to be refused.

What is tried is harmless when it is not refused: a node that does not exist says something that nobody listens for.
"""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
from msgspec.structs import replace
from paho.mqtt.client import MQTTMessage

from contract.plain import plain
from contract.settings import BadSettings
from contract.topics import ECHO, ROOT
from link.address import BrokerAddress
from link.connection import Credentials, connection, heeding
from provisioning.finding import Finding, ill, unknown, well

STRANGER = "nobody-the-doctor-asks"
"""The node in whose name something is said."""
ALLOWED = 0x80
"""Reason codes below it say that a message was taken."""
TOUCH = (
    "重新运行 hallware init 生成访问名单，并重启 mosquitto",
    "make the access list anew with `hallware init`, then restart mosquitto",
)


@dataclass
class _Attempt:
    """What came of trying."""

    heard: list[str] = field(default_factory=list)
    said: bool = False

    def hear(self, message: MQTTMessage) -> None:
        """Something came that must not."""
        self.heard.append(message.topic)


def access_finding(name: str, address: BrokerAddress, client_id: str, hall: str) -> Finding:
    """Whether somebody who may hear neither the broker's figures nor nodes, and say nothing as a node, is kept from it."""
    try:
        attempt = asyncio.run(_try(address, client_id, hall))
    except (aiomqtt.MqttError, BadSettings, OSError, TimeoutError) as error:
        words = plain(str(error))
        return unknown(name, f"无法尝试：{words}", f"cannot be tried: {words}")
    if attempt.said or attempt.heard:
        seen = ", ".join([*(["said something as another node"] if attempt.said else []), *sorted(set(attempt.heard))[:3]])
        return ill(name, (f"访问名单未生效：{plain(seen)}", f"the access list is not in force: {plain(seen)}"), TOUCH)
    return well(name, "代理拒绝他人的主题", "the broker refuses topics of others")


async def _try(address: BrokerAddress, client_id: str, hall: str) -> _Attempt:
    attempt = _Attempt()
    async with connection(address, Credentials(address), client_id, hall, None, attempt.hear) as client:
        _note_refusals(client, attempt)
        # The broker always keeps its own version, so whoever may hear it does.
        for wish in ("$SYS/broker/version", f"{ROOT}/{hall}/node/+/#"):
            await heeding(client.subscribe(wish, qos=0))
        await heeding(client.publish(ECHO.at(hall=hall, node=STRANGER), b"{}", qos=1))
        await heeding(client.unsubscribe("$SYS/broker/version"))
    return attempt


def _note_refusals(client: aiomqtt.Client, attempt: _Attempt) -> None:
    """The answer to what was said tells whether it was taken; aiomqtt keeps it to itself."""
    tell: Any = client._client.on_publish

    def note(paho: Any, data: Any, number: int, reason: Any, properties: Any) -> None:
        attempt.said = getattr(reason, "value", reason) < ALLOWED
        if tell is not None:
            tell(paho, data, number, reason, properties)

    client._client.on_publish = note


def doors(address: BrokerAddress) -> Iterator[Finding]:
    """Whether the broker takes somebody who does not say who it is, and shows itself the certificate that it should."""
    nameless = replace(address, username=None, password_file=None, certificate=None, key=None)
    name, where = f"door {address.port}", f"{address.host}:{address.port}"
    try:
        asyncio.run(_enter(nameless))
    except (aiomqtt.MqttError, BadSettings, OSError) as error:
        yield _kept_out(name, where, error)
    else:
        yield ill(name, (f"{where} 接受无名者", f"{where} lets anybody in"), TOUCH)


def _kept_out(name: str, where: str, error: Exception) -> Finding:
    words = plain(str(error)) or type(error).__name__
    if UNTRUE in words:
        return ill(name, (f"{where} 的证书有误：{words}", f"{where}: {words}"), CERTIFICATE)
    if isinstance(error, BadSettings) or isinstance(error.__cause__ or error, NOBODY) or any(sign in words for sign in NO_WAY):
        return unknown(name, f"无法尝试：{words}", f"cannot be tried: {words}")
    return well(name, f"{where} 不接受无名者", f"{where} lets nobody in without a name")


UNTRUE = "certificate verify failed"
"""OpenSSL's words when whoever answers shows another certificate than it should, or one whose time is over."""
CERTIFICATE = (
    "运行 sudo hallware init 换新证书，再重启 mosquitto",
    "sudo hallware init makes it a new one; then restart mosquitto",
)
NOBODY = (ConnectionRefusedError, TimeoutError, socket.gaierror)
NO_WAY = ("Connection refused", "No route to host", "Network is unreachable", "timed out")
"""Nobody was there to let anybody in."""


async def _enter(address: BrokerAddress) -> None:
    async with connection(address, Credentials(address), "", "none", None, lambda _: None):
        pass
