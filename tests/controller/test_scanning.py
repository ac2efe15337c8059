"""What the controller answers to a scanned code, over a real broker: where its holder stands, a return, a refusal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.commands import PrintSlip
from contract.scanning import ScanReply, ScanRequest
from contract.settings import parse
from contract.values import Text
from controller.appointments import slots
from controller.config import HallConfig
from controller.hall_rules import HallRules
from controller.running import running
from tests.controller.halls import ALL_DAY, sqlite, text
from tests.controller.play import Client, now, running_hall, token, until


class Entrance(Client):
    """A client that scans, too."""

    async def scan(self, code: str, kind: Any = "ticket", **changes: Any) -> ScanReply:
        """Hold a code before the scanner at the entrance."""
        plain = {"id": token(), "scanner": "scanner-1", "kind": kind, "code": code, "at": now()}
        request = ScanRequest(**{**plain, "not_after": now() + timedelta(seconds=5), **changes})
        before = len(self.messages(topics.SCAN_REPLY))
        await self.link.say(topics.SCAN_REQUEST, request, node="entrance")
        await until(lambda: len(self.messages(topics.SCAN_REPLY)) > before, "an answer to the scanner")
        reply: ScanReply = self.messages(topics.SCAN_REPLY, node="entrance")[-1]
        assert reply.request == request.id
        return reply


@asynccontextmanager
async def an_entrance(broker: MosquittoProcess, folder: Path, **settings: str) -> AsyncIterator[Entrance]:
    async with Entrance(broker) as client, running_hall(broker, folder, **settings):
        yield client


async def missed(client: Client) -> dispatch.DispatchReply:
    """A ticket that was called as often as the rules say, and nobody came."""
    ticket = await client.ask(dispatch.IssueTicket(service="social"))
    await client.ask(dispatch.CallNext(window="w1"))
    for _ in range(2):
        await client.ask(dispatch.Recall(window="w1"))
    assert (await client.ask(dispatch.NoShow(window="w1"))).outcome == "done"
    return ticket


async def test_a_ticket_is_found_wherever_it_stands(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with an_entrance(broker, tmp_path) as client:
        first, second = [await client.ask(dispatch.IssueTicket(service="social")) for _ in range(2)]
        assert second.ticket is not None
        assert second.number is not None
        reply = await client.scan(second.ticket)
        assert (reply.outcome, reply.number, reply.ahead) == ("found", "A002", 1)
        assert reply.what == Text(zh="A002 在排队，前面 1 人，约 1–4 分钟", en="A002 waits: 1 ahead, about 1 to 4 min")
        assert (await client.scan(second.number, "number")).what == reply.what
        await client.ask(dispatch.CallChosen(window="w1", number=second.number))
        assert (await client.scan(second.ticket)).what == Text(zh="A002 请到1号窗口", en="A002: please go to Window 1")
        await client.ask(dispatch.Start(window="w1"))
        assert (await client.scan(second.ticket)).what.en == "A002 is being served at Window 1"
        await client.ask(dispatch.Finish(window="w1"))
        done = await client.scan(second.ticket)
        assert (done.outcome, done.code, done.number) == ("refused", "is-done", "A002")
        assert (await client.scan(first.ticket or "")).ahead == 0


async def test_a_missed_ticket_comes_back_once_by_the_halls_policy(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with an_entrance(broker, tmp_path) as client:
        ticket = await missed(client)
        not_here = await client.scan(ticket.ticket or "", returns=False)
        assert (not_here.outcome, not_here.code, not_here.what.zh) == ("refused", "not-returned-here", "已过号，请到服务台")
        request = token()
        for _ in range(2):
            reply = await client.scan(ticket.ticket or "", id=request)
            assert (reply.outcome, reply.number, reply.ahead) == ("returned", "A001", 0)
            assert reply.what.zh.startswith("A001 重新排队，前面 0 人")
        assert (await client.scan(ticket.ticket or "")).outcome == "found"
        assert (await client.ask(dispatch.CallNext(window="w1"))).number == "A001"


async def test_where_a_missed_number_is_void_the_scanner_says_so(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with an_entrance(broker, tmp_path, calling='interval = 0\nlate_return = "end"') as client:
        ticket = await missed(client)
        reply = await client.scan(ticket.ticket or "")
        assert (reply.outcome, reply.code) == ("refused", "missed-is-over")


REFUSED = {
    ("unknown0ticket00", "ticket"): ("other-day", "不是今天的号"),
    ("A999", "number"): ("unknown-number", "今天没有 A999 号"),
    ("ab12cd34", "appointment"): ("unknown-code", "没有这个预约码"),
    ("12345678", "appointment"): ("no-paper", "请到取号机或服务台签到"),
}


@pytest.mark.parametrize("scanned", REFUSED)
async def test_what_the_hall_does_not_know_is_refused_in_words(
    broker: MosquittoProcess, tmp_path: Path, scanned: tuple[str, str]
) -> None:
    async with an_entrance(broker, tmp_path) as client:
        reply = await client.scan(*scanned)
        assert (reply.outcome, reply.code, reply.what.zh) == ("refused", *REFUSED[scanned])


async def test_a_scan_that_comes_too_late_does_nothing(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with an_entrance(broker, tmp_path) as client:
        ticket = await missed(client)
        reply = await client.scan(ticket.ticket or "", not_after=now() - timedelta(seconds=1))
        assert (reply.outcome, reply.code) == ("refused", "late")
        assert (await client.ask(dispatch.CallNext(window="w1"))).code == "nobody-waits"


async def test_the_answer_is_printed_where_the_scanner_has_a_kiosk(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with an_entrance(broker, tmp_path) as client:
        ticket = await client.ask(dispatch.IssueTicket(service="social"))
        reply = await client.scan(ticket.ticket or "", slip="kiosk-1")
        command = await client.said(topics.COMMAND, node="entrance")
        assert command.device == "kiosk-1"
        assert isinstance(command.do, PrintSlip)
        assert command.do.lines == (reply.what.zh, reply.what.en)
        await client.scan("A999", "number", slip="kiosk-1")
        assert len(client.messages(topics.COMMAND)) == 1


async def test_a_scanner_that_is_not_in_the_plan_is_not_answered(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with Entrance(broker) as client, running_hall(broker, tmp_path) as hall:
        request = ScanRequest(id=token(), scanner="scanner-9", kind="number", code="A001", at=now(), not_after=now())
        await client.link.say(topics.SCAN_REQUEST, request, node="entrance")
        await until(lambda: hall.view().counts.get("foreign-device"))
        assert client.messages(topics.SCAN_REPLY) == []


async def test_an_appointments_code_gets_its_ticket_on_paper_once(broker: MosquittoProcess, tmp_path: Path) -> None:
    wanted = "appointments = { minutes = 30, places = 5, days = 2, early = 1440, late = 30 }"
    file = text(sqlite(tmp_path), port=broker.port, hours=ALL_DAY).replace('prefix = "A"', f'prefix = "A"\n{wanted}')
    config = parse(file, HallConfig, name="hall.toml")
    rules = HallRules.of(config).queue
    soon = next(at for day in (0, 1) for at in slots("social", now(), rules, now() + timedelta(days=day)))
    async with Entrance(broker) as client, running(config) as hall:
        await hall.link.wait_up(20)
        booked = await client.ask(dispatch.BookAppointment(service="social", slot=soon))
        assert booked.check_in is not None
        assert (await client.scan(booked.check_in, "appointment")).code == "no-paper"
        request = token()
        for _ in range(2):
            reply = await client.scan(booked.check_in, "appointment", slip="kiosk-1", id=request)
            assert (reply.outcome, reply.number) == ("checked-in", "A001")
            assert reply.what.zh.startswith("A001 已签到，前面 0 人")
        slips = [command.do for command in client.messages(topics.COMMAND)]
        assert isinstance(slips[0], PrintSlip)
        assert slips[0].lines[0] == "【 A001 】"
        assert (await client.scan(booked.check_in, "appointment", slip="kiosk-1")).code == "unknown-code"
        assert (await client.ask(dispatch.CallNext(window="w1"))).number == "A001"
