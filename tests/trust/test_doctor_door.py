"""At the node itself the doctor has the running program test its devices, as the hall would by an order, broker or not."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from broker_config.process import MosquittoProcess
from contract.commands import CommandAnswer
from contract.side_door import SIDE_DOOR, SelfTestTold
from contract.topics import COMMAND_ANSWER
from contract.values import Text
from firmware.config import load
from firmware.node import Node
from hallware.main import main
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from tests.runtime.stage import Stage, hall, running
from tests.runtime.waiting import until

NODE = """
[node]
id = "node-1"
hall = "centre"
data = "{data}"

[broker]
port = 9

[[device]]
kind = "kiosk"
id = "kiosk-1"
printer = {{ wire = "/dev/usb/lp0" }}
keys = [{{ line = 4, service = "social" }}]

[[device]]
kind = "rater"
id = "rater-1"
window = "w1"
keys = [{{ level = 5, line = 5, lamp = 6 }}]
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a machine's tree begins, with the folder that systemd gives the node's program."""
    (tmp_path / "run/hallware").mkdir(parents=True)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run/hallware"))
    (tmp_path / "node.toml").write_text(NODE.format(data=tmp_path / "data"))
    return tmp_path


@asynccontextmanager
async def node(root: Path) -> AsyncIterator[tuple[Bench, Node]]:
    """Our program on simulated wires; no broker is there."""
    config, stop = load(root / "node.toml"), asyncio.Event()
    async with Simulation(config) as simulation:
        program = Node(config, simulation.wires, version="1")
        task = asyncio.create_task(program.run(stop))
        try:
            await until(lambda: (root / "run/hallware" / SIDE_DOOR).exists(), within=20)
            await until(lambda: all(device.has_answered for device in program.devices.values()), within=20)
            yield simulation.bench, program
        finally:
            stop.set()
            await task


async def doctor(root: Path, capsys: pytest.CaptureFixture[str], about: str = "self-test") -> dict[str, Any]:
    """What `hallware doctor --self-test` finds about something."""
    capsys.readouterr()
    await asyncio.to_thread(main, ["doctor", str(root / "node.toml"), "--self-test", "--json", "--root", str(root)])
    return {row["name"]: row for row in json.loads(capsys.readouterr().out) if row["name"].startswith(about)}


async def test_each_device_tests_itself_without_a_broker(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with node(root) as (bench, _):
        before = bench.view("kiosk-1")["printer"]
        found = await doctor(root, capsys)
        assert found["self-test of rater-1"]["how"] == "well"
        assert found["self-test of kiosk-1"]["how"] == "look", "it works, and the controller has never offered it anything"
        assert found["self-test of kiosk-1"]["touch"]["en"]
        assert bench.view("kiosk-1")["printer"] != before, "a page came out"


async def test_a_device_that_is_ill_says_what_to_touch(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with node(root) as (bench, program):
        await bench.do("kiosk-1", "run_out")
        await until(lambda: program.devices["kiosk-1"].condition == "fault")
        found = await doctor(root, capsys)
        assert found["self-test of kiosk-1"]["how"] == "ill"
        assert "put in a new roll" in found["self-test of kiosk-1"]["touch"]["en"]
        assert found["self-test of rater-1"]["how"] == "well"


async def test_a_node_that_does_not_run_is_said_with_what_to_do(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with node(root):
        pass
    (finding,) = (await doctor(root, capsys)).values()
    assert finding["how"] == "ill"
    assert "restart hallware-node" in finding["touch"]["en"]


async def test_a_socket_that_a_killed_program_left_behind_is_a_node_that_does_not_run_and_hinders_no_new_one(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(root / "run/hallware" / SIDE_DOOR))
    (finding,) = (await doctor(root, capsys)).values()
    assert "does not run" in finding["what"]["en"]
    async with node(root):
        assert len(await doctor(root, capsys)) == 2


async def test_the_door_is_its_owners_alone_and_no_bytes_close_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    door = root / "run/hallware" / SIDE_DOOR
    async with node(root):
        assert stat.S_IMODE(door.stat().st_mode) == 0o600
        for line in (b"\n", b"\xff\xfe\n", b"{}\n", b'{"device": "../x"}\n', b"x" * 5000 + b"\n", b""):
            reader, writer = await asyncio.open_unix_connection(door)
            writer.write(line)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
        assert len(await doctor(root, capsys)) == 2


async def test_a_device_that_is_not_here_is_refused(root: Path) -> None:
    async with node(root):
        reader, writer = await asyncio.open_unix_connection(root / "run/hallware" / SIDE_DOOR)
        writer.write(b'{"device": "board-9"}\n')
        told = json.loads(await reader.readline())
        writer.close()
        assert (told["answer"]["outcome"], told["state"]) == ("refused", None)


async def test_what_is_asked_at_the_door_is_not_answered_to_the_hall(broker: MosquittoProcess, root: Path) -> None:
    async with hall(broker.port) as there, running(broker.port, root / "data", Stage()) as program:
        await program.link.wait_up(5)
        await until(lambda: program.devices["board-1"].has_answered)
        reader, writer = await asyncio.open_unix_connection(root / "run/hallware" / SIDE_DOOR)
        writer.write(b'{"device": "board-1"}\n')
        told = json.loads(await reader.readline())
        writer.close()
        assert told["answer"]["outcome"] == "failed", "the stage's agents hear no commands"
        await there.order("board-1")
        await until(lambda: there.of(COMMAND_ANSWER))
        assert [answer.id for answer in there.of(COMMAND_ANSWER)] == ["command-1"]


async def test_the_programs_own_report_tells_whether_it_runs_and_its_echo_comes_back(
    broker: MosquittoProcess, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await doctor(root, capsys, "program"))["program"]["how"] == "unknown", "no unit of systemd's is here"
    async with node(root):
        await until((root / "run/hallware/wellness.json").exists)
        assert (await doctor(root, capsys, "program"))["program"]["how"] == "well"
        assert (await doctor(root, capsys, "echo"))["echo"]["how"] == "ill", "no broker is there"
    (root / "node.toml").write_text(NODE.format(data=root / "data").replace("port = 9", f"port = {broker.port}"))
    async with hall(broker.port) as there, node(root) as (_, program):
        await program.link.wait_up(10)
        await until(lambda: program.link.age is not None, within=20)
        await there.beat()
        report = root / "run/hallware/wellness.json"
        await until(lambda: b'"controller":true' in report.read_bytes(), within=20)
        assert (await doctor(root, capsys, "echo"))["echo"]["how"] == "well"
    unit = root / "etc/systemd/system/hallware-node.service"
    unit.parent.mkdir(parents=True)
    unit.touch()
    (root / "run/hallware/wellness.json").unlink()
    finding = (await doctor(root, capsys, "program"))["program"]
    assert (finding["how"], "restart hallware-node" in finding["touch"]["en"]) == ("ill", True)


async def test_what_a_broken_into_node_says_gives_no_orders_to_a_terminal(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Text(zh="\x1b[2J", en="\x1b[2J")
    answer = CommandAnswer(id="an-answer-1", device="kiosk-1", at=datetime.now(UTC), outcome="done", what=text)

    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(msgspec.json.encode(SelfTestTold(answer=answer, state=None)) + b"\n")
        writer.close()

    async with await asyncio.start_unix_server(lie, root / "run/hallware" / SIDE_DOOR):
        await asyncio.to_thread(main, ["doctor", str(root / "node.toml"), "--self-test", "--root", str(root)])
    said = capsys.readouterr().out
    assert "self-test of kiosk-1" in said
    assert "\x1b" not in said
