"""One hall and one machine for all tests here: the machine boots from a real card and is a node of the hall."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hardware_sim.machine.machine import Machine
from hardware_sim.machine.recipe import Built, built
from tests.vm.node import VmNode, boot_node
from tests.vm.stage import HostHall, host_hall
from tests.vm.wheelhouse import wheelhouse


@pytest.fixture(scope="session")
def kernel_and_disk() -> Built:
    return built(print)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheelhouse(tmp_path_factory.mktemp("wheelhouse"))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HostHall]:
    async with host_hall(tmp_path_factory.mktemp("hall")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def node(
    hall: HostHall, kernel_and_disk: Built, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[VmNode]:
    """A node whose agents run, enrolled at its first boot from a card."""
    async with boot_node(hall, kernel_and_disk, wheels, tmp_path_factory.mktemp("machine")) as booted:
        yield booted


@pytest.fixture
def machine(node: VmNode) -> Machine:
    return node.machine


LIFE = ("overlay", "first_boot", "doctor", "wires", "update", "watchdog", "power_cuts", "year")
"""The one machine's life in this order: whoever ends it comes after whoever needs it. The overlay has its own before."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    lived = sorted((items[place] for place in ours), key=lambda item: LIFE.index(item.path.stem.removeprefix("test_")))
    for place, item in zip(ours, lived, strict=True):
        items[place] = item
