"""The baseline of everything on the wire: paho itself, publishing to its own callback through the same broker."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from link.address import BrokerAddress


@contextmanager
def raw_client(address: BrokerAddress, name: str) -> Iterator[mqtt.Client]:
    """A connected paho client with its own thread and without Nagle's delay."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect(address.host, address.port)
    sock = client.socket()
    assert isinstance(sock, socket.socket)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.loop_start()
    connected.wait(5)
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def round_trips(address: BrokerAddress, payload: bytes, rounds: int, pause: float) -> list[float]:
    """Seconds from publishing at QoS 1 to the callback, `rounds` times, `pause` seconds apart."""
    came: queue.SimpleQueue[float] = queue.SimpleQueue()
    with raw_client(address, "raw-hearer") as hearer, raw_client(address, "raw-sayer") as sayer:
        hearer.on_message = lambda *_: came.put(time.perf_counter())
        subscribed = threading.Event()
        hearer.on_subscribe = lambda *_: subscribed.set()
        hearer.subscribe("raw", qos=1)
        subscribed.wait(5)
        sayer.publish("raw", payload, qos=1).wait_for_publish(5)
        came.get(timeout=5)
        took = []
        for _ in range(rounds):
            time.sleep(pause)
            began = time.perf_counter()
            sayer.publish("raw", payload, qos=1)
            took.append(came.get(timeout=5) - began)
    return took
