"""A machine becomes a node from its card: cloud-init, offline installation, enrolment, approval, the hardened service."""

import pytest

from hardware_sim.machine.card_image import listing, read_card
from hardware_sim.machine.machine import Machine
from provisioning.claim_file import load_claim
from tests.vm.node import VmNode
from tests.vm.stage import NODE, HostHall

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]


async def test_cloud_init_took_the_cards_name_address_and_account(machine: Machine, node: VmNode) -> None:
    assert (await machine.run("hostname")).strip() == NODE
    assert "10.213.0.2/24" in await machine.run("ip -brief address show eth0")
    _, said = await machine.tried("cloud-init status --wait --long", within=120)
    assert "status: done" in said, said
    assert "WARNING" not in said, said
    assert (await machine.run("getent passwd hall")).startswith("hall:")
    assert "hall L" in await machine.run("passwd --status hall")  # nobody gets in by a password
    assert "10.213.0.1" in await machine.run("cat /etc/systemd/timesyncd.conf.d/*")


async def test_the_registrar_saw_the_machines_own_serial_number(hall: HostHall, node: VmNode) -> None:
    assert hall.rows("select serial, model from enrolment_request where name = ?", NODE) == [
        (node.plan.serial, "Raspberry Pi 4 Model B Rev 1.4 (simulated)")
    ]


async def test_the_key_was_made_in_the_machine_and_is_for_the_service_alone(machine: Machine, node: VmNode) -> None:
    said = await machine.run("stat -c '%n %U %a' /etc/hallware/identity/node.key /etc/hallware/node.toml /var/lib/hallware")
    assert said.splitlines() == [
        "/etc/hallware/identity/node.key hallware 600", "/etc/hallware/node.toml root 644", "/var/lib/hallware hallware 700",
    ]  # fmt: skip


async def test_the_card_keeps_no_token(machine: Machine, node: VmNode) -> None:
    await machine.run("sync")
    assert node.plan.card is not None
    assert not [name for name in listing(node.plan.card) if "claim" in name]
    token = load_claim(node.plan.card.with_suffix(".files") / "hallware/claim.toml").token
    assert token.encode() not in node.plan.card.read_bytes(), "not even in what the file system has deleted"
    status, _ = await machine.tried("ls /etc/hallware/claim.toml")
    assert status != 0
    log = read_card(node.plan.card, "hallware/first-boot.log")
    assert log is not None
    assert b"its lamp blinks until somebody approves it" in log


async def test_the_node_runs_as_its_own_user_under_every_restriction_of_its_unit(machine: Machine, node: VmNode) -> None:
    pid = (await machine.run("systemctl show -P MainPID hallware-node")).strip()
    assert (await machine.run(f"stat -c %U /proc/{pid}")).strip() == "hallware"
    status = await machine.run(f"cat /proc/{pid}/status")
    assert "NoNewPrivs:\t1" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "Seccomp:\t2" in status
    assert "hallware" in await machine.run("systemctl show -P User hallware-node")


async def test_nothing_of_ours_failed_or_warned(machine: Machine, node: VmNode) -> None:
    assert "hallware" not in await machine.run("systemctl --failed --plain --no-legend; true")
    said = await machine.run("journalctl -b --no-pager -u 'hallware-*' -p warning -o cat; true")
    assert "not installed" not in said
    assert "may not be opened" not in said


async def test_every_device_of_the_plan_is_ready(machine: Machine, node: VmNode, hall: HostHall) -> None:
    said = await machine.run("journalctl -b --no-pager -u hallware-node -o cat | tail -n 60")
    print(said)
    assert "Traceback" not in said
