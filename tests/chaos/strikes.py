"""The strikes: how each kind of fault is done to the hall, and mended."""

import asyncio
import os
import signal
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.chaos import stores
from tests.chaos.faults import Fault
from tests.chaos.history import Period, Report
from tests.chaos.stage import CONTROLLER, Stage, until
from tests.chaos.units import Unit
from tests.chaos.witness import now

HOUR = 3600
KIOSK = "kiosk-1"
PRINTING = 4.0
"""Seconds to wait for the printer to be in the middle of something."""
THERE = 8.0
"""Seconds to wait for a node that is just starting to have wires that can be touched."""
CHIPS = 4
SILENCING = ("broker killed", "broker stopped", "controller stopped", "controller cut off")
"""Kinds in which nobody hears anything from the controller while they last."""


class NotStruck(Exception):
    """The fault could not be done: what it breaks was not there."""


@dataclass
class Strikes:
    """Does faults to a stage, and writes down what the checker must know of them."""

    stage: Stage
    full: list[Period] = field(default_factory=list)
    clocks: list[Period] = field(default_factory=list)
    outages: list[Period] = field(default_factory=list)
    touched: list[Period] = field(default_factory=list)
    snapshots: list[Report] = field(default_factory=list)

    async def do(self, fault: Fault) -> None:
        """Strike, wait, mend. Raises `NotStruck`."""
        began = now()
        await STRIKES[fault.kind](self, fault)
        if fault.kind in SILENCING:
            self.outages.append(Period(fault.on, began, now()))
        self.touched.append(Period(fault.on, began, now()))

    async def broker_killed(self, fault: Fault) -> None:
        await self.stage.broker.process.kill()
        await asyncio.sleep(fault.lasts)
        await self.stage.broker.start()

    async def broker_stopped(self, fault: Fault) -> None:
        self.stage.broker.signal(signal.SIGSTOP)
        await asyncio.sleep(fault.lasts)
        self.stage.broker.signal(signal.SIGCONT)

    async def broker_restarted(self, fault: Fault) -> None:
        await self.stage.broker.process.stop()
        await self.stage.broker.start()

    async def killed(self, fault: Fault) -> None:
        unit = await self._unit(fault.on)
        starts = unit.starts
        unit.kill()
        if fault.on != CONTROLLER:
            await self._snapshot(fault.on)
        await until(lambda: unit.starts > starts, THERE)

    async def stopped(self, fault: Fault) -> None:
        unit = await self._unit(fault.on)
        unit.stop()
        await asyncio.sleep(fault.lasts)
        unit.go_on()

    async def restarted(self, fault: Fault) -> None:
        unit = await self._unit(fault.on)
        starts = unit.starts
        unit.terminate()
        if not await until(lambda: unit.starts > starts, 20.0):
            unit.blame("did not end within 20 s of SIGTERM")
            unit.kill()

    async def cut(self, fault: Fault) -> None:
        self.stage.cables[fault.on].cut()

    async def half_open(self, fault: Fault, *, then_cut: bool = False) -> None:
        cable = self.stage.cables[fault.on]
        cable.silence()
        await asyncio.sleep(fault.lasts)
        if then_cut:
            cable.cut()
        cable.mend()

    async def slow(self, fault: Fault) -> None:
        cable = self.stage.cables[fault.on]
        cable.slow_down(0.3)
        await asyncio.sleep(fault.lasts)
        cable.mend()

    async def refused(self, fault: Fault) -> None:
        cable = self.stage.cables[fault.on]
        cable.refuse()
        await asyncio.sleep(fault.lasts)
        await cable.accept()

    async def printer(self, fault: Fault, *, hand: str, mend: str, torn: bool = False) -> None:
        """Break the printer in the middle of a ticket, if one comes; somebody tears off what hangs half printed."""
        if await until(self._printing, PRINTING):
            await asyncio.sleep(fault.lasts % 0.7)
        await self._move(KIOSK, hand)
        await asyncio.sleep(fault.lasts)
        if torn:
            await self.stage.move(KIOSK, "tear")
        await self._mend(KIOSK, mend)

    async def noise(self, fault: Fault) -> None:
        await self._move(KIOSK, "noise")

    async def line_blocked(self, fault: Fault) -> None:
        await self._move(KIOSK, "slow_down", bytes_per_second=1)
        await asyncio.sleep(fault.lasts)
        await self._mend(KIOSK, "slow_down", bytes_per_second=1500)

    async def unplugged(self, fault: Fault) -> None:
        await self._move(fault.on, "unplug")
        await asyncio.sleep(fault.lasts)
        await self._mend(fault.on, "plug")

    async def browned_out(self, fault: Fault) -> None:
        await self._move(fault.on, "brown_out", chip=int(fault.pause * 1000) % CHIPS)

    async def disk_full(self, fault: Fault) -> None:
        """Fill the node's file system to its last byte, and empty it again."""
        disk, began = self.stage.disks[fault.on], now()
        filler = disk / "filler"
        await asyncio.to_thread(_fill, filler)
        await asyncio.sleep(fault.lasts)
        if fault.on != CONTROLLER:
            await self._snapshot(fault.on)
        filler.unlink()
        self.full.append(Period(fault.on, began, now()))

    async def clock(self, fault: Fault, *, seconds: int) -> None:
        """Set the program's clock wrong, and right again."""
        began = now()
        _set(self.stage.clocks[fault.on], seconds)
        await asyncio.sleep(fault.lasts)
        _set(self.stage.clocks[fault.on], 0)
        if fault.on == CONTROLLER:
            self.clocks.append(Period(fault.on, began, now()))

    async def _unit(self, name: str) -> Unit:
        unit = self.stage.units[name]
        if not await until(lambda: unit.running, THERE):
            raise NotStruck(f"{name} does not run")
        return unit

    async def _move(self, device: str, hand: str, **how: int) -> None:
        await until(lambda: self.stage.hall.reachable(device), THERE)
        if not await self.stage.move(device, hand, **how):
            raise NotStruck(f"{device} could not be touched")

    async def _mend(self, device: str, hand: str, **how: int) -> None:
        """Mend, also when the node is just starting; one that has been started anew has new and whole devices."""
        await until(lambda: self.stage.hall.reachable(device), THERE)
        await self.stage.move(device, hand, **how)

    def _printing(self) -> bool:
        view = self.stage.hall.views.get(KIOSK)
        return view is not None and self.stage.hall.reachable(KIOSK) and bool(view["printer"]["busy"])

    async def _snapshot(self, node: str) -> None:
        """What lies in a node's outbox now must be at the controller in the end."""
        path = self.stage.files.disk(node) / "outbox.db"
        self.snapshots += await asyncio.to_thread(stores.outbox, path, node)


