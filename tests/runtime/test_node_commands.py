"""Commands reach their device once and in time, and every one is answered."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from broker_config.process import MosquittoProcess
from contract.commands import Command, CommandAnswer, Identify, Reload, SelfTest
from contract.topics import (
    COMMAND,
    COMMAND_ANSWER,
)
from firmware.clock import HallClock
from firmware.config import BoardConfig
from firmware.desk import CommandDesk
from firmware.station import Station
from tests.runtime.stage import READY, Stage, config, hall, running
from tests.runtime.waiting import until


async def test_a_command_is_done_once_and_answered(broker: MosquittoProcess, tmp_path: Path) -> None:
    done: list[Command] = []

    async def obeying(station: Station) -> None:
        async for command in station.hear(COMMAND):
            done.append(command)
            at = station.clock.now()
            answer = CommandAnswer(id=command.id, device=station.device, at=at, outcome="done", what=READY)
            await station.say(COMMAND_ANSWER, answer)

    stage = Stage(lives={"board-1": obeying})
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage) as node:
        await node.link.wait_up(5)
        for _ in range(3):
            await there.order("board-1")
        await there.order("board-1", token="command-2")
        await until(lambda: len(there.of(COMMAND_ANSWER)) == 2)
        assert [command.id for command in done] == ["command-1", "command-2"]


@pytest.mark.parametrize(
    ("device", "late", "outcome"), [("board-9", False, "refused"), ("rater-1", True, "late"), ("rater-1", False, "failed")]
)
async def test_a_command_that_cannot_be_done_is_answered(
    broker: MosquittoProcess, tmp_path: Path, device: str, late: bool, outcome: str
) -> None:
    """An agent that hears no commands does not run, as far as commands go."""
    stage = Stage()
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage) as node:
        await node.link.wait_up(5)
        await until(lambda: len(stage.born) == 2)
        await there.order(device, Identify(), late=late)
        await until(lambda: there.of(COMMAND_ANSWER))
        assert there.of(COMMAND_ANSWER)[0].outcome == outcome


async def test_an_agent_that_never_answers_is_answered_for(tmp_path: Path) -> None:
    said: list[CommandAnswer] = []

    async def say(answer: CommandAnswer) -> bool:
        said.append(answer)
        return True

    async def reload(_: str) -> Any:
        raise AssertionError

    hour = datetime.now(UTC)
    tick = [0.0]
    clock = HallClock(lambda: hour + timedelta(seconds=tick[0]), lambda: tick[0])
    desk = CommandDesk(clock, lambda _: True, reload, say)
    heard: list[Command] = []

    async def hear() -> None:
        async for command in desk.commands("board-1"):
            heard.append(command)  # noqa: PERF401

    hearing = asyncio.create_task(hear())
    await asyncio.sleep(0)
    await desk.take(Command(id="command-1", device="board-1", at=hour, not_after=hour + timedelta(seconds=1), do=SelfTest()))
    await until(lambda: heard)
    assert said == []
    tick[0] = 10.0
    watching = asyncio.create_task(desk.watch())
    await until(lambda: said)
    assert said[0].outcome == "failed"
    for task in (watching, hearing):
        task.cancel()
    await asyncio.wait({watching, hearing})


async def test_reload_starts_one_device_with_newly_read_configuration(broker: MosquittoProcess, tmp_path: Path) -> None:
    stage, old = Stage(), config(broker.port, tmp_path)
    new = msgspec.structs.replace(old, device=(BoardConfig(id="board-1", width=256), old.device[1]))
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage, reread=lambda: new) as node:
        await node.link.wait_up(5)
        await until(lambda: len(stage.born) == 2)
        await there.order("board-1", Reload())
        await until(lambda: stage.born.count("board-1") == 2)
        assert stage.configs["board-1"].width == 256
        assert stage.born.count("rater-1") == 1
        await until(lambda: there.of(COMMAND_ANSWER)[0].outcome == "done")
