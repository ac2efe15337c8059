"""Updates on a real machine with real releases and systemd: a good one stays, one that is not well goes back by itself."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from hardware_sim.machine.machine import Machine
from tests.vm.node import VmNode
from tests.vm.stage import HostHall
from tests.vm.wheelhouse import Change, as_it_is, newer

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1200)]

BUNDLES = "/mnt/bundles"
APPLY = f"/opt/hallware/current/bin/hallware update apply {BUNDLES}/{{}}.hallware 2>&1"
RETURNED = 3


def dies(files: dict[str, bytes]) -> None:
    """A program that ends as soon as it is started as a node."""
    name = "hallware/commands/node.py"
    files[name] = files[name].replace(b"    config = load(args.file)\n", b'    raise SystemExit("broken")\n', 1)
    assert b'SystemExit("broken")' in files[name]


def forgets_its_devices(files: dict[str, bytes]) -> None:
    """A program that starts, connects and cannot open a single GPIO line."""
    name = "devices/real_wires.py"
    files[name] = files[name].replace(b'GPIO_CHIP = "/dev/gpiochip0"', b'GPIO_CHIP = "/dev/gpiochip7"', 1)
    files[name] = files[name].replace(b"return LGPIOFactory()", b"return LGPIOFactory(chip=7)", 1)
    assert b"chip=7" in files[name]


@dataclass
class Bundles:
    """Bundles of the hall, as the machine finds them on what was plugged in."""

    hall: HostHall
    wheels: Path
    folder: Path

    async def pack(self, name: str, version: str, change: Change = as_it_is) -> None:
        house = self.folder / f"wheels-{name}"
        newer(self.wheels, house, version, change)
        key, out = self.hall.place.etc / "updates", self.folder / f"{name}.hallware"
        words = ("update", "pack", "--wheels", str(house), "--for", "this", "--key", str(key), "--out", str(out))
        await self.hall.command(*words)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def bundles(hall: HostHall, node: VmNode, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    folder = tmp_path_factory.mktemp("bundles")
    await node.machine.run(f"mkdir -p {BUNDLES} && mount -t hostfs -o {folder} none {BUNDLES}")
    return Bundles(hall, wheels, folder)


async def version(machine: Machine) -> str:
    return (await machine.run("/opt/hallware/current/bin/hallware --version")).split()[-1]


async def test_an_update_whose_program_dies_goes_back_by_itself(machine: Machine, node: VmNode, bundles: Bundles) -> None:
    before = await version(machine)
    await bundles.pack("dies", "0.2", dies)
    status, said = await machine.tried(APPLY.format("dies"), within=600)
    assert status == RETURNED, said
    assert await version(machine) == before
    await node.works()


async def test_an_update_whose_devices_fall_silent_goes_back_by_itself(machine: Machine, node: VmNode, bundles: Bundles) -> None:
    before = await version(machine)
    await bundles.pack("forgets", "0.3", forgets_its_devices)
    status, said = await machine.tried(APPLY.format("forgets"), within=600)
    assert status == RETURNED, said
    assert await version(machine) == before
    await node.works()


async def test_an_update_that_is_well_stays_and_says_so(machine: Machine, node: VmNode, bundles: Bundles) -> None:
    await bundles.pack("good", "0.4")
    status, said = await machine.tried(APPLY.format("good"), within=600)
    assert status == 0, said
    assert await version(machine) == "0.4"
    await node.works()
    assert "0.4" in await machine.run("/opt/hallware/current/bin/hallware update status")
