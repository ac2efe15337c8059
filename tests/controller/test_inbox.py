"""Nothing that a node can send stops its stream for good, and what a restored database lacks is known."""

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from broker_config.process import MosquittoProcess
from contract.events import Ack, Event, Fact, HelpAsked, RoomChecked, SealedEvent
from contract.topics import ACK, EVENT
from controller.service import HallService
from controller.view import MissingView
from link.hearing import Heard
from tests.controller.halls import NOON, hall, sqlite
from tests.controller.play import Client, running_hall
from tests.controller.test_days import Night

CHECK = RoomChecked(room="nursery")


class Desk(Night):
    """A hall that is open, and a node that numbers its events as the test wants it."""

    async def send(self, number: int, fact: Fact | bytes = CHECK, *, oldest: bool = False) -> Ack | None:
        """The event, and the acknowledgement that it got."""
        place = {
            "node": "room-node", "epoch": "epoch-one", "number": number, "device": "room-1", "at": self.now, "oldest": oldest
        }  # fmt: skip
        event = SealedEvent(**place, fact=msgspec.Raw(fact)) if isinstance(fact, bytes) else Event(**place, fact=fact)  # type: ignore[arg-type]
        before = len(self.letters(ACK))
        self.service.hear(EVENT, Heard(event, {"hall": "centre", "node": "room-node"}, retained=False))
        await self.work()
        return self.letters(ACK)[-1] if len(self.letters(ACK)) > before else None


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """An open hall at noon."""
    desk = Desk(hall(sqlite(tmp_path)))
    await desk.service.open()
    yield desk
    await desk.service.close()


def stored(folder: Path) -> list[tuple[int, str, str]]:
    """Number, outcome and body of each stored event."""
    base = sqlite3.connect(folder / "hall.db")
    try:
        return base.execute("SELECT number, outcome, body FROM node_events ORDER BY number").fetchall()
    finally:
        base.close()


async def test_a_gap_is_asked_for_as_long_as_the_node_may_have_it(desk: Desk) -> None:
    assert await desk.send(1, oldest=True) == Ack(epoch="epoch-one", stored=1)
    for _ in range(3):
        assert await desk.send(3) == Ack(epoch="epoch-one", stored=1, resend=True)
    assert await desk.send(2, oldest=True) == Ack(epoch="epoch-one", stored=2)
    assert await desk.send(3) == Ack(epoch="epoch-one", stored=3)
    assert desk.service.view().nodes[2].missing == ()


async def test_a_gap_that_the_node_cannot_fill_is_crossed_and_known(desk: Desk, tmp_path: Path) -> None:
    await desk.send(1)
    assert await desk.send(17) == Ack(epoch="epoch-one", stored=1, resend=True)
    assert await desk.send(15, oldest=True) == Ack(epoch="epoch-one", stored=15)
    assert await desk.send(15, oldest=True) == Ack(epoch="epoch-one", stored=15)
    assert await desk.send(16) == Ack(epoch="epoch-one", stored=16)
    assert [number for number, _, _ in stored(tmp_path)] == [1, 15, 16]
    missing = (MissingView(first=2, last=14, found=NOON),)
    assert {node.node: node.missing for node in desk.service.view().nodes} == {"entrance": (), "desk": (), "room-node": missing}


async def test_what_is_missing_is_shown_for_a_week_also_after_restarts(desk: Desk, tmp_path: Path) -> None:
    await desk.send(5, oldest=True)
    for days, shown in ((1, 1), (6, 1), (8, 0)):
        desk.now = NOON + timedelta(days=days)
        await desk.work()
        again = HallService(hall(sqlite(tmp_path)), say=lambda _: None, clock=lambda: desk.now)
        await desk.service.close()
        await again.open()
        assert len(again.view().nodes[2].missing) == shown
        desk.service = again
    base = sqlite3.connect(tmp_path / "hall.db")
    [(body,)] = base.execute("SELECT body FROM facts WHERE kind = 'events-missing'").fetchall()
    base.close()
    assert (json.loads(body)["first"], json.loads(body)["last"]) == (1, 4), "the journal keeps it for ever"


async def test_an_event_that_this_version_cannot_read_is_kept_as_it_came_and_the_stream_goes_on(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    newer = '{"type":"queue-measured","people":12,"where":"门口"}'.encode()
    for number in (1, 2):
        assert await desk.send(number, newer) == Ack(epoch="epoch-one", stored=number)
    assert await desk.send(3, b'"\xff\xfe"') == Ack(epoch="epoch-one", stored=3)
    assert await desk.send(4) == Ack(epoch="epoch-one", stored=4)
    assert [(number, outcome) for number, outcome, _ in stored(tmp_path)] == [
        (1, "unreadable"), (2, "unreadable"), (3, "unreadable"), (4, "ok"),
    ]  # fmt: skip
    assert stored(tmp_path)[0][2] == newer.decode()
    assert desk.service.view().counts["unreadable"] == 3
    assert desk.service.view().rooms[0].checked is not None
    assert caplog.text.count("this version cannot read the event") == 1


async def test_a_newer_node_is_heard_over_the_broker(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with Client(broker) as client, running_hall(broker, tmp_path):
        place = b'"node":"room-node","epoch":"epoch-one","device":"room-1","at":"2026-05-04T04:00:00Z"'
        address = EVENT.at(hall="centre", node="room-node")
        await client.raw(address, b'{"number":1,"fact":{"type":"from-the-future"},%s}' % place)
        await client.acked("room-node", 1)
        await client.raw(address, b'{"number":2,"fact":{"type":"room-checked","room":"nursery","by":"robot"},%s}' % place)
        await client.acked("room-node", 2)
    assert [(number, outcome) for number, outcome, _ in stored(tmp_path)] == [(1, "unreadable"), (2, "ok")]


async def test_an_event_that_breaks_the_program_is_set_aside_and_the_stream_goes_on(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise ZeroDivisionError("no ids today")

    desk.service._new_id = broken
    assert await desk.send(1, HelpAsked(place="nursery")) == Ack(epoch="epoch-one", stored=1)
    assert await desk.send(2) == Ack(epoch="epoch-one", stored=2)
    assert [(number, outcome) for number, outcome, _ in stored(tmp_path)] == [(1, "not-carried-out"), (2, "ok")]
    assert "no ids today" in caplog.text
