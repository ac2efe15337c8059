"""What stands between aiomqtt and paho."""

import socket

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from link.connection import _write_at_once


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
