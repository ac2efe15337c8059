"""What stands between aiomqtt and paho."""

import asyncio
import socket
from typing import Any

import aiomqtt
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from link.address import BrokerAddress
from link.connection import Credentials, _watch_what_is_open, _write_at_once, connection


def test_a_socket_that_broke_while_it_was_written_is_not_waited_for() -> None:
    asked: list[object] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_socket_register_write = lambda _, __, sock: asked.append(sock)
    _write_at_once(client)
    client._out_packet.append({})  # type: ignore[typeddict-item]
    near, far = socket.socketpair()
    with far:
        near.close()
        assert client.on_socket_register_write is not None
        client.on_socket_register_write(client, None, near)
    assert asked == []


async def test_a_socket_that_the_broker_closed_before_the_loop_gets_to_it_is_not_watched() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    client = aiomqtt.Client("127.0.0.1")
    register = _watch_what_is_open(client)
    near, far = socket.socketpair()
    with far:
        register(client._client, None, near)
        near.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert complaints == []


async def test_a_connection_that_ends_together_with_the_handshake_is_no_connection() -> None:
    """As Mosquitto 2.1 ends one whose name somebody else takes in that moment; nobody would have noticed."""
    accepted, taken_over = bytes.fromhex("2003000000"), bytes.fromhex("e0028e00")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(accepted + taken_over)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as broker:
        address = BrokerAddress(port=broker.sockets[0].getsockname()[1])
        for _ in range(20):
            with pytest.raises(aiomqtt.MqttError, match=r"taken over|Disconnected"):  # at its start or amid it
                await listen(address)


async def listen(address: BrokerAddress) -> None:
    """Until the connection ends."""
    credentials = Credentials(address)
    async with asyncio.timeout(10), connection(address, credentials, "same", "centre", None, lambda _: None) as client:
        async for _ in client.messages:
            pass
