"""One node with boards of every kind, through a real Mosquitto: each shows the same call, and one cut off stops no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broker_config.process import MosquittoProcess
from contract.calling import CallAnswer, PictureShown
from contract.health import ControllerStatus, DeviceState
from contract.topics import BOARD_PICTURE, CALL, CALL_ANSWER, CONTROLLER_STATUS, DEVICE_STATE, PICTURE_SHOWN
from devices.lettering import Row, Typesetter
from firmware.config import BoardConfig, NodeConfig, NodeIdentity, StripConfig
from firmware.node import Node
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from hardware_sim.bench_board import SimulatedBoard
from hardware_sim.bench_sign import SimulatedStrip
from link.link import Link
from tests.board.halls import call, picture
from tests.board.test_board_on_a_broker import collect
from tests.runtime.waiting import until

LINE = "/dev/serial/by-id/usb-rs485-if00"
MATRICES = (
    BoardConfig(id="low", wire="/dev/spidev0.0", layout="window", window="w3", orientation=-90),
    BoardConfig(id="high", wire="/dev/spidev0.1", layout="window", window="w3", orientation=90, height=32),
    BoardConfig(id="middle", wire="/dev/spidev1.0", layout="window", window="w3", orientation=180, height=24),
)
STRIPS = tuple(
    StripConfig(id=f"{dialect}-3", dialect=dialect, wire=wire, window="w3", refresh=1.0)  # type: ignore[arg-type]
    for dialect, wire in (("strip-aa", LINE), ("strip-fe", LINE), ("digits", f"{LINE}-2"), ("udp-card", "udp://card:8453"))
)
SHOWN = {"strip-aa-3": "请A012到3号窗口", "strip-fe-3": "请A012到3号窗口", "digits-3": "012", "udp-card-3": "请A012到3号窗口"}
LARGE = {"low": Row("请A012到3号窗口"), "high": Row("请A012", 2), "middle": Row("请A012到3号窗口")}


@dataclass
class Place:
    """The node's bench and what the hall hears of it."""

    link: Link
    bench: Bench
    answers: list[CallAnswer]
    states: list[DeviceState]

    def text_board(self, device: str) -> SimulatedStrip:
        found = self.bench.peripherals[device]
        assert isinstance(found, SimulatedStrip)
        return found

    def state(self, device: str) -> str:
        return next((state.code for state in reversed(self.states) if state.device == device), "")

    def lit(self, board: BoardConfig) -> bool:
        far = self.bench.peripherals[board.id]
        assert isinstance(far, SimulatedBoard)
        return far.cascade.pixels() == Typesetter(board.width, board.height, print).page((LARGE[board.id],))

    async def reading(self, device: str, text: str) -> None:
        await until(lambda: self.text_board(device).sign.texts() == [text])

    async def shining(self, board: BoardConfig) -> None:
        await until(lambda: self.lit(board))

    def outcomes(self, of: str) -> dict[str, str]:
        return {answer.device: answer.outcome for answer in self.answers if answer.call == of}


@asynccontextmanager
async def place(broker: MosquittoProcess, data: Path) -> AsyncIterator[Place]:
    identity = NodeIdentity(id="board-node", hall="centre", data=data)
    config = NodeConfig(node=identity, broker=broker.address(), device=(*MATRICES, *STRIPS))
    stop = asyncio.Event()
    async with Link(broker.address(), "controller", "centre") as link, Simulation(config) as simulation:
        await link.wait_up(10)
        here, reports = Place(link, simulation.bench, [], []), list[PictureShown]()
        async with asyncio.TaskGroup() as tasks:
            ears = [tasks.create_task(collect(link, CALL_ANSWER, here.answers))]
            ears.append(tasks.create_task(collect(link, DEVICE_STATE, here.states)))
            ears.append(tasks.create_task(collect(link, PICTURE_SHOWN, reports)))
            tasks.create_task(Node(config, simulation.wires, version="1").run(stop))
            status = ControllerStatus(session="session-1", state="online", at=datetime.now(UTC), version="1", every=60)
            await link.say(CONTROLLER_STATUS, status)
            for device in (*LARGE, *SHOWN):
                await link.say(BOARD_PICTURE, picture(at=datetime.now(UTC)), board=device)
            # Whoever shows its picture hears calls too: it asked for both in this order.
            await until(lambda: {shown.device for shown in reports} == {*LARGE, *SHOWN})
            yield here
            stop.set()
            for ear in ears:
                ear.cancel()


async def test_every_board_shows_the_call_as_large_as_it_can_and_answers_it(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with place(broker, tmp_path) as here:
        one = call("A012", at=datetime.now(UTC))
        await here.link.say(CALL, one)
        await until(lambda: here.outcomes(one.id) == dict.fromkeys((*LARGE, *SHOWN), "shown"))
        for device, text in SHOWN.items():
            await here.reading(device, text)
        for board in MATRICES:
            await here.shining(board)


async def test_a_line_that_is_cut_off_stops_no_board_on_another(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with place(broker, tmp_path) as here:
        here.text_board("strip-aa-3").unplug()
        await until(lambda: [here.state(device) for device in ("strip-aa-3", "strip-fe-3")] == ["wire-gone"] * 2)
        one = call("A012", at=datetime.now(UTC), fresh=1.0)
        await here.link.say(CALL, one)
        cut_off = {"strip-aa-3": "failed", "strip-fe-3": "failed"}
        await until(lambda: here.outcomes(one.id) == dict.fromkeys((*LARGE, *SHOWN), "shown") | cut_off)
        here.text_board("strip-aa-3").plug()
        await until(lambda: [here.state(device) for device in ("strip-aa-3", "strip-fe-3")] == ["ok"] * 2)
        next_one = call("A013", at=datetime.now(UTC) + timedelta(milliseconds=1))
        await here.link.say(CALL, next_one)
        await until(lambda: here.outcomes(next_one.id) == dict.fromkeys((*LARGE, *SHOWN), "shown"))
        await here.reading("strip-fe-3", "请A013到3号窗口")
