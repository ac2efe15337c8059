"""A whole node with one board, through a real Mosquitto, on simulated wires."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broker_config.process import MosquittoProcess
from contract.calling import Call, CallAnswer
from contract.commands import Command, CommandAnswer, SelfTest
from contract.health import ControllerStatus
from contract.topics import BOARD_PICTURE, CALL, CALL_ANSWER, COMMAND, COMMAND_ANSWER, CONTROLLER_STATUS, Topic
from devices.lettering import Row, Typesetter
from firmware.config import BoardConfig, NodeConfig, NodeIdentity
from firmware.node import Node
from hallware.simulated import Simulation
from hardware_sim.bench_board import SimulatedBoard
from link.link import Link
from tests.board.halls import call, picture
from tests.runtime.waiting import until

BOARD = BoardConfig(id="board-1", layout="window", window="w3", reassert=0.2)


@dataclass
class Hall:
    """A controller's link, what it hears, and the board that it cannot see."""

    link: Link
    board: SimulatedBoard
    answers: list[CallAnswer]
    replies: list[CommandAnswer]

    def shows(self, text: str) -> bool:
        return self.board.cascade.pixels() == Typesetter(BOARD.width, BOARD.height, print).page((Row(text),))

    async def controller(self, *, every: float) -> None:
        """One heartbeat, good for three times as long."""
        status = ControllerStatus(session="session-1", state="online", at=datetime.now(UTC), version="1", every=every)
        await self.link.say(CONTROLLER_STATUS, status)


@asynccontextmanager
async def hall(broker: MosquittoProcess, data: Path) -> AsyncIterator[Hall]:
    identity = NodeIdentity(id="board-node", hall="centre", data=data)
    config = NodeConfig(node=identity, broker=broker.address(), device=(BOARD,))
    stop = asyncio.Event()
    async with Link(broker.address(), "controller", "centre") as link, Simulation(config) as simulation:
        await link.wait_up(10)
        board = simulation.bench.peripherals["board-1"]
        assert isinstance(board, SimulatedBoard)
        here = Hall(link, board, [], [])
        async with asyncio.TaskGroup() as tasks:
            ears = [tasks.create_task(collect(link, CALL_ANSWER, here.answers))]
            ears.append(tasks.create_task(collect(link, COMMAND_ANSWER, here.replies)))
            tasks.create_task(Node(config, simulation.wires, version="1").run(stop))
            await here.controller(every=60)
            await link.say(BOARD_PICTURE, picture(at=datetime.now(UTC)), board="board-1")
            await until(lambda: here.shows("欢迎光临"))
            yield here
            stop.set()
            for ear in ears:
                ear.cancel()


async def collect(link: Link, topic: Topic[Any], into: list[Any]) -> None:
    with link.hear(topic) as ear:
        async for heard in ear:
            into.append(heard.message)  # noqa: PERF401  it never ends


def now_calls(number: str, *, ago: float = 0, window: int = 3) -> Call:
    return call(number, window, at=datetime.now(UTC) - timedelta(seconds=ago))


async def test_a_call_is_shown_and_answered_once_and_a_stale_one_not_at_all(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with hall(broker, tmp_path) as here:
        fresh, stale = now_calls("A012"), now_calls("A011", ago=60)
        for one in (fresh, fresh, now_calls("B007", window=5), stale):
            await here.link.say(CALL, one)
        await until(lambda: len(here.answers) == 2)
        assert [(answer.call, answer.outcome) for answer in here.answers] == [(fresh.id, "shown"), (stale.id, "late")]
        assert (here.answers[0].node, here.answers[0].device) == ("board-node", "board-1")
        await until(lambda: here.shows("请A012到3号窗口"))


async def test_a_board_whose_controller_is_lost_points_to_the_desk_and_comes_back(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    async with hall(broker, tmp_path) as here:
        await here.controller(every=0.2)
        await until(lambda: here.shows("请到窗口咨询"))
        await here.controller(every=60)
        await until(lambda: here.shows("欢迎光临"))


async def test_the_board_comes_back_after_its_broker(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with hall(broker, tmp_path) as here:
        await broker.restart()
        await here.link.up.until(value=True)
        for number in range(1, 1000):
            await here.link.say(CALL, now_calls(f"A{number:03}"))
            await asyncio.sleep(0.05)
            if here.answers:
                break
        assert here.answers[0].outcome == "shown"


async def test_a_self_test_is_ordered_and_answered(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with hall(broker, tmp_path) as here:
        at = datetime.now(UTC)
        order = Command(id="command-1", device="board-1", at=at, not_after=at + timedelta(seconds=30), do=SelfTest())
        await here.link.say(COMMAND, order, node="board-node")
        await until(lambda: here.board.cascade.pixels() == b"\xff" * 256)
        await until(lambda: here.replies)
        assert (here.replies[0].id, here.replies[0].outcome) == ("command-1", "done")


@pytest.mark.parametrize("hand", ["brown_out", "plug"])
async def test_what_a_technician_breaks_heals_by_itself(broker: MosquittoProcess, tmp_path: Path, hand: str) -> None:
    async with hall(broker, tmp_path) as here:
        if hand == "brown_out":
            here.board.brown_out(3, "test")
        else:
            here.board.unplug()
            here.board.plug()
        assert not here.shows("欢迎光临")
        await until(lambda: here.shows("欢迎光临"))
