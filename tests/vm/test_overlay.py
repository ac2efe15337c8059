"""A node whose card asks for an overlay: its root file system is never written to again, and identity, data and updates last."""

import hashlib
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hardware_sim.machine.card_image import read_card
from hardware_sim.machine.machine import Machine, Plan
from hardware_sim.machine.recipe import Built
from tests.runtime.waiting import until
from tests.vm.node import STATUS, until_said
from tests.vm.stage import HostHall
from tests.vm.test_update import APPLY, Bundles, mount_bundles, version

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1200)]

NODE = "kept"
ANEW = "hallware: this machine starts anew behind an overlay in a moment, and then asks for its certificate"
WELL = "1 of 1 devices well, broker there, 0 events waiting"


@dataclass
class Lives:
    """One machine's disks through its starts; each is begun as a Pi's firmware does, with the words of the card's cmdline.txt."""

    plan: Plan
    machine: Machine = field(init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        assert self.plan.card is not None
        line = (read_card(self.plan.card, "cmdline.txt") or b"").decode().split()
        words = ("ro", *(word for word in line if word.startswith("init=")))
        self.machine = await self._stack.enter_async_context(Machine(replace(self.plan, words=words)))
        await self.machine.greeted()

    async def pull_the_plug(self) -> None:
        await self._stack.aclose()

    async def again(self) -> Machine:
        """The plug is pulled and put in again, and the node is well."""
        await self.pull_the_plug()
        await self.start()
        await until_said(self.machine, STATUS, WELL, within=240)
        return self.machine

    def card(self) -> str:
        """Everything that is written on the card's root partition."""
        return hashlib.sha256(self.plan.disk.read_bytes()).hexdigest()

    async def finding(self, name: str) -> dict[str, Any]:
        """What the doctor says of something."""
        _, said = await self.machine.tried("/opt/hallware/current/bin/hallware doctor --json", within=120)
        found: dict[str, Any] = next(row for row in json.loads(said) if row["name"] == name)
        return found


def make_disk(image: Path) -> None:
    """A disk as staff prepare it."""
    subprocess.run(["truncate", "-s", "1G", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-L", "hallware-data", image], check=True)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def lives(
    hall: HostHall, kernel_and_disk: Built, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lives]:
    """A node behind its overlay, from a blank card and a blank disk for its data to the approval."""
    folder = tmp_path_factory.mktemp("kept")
    card, data = folder / "card.img", folder / "data.img"
    hall.card(NODE, card, wheels, "overlay = true")
    make_disk(data)
    plan = Plan(kernel_and_disk, folder / "disk", card=card, data=data, ports=hall.ports, log=folder / "console.log")
    first = Lives(plan)
    async with Machine(plan) as machine:
        await machine.greeted()
        await until_said(machine, "tail -n 1 /boot/firmware/hallware/first-boot.log", ANEW, within=600)
        # This kind of kernel would start itself anew with its old words and without its cable.
        await until(lambda: b"reboot: Restarting system" in plan.log.read_bytes(), within=300)
    await first.start()
    await hall.approve(NODE)
    await until(lambda: hall.connected(NODE), within=300)
    await until_said(first.machine, STATUS, WELL, within=120)
    yield first
    await first.pull_the_plug()


async def test_the_root_is_behind_an_overlay_and_the_data_on_its_disk(lives: Lives) -> None:
    said = await lives.machine.run("for i in / /var/lib/hallware /etc/hallware /opt/hallware; do findmnt -n -o FSTYPE $i; done")
    assert said.split() == ["overlay", "ext4", "ext4", "ext4"]
    assert "ro," in await lives.machine.run("findmnt -n -o OPTIONS /boot/firmware")
    assert [(await lives.finding(name))["how"] for name in ("overlay", "data")] == ["well", "well"]
    assert "hallware" not in await lives.machine.run("systemctl --failed --plain --no-legend; true")


async def test_a_power_cut_takes_what_was_changed_on_the_card_and_nothing_of_the_node(lives: Lives) -> None:
    before = lives.card()
    await lives.machine.run("echo changed > /etc/motd.ours; echo fact > /var/lib/hallware/ours; sync")
    machine = await lives.again()
    assert (await machine.tried("ls /etc/motd.ours"))[0] != 0
    assert (await machine.run("cat /var/lib/hallware/ours")).strip() == "fact"
    assert lives.card() == before, "the card's root partition was written to"


async def test_an_update_lasts_through_a_power_cut(
    lives: Lives, hall: HostHall, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundles = Bundles(hall, wheels, tmp_path_factory.mktemp("bundles"))
    await bundles.pack("kept", "0.4")
    await mount_bundles(lives.machine, bundles.folder)
    before = lives.card()
    status, said = await lives.machine.tried(APPLY.format("kept"), within=600)
    assert status == 0, said
    assert await version(await lives.again()) == "0.4"
    assert lives.card() == before


async def test_a_disk_that_comes_late_starts_the_node(lives: Lives) -> None:
    await lives.machine.run("systemctl stop opt-hallware.mount")
    assert "inactive" in (await lives.machine.tried("systemctl is-active hallware-node"))[1]
    await until_said(lives.machine, STATUS, WELL, within=240)


async def test_it_can_be_switched_off_and_a_machine_that_cannot_make_it_starts_all_the_same(lives: Lives) -> None:
    await lives.machine.run("sh /usr/lib/hallware/overlay off && sync")
    machine = await lives.again()
    assert (await machine.run("findmnt -n -o FSTYPE /")).strip() == "ext4"
    assert (await lives.finding("overlay"))["how"] == "look"
    await machine.run("rmdir /mnt && touch /mnt && sh /usr/lib/hallware/overlay on && sync")
    machine = await lives.again()
    assert (await machine.run("findmnt -n -o FSTYPE /")).strip() == "ext4"
    assert "no overlay could be made" in await machine.run("dmesg")
    assert (await lives.finding("overlay"))["how"] == "ill"
