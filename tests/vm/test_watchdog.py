"""What hangs comes back by itself: the node's process by its service's watchdog, the whole machine by the kernel's."""

import asyncio
from dataclasses import replace

import pytest

from hardware_sim.machine.machine import Machine
from tests.runtime.waiting import until
from tests.vm.node import VmNode, until_said
from tests.vm.stage import HostHall

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]


async def main_pid(machine: Machine) -> str:
    return (await machine.run("systemctl show -P MainPID hallware-node")).strip()


async def test_systemd_feeds_the_kernels_watchdog(machine: Machine, node: VmNode) -> None:
    assert "/dev/watchdog0" in await machine.run("ls -l /proc/1/fd")


async def test_a_node_that_hangs_is_started_anew_and_works(machine: Machine, node: VmNode) -> None:
    hung, restarts = await main_pid(machine), int(await machine.run("systemctl show -P NRestarts hallware-node"))
    await machine.run(f"kill -STOP {hung}")
    async with asyncio.timeout(300):
        while int(await machine.run("systemctl show -P NRestarts hallware-node")) == restarts:  # noqa: ASYNC110  asked, not told
            await asyncio.sleep(0.1)
    await until_said(machine, "systemctl is-active hallware-node", "active")
    assert await main_pid(machine) != hung
    assert "watchdog timeout" in (await machine.run("journalctl -b --no-pager -u hallware-node -o cat")).lower()
    await node.works()


async def test_a_machine_that_hangs_ends_by_its_kernels_watchdog_and_is_a_node_again(node: VmNode, hall: HostHall) -> None:
    """User-Mode Linux ends where a Pi would start again; what is started again here is the same disk."""
    await node.machine.run("sync; kill -SEGV 1")  # systemd then freezes, and feeds nothing any more
    await node.machine.ended(within=120)
    connected = hall.broker.log.count(" as machine (p5")
    async with Machine(replace(node.plan, words=("cloud-init=disabled",), patience=None)) as again:
        await again.greeted()
        assert (await again.run("systemctl show -P RuntimeWatchdogUSec")).strip() == "14s"
        await until(lambda: hall.broker.log.count(" as machine (p5") > connected, within=120)
        await until_said(again, "systemctl is-active hallware-node", "active")
