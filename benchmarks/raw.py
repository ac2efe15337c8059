"""The baseline of everything on the wire: paho itself, publishing to its own callback through the same broker.

`python -m benchmarks.raw PORT` is a hearer in a process of its own: it says when it hears, and at the end of its standard input
by topic when each message came, as JSON; all processes share `perf_counter`.
"""

import json
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from link.address import BrokerAddress

ROOT = Path(__file__).parents[1]
LAST = 1.0
"""Seconds in which the last message has come also on a busy machine."""


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


def trips_between_processes(address: BrokerAddress, payload: bytes, rounds: int, pause: float) -> list[float]:
    """The same with the hearer in a process of its own, as a node's is."""
    command = [sys.executable, "-m", "benchmarks.raw", str(address.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as hearer:
        assert hearer.stdout is not None
        hearer.stdout.readline()
        began = {}
        with raw_client(address, "raw-sayer") as sayer:
            for topic in (f"raw/{number}" for number in range(rounds)):
                time.sleep(pause)
                began[topic] = time.perf_counter()
                sayer.publish(topic, payload, qos=1)
            time.sleep(LAST)
        came = json.loads(hearer.communicate()[0])
    return [came[topic] - since for topic, since in began.items() if topic in came]


def main(port: int) -> None:
    """Hear until standard input ends."""
    came: dict[str, float] = {}
    with raw_client(BrokerAddress(port=port), "raw-alone") as hearer:
        hearer.on_message = lambda _, __, message: came.update({message.topic: time.perf_counter()})
        hearer.on_subscribe = lambda *_: print("heard", flush=True)
        hearer.subscribe("raw/+", qos=1)
        sys.stdin.read()
    print(json.dumps(came), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
