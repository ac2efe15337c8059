"""`hallware nodes list` says which version runs on each node, and what became of its last update."""

import asyncio
import os
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from broker_config.process import MosquittoProcess
from contract.enrolment import Identity
from contract.health import Condition, DeviceState, NodeStatus
from contract.topics import DEVICE_STATE, NODE_STATUS
from contract.updating import UpdateReport
from contract.values import Text
from controller.config import load
from controller.enrolment import EnrolmentBook
from link.address import BrokerAddress
from link.link import Link
from provisioning.ca_folder import CaFolder
from provisioning.lamp import in_dots
from tests.update.plan import hall_toml
from tests.update.stage import ROOT, now

WORDS = Text(zh="设备无应答", en="A device does not answer")


async def say(
    broker: MosquittoProcess, node: str, hall: str, update: UpdateReport | None, condition: Condition = "ready"
) -> None:
    async with Link(BrokerAddress(port=broker.port), node, hall) as link:
        await link.wait_up(10)
        status = NodeStatus(node=node, session="session-1", state="online", at=now(), version="0.1.0", update=update)
        assert await link.say(NODE_STATUS, status, node=node)
        state = DeviceState(device=f"at-{node}", kind="board", condition=condition, code="x", what=WORDS, since=now())
        assert await link.say(DEVICE_STATE, state, node=node, device=state.device)


def listed(toml: Path, *, wide: int = 200) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "hallware.main", "nodes", str(toml), "list"]
    environment = os.environ | {"LC_ALL": "C", "COLUMNS": str(wide)}
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)


async def test_version_and_result_of_each_node_are_listed(tmp_path: Path) -> None:
    CaFolder(tmp_path / "trust").make("demo", datetime.now(UTC))
    back = UpdateReport(version="0.2.0", result="returned", code="device-silent", what=WORDS, at=now())
    async with MosquittoProcess() as broker:
        toml = tmp_path / "hall.toml"
        toml.write_text(hall_toml(tmp_path, tmp_path / "trust", ["entrance", "boards", "room"], broker.port))
        hall = tomllib.loads(toml.read_text())["hall"]["id"]
        await say(broker, "entrance", hall, None)
        await say(broker, "boards", hall, back)
        lines = (await asyncio.to_thread(listed, toml)).stdout.splitlines()
    of = {line.split()[0]: line for line in lines if line}
    assert "0.1.0" in of["entrance"]
    assert "went back" not in of["entrance"]
    assert "0.1.0 ✗ 0.2.0 went back" in of["boards"]
    assert "0.1.0" not in of["room"]


async def test_who_is_well_and_who_is_ill_is_listed_and_counted(tmp_path: Path) -> None:
    CaFolder(tmp_path / "trust").make("demo", datetime.now(UTC))
    async with MosquittoProcess() as broker:
        toml = tmp_path / "hall.toml"
        toml.write_text(hall_toml(tmp_path, tmp_path / "trust", ["entrance", "boards", "room"], broker.port))
        hall = tomllib.loads(toml.read_text())["hall"]["id"]
        await say(broker, "entrance", hall, None, "ready")
        await say(broker, "boards", hall, None, "fault")
        said = (await asyncio.to_thread(listed, toml)).stdout
    of = {line.split()[0]: line for line in said.splitlines() if line}
    assert "healthy" in of["entrance"]
    assert "ILL: 1 to see to" in of["boards"]
    assert "3 wanted, 0 waiting for approval, 1 healthy, 1 ill, 0 not there" in said


def test_without_the_broker_the_rest_is_listed_and_that_is_said(tmp_path: Path) -> None:
    CaFolder(tmp_path / "trust").make("demo", datetime.now(UTC))
    toml = tmp_path / "hall.toml"
    toml.write_text(hall_toml(tmp_path, tmp_path / "trust", ["entrance"]))
    ran = listed(toml)
    assert "entrance" in ran.stdout
    assert "versions are not known" in ran.stderr


def test_on_a_narrow_screen_name_and_lamp_of_who_waits_are_whole(tmp_path: Path) -> None:
    CaFolder(tmp_path / "trust").make("demo", datetime.now(UTC))
    toml = tmp_path / "hall.toml"
    toml.write_text(hall_toml(tmp_path, tmp_path / "trust", ["entrance"]))
    hall = load(toml)
    with EnrolmentBook.open(hall.store, hall.hall.id) as book:
        waiting = book.ask("entrance", Identity.NODE, "key", "pem", "10000000cafe0001", "", "192.0.2.100")
    (line,) = [line for line in listed(toml, wide=60).stdout.splitlines() if "entrance" in line]
    assert "WAITS" in line
    assert line.rstrip().endswith(in_dots(waiting.pattern))
