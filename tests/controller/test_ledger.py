"""The ledger tells each step of the way of a ticket, call, rating or stay, in order and in both languages."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract import dispatch, events
from contract.calling import CallAnswer
from contract.events import RatingGiven, StayEnded, StayStarted, TicketIssued, TicketNotPrinted, TicketPrinted
from contract.ticketing import TicketGrant, TicketRequest
from contract.topics import CALL, CALL_ANSWER, RATING_INVITE, TICKET_REPLY, TICKET_REQUEST, Topic
from controller import ledger_words
from controller.state import Fact
from hallware.main import main
from link.hearing import Heard
from tests.controller.halls import NOON, hall, sqlite, text
from tests.controller.play import token
from tests.controller.test_days import Night


class Morning(Night):
    """A hall in which each thing takes a second."""

    async def say(self, topic: Topic[Any], message: Any, node: str) -> None:
        """Let a node say something."""
        self.now += timedelta(seconds=1)
        self.service.hear(topic, Heard(message, {"hall": "centre", "node": node}, retained=False))
        await self.work()

    async def take_ticket(self) -> TicketGrant:
        """A ticket of kiosk-1, not printed yet."""
        request = TicketRequest(
            id=token(), kiosk="kiosk-1", service="social", at=self.now, not_after=self.now + timedelta(seconds=9)
        )
        await self.say(TICKET_REQUEST, request, "entrance")
        grant = self.letters(TICKET_REPLY)[-1]
        assert isinstance(grant, TicketGrant)
        return grant

    async def order(self, do: dispatch.Action) -> None:
        """Let dispatch do something."""
        self.now += timedelta(seconds=1)
        assert (await self.ask(do)).outcome == "done"

    async def report(self, device: str, fact: Any, node: str) -> None:
        """A node's event, a second later."""
        self.now += timedelta(seconds=1)
        await super().report(device, fact, node)


