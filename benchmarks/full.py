"""A node with 24 devices of every kind, whose far ends are another process's: its memory, and its CPU while nothing happens."""

import asyncio
import json
import secrets
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.raw import raw_client
from benchmarks.running import NODE, RunningNode, cpu, resident, running_node, wait_for
from broker_config.process import MosquittoProcess
from contract.codec import decode, encode
from contract.commands import Command, SelfTest
from contract.health import DeviceState
from contract.topics import COMMAND, DEVICE_STATE
from firmware.config import NodeConfig, load
from hallware.simulated import Simulation
from link.address import BrokerAddress

BARE = """
import paho.mqtt.client as mqtt, sys
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_start()
print(flush=True)
sys.stdin.read()
"""
SETTLE = 4.0
"""Seconds for the self-tests to end."""
BUS, QUEUE, FOUR, TAXI, DIGITS = (f"/dev/serial/by-id/usb-rs485-if0{n}" for n in range(5))


def measure(*, short: bool = False) -> list[Figure]:
    """Memory after every device was tried once, and CPU a second while none has anything to do."""
    return asyncio.run(_measure(3.0 if short else 60.0))


async def _measure(seconds: float) -> list[Figure]:
    async with MosquittoProcess() as broker:
        with tempfile.TemporaryDirectory() as folder:
            config = _config(Path(folder), broker.address())
            async with Simulation(config) as simulation:
                wires = simulation.bench_wires
                places = {wire: wires.address(wire) for wire in [*wires.ports, *wires.serials, *wires.cards]}
                return await asyncio.to_thread(_compare, broker.address(), Path(folder), json.dumps(places), seconds)


def _config(folder: Path, address: BrokerAddress) -> NodeConfig:
    file = folder / "far-ends.toml"
    file.write_text(NODE.format(folder=folder, port=address.port) + devices())
    return load(file)


def _compare(address: BrokerAddress, folder: Path, places: str, seconds: float) -> list[Figure]:
    with running_node(folder, address.port, devices(), places) as node:
        _try_all(address)
        time.sleep(SETTLE)
        memory, busy = node.resident(), _busy(node, seconds)
    bare_memory, bare_busy = _bare(address, seconds)
    return [
        Figure("memory of a node with 24 devices", memory, "MiB", bare_memory, "Python with paho"),
        Figure("a node with 24 devices at rest: CPU a second", busy * 1e3, "ms", bare_busy * 1e3, "the same", limit=50),
    ]


def _busy(node: RunningNode, seconds: float) -> float:
    before, began = node.cpu(), time.perf_counter()
    time.sleep(seconds)
    return (node.cpu() - before) / (time.perf_counter() - began)


def _bare(address: BrokerAddress, seconds: float) -> tuple[float, float]:
    """Memory and CPU a second of a client that is connected and does nothing."""
    command = [sys.executable, "-c", BARE, str(address.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bare:
        assert bare.stdin is not None
        assert bare.stdout is not None
        bare.stdout.readline()
        time.sleep(1)
        before, began = cpu(bare.pid), time.perf_counter()
        time.sleep(seconds)
        busy = (cpu(bare.pid) - before) / (time.perf_counter() - began)
        memory = resident(bare.pid)
        bare.stdin.close()
    return memory, busy


def _try_all(address: BrokerAddress) -> None:
    """Every device's self-test, once all devices have said how they are. Raises `TimeoutError` when one is not well."""
    states: dict[str, DeviceState] = {}
    with raw_client(address, "dispatch") as client:

        def hear(_: object, __: object, message: object) -> None:
            state = decode(message.payload, DeviceState)  # type: ignore[attr-defined]
            states[state.device] = state

        client.on_message = hear
        client.subscribe(DEVICE_STATE.filter(hall="centre", node="bench"), qos=1)
        wait_for(lambda: len(states) == 24 and not _broken(states), "24 devices that are well", 60)
        now = datetime.now(UTC)
        for device in states:
            order = Command(id=secrets.token_hex(8), device=device, at=now, not_after=now + timedelta(seconds=30), do=SelfTest())
            client.publish(COMMAND.at(hall="centre", node="bench"), encode(order), qos=1)


def _broken(states: dict[str, DeviceState]) -> list[str]:
    return [f"{state.device}: {state.code}" for state in states.values() if state.condition == "fault"]


def devices() -> str:
    """24 devices for node.toml, of every kind and nearly every dialect."""
    boards = [_table("board", f"board-{n}", wire=f"/dev/spidev{n}.0", width=128) for n in range(3)]
    strips = [_table("strip", f"strip-{n}", dialect="strip-aa", wire=BUS, address=3 + n, window=f"w{n}") for n in range(3)]
    strips += [_table("strip", f"queue-{n}", dialect="queue", wire=QUEUE, address=32 + n, window=f"w{n}") for n in range(2)]
    strips += [
        _table("strip", "digits", dialect="digits", wire=DIGITS, address=5, window="w1"),
        _table("strip", "card", dialect="udp-card", wire="udp://192.0.2.7:8453", layout="main"),
    ]
    return "\n".join([*boards, *strips, *_kiosks(), *_keys(), *_others()])


def _kiosks() -> list[str]:
    return [
        _table("kiosk", f"kiosk-{n}") + f'printer = {{ wire = "tcp://192.0.2.{n}:9100" }}\n'
        f'keys = [{{ line = {n}, service = "s1" }}, {{ line = {10 + n}, service = "s2" }}]\n'
        for n in (4, 5)
    ]


def _keys() -> list[str]:
    codes = 'codes = { "01" = "5", "02" = "3", "03" = "1" }\n'
    return [
        _table("rater", "rater-0", window="w0")
        + "keys = [{ level = 5, line = 6, lamp = 16 }, { level = 1, line = 7, lamp = 17 }]\n",
        _table("rater", "rater-1", window="w1", dialect="ff68", wire=FOUR, address=1) + codes,
        _table("rater", "rater-2", window="w2", dialect="ff68", wire=FOUR, address=2) + codes,
        _table("rater", "rater-3", window="w3", dialect="jtt905", wire=TAXI, rating_command=17, invite_command=16) + codes,
        _table("caller", "caller-0", window="w0", wire="/dev/input/by-id/keypad-event-kbd"),
        _table("caller", "caller-1", window="w1", dialect="ff68", wire=FOUR, address=1),
        _table("caller", "caller-2", window="w2", dialect="four-key", wire="/dev/serial/by-id/usb-four", address=33),
    ]


def _others() -> list[str]:
    return [
        _table("room", "room-1", room="r1") + 'cubicles = [{ id = "c1", door = 12, motion = 13, lamp = 18, help = 19 }]\n',
        _table("help", "help-1", place="w1", line=20, lamp=21),
        _table("help", "help-2", place="w2", line=22, lamp=23),
        _table("scanner", "scanner-1", wire="/dev/serial/by-id/usb-scanner", speaks="serial", green=24, red=25),
        _table("announcer", "announcer-1", wire="null"),
    ]


def _table(kind: str, name: str, **settings: str | int) -> str:
    """A device's table; strings and whole numbers are written in TOML as in JSON."""
    rows = [f"{key} = {json.dumps(value)}" for key, value in {"kind": kind, "id": name, **settings}.items()]
    return "\n".join(["[[device]]", *rows, ""])
