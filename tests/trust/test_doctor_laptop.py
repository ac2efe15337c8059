"""On a machine that only gives orders the doctor tells whether the broker lets it in and whether the controller is there."""

import asyncio
import json
from pathlib import Path

import pytest

from broker_config.process import MosquittoProcess
from hallware.main import main
from link.link import Link
from tests.broker import HALL
from tests.runtime.stage import Hall

CLIENT = """
hall = "{hall}"
[broker]
port = {port}
username = "dispatch"
password_file = "{password}"
"""


async def doctor(
    broker: MosquittoProcess, folder: Path, capsys: pytest.CaptureFixture[str], password: str = "hctapsid"
) -> dict[str, str]:
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o600)
    (folder / "client.toml").write_text(CLIENT.format(hall=HALL, port=broker.port, password=folder / "password"))
    await asyncio.to_thread(main, ["doctor", str(folder / "client.toml"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert all(("touch" in row) is (row["how"] in ("ill", "look")) for row in found)
    return {row["name"]: row["how"] for row in found}


async def test_the_controller_is_heard(
    secured_broker: MosquittoProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Link(secured_broker.address("controller"), "controller", HALL) as link:
        await link.wait_up(5)
        await Hall(link).beat()
        found = await doctor(secured_broker, tmp_path, capsys)
    assert found == {"settings": "well", "broker": "well", "entry": "well", "controller": "well"}


async def test_a_controller_that_is_not_there_is_said(
    secured_broker: MosquittoProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await doctor(secured_broker, tmp_path, capsys))["controller"] == "look"


async def test_a_wrong_password_is_said(
    secured_broker: MosquittoProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await doctor(secured_broker, tmp_path, capsys, "wrong"))["entry"] == "ill"
