"""The agent through a real Mosquitto, on the simulated wires of a whole node."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from broker_config.process import MosquittoProcess
from contract.calling import CallAnswer
from contract.topics import BOARD_PICTURE, CALL, CALL_ANSWER, Topic
from devices.lettering import Row, Typesetter
from firmware.agents.board import build
from firmware.config import BoardConfig, NodeConfig, NodeIdentity
from hallware.simulated import Simulation
from hardware_sim.bench_board import SimulatedBoard
from link.link import Link
from tests.board.halls import call, picture
from tests.board.station import HandStation
from tests.runtime.waiting import until

BOARD = BoardConfig(id="board-1", layout="window", window="w3", reassert=0.2)
NODE = NodeConfig(node=NodeIdentity(id="board-node", hall="centre"), device=(BOARD,))


@dataclass
class LinkedStation(HandStation):
    """A station whose ears and mouth are a real link."""

    link: Link = field(kw_only=True)

    async def hear(self, topic: Topic[Any], **levels: str) -> AsyncIterator[Any]:
        if "node" in topic.levels:
            levels["node"] = self.node
        with self.link.hear(topic, bad=lambda: self.count("bad-message"), **levels) as ear:
            async for heard in ear:
                yield heard.message

    async def say(self, topic: Topic[Any], message: msgspec.Struct, **levels: str) -> bool:
        return await self.link.say(topic, message, node=self.node, **levels)


@dataclass
class Hall:
    """A controller's link, and the board that it cannot see."""

    link: Link
    board: SimulatedBoard
    answers: list[CallAnswer]

    def shows(self, text: str) -> bool:
        return self.board.cascade.pixels() == Typesetter(BOARD.width, BOARD.height, print).page((Row(text),))


@asynccontextmanager
async def hall(broker: MosquittoProcess) -> AsyncIterator[Hall]:
    answers: list[CallAnswer] = []
    async with (
        Link(broker.address(), "controller", "centre") as controller,
        Link(broker.address(), "board-node", "centre") as node,
        Simulation(NODE) as simulation,
    ):
        await controller.wait_up(10)
        await node.wait_up(10)
        await controller.say(BOARD_PICTURE, picture(), board="board-1")
        station = LinkedStation("board-1", link=node)
        tasks = [
            asyncio.create_task(build(BOARD, simulation.wires, station).run()),
            asyncio.create_task(_collect(controller, answers)),
        ]
        board = simulation.bench.peripherals["board-1"]
        assert isinstance(board, SimulatedBoard)
        try:
            yield Hall(controller, board, answers)
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def _collect(link: Link, answers: list[CallAnswer]) -> None:
    with link.hear(CALL_ANSWER) as ear:
        async for heard in ear:
            answers.append(heard.message)  # noqa: PERF401  it never ends


async def test_a_retained_picture_wakes_the_board_and_a_call_is_shown_and_answered(broker: MosquittoProcess) -> None:
    async with hall(broker) as here:
        await until(lambda: here.shows("欢迎光临"))
        await here.link.say(CALL, call("A012"))
        await here.link.say(CALL, call("A012"))
        await here.link.say(CALL, call("B007", 5))
        await until(lambda: here.answers)
        await until(lambda: here.shows("请A012到3号窗口"))
        await here.link.say(CALL, call("A011", at=call("A011").at.replace(year=2020)))
        await until(lambda: len(here.answers) == 2)
        assert [(answer.call, answer.outcome) for answer in here.answers] == [
            (call("A012").id, "shown"),
            (call("A011").id, "late"),
        ]
        assert (here.answers[0].node, here.answers[0].device) == ("board-node", "board-1")


async def test_the_board_comes_back_after_its_broker(broker: MosquittoProcess) -> None:
    async with hall(broker) as here:
        await until(lambda: here.shows("欢迎光临"))
        await broker.restart()
        await here.link.up.until(value=True)

        async def again() -> None:
            while not here.answers:
                await here.link.say(CALL, call("A012"))
                await asyncio.sleep(0.05)

        await asyncio.wait_for(again(), 20)
        await until(lambda: here.shows("请A012到3号窗口"))


@pytest.mark.parametrize("hand", ["brown_out", "plug"])
async def test_what_a_technician_breaks_heals_by_itself(broker: MosquittoProcess, hand: str) -> None:
    async with hall(broker) as here:
        await until(lambda: here.shows("欢迎光临"))
        if hand == "brown_out":
            here.board.brown_out(3, "test")
        else:
            here.board.unplug()
            here.board.plug()
        assert not here.shows("欢迎光临")
        await until(lambda: here.shows("欢迎光临"))
