"""Replaying a recording: what the far ends showed becomes pictures, and what hands did is done again at simulated wires."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.recording import Header, Passing, read_recording
from contract.settings import BadSettings, convert
from firmware.config import NodeConfig
from hallware.simulated import SimulatedWires, Simulation
from hardware_sim.scenario.pictures import pictures

SETTLES = 0.004
"""A picture changes by several transfers; after so long without one it is whole."""


@dataclass(frozen=True)
class Shown:
    """What a device showed from a moment on."""

    at: float
    """Seconds after the recording's beginning."""
    device: str
    name: str
    png: bytes


def far_ends(header: Header) -> Simulation:
    """What stood at the far ends of the recorded wires, as the recording's device tables say. Raises `BadSettings`."""
    raw = {"node": {"id": header.node, "hall": "replayed"}, "device": [dict(device) for device in header.devices]}
    return Simulation(convert(raw, NodeConfig, name="recording"))


def replayed(path: Path) -> Iterator[Shown]:
    """Every picture that boards and printers showed, oldest first. Raises `BadSettings`."""
    header, passings = read_recording(path)
    simulation = far_ends(header)
    devices = {wire.wire: wire.device for wire in header.wires}
    stage = _Stage(simulation)
    last: Passing | None = None
    for passing in passings:
        stage.begin(passing.at)
        if passing.way != "out":
            continue
        if last is not None and (passing.wire != last.wire or passing.at - last.at > SETTLES):
            yield from stage.look(devices[last.wire], last.at)
        _hear(simulation.bench_wires, passing)
        last = passing
    if last is not None:
        for device in dict.fromkeys(devices.values()):
            yield from stage.look(device, last.at)


class _Stage:
    """Remembers what was shown last, so that only what is new comes out."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._began: float | None = None
        self._shown: dict[str, bytes] = {}

    def begin(self, at: float) -> None:
        """Something passed; the first that did is the beginning, for files are begun only when there is something to write."""
        if self._began is None:
            self._began = at

    def look(self, device: str, at: float) -> Iterator[Shown]:
        for picture in pictures(self._simulation.bench.view(device)):
            if self._shown.get(picture.name) != picture.png:
                self._shown[picture.name] = picture.png
                yield Shown(at - (self._began or at), device, picture.name, picture.png)


def _hear(wires: SimulatedWires, passing: Passing) -> None:
    """The far end of a wire hears what the node once sent."""
    wire, data = passing.wire, passing.data
    if wire in wires.cascades:
        wires.cascades[wire].transfer(data)
    elif wire in wires.ports:
        printer = wires.ports[wire].printer
        while data and (room := printer.room):
            printer.receive(data[:room])
            data = data[room:]
            printer.work(passing.at)
    elif wire in wires.serials:
        wires.serials[wire].play(data, passing.at)
    elif wire in wires.cards:
        wires.cards[wire].play(data, passing.at)


def play_into(simulation: Simulation, path: Path, speed: float = 1.0) -> Coroutine[Any, Any, int]:
    """Do at a simulation's wires what was done at the recorded ones; how much was done. Raises `BadSettings`, most of it at once.

    A printer's answers are left out: the simulated one gives its own.
    """
    header, passings = read_recording(path)
    _refuse_foreign(simulation, (wire.wire for wire in header.wires))
    return _play(simulation, passings, speed)


async def _play(simulation: Simulation, passings: Iterable[Passing], speed: float) -> int:
    began, first, done = time.monotonic(), None, 0
    for passing in passings:
        first = passing.at if first is None else first
        if passing.way == "in" and passing.wire not in simulation.bench_wires.ports:
            await asyncio.sleep(max(0.0, began + (passing.at - first) / speed - time.monotonic()))
            _do(simulation, passing)
            done += 1
    return done


def _do(simulation: Simulation, passing: Passing) -> None:
    wires, kind, _, number = simulation.bench_wires, *passing.wire.partition(":")
    if kind == "gpio":
        simulation.lines.drive(int(number), passing.data == b"\x01")
    elif passing.wire in wires.keypads:
        wires.keypads[passing.wire].play(passing.data)
    elif passing.wire in wires.serials:
        wires.serials[passing.wire].say(passing.data)


def _refuse_foreign(simulation: Simulation, recorded: Iterable[str]) -> None:
    wires = simulation.bench_wires
    there = {*wires.cascades, *wires.ports, *wires.keypads, *wires.serials, *wires.cards, *wires.speakers}
    if foreign := [wire for wire in recorded if wire not in there and not wire.startswith("gpio:")]:
        raise BadSettings(
            f"the recording has a wire `{foreign[0]}`, and nothing hangs on it here; use the node.toml it was made with"
        )
