"""A node runs its agents whatever the broker does, keeps them apart, and says how they are."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from broker_config.process import MosquittoProcess
from contract.commands import Reload
from contract.events import Ack, Event, HelpAsked
from contract.topics import (
    ACK,
    BOARD_PICTURE,
    CALL,
    COMMAND_ANSWER,
    DEVICE_STATE,
    EVENT,
    NODE_STATUS,
    Role,
    heard_by,
)
from contract.values import Text
from devices.errors import DeviceBroken
from devices.real_wires import RealWires
from firmware.config import NodeConfig
from firmware.device import Device
from firmware.node import Node
from firmware.station import Station
from firmware.supervisor import Supervisor
from link.weather import Backoff
from tests.runtime.proxy import Proxy
from tests.runtime.stage import HALL, READY, Stage, config, contented, hall, running
from tests.runtime.waiting import until


async def test_birth_states_and_goodbye(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with hall(broker.port) as there:
        async with running(broker.port, tmp_path, Stage()):
            await until(lambda: there.codes("board-1")[-1:] == ["ok"] and there.codes("rater-1")[-1:] == ["ok"])
            birth = there.of(NODE_STATUS)[0]
            assert (birth.state, birth.devices) == ("online", ("board-1", "rater-1"))
        await until(lambda: there.of(NODE_STATUS)[-1].state == "offline")
        assert there.of(NODE_STATUS)[-1].session == birth.session


async def test_of_a_node_that_ends_by_a_bug_the_will_speaks(broker: MosquittoProcess, tmp_path: Path) -> None:
    def broken() -> NodeConfig:
        raise RuntimeError("a bug")

    node = Node(config(broker.port, tmp_path), RealWires(), version="1", build=Stage().build, reread=broken)
    async with hall(broker.port) as there:
        running = asyncio.create_task(node.run(asyncio.Event()))
        await node.link.wait_up(5)
        await there.order("board-1", Reload())
        with pytest.raises(RuntimeError, match="a bug"):
            await running
        await until(lambda: there.of(NODE_STATUS)[-1].state != "online")
        assert there.of(NODE_STATUS)[-1].state == "lost"


async def test_a_will_carries_the_session_of_its_own_connection(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with Proxy(broker.port) as proxy, hall(broker.port) as there, running(proxy.port, tmp_path, Stage()) as node:
        await node.link.wait_up(5)
        proxy.cut()
        await until(lambda: [status.state for status in there.of(NODE_STATUS)][-3:] == ["online", "lost", "online"])
        first, lost, second = there.of(NODE_STATUS)[-3:]
        assert first.session == lost.session != second.session


async def test_agents_start_and_facts_are_kept_without_any_broker(tmp_path: Path) -> None:
    stage = Stage()
    async with running(1, tmp_path, stage) as node:
        await until(lambda: len(stage.born) == 2)
        await stage.stations["rater-1"].record(HelpAsked(place="desk"))
        assert node.outbox.waiting == 1
        assert not await stage.stations["rater-1"].say(EVENT, HelpAsked(place="desk"))
        assert not stage.stations["rater-1"].controller_present


async def test_an_event_reaches_the_controller_and_is_forgotten_after_its_acknowledgement(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    stage = Stage()
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage) as node:
        await until(lambda: "rater-1" in stage.stations)
        await there.beat()
        await stage.stations["rater-1"].record(HelpAsked(place="desk"))
        await until(lambda: there.of(EVENT))
        event: Event = there.of(EVENT)[0]
        assert (event.node, event.device, event.number, event.fact) == ("node-1", "rater-1", 1, HelpAsked(place="desk"))
        assert node.outbox.waiting == 1
        await there.link.say(ACK, Ack(epoch=event.epoch, stored=1), node="node-1")
        await until(lambda: node.outbox.waiting == 0)
        assert {status.waiting for status in there.of(NODE_STATUS)} == {0}, "what is on its way is nothing to tell staff of"


async def test_an_event_that_waits_too_long_is_told_and_so_is_its_going(broker: MosquittoProcess, tmp_path: Path) -> None:
    stage = Stage()
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage) as node:
        await until(lambda: "rater-1" in stage.stations)
        await stage.stations["rater-1"].record(HelpAsked(place="desk"))
        await until(lambda: there.of(NODE_STATUS)[-1].waiting == 1)
        await there.link.say(ACK, Ack(epoch=node.outbox.epoch, stored=1), node="node-1")
        await until(lambda: there.of(NODE_STATUS)[-1].waiting == 0)


async def test_presence_comes_with_a_heartbeat_and_goes_with_the_will_or_silence(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    seen: list[bool] = []

    async def watching(station: Station) -> None:
        async for present in station.presence():
            seen.append(present)  # noqa: PERF401

    stage = Stage(lives={"board-1": watching})
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage) as node:
        await node.link.wait_up(5)
        await there.beat(every=0.1)
        await until(lambda: seen == [False, True])
        await until(lambda: seen == [False, True, False])
        await there.beat()
        await until(lambda: seen[-1])
        await there.beat(state="lost")
        await until(lambda: not seen[-1])


async def test_the_controllers_time_is_the_halls_time(broker: MosquittoProcess, tmp_path: Path) -> None:
    later = datetime.now(UTC) + timedelta(hours=3)
    async with hall(broker.port) as there, running(broker.port, tmp_path, Stage()) as node:
        await node.link.wait_up(5)
        await there.beat(at=later)
        await until(lambda: abs(node.clock.now() - later) < timedelta(seconds=5))
        await until(lambda: there.of(NODE_STATUS)[-1].clock_off < -10_000)


async def test_an_agent_that_fails_is_started_anew_alone_and_said_to_be_ill(
    broker: MosquittoProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    times = iter(range(100))

    async def failing_twice(station: Station) -> None:
        if next(times) < 2:
            raise RuntimeError("a bug")
        await contented(station)

    stage = Stage(lives={"board-1": failing_twice})
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage):
        await until(lambda: stage.born.count("board-1") == 3)
        await until(lambda: there.codes("board-1")[-1:] == ["ok"])
        assert stage.born.count("rater-1") == 1
        ill = [state for state in there.of(DEVICE_STATE) if state.code == "agent-failed"]
        assert "a bug" in ill[0].what.en
        assert ill[0].condition == "fault"
        assert [state for state in there.of(DEVICE_STATE) if state.device == "rater-1" and state.condition == "fault"] == []
    assert caplog.text.count("Traceback") == 1, "the same failure is explained once"


async def test_the_words_of_the_agent_itself_are_kept_when_its_device_is_at_fault(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    async def pulled_out(station: Station) -> None:
        station.state("fault", "unplugged", Text(zh="未插好", en="Not plugged in"))
        raise DeviceBroken("/dev/spidev0.0: gone")

    stage = Stage(lives={"board-1": pulled_out})
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage):
        await until(lambda: stage.born.count("board-1") == 2)
        await until(lambda: "unplugged" in there.codes("board-1"))
        assert "agent-failed" not in there.codes("board-1")


async def test_a_hanging_agent_is_cancelled_and_started_anew() -> None:
    clock = Node(config(1, Path("/tmp")), RealWires(), version="1").clock
    device = Device("board-1", "board", clock, changed=lambda _: None, trouble=lambda _: None)
    lives: list[str] = []

    async def hanging() -> None:
        lives.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            lives.append("cancelled")

    supervisor = asyncio.create_task(Supervisor(device, hanging, patience=0.1, backoff=Backoff(first=0.01, most=0.01)).run())
    await until(lambda: lives[:3] == ["begun", "cancelled", "begun"])
    assert device.state.code == "agent-hung"
    supervisor.cancel()
    await asyncio.wait({supervisor})


async def test_an_agent_that_does_not_let_go_is_left_behind_and_stops_nobody(tmp_path: Path) -> None:
    async def stubborn(station: Station) -> None:
        for _ in range(50):
            try:
                await asyncio.sleep(0.2)
            except asyncio.CancelledError:
                continue

    loop, stage = asyncio.get_running_loop(), Stage(lives={"board-1": stubborn})
    async with running(1, tmp_path, stage):
        await until(lambda: len(stage.born) == 2)
        began = loop.time()
    assert loop.time() - began < 3


async def test_hostile_payloads_are_counted_where_they_were_heard_and_nothing_dies(
    broker: MosquittoProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def hearing(station: Station) -> None:
        station.state("ready", "ok", READY)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(contented(station))
            tasks.create_task(_all(station.hear(BOARD_PICTURE, board="board-1")))
            tasks.create_task(_all(station.hear(CALL)))

    stage = Stage(lives={"board-1": hearing})
    levels = {"hall": HALL, "node": "node-1", "board": "board-1"}
    async with hall(broker.port) as there, running(broker.port, tmp_path, stage) as node:
        await node.link.wait_up(5)
        await until(lambda: len(stage.born) == 2)
        await asyncio.sleep(0.1)
        async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as raw:
            for row in heard_by(Role.NODE):
                for payload in (b"\xff", b'{"id":', b"[]", b'{"state":"online"}', b"x" * 65_000):
                    await raw.publish(row.at(**{level: levels.get(level, "x1") for level in row.levels}), payload, qos=1)
        await until(lambda: node.devices["board-1"].counts["bad-message"] == 10)
        await until(lambda: [s for s in there.of(DEVICE_STATE) if s.counts.get("bad-message") == 10])
        await there.order("board-9")
        await until(lambda: there.of(COMMAND_ANSWER))
        assert sorted(stage.born) == ["board-1", "rater-1"]
    lines = [record.message for record in caplog.records if "refused a message" in record.message]
    assert len(lines) == len(set(lines)) <= 8, "one line for each topic"


async def _all(messages: AsyncIterator[Any]) -> None:
    async for _ in messages:
        pass


async def test_the_heart_knows_a_link_that_neither_carries_nor_tries(tmp_path: Path) -> None:
    async with running(1, tmp_path, Stage()) as node:
        await until(lambda: node.devices["board-1"].condition == "ready")
        assert node._heart.sound, "a broker that is away is no reason to start the machine anew"
        node.link._stirred -= 60
        assert not node._heart.sound
