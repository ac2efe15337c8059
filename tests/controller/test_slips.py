"""Slips: gapless numbers, what reaches the printer and what is said of it, the mark of a reprint, and what is forgotten."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.commands import CommandAnswer
from contract.values import Text
from controller import slips
from controller.config_rules import Retention, SlipNumbers, SlipRules
from controller.queue import Refusal
from controller.service import HallService
from controller.slip_forms import SlipField, SlipForm
from controller.slips import SlipCounter, SlipIssued, SlipState
from controller.store.store import Store
from tests.controller.halls import NOON, sqlite
from tests.controller.play import Client, now, running_hall, today, token, until

HANDOVER = SlipForm(
    template="handover",
    name=Text(zh="证件交接凭证", en="Handover of documents"),
    fields={
        "holder": SlipField(name=Text(zh="交件人", en="Left by"), sample="张小三", personal=True),
        "papers": SlipField(name=Text(zh="证件", en="Documents"), sample=("身份证",)),
        "until": SlipField(name=Text(zh="归还期限", en="Back by"), sample="2026-12-01", optional=True),
    },
)
FORMS = {"handover": HANDOVER}
FILLED: dict[str, Any] = {"holder": "王小明", "papers": ("身份证", "户口簿")}
ORDER = dispatch.IssueSlip(template="handover", fields=FILLED, at="kiosk-1")


def run(state: SlipState, day: date, rules: SlipRules) -> tuple[SlipState, SlipIssued]:
    """One more slip."""
    issued = slips.issue(state, HANDOVER, FILLED, token(), "web:li", NOON, day, rules)
    assert isinstance(issued, SlipIssued)
    return slips.apply(state, issued), issued


@given(st.lists(st.integers(0, 500), min_size=1, max_size=40), st.sampled_from(["day", "year"]))
def test_numbers_have_no_gap_and_none_comes_twice_also_when_the_clock_is_set_back(days: list[int], restart: Any) -> None:
    state, seen = SlipState(), list[SlipIssued]()
    for ahead in days:
        state, issued = run(state, date(2026, 1, 1) + timedelta(days=ahead), SlipRules(restart=restart))
        seen.append(issued)
    assert len({issued.number for issued in seen}) == len(seen)
    for period in {issued.period for issued in seen}:
        serials = [issued.serial for issued in seen if issued.period == period]
        assert serials == list(range(1, len(serials) + 1))


def test_each_template_may_be_numbered_in_its_own_way() -> None:
    own = SlipNumbers(template="handover", prefix="JJ-", restart="year", digits=6)
    assert run(SlipState(), date(2026, 5, 4), SlipRules(numbers=(own,)))[1].number == "JJ-2026-000001"
    assert run(SlipState(), date(2026, 5, 4), SlipRules())[1].number == "20260504-0001"


def test_numbers_that_are_used_up_are_refused_rather_than_grown() -> None:
    state = SlipState(counters={"handover": SlipCounter(period="20260504", serial=999)})
    refused = slips.issue(state, HANDOVER, FILLED, token(), "web:li", NOON, date(2026, 5, 4), SlipRules(digits=3))
    assert isinstance(refused, Refusal)
    assert refused.code == "slip-numbers-used-up"


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"holder": "王小明"}, "missing-field", "证件"),
        ({"holder": " ", "papers": ("身份证",)}, "missing-field", "交件人"),
        ({**FILLED, "colour": "red"}, "unknown-field", "colour"),
    ],
)
def test_what_does_not_fit_the_form_is_refused_by_name(fields: dict[str, Any], code: str, says: str) -> None:
    refused = HANDOVER.check(fields)
    assert refused is not None
    assert refused.code == code
    assert says in refused.what.zh


def test_a_person_is_masked_where_a_slip_is_listed() -> None:
    assert HANDOVER.about(FILLED) == "王*明"


@pytest.fixture
async def hall(broker: MosquittoProcess, client: Client, tmp_path: Path) -> AsyncIterator[HallService]:
    """A hall whose kiosk's node is there."""
    async with running_hall(broker, tmp_path, FORMS) as hall:
        await client.birth("entrance", "session-1", devices=("kiosk-1",))
        await until(lambda: any(node.status for node in hall.view().nodes))
        yield hall


async def answered(client: Client, hall: HallService, outcome: Any, reply: dispatch.DispatchReply) -> Any:
    """The command that a reply speaks of, answered by the kiosk, and the log's line for it."""
    command = await client.said(topics.COMMAND, lambda command: command.id == reply.printing, node="entrance")
    what = Text(zh="打印机缺纸", en="out of paper") if outcome == "failed" else Text(zh="好", en="done")
    answer = CommandAnswer(id=command.id, device="kiosk-1", at=now(), outcome=outcome, what=what)
    await client.link.say(topics.COMMAND_ANSWER, answer, node="entrance")
    await until(lambda: hall.view().prints[0].outcome)
    return command


async def test_a_slip_reaches_the_printer_under_its_number_and_the_log_says_so(hall: HallService, client: Client) -> None:
    reply = await client.ask(ORDER)
    assert (reply.outcome, reply.slip) == ("done", f"{today():%Y%m%d}-0001")
    command = await answered(client, hall, "done", reply)
    assert (command.do.slip, command.do.template, command.do.fields["holder"]) == (reply.slip, "handover", "王小明")
    assert not command.do.reprint
    (row,) = await hall.prints(today())
    assert row.about == "王*明"
    assert (row.number, row.outcome, row.device, row.by, row.mark) == (reply.slip, "printed", "kiosk-1", "mqtt:dispatch", False)
    audit = await hall.audit(today())
    assert audit[1].what.startswith('{"type":"issue-slip"')
    assert not any("王小明" in line.what for line in audit), "what a slip was filled with is nobody else's business"


