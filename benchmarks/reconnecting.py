"""Some of a thousand nodes in one process: real links with birth, will and pulse, and nothing behind them.

`python -m benchmarks.reconnecting PORT FIRST COUNT`: node FIRST to FIRST+COUNT-1. Passwords are the names reversed. On standard
input `?` is answered with what has happened since the last one, as JSON; all processes share `perf_counter`.
"""

import asyncio
import json
import logging
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from contract.health import DeviceState
from contract.topics import DEVICE_STATE, ECHO
from contract.values import Text
from firmware.clock import HallClock
from firmware.identity import Identity
from firmware.threads import DaemonExecutor
from link.address import BrokerAddress
from link.letter import Letter
from link.link import Link
from link.pulse import Pulse
from link.weather import Backoff

HALL = "centre"
READY = Text(zh="正常", en="Ready")


def name(number: int) -> str:
    """A node's id, which is its user name."""
    return f"node-{number}"


@dataclass
class Happened:
    """Moments by `perf_counter`."""

    failed: list[float] = field(default_factory=list)
    """Attempts to connect that failed, and connections that broke."""
    up: list[float] = field(default_factory=list)
    """Connected, subscribed, born."""
    proven: list[float] = field(default_factory=list)
    """The first echo of each connection came back."""


class Noted(Backoff):
    """The link's own back-off, which notes when it was asked."""

    def __init__(self, happened: Happened) -> None:
        """Everything else is as it is in the product."""
        super().__init__()
        self._happened = happened

    def next(self) -> float:
        """How long to wait now."""
        self._happened.failed.append(time.perf_counter())
        return super().next()


class LeanNode:
    """A node's link with its birth, one device's state, its will and its pulse."""

    def __init__(self, number: int, address: BrokerAddress, happened: Happened) -> None:
        """Nothing is connected yet."""
        self._proves = False
        self._name, self._happened, self._clock = name(number), happened, HallClock()
        self._identity = Identity(self._name, "1", (f"caller-{name(number)}",), self._clock)
        pulse = Pulse(ECHO, {"node": self._name}, self._identity.echo)
        self._link = Link(
            address, self._name, HALL, will=self._identity.will, birth=self._birth, pulse=pulse, backoff=Noted(happened)
        )

    def _birth(self) -> list[Letter]:
        device = f"caller-{self._name}"
        state = DeviceState(device=device, kind="caller", condition="ready", code="ok", what=READY, since=self._clock.now())
        levels = {"node": self._name, "device": device}
        return [self._identity.birth(waiting=0, trouble=None, counts={}), Letter(DEVICE_STATE, state, levels)]

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with self._link, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._rise())
            tasks.create_task(self._echoes())
            tasks.create_task(self._link.ended())

    async def _rise(self) -> None:
        async for up in self._link.up.changes():
            if up:
                self._proves = True
                self._happened.up.append(time.perf_counter())

    async def _echoes(self) -> None:
        with self._link.hear(ECHO, node=self._name) as ear:
            async for _ in ear:
                if self._proves:
                    self._proves = False
                    self._happened.proven.append(time.perf_counter())


async def main(port: int, first: int, count: int) -> None:
    """Run until standard input ends."""
    logging.basicConfig(level=logging.CRITICAL)
    loop, happened, stop = asyncio.get_running_loop(), Happened(), asyncio.Event()
    loop.set_default_executor(DaemonExecutor())

    def asked() -> None:
        nonlocal happened
        if not sys.stdin.readline():
            stop.set()
            return
        print(json.dumps([happened.failed, happened.up, happened.proven]), flush=True)
        for moments in (happened.failed, happened.up, happened.proven):
            moments.clear()

    loop.add_reader(sys.stdin.fileno(), asked)
    with tempfile.TemporaryDirectory(prefix="hallware-bench-") as folder:
        nodes = [LeanNode(number, _address(port, number, Path(folder)), happened) for number in range(first, first + count)]
        tasks = [asyncio.create_task(node.run()) for node in nodes]
        await asyncio.wait([asyncio.create_task(stop.wait()), *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _address(port: int, number: int, folder: Path) -> BrokerAddress:
    password = folder / name(number)
    password.write_text(name(number)[::-1], encoding="utf-8")
    return BrokerAddress(port=port, username=name(number), password_file=password)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:4])))
