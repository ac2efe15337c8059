"""Our own program, on a real broker: an update is seen by the hall, and one that breaks a device goes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from broker_config.process import MosquittoProcess
from contract.health import NodeStatus
from contract.topics import NODE_STATUS
from link.address import BrokerAddress
from link.link import Link
from provisioning.update_judge import read_wellness
from tests.runtime.waiting import until
from tests.update.real import pack_real, real_node, services, wheelhouse
from tests.update.stage import Hall, Node

BROKEN = b'raise RuntimeError("this release cannot drive a board")\n'

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheelhouse(tmp_path_factory.mktemp("wheels"))


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[dict[str, NodeStatus]]:
    """What the nodes say of themselves, the newest of each."""
    heard: dict[str, NodeStatus] = {}

    async def hear(link: Link) -> None:
        async for said in link.hear(NODE_STATUS):
            heard[said.message.node] = said.message

    async with Link(BrokerAddress(port=port), "listener", "centre") as link:
        task = asyncio.create_task(hear(link))
        try:
            yield heard
        finally:
            task.cancel()


def said(heard: dict[str, NodeStatus]) -> tuple[str, str, str] | None:
    """What runs, and what became of the last update."""
    status = heard.get("boards")
    if status is None or status.state != "online":
        return None
    return status.version, status.update.version if status.update else "", status.update.result if status.update else ""


async def test_the_hall_sees_an_update_that_stays_and_one_that_goes_back(hall: Hall, house: Path, tmp_path: Path) -> None:
    first, well = pack_real(hall, house, "0.1.0"), pack_real(hall, house, "0.2.0")
    broken = pack_real(hall, house, "0.3.0", {"firmware/agents/board.py": BROKEN})
    async with MosquittoProcess() as broker, listening(broker.port) as heard:
        node = await asyncio.to_thread(real_node, tmp_path / "tree", hall, first, "boards", broker.port)
        with services([node]):
            await until(lambda: said(heard) == ("0.1.0", "", ""), within=60)
            await until(lambda: _all_answer(node), within=60)
            assert (await asyncio.to_thread(node.apply, well))[1]["code"] == "ok"
            await until(lambda: said(heard) == ("0.2.0", "0.2.0", "kept"))
            returned, why = await asyncio.to_thread(_impatient, node, broken)
            assert (returned, why["code"]) == (3, "device-silent")
            assert "board-boards" in why["what"]["en"]
            await until(lambda: said(heard) == ("0.2.0", "0.3.0", "returned"), within=60)


def _all_answer(node: Node) -> bool:
    told = read_wellness(node.root / "run/hallware/wellness.json")
    return told is not None and told.echo and not told.silent


def _impatient(node: Node, bundle: Path) -> tuple[int, dict[str, Any]]:
    text = node.tree.settings.read_text()
    node.tree.settings.write_text(text.replace("within = 90.0", "within = 20.0"))
    return node.apply(bundle)
