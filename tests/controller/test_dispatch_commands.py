"""`hallware call`, `recall`, `no-show`, `notice` and `watch`, as staff type them, against a running controller."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.calling import CallAnswer
from contract.health import DeviceState
from contract.values import Text
from controller.service import HallService
from tests.controller.play import Client, now, running_hall

HALLWARE = Path(sys.executable).with_name("hallware")


@dataclass
class Hall:
    """A running hall and a terminal beside it."""

    service: HallService
    client: Client
    environment: dict[str, str]

    async def type(self, *words: str) -> tuple[int, str, str]:
        """Run `hallware` with `words`: exit code, output, errors."""
        process = await asyncio.create_subprocess_exec(
            HALLWARE, *words,
            env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def hall(broker: MosquittoProcess, tmp_path: Path) -> AsyncIterator[Hall]:
    """A hall whose boards answer every call but one."""
    environment = {
        **os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path), "COLUMNS": "120",
        "HALLWARE_BROKER": f"127.0.0.1:{broker.port}", "HALLWARE_HALL": "centre",
    }  # fmt: skip
    async with Client(broker) as client, running_hall(broker, tmp_path) as service:
        answering = asyncio.create_task(_boards(client))
        yield Hall(service, client, environment)
        answering.cancel()


async def _boards(client: Client) -> None:
    """The main board shows every call, the strip of window 1 is broken."""
    async for heard in client.link.hear(topics.CALL):
        answer = CallAnswer(call=heard.message.id, node="entrance", device="main", at=now(), outcome="shown")
        await client.link.say(topics.CALL_ANSWER, answer, node="entrance")


async def test_call_says_who_is_called_and_on_how_many_boards(hall: Hall) -> None:
    assert await hall.type("call", "w1") == (1, "nobody waits\n", "")
    for _ in range(2):
        await hall.client.ask(dispatch.IssueTicket(service="social"))
    assert await hall.type("call", "w1") == (0, "A001 to Window 1\nshown on 1 of 2 boards\n", "")
    hall.environment |= {"LC_ALL": "zh_CN.UTF-8"}
    code, out, _ = await hall.type("call", "w2", "a002", "--json")
    answer = json.loads(out)
    assert (code, answer["number"], answer["shown"], answer["boards"]) == (0, "A002", 1, 1)
    assert await hall.type("recall", "w2") == (0, "请 A002 号到2号窗口（第 2 次）\n已在 1 块屏中的 1 块上显示\n", "")
    code, out, _ = await hall.type("no-show", "w2")
    assert (code, out) == (1, "叫满 3 次才可过号，现已叫 2 次\n")
    await hall.type("recall", "w2")
    assert await hall.type("no-show", "w2") == (0, "A002 号过号\n", "")


async def test_notice_goes_up_and_comes_down(hall: Hall) -> None:
    code, out, _ = await hall.type("notice", "停电", "--en", "Power cut", "--zone", "west", "--urgent", "--for", "30", "--json")
    notice = json.loads(out)["notice"]
    picture = await hall.client.said(topics.BOARD_PICTURE, lambda p: p.notices, board="west-board")
    assert code == 0
    assert (picture.notices[0].text.en, picture.notices[0].urgent) == ("Power cut", True)
    assert (await hall.type("notice", "--withdraw", notice))[0] == 0
    assert (await hall.type("notice", "x", "--zone", "nowhere"))[:2] == (1, "there is no zone nowhere\n")


async def test_notice_for_every_working_day_waits_for_its_time(hall: Hall) -> None:
    typed = (
        "notice",
        "即将午休",
        "--important",
        "--from",
        "2100-01-04T08:00+08:00",
        "--times",
        "11:45-12:00",
        "--days",
        "mon,fri",
    )
    assert (await hall.type(*typed))[0] == 0
    (plan,) = hall.service.view().planned
    assert plan.important
    assert plan.since == datetime(2100, 1, 4, tzinfo=UTC)
    assert plan.times == dispatch.NoticeTimes(starts="11:45", ends="12:00", days=("mon", "fri"))


async def test_what_cannot_be_asked_is_a_usage_problem(hall: Hall) -> None:
    for words, sentence in (
        (("notice",), "what is the notice"),
        (("notice", "x", "--for", "-1"), "--for"),
        (("notice", "x", "--from", "tomorrow"), "--from"),
        (("notice", "x", "--times", "noon"), "--times"),
        (("notice", "x", "--days", "mon"), "--days"),
        (("call", "Window One"), "that cannot be asked"),
        (("call", "w1", "--broker", "host:port"), "no port"),
    ):
        code, _, err = await hall.type(*words)
        assert code == 2
        assert sentence in err
    del hall.environment["HALLWARE_HALL"]
    code, _, err = await hall.type("call", "w1")
    assert code == 2
    assert "which hall" in err


async def test_what_is_no_ticket_number_is_refused_in_plain_words(hall: Hall) -> None:
    code, out, err = await hall.type("call", "w1", "zzz")
    assert (code, out, err.splitlines()[-1]) == (2, "", "hallware call: zzz is not a ticket number such as A012")
    hall.environment |= {"LC_ALL": "zh_CN.UTF-8"}
    assert "zzz 不是号票号码，例如 A012" in (await hall.type("call", "w1", "zzz"))[2]


async def test_settings_may_stand_in_a_file(hall: Hall, broker: MosquittoProcess, tmp_path: Path) -> None:
    for name in ("HALLWARE_HALL", "HALLWARE_BROKER"):
        del hall.environment[name]
    (tmp_path / ".config/hallware").mkdir(parents=True)
    file = tmp_path / ".config/hallware/client.toml"
    file.write_text(f'hall = "centre"\n[broker]\nport = {broker.port}\nusername = "dispatch"\n')
    assert (await hall.type("call", "w1"))[1] == "nobody waits\n"


async def test_without_a_broker_the_command_says_so(hall: Hall) -> None:
    hall.environment["HALLWARE_BROKER"] = "127.0.0.1:1"
    code, _, err = await hall.type("call", "w1")
    assert code == 1
    assert "127.0.0.1:1" in err


async def test_watch_shows_windows_queues_and_troubles(hall: Hall) -> None:
    await hall.client.ask(dispatch.IssueTicket(service="social"))
    await hall.client.birth("desk", "session-1", "lost")
    out_of_paper = DeviceState(
        device="kiosk-1", kind="kiosk", condition="fault", code="paper-out", what=Text(zh="缺纸", en="paper is out"),
        touch=Text(zh="换纸", en="put in a new roll"), since=now(),
    )  # fmt: skip
    await hall.client.link.say(topics.DEVICE_STATE, out_of_paper, node="entrance", device="kiosk-1")
    await hall.client.ask(dispatch.CallNext(window="w1"))
    code, out, _ = await hall.type("watch", "--once")
    assert code == 0
    for words in ("controller online", "Window 1", "A001", "Social security", "the node is away", "put in a new roll"):
        assert words in out
