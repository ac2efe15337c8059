"""A machine that becomes a node of a hall from its card, as staff would see it: plug in, wait, approve."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware_sim.machine.machine import Machine, Plan
from hardware_sim.machine.recipe import Built
from tests.runtime.waiting import until
from tests.vm.stage import NODE, HostHall

STATUS = "systemctl show -P StatusText hallware-node"
FAR_END = (
    "systemd-run --unit machine-far-end --property=Restart=always --property=RestartSec=1 "
    "/opt/hallware/current/bin/python -m hardware_sim.machine.far_end --board 128x16"
)


@dataclass
class VmNode:
    """The machine, and where its parts lie."""

    machine: Machine
    plan: Plan
    hall: HostHall

    async def up(self, within: float = 120) -> None:
        """Come back when its service runs and every device of its plan is well."""
        await until_said(self.machine, "systemctl is-active hallware-node", "active", within=within)
        await until_said(self.machine, STATUS, "5 of 5 devices well, broker there, 0 events waiting", within=within)

    async def works(self, within: float = 180) -> None:
        """Come back when a key that is pressed now has arrived. Whether all are well is not asked: a call for help is not."""
        hall, machine = self.hall, self.machine
        await until(lambda: hall.condition("caller-1") == "ready", within=within)
        before = len(hall.events("caller-1"))
        await machine.move("usb-keypad", "press", key="KP0")
        await hall.stored("caller-1", lambda event: event.body["type"] == "key-pressed", after=before, within=within)

    async def far_end(self) -> None:
        """Hang things on its wires; the program comes from the node's own wheels."""
        await self.machine.run(FAR_END)
        await until_said(self.machine, "ls /run/far-end.sock", "/run/far-end.sock")


async def until_said(machine: Machine, command: str, words: str, *, within: float = 60) -> str:
    """Ask again until a command says `words`."""
    said = ""
    async with asyncio.timeout(within):
        while True:
            _, said = await machine.tried(command)
            if words in said.splitlines():
                return said
            await asyncio.sleep(0.1)


@asynccontextmanager
async def boot_node(hall: HostHall, parts: Built, wheels: Path, folder: Path) -> AsyncIterator[VmNode]:
    """Make a card, boot from it, approve, and hang everything on its wires."""
    card = folder / "card.img"
    hall.card(NODE, card, wheels)
    plan = Plan(parts, folder / "disk", card=card, ports=hall.ports, log=folder / "console.log")
    async with Machine(plan) as machine:
        node = VmNode(machine, plan, hall)
        await machine.greeted()
        await hall.approve(NODE)
        await node.far_end()
        await until(lambda: hall.connected(), within=300)
        await node.up()
        yield node


async def until_view(machine: Machine, device: str, true: Callable[[Any], object], *, within: float = 30) -> Any:
    """Look again until what is seen of a device is as it should be; gives that view."""
    async with asyncio.timeout(within):
        while not true(view := await machine.view(device)):  # noqa: ASYNC110  the machine tells nobody by itself
            await asyncio.sleep(0.02)
        return view
