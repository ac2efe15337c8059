"""A window without its controller: the controller is killed, three people are called all the same, and the ledger is right."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from controller.ledger import Ledger, ledger
from controller.store.reading import reading
from firmware.agents.caller_rules import REPEAT
from firmware.config import BoardConfig, NodeConfig, NodeIdentity
from firmware.config_keys import CallerConfig, RaterConfig, RatingKey
from firmware.node import Node
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from tests.chaos.reading import numbers
from tests.controller.halls import sqlite
from tests.controller.play import Client, until
from tests.controller.test_crash import born, controller, prepare

CALLER = CallerConfig(id="caller-1", window="w1", wire="/dev/input/by-id/usb-pad-event-kbd", patience=0.5)
RATER = RaterConfig(id="rater-1", window="w1", keys=tuple(RatingKey(level=n, line=n + 3, lamp=n + 15) for n in range(1, 6)))
STRIP = BoardConfig(id="strip-1", layout="window", window="w1", blink=0.1)


@asynccontextmanager
async def desk(broker: MosquittoProcess, folder: Path) -> AsyncIterator[Bench]:
    """The window's node, on simulated wires."""
    identity = NodeIdentity(id="desk", hall="centre", data=folder / "desk")
    config = NodeConfig(node=identity, broker=broker.address(), device=(CALLER, RATER, STRIP))
    stop = asyncio.Event()
    async with Simulation(config) as simulation:
        node = asyncio.create_task(Node(config, simulation.wires, version="1").run(stop))
        try:
            yield simulation.bench
        finally:
            stop.set()
            await node


def written(folder: Path, number: str) -> Ledger:
    """What the hall's record says of a ticket."""
    with reading(sqlite(folder)) as connection:
        found = ledger(connection, "centre", number)
    assert found is not None
    return found


async def next_at(client: Client, window: str) -> dispatch.DispatchReply:
    """Call there, again while the node of another window has not given up in time what it holds."""
    async with asyncio.timeout(30):
        while (reply := await client.ask(dispatch.CallNext(window=window))).code == "nobody-waits":
            pass
    return reply


async def test_a_window_calls_three_people_while_its_controller_is_killed(broker: MosquittoProcess, tmp_path: Path) -> None:
    prepare(broker, tmp_path)
    async with Client(broker) as client, controller(tmp_path) as first, desk(broker, tmp_path) as bench:
        session = await born(client)
        for _ in range(5):
            await client.ask(dispatch.IssueTicket(service="social"))
        allotted = await client.said(topics.ALLOTMENT, lambda a: len(a.tickets) == 5, window="w1")
        assert [ticket.number for ticket in allotted.tickets] == ["A001", "A002", "A003", "A004", "A005"]
        await client.said(topics.ALLOTMENT_HELD, lambda held: held.version == allotted.version, node="desk")
        first.kill()
        await client.said(topics.DEVICE_STATE, lambda s: s.code == "controller-away", device="caller-1")

        for number in ("A001", "A002", "A003"):
            for key in ("next", "start"):
                await bench.do("caller-1", "press", key=key)
                await until(lambda: numbers(bench.view("strip-1")) == (number,), f"{number} on the strip")  # noqa: B023
            await bench.do("caller-1", "press", key="finish")
            await until(lambda: any(key["lamp"] for key in bench.view("rater-1")["keys"]), "lamps that invite")
            if number == "A001":
                await bench.do("rater-1", "press", key="5")
            await until(lambda: numbers(bench.view("strip-1")) == (), "no number on the strip")
            await asyncio.sleep(REPEAT)  # the same key sooner is the same press
        assert client.messages(topics.CALL) == []

        async with controller(tmp_path):
            await born(client, but=session)
            # A new controller first says what it last knew; then it hears what happened meanwhile.
            await client.said(topics.ALLOTMENT, lambda a: [t.number for t in a.tickets] == ["A004", "A005"], window="w1")
            await client.said(topics.DEVICE_STATE, lambda s: s.code == "ok", device="caller-1")
            await bench.do("caller-1", "press", key="next")
            call = await client.said(topics.CALL)
            assert (call.number, call.window) == ("A004", "w1")
            await until(lambda: numbers(bench.view("strip-1")) == ("A004",), "A004 on the strip")
            reply = await next_at(client, "w2")
            assert (reply.code, reply.number) == ("ok", "A005")

    for number in ("A001", "A002", "A003"):
        steps = written(tmp_path, number).steps
        names = [step.step for step in steps]
        assert [names.count(step) for step in ("called", "started", "finished", "invited")] == [1, 1, 1, 1]
        assert "by the window itself" in next(step.what.en for step in steps if step.step == "called")
        moments = [step.at for step in steps if step.step in ("called", "started", "finished")]
        assert moments == sorted(moments)
    assert "rated" in [step.step for step in written(tmp_path, "A001").steps]
