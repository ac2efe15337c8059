"""Updates on a real machine with real releases and systemd: a good one stays, one that is not well goes back by itself."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hardware_sim.machine.card_image import write_stick
from hardware_sim.machine.machine import Machine
from tests.trust.test_init import Place
from tests.vm.host_folder import seen
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

    async def pack(self, name: str, version: str, change: Change = as_it_is, by: Place | None = None) -> Path:
        """A bundle of the hall, or of another one."""
        house = self.folder / f"wheels-{name}"
        newer(self.wheels, house, version, change)
        key, out = (by or self.hall.place).etc / "updates", self.folder / f"{name}.hallware"
        words = ("update", "pack", "--wheels", str(house), "--for", "this", "--key", str(key), "--out", str(out))
        await self.hall.command(*words)
        return out

    async def stick(self, name: str, version: str, by: Place | None = None) -> str:
        """A USB stick with such a bundle; where the machine finds its image."""
        files = self.folder / f"stick-{name}"
        files.mkdir()
        (await self.pack(name, version, by=by)).rename(files / f"{name}.hallware")
        write_stick(files, self.folder / f"{name}.img")
        return f"{BUNDLES}/{name}.img"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def bundles(hall: HostHall, node: VmNode, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    folder = tmp_path_factory.mktemp("bundles")
    await mount_bundles(node.machine, folder)
    return Bundles(hall, wheels, folder)


async def mount_bundles(machine: Machine, folder: Path) -> None:
    """A folder of this host, seen in the machine as something that was plugged in."""
    await machine.run(seen(folder, BUNDLES))


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


async def last_update(machine: Machine) -> dict[str, Any] | None:
    """What the node says of its last update."""
    said = await machine.run("/opt/hallware/current/bin/hallware update status --json", within=120)
    last: dict[str, Any] | None = json.loads(said)["last"]
    return last


async def came_of_it(machine: Machine, before: dict[str, Any] | None, within: float = 600) -> dict[str, Any]:
    """What became of the stick that was plugged in."""
    async with asyncio.timeout(within):
        while (last := await last_update(machine)) is None or last == before or last["result"] == "trying":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return last


async def heard_in_the_hall(hall: HostHall, words: str) -> None:
    """Come back when the list of nodes says so."""
    async with asyncio.timeout(60):
        while words not in await hall.command("nodes", str(hall.hall_toml), "list"):  # noqa: ASYNC110  it is told to nobody
            await asyncio.sleep(0.1)


async def test_a_stick_of_another_hall_is_refused_and_the_hall_sees_it(
    machine: Machine, node: VmNode, bundles: Bundles, hall: HostHall
) -> None:
    before, runs = await last_update(machine), await version(machine)
    (bundles.folder / "elsewhere").mkdir()
    elsewhere = Place(bundles.folder / "elsewhere")
    assert elsewhere.run("--answers", elsewhere.answers()) == 0
    await machine.move("stick", "plug", image=await bundles.stick("foreign", "9.9", by=elsewhere))
    last = await came_of_it(machine, before)
    await machine.move("stick", "unplug")
    assert last["result"] == "refused", last
    assert "hall" in last["what"]["en"], last
    assert await version(machine) == runs
    await heard_in_the_hall(hall, "refused")
    await node.works()


async def test_a_stick_pulled_out_in_the_middle_harms_nothing(machine: Machine, node: VmNode, bundles: Bundles) -> None:
    before, runs = await last_update(machine), await version(machine)
    image = await bundles.stick("pulled", "0.5")
    whole = (bundles.folder / "pulled.img").read_bytes()
    await machine.move("stick", "plug", image=image)
    # Pulled by the machine itself, in the moment in which the first wheel is being read from it.
    await machine.run(
        "while ! ls /opt/hallware/incoming/*.whl >/dev/null 2>&1; do :; done; echo > /sys/kernel/config/usb_gadget/stick/UDC",
        within=300,
    )
    last = await came_of_it(machine, before)
    assert (last["result"], last["code"]) == ("refused", "unreadable"), last
    assert await version(machine) == runs
    assert (
        await machine.run("ls /opt/hallware/incoming /opt/hallware/trying 2>/dev/null; ls -A /opt/hallware/stick")
    ).strip() == ""
    assert (bundles.folder / "pulled.img").read_bytes() == whole, "the stick was written to"
    await node.works()


async def test_a_stick_of_the_hall_is_installed_when_it_is_plugged_in(
    machine: Machine, node: VmNode, bundles: Bundles, hall: HostHall
) -> None:
    before = await last_update(machine)
    await machine.move("stick", "plug", image=await bundles.stick("from-stick", "0.6"))
    last = await came_of_it(machine, before)
    assert (last["version"], last["result"]) == ("0.6", "kept"), last
    assert await version(machine) == "0.6"
    await machine.move("stick", "unplug")
    await node.works()
    await heard_in_the_hall(hall, "0.6 ✓")
