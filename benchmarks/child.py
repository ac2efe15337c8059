"""A node in a process of its own, on simulated wires, that says when its board's chips latched.

`python -m benchmarks.child node.toml WHERE`: WHERE is the address at which the parent simulates the kiosk's printer, or a JSON
object of such addresses by their wires. On standard input `?` is answered with the board's latch times since the last one, as
JSON, `lit` with the time at which its first pixel was lit, and `press LINE` with the time of the press; all processes share
`perf_counter`.
"""

import asyncio
import importlib.metadata
import json
import sys
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from devices.serial_bus import Buses, LineSettings, SerialBus
from devices.wires import SpiDevice
from firmware.config import CallerConfig, NodeConfig, load
from firmware.node import Node
from firmware.threads import DaemonExecutor
from hardware_sim.gpio import Lines
from hardware_sim.keypad import Keypad

DIGITS = 8
"""Registers 1 to 8 of a MAX7219 hold its digit rows."""


class Bus:
    """An SPI bus that keeps the time of each transfer and nothing else, so that no simulated chip counts as the node's memory."""

    def __init__(self) -> None:
        self.max_speed_hz, self.mode, self.cshigh = 0, 0, False
        self.latched: list[float] = []
        self.first_lit: float | None = None

    def open(self, port: int, device: int) -> None:
        """Always there."""

    def writebytes(self, data: list[int] | bytes | bytearray) -> None:
        """One CS-low period; at its end the chips latch."""
        self.latched.append(time.perf_counter())
        if self.first_lit is None and 1 <= data[0] <= DIGITS and any(data[1::2]):
            self.first_lit = self.latched[-1]

    def close(self) -> None:
        """Nothing to release."""


class ChildWires:
    """The thinnest far ends that real drivers take for real ones."""

    def __init__(self, config: NodeConfig, where: str) -> None:
        self.chips = Bus()
        self.lines, self._where = Lines(), where
        self._places: dict[str, str] = json.loads(where) if where.startswith("{") else {}
        self._buses = Buses(self.address)
        callers = [device for device in config.device if isinstance(device, CallerConfig) and device.dialect == "keypad"]
        keys = [key for device in callers for key in device.keys]
        self._keypad = Keypad(keys=keys or ["KEY_KPENTER"])

    def spi(self, wire: str) -> SpiDevice:
        """The one bus."""
        return self.chips

    def pins(self) -> Any:
        """gpiozero's mock pins."""
        return self.lines.pins

    def address(self, wire: str) -> str:
        """Where the parent has the wire's far end."""
        return self._places[wire] if self._places else self._where

    def bus(self, wire: str, settings: LineSettings) -> AbstractAsyncContextManager[SerialBus]:
        """A serial line."""
        return self._buses.join(wire, settings)

    def sound(self, program: str, wire: str) -> tuple[str, ...]:
        """The real programs of ALSA."""
        return (program,)

    def input(self, wire: str) -> Any:
        """The keypad, as python-evdev opens it."""
        return self._keypad.open(wire)


async def main(file: Path, where: str) -> None:
    """Run until standard input ends."""
    config = load(file)
    wires, stop = ChildWires(config, where), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(DaemonExecutor())

    def asked() -> None:
        match sys.stdin.readline().split():
            case []:
                stop.set()
            case ["press", line]:
                print(json.dumps([time.perf_counter()]), flush=True)
                wires.lines.press(int(line))
            case ["lit"]:
                print(json.dumps([] if wires.chips.first_lit is None else [wires.chips.first_lit]), flush=True)
            case _:
                times, wires.chips.latched = wires.chips.latched, []
                print(json.dumps(times), flush=True)

    loop.add_reader(sys.stdin.fileno(), asked)
    wires.lines.open()
    try:
        await Node(config, wires, version=importlib.metadata.version("hallware")).run(stop)
    finally:
        wires.lines.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