def _set(clock: Path, seconds: int) -> None:
    """Set a clock wrong, in place: the program has the file in its memory, and would die of an empty one."""
    with clock.open("r+b", buffering=0) as file:
        file.write(struct.pack("q", seconds))


def _fill(path: os.PathLike[str]) -> None:
    with suppress(OSError), open(path, "wb", buffering=0) as filler:  # noqa: PTH123
        for size in (1 << 16, 1 << 12, 1 << 9, 1):
            with suppress(OSError):
                while filler.write(bytes(size)):
                    pass


STRIKES: Mapping[str, Callable[[Strikes, Fault], Awaitable[None]]] = {
    "broker killed": Strikes.broker_killed,
    "broker stopped": Strikes.broker_stopped,
    "broker restarted": Strikes.broker_restarted,
    "controller killed": Strikes.killed,
    "controller stopped": Strikes.stopped,
    "controller cut off": Strikes.refused,
    "controller restarted": Strikes.restarted,
    "node killed": Strikes.killed,
    "node stopped": Strikes.stopped,
    "node restarted": Strikes.restarted,
    "node cut off": Strikes.refused,
    "connection cut": Strikes.cut,
    "connection half-open": Strikes.half_open,
    "connection half-open, then cut": partial(Strikes.half_open, then_cut=True),
    "connection slow": Strikes.slow,
    "connection refused": Strikes.refused,
    "printer off in mid-ticket": partial(Strikes.printer, hand="power_off", mend="power_on", torn=True),
    "paper jam in mid-ticket": partial(Strikes.printer, hand="jam", mend="clear_jam"),
    "printer unplugged in mid-ticket": partial(Strikes.printer, hand="unplug", mend="plug"),
    "paper out in mid-ticket": partial(Strikes.printer, hand="run_out", mend="load_paper"),
    "printer silent": partial(Strikes.printer, hand="silence", mend="answer"),
    "printer noisy": Strikes.noise,
    "printer's line blocked": Strikes.line_blocked,
    "keypad unplugged": Strikes.unplugged,
    "board's cable pulled": Strikes.unplugged,
    "chip browned out": Strikes.browned_out,
    "disk full": Strikes.disk_full,
    "clock an hour ahead": partial(Strikes.clock, seconds=HOUR),
    "clock an hour behind": partial(Strikes.clock, seconds=-HOUR),
    "controller's clock an hour ahead": partial(Strikes.clock, seconds=HOUR),
    "controller's clock an hour behind": partial(Strikes.clock, seconds=-HOUR),
}
