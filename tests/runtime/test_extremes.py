"""Whatever a message may validly say, a node that hears it lives on and answers the next command."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from broker_config.process import MosquittoProcess
from contract.topics import COMMAND, COMMAND_ANSWER, TICKET_REPLY, Role, Topic, heard_by
from firmware.station import Station
from tests.contract.messages import extremes
from tests.runtime.stage import HALL, READY, Stage, contented, hall, running
from tests.runtime.waiting import until

ROWS = tuple(heard_by(Role.NODE))
LEVELS = {level: f"{level}-1" for row in ROWS for level in row.levels} | {"hall": HALL}


async def hearing(station: Station) -> None:
    """An agent that hears all that a node may hear."""
    station.state("ready", "ok", READY)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(contented(station))
        for row in ROWS:
            if row in (COMMAND, TICKET_REPLY) or row.owner is None:
                tasks.create_task(_all(station.hear(row)))


async def _all(messages: AsyncIterator[Any]) -> None:
    async for _ in messages:
        pass


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_no_valid_message_ends_a_node(
    broker: MosquittoProcess, tmp_path: Path, row: Topic[Any], caplog: pytest.LogCaptureFixture
) -> None:
    payloads = await asyncio.to_thread(extremes, row, 40, device="board-1")
    stage = Stage(lives={"board-1": hearing})
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage) as node:
        await node.link.wait_up(5)
        await until(lambda: len(stage.born) == 2 and node.devices["board-1"].condition == "ready")
        async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as raw:
            for payload in payloads:
                await raw.publish(row.at(**{level: LEVELS[level] for level in row.levels}), payload, qos=1)
        await there.beat()
        await there.order("board-9", token="the-last-one")
        await until(lambda: any(answer.id == "the-last-one" for answer in there.of(COMMAND_ANSWER)))
        assert "agent-failed" not in there.codes("board-1"), "only a reload starts an agent anew"
        assert node.link.counts["bad-message"] == 0, "all of it was valid"
    assert "Traceback" not in caplog.text