async def test_a_reprint_bears_the_mark_and_says_who_when_and_why(hall: HallService, client: Client) -> None:
    first = await client.ask(ORDER)
    await answered(client, hall, "done", first)
    again = dispatch.ReprintSlip(template="handover", number=str(first.slip), at="kiosk-1", why="群众遗失")
    reply = await client.ask(again)
    command = await answered(client, hall, "failed", reply)
    assert (command.do.slip, command.do.reprint, command.do.fields["papers"]) == (first.slip, True, ("身份证", "户口簿"))
    row, _ = await hall.prints(None, first.slip)
    assert (row.why, row.mark, row.outcome) == ("群众遗失", True, "failed")
    assert row.what == Text(zh="打印机缺纸", en="out of paper")
    assert (await client.ask(ORDER)).slip == f"{today():%Y%m%d}-0002", "a reprint takes no number"


async def test_what_certainly_never_reached_paper_is_printed_without_a_mark(hall: HallService, client: Client) -> None:
    first = await client.ask(ORDER)
    await answered(client, hall, "refused", first)
    reply = await client.ask(dispatch.ReprintSlip(template="handover", number=str(first.slip), at="kiosk-1", why="again"))
    command = await client.said(topics.COMMAND, lambda command: command.id == reply.printing, node="entrance")
    assert not command.do.reprint


async def test_what_cannot_be_printed_takes_no_number(hall: HallService, client: Client) -> None:
    for order, code in (
        (dispatch.IssueSlip(template="handover", fields=FILLED, at="kiosk-9"), "unknown-device"),
        (dispatch.IssueSlip(template="no-such", fields=FILLED, at="kiosk-1"), "unknown-template"),
        (dispatch.IssueSlip(template="handover", fields={}, at="kiosk-1"), "missing-field"),
        (dispatch.ReprintSlip(template="handover", number="20260101-0001", at="kiosk-1", why="lost"), "unknown-slip"),
    ):
        assert (await client.ask(order)).code == code
    await client.birth("entrance", "session-1", "lost")
    await until(lambda: all(node.away for node in hall.view().nodes if node.node == "entrance"))
    assert (await client.ask(ORDER)).code == "node-away"
    await client.birth("entrance", "session-2", devices=("kiosk-1",))
    await until(lambda: not any(node.away for node in hall.view().nodes))
    assert (await client.ask(ORDER)).slip == f"{today():%Y%m%d}-0001"


async def test_numbers_go_on_after_a_restart(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    for number in (1, 2):
        async with running_hall(broker, tmp_path, FORMS) as hall:
            await client.birth("entrance", f"session-{number}", devices=("kiosk-1",))
            await until(lambda: any(node.status for node in hall.view().nodes))
            assert (await client.ask(ORDER)).slip == f"{today():%Y%m%d}-{number:04}"


async def test_a_ticket_of_the_desk_comes_out_of_the_kiosk_as_its_own_would(hall: HallService, client: Client) -> None:
    reply = await client.ask(dispatch.IssueTicket(service="social", priority="priority", then=("civil",), at="kiosk-1"))
    command = await answered(client, hall, "done", reply)
    assert (command.do.template, command.do.fields["number"], command.do.reprint) == ("priority-ticket", "A001", False)
    assert command.do.fields["qr"] == f"http://hall.example/t/{reply.ticket}"
    assert hall.view().prints[0].ticket == reply.ticket
    again = await client.ask(dispatch.PrintTicket(number="A001", at="kiosk-1"))
    assert (await answered(client, hall, "done", again)).do.reprint
    assert (await client.ask(dispatch.IssueTicket(service="social", at="kiosk-9"))).code == "unknown-device"
    assert (await client.ask(dispatch.IssueTicket(service="social"))).number == "A002", "no number is lost for a wrong printer"


def test_a_print_that_nobody_answers_is_said_to_be_so_and_a_late_answer_counts() -> None:
    sent = slips.SlipSent(at=NOON, print="print-1", slip="slip-1", template="handover", number="1", device="kiosk-1", by="web:li")
    state = slips.apply(SlipState(), sent)
    assert slips.sweep(state, NOON + slips.PATIENCE) == ()
    (lapsed,) = slips.sweep(state, NOON + slips.PATIENCE + timedelta(seconds=1))
    state = slips.apply(state, lapsed)
    assert state.prints["print-1"].outcome == "unanswered"
    done = slips.answered(state, "print-1", "printed", Text(zh="好", en="done"), NOON)
    assert done is not None
    assert slips.apply(state, done[0]).prints["print-1"].outcome == "printed"
    assert slips.answered(slips.apply(state, done[0]), "print-1", "printed", Text(zh="好", en="done"), NOON) == ()
    assert slips.answered(state, "print-9", "printed", Text(zh="好", en="done"), NOON) is None


async def test_what_was_filled_in_is_forgotten_by_the_rule_and_the_number_stays(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path, FORMS) as hall:
        await client.birth("entrance", "session-1", devices=("kiosk-1",))
        await until(lambda: any(node.status for node in hall.view().nodes))
        number = str((await client.ask(ORDER)).slip)
    store = Store(sqlite(tmp_path), "centre")
    store.open()
    store.load()
    try:
        known = store.slip("handover", number)
        assert known is not None
        assert known.fields == FILLED
        store.forget(Retention(slips=1), now() + timedelta(days=3), ZoneInfo("Asia/Shanghai"))
        known = store.slip("handover", number)
        assert known is not None
        assert known.fields is None
        assert [row.number for row in store.prints(None, number)] == [number]
    finally:
        store.close()
