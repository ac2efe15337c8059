"""`hallware slip`, as staff type it, against a running controller and a kiosk's node."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest

from broker_config.process import MosquittoProcess
from contract import topics
from contract.commands import CommandAnswer, PrintSlip
from contract.values import Text
from hallware.main import main
from tests.controller.halls import sqlite, text
from tests.controller.play import Client, now, running_hall, until
from tests.controller.test_slips import FORMS


@pytest.fixture
async def printed(
    broker: MosquittoProcess, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[PrintSlip]]:
    """What the kiosk printed: the first slip comes out, a second time there is no paper."""
    monkeypatch.setenv("HALLWARE_BROKER", f"127.0.0.1:{broker.port}")
    monkeypatch.setenv("HALLWARE_HALL", "centre")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "hall.toml").write_text(text(sqlite(tmp_path), port=broker.port), encoding="utf-8")
    slips: list[PrintSlip] = []

    async def answer() -> None:
        async for heard in client.link.hear(topics.COMMAND):
            assert isinstance(heard.message.do, PrintSlip)
            slips.append(heard.message.do)
            what = Text(zh="好", en="printed") if len(slips) == 1 else Text(zh="缺纸", en="out of paper")
            outcome: Literal["done", "failed"] = "done" if len(slips) == 1 else "failed"
            said = CommandAnswer(id=heard.message.id, device="kiosk-1", at=now(), outcome=outcome, what=what)
            await client.link.say(topics.COMMAND_ANSWER, said, node="entrance")

    async with running_hall(broker, tmp_path, FORMS) as hall:
        await client.birth("entrance", "session-1", devices=("kiosk-1",))
        await until(lambda: any(node.status for node in hall.view().nodes))
        answering = asyncio.create_task(answer())
        yield slips
        answering.cancel()


async def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = await asyncio.to_thread(main, ["slip", *words])
    return code, capsys.readouterr().out


async def test_a_slip_is_printed_printed_again_and_stands_in_the_log(
    printed: list[PrintSlip], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = ("--field", "holder=王小明", "--field", "papers=身份证", "--field", "papers=户口簿")
    code, out = await typed(capsys, "print", "handover", *fields, "--at", "kiosk-1", "--json")
    answer = json.loads(out)
    assert (code, answer["printed"]["outcome"]) == (0, "done")
    assert printed[0].fields == {"holder": "王小明", "papers": ("身份证", "户口簿")}
    code, out = await typed(capsys, "again", "handover", answer["slip"], "--why", "lost", "--at", "kiosk-1")
    assert (code, out.splitlines()[-1]) == (1, "out of paper")
    assert printed[1].reprint
    code, out = await typed(capsys, "log", str(tmp_path / "hall.toml"))
    newest, first = out.splitlines()
    assert newest.endswith("mqtt:dispatch  not printed [reprint: lost]")
    assert first.endswith("mqtt:dispatch  printed")
    code, out = await typed(capsys, "log", str(tmp_path / "hall.toml"), "--number", "20200101-0001")
    assert (code, out) == (0, "")
    assert (await typed(capsys, "print", "handover", "--at", "kiosk-1")) == (1, "please fill in: Left by\n")
