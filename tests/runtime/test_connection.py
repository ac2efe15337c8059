"""What stands between aiomqtt and paho."""

import asyncio
import socket
from typing import Any

import aiomqtt
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from link.connection import _watch_what_is_open, _write_at_once


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
