"""The doctor at the node itself, as staff type it there: with a program under every restriction of its unit, and without."""

import json
from typing import Any

import pytest

from hardware_sim.machine.machine import Machine
from tests.vm.node import VmNode

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]

DEVICES = ("kiosk-1", "main-board", "caller-1", "caller-2", "help-1")


async def doctor(machine: Machine) -> dict[str, dict[str, Any]]:
    _, said = await machine.tried("hallware doctor --self-test --json", within=180)
    return {row["name"]: row for row in json.loads(said)}


async def test_every_device_tests_itself_at_the_node(machine: Machine, node: VmNode) -> None:
    found = await doctor(machine)
    assert {name: found[name]["how"] for name in ("program", "echo", "broker", "certificate")} == dict.fromkeys(
        ("program", "echo", "broker", "certificate"), "well"
    ), found
    tests = {device: found[f"self-test of {device}"] for device in DEVICES}
    assert tests["kiosk-1"]["how"] == tests["main-board"]["how"] == "well", tests
    assert not [row for row in tests.values() if row["how"] == "ill"], tests
    assert (await machine.run("stat -c '%a %U' /run/hallware/side-door.sock")).strip() == "600 hallware"


async def test_a_node_whose_program_was_stopped_is_said_with_what_to_do(machine: Machine, node: VmNode) -> None:
    await machine.run("systemctl stop hallware-node")
    found = await doctor(machine)
    assert (found["program"]["how"], found["self-tests"]["how"]) == ("ill", "ill")
    assert "systemctl restart hallware-node" in found["self-tests"]["touch"]["en"]
    await machine.run("systemctl restart hallware-node")
    await node.up()