@pytest.fixture
async def morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Morning]:
    """An open hall, on whose store a controller works, and its hall.toml."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    (tmp_path / "hall.toml").write_text(text(sqlite(tmp_path)), encoding="utf-8")
    morning = Morning(hall(sqlite(tmp_path)))
    await morning.service.open()
    yield morning
    await morning.service.close()


def told(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The lines of the ledger, without their times."""
    capsys.readouterr()
    assert main(["ledger", str(folder / "hall.toml"), *words]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    return [head, *(line.split("  ", 1)[1] for line in lines)]


async def test_a_ticket_is_followed_from_its_request_to_its_rating(
    morning: Morning, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = await morning.take_ticket()
    await morning.report("kiosk-1", TicketPrinted(ticket=grant.ticket, number=grant.number), "entrance")
    await morning.order(dispatch.CallNext(window="w1"))
    call = morning.letters(CALL)[-1]
    shown = CallAnswer(call=call.id, node="desk", device="strip-1", at=morning.now, outcome="shown")
    await morning.say(CALL_ANSWER, shown, "desk")
    await morning.order(dispatch.Recall(window="w1"))
    await morning.order(dispatch.Start(window="w1"))
    await morning.order(dispatch.Finish(window="w1"))
    invite = morning.letters(RATING_INVITE)[-1]
    await morning.report("rater-1", RatingGiven(rating=invite.rating, window="w1", level=5, after=1.5), "desk")

    way = [
        f"ticket A001 {grant.ticket} · 2026-05-04",
        f"the kiosk's request for a ticket was answered  [request {grant.request}]",
        "A001 (social, ordinary) was granted to kiosk-1  [… of the journal]",
        "kiosk-1: A001 printed: the printer answered that it has consumed it  [event 1 (…) of node entrance]",
        "event 1 stored and acknowledged  [the inbox]",
        "it is on paper and waits  [… of the journal]",
        "A001 called to w1, call 1  [… of the journal]",
        "strip-1 showed it  [answer of node desk to call 1]",
        "A001 called to w1, call 2  [… of the journal]",
        "service began at w1  [… of the journal]",
        "service ended at w1 after 1 s  [… of the journal]",
        "invited to rate at w1  [… of the journal]",
        "rater-1: level 5 pressed at w1 after 1.5 s  [event 1 (…) of node desk]",
        "event 1 stored and acknowledged  [the inbox]",
        "the rating counts: level 5  [… of the journal]",
    ]
    lines = told(tmp_path, capsys, "a001")
    assert [re.sub(r"epoch-\d+|line \d+", "…", line) for line in lines] == way
    assert lines == told(tmp_path, capsys, grant.ticket) == told(tmp_path, capsys, "A001", "--day", "2026-05-04")
    assert [line.split("  [")[0] for line in told(tmp_path, capsys, call.id)[1:3]] == [
        "A001 called to w1, call 1", "strip-1 showed it",
    ]  # fmt: skip
    assert len(told(tmp_path, capsys, invite.rating)) == 5
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "strip-1 已显示" in " ".join(told(tmp_path, capsys, "A001"))


async def test_json_has_every_step_with_its_time(morning: Morning, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grant = await morning.take_ticket()
    why = TicketNotPrinted(ticket=grant.ticket, number=grant.number, why="paper out")
    await morning.report("kiosk-1", why, "entrance")
    capsys.readouterr()
    assert main(["ledger", str(tmp_path / "hall.toml"), "A001", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["subject"]["id"] == grant.ticket
    assert [step["step"] for step in found["steps"]] == ["requested", "granted", "accepted", "stored", "voided"]
    times = [step["at"] for step in found["steps"]]
    assert times == sorted(times)
    assert "paper out" in found["steps"][2]["what"]["zh"]


async def test_a_stay_is_followed(morning: Morning, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await morning.report("room-1", StayStarted(stay="stay-number-1", room="nursery", cubicle="one"), "room-node")
    await morning.report("room-1", StayEnded(stay="stay-number-1", room="nursery", cubicle="one", lasted=60), "room-node")
    lines = [line.split("  [")[0] for line in told(tmp_path, capsys, "stay-number-1")]
    assert lines == [
        "stay stay-number-1 · 2026-05-04",
        "room-1: somebody went into one", "event 1 stored and acknowledged", "somebody went into nursery, one",
        "room-1: one is free again after 60 s", "event 1 stored and acknowledged", "the stay ended after 60 s",
    ]  # fmt: skip


async def test_what_had_no_effect_and_what_was_never_served_is_said(
    morning: Morning, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await morning.order(dispatch.IssueTicket(service="social"))
    foreign = TicketIssued(ticket="ticket-of-nobody", number="A001", service="social")
    await morning.report("kiosk-2", foreign, "entrance")
    morning.now = NOON + timedelta(days=1)
    await morning.work()
    assert [line.split("  [")[0] for line in told(tmp_path, capsys, "A001")][1:] == [
        "staff gave A001 (social, ordinary)", "the day ended and it had not been served",
    ]  # fmt: skip


async def test_a_rating_that_only_its_node_knows_is_found(
    morning: Morning, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await morning.report("rater-1", RatingGiven(rating="of-another-database", window="w1", level=2, after=1.5), "desk")
    assert [line.split("  [")[0] for line in told(tmp_path, capsys, "of-another-database")] == [
        "rating of-another-database · 2026-05-04",
        "rater-1: level 2 pressed at w1 after 1.5 s",
        "event 1 stored and acknowledged, without effect: unknown-rating",
    ]


async def test_the_unknown_is_said(morning: Morning, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await morning.order(dispatch.IssueTicket(service="social"))
    for words in (["A999"], ["no-such-id"], ["A001", "--day", "2020-01-01"], ["%"]):
        assert main(["ledger", str(tmp_path / "hall.toml"), *words]) == 1
        assert f"there is no {words[0]}" in capsys.readouterr().err


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hall.toml").write_text(text(sqlite(tmp_path)), encoding="utf-8")
    assert main(["ledger", str(tmp_path / "hall.toml"), "A001"]) == 1
    assert "no such database" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["hall.toml"]


def test_every_fact_that_names_a_ticket_a_rating_or_a_stay_has_words() -> None:
    def named(union: Any) -> set[type[Any]]:
        return {kind for kind in union.__args__ if {"ticket", "rating", "stay"} & {f.name for f in msgspec.structs.fields(kind)}}

    assert named(Fact) - set(ledger_words.JOURNAL) == set()
    assert named(events.Fact) - set(ledger_words.REPORTS) == set()
