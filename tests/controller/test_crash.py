"""A controller that is killed at any instant has lost nothing that it acknowledged, and stores nothing twice."""

import asyncio
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.events import Event, RoomChecked
from contract.ticketing import TicketRequest
from controller.store import tables
from controller.store.reading import reading
from tests.controller.halls import sqlite, text
from tests.controller.play import Client, now, token, until
from tests.crowded import kept_waiting
from tests.postgres import Postgres

HALLWARE = Path(sys.executable).with_name("hallware")
EVENTS = 600


@asynccontextmanager
async def controller(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A controller in a process of its own; killed at the end, if it still lives."""
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(HALLWARE, "controller", folder / "hall.toml", stdout=log, stderr=log)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


def prepare(broker: MosquittoProcess, folder: Path, database: str = "") -> None:
    """Write hall.toml."""
    (folder / "hall.toml").write_text(text(database or sqlite(folder), port=broker.port), encoding="utf-8")


async def born(client: Client, but: str = "") -> str:
    """The session of a controller that is there, another one than `but`."""

    def found() -> list[str]:
        online = [s.session for s in client.messages(topics.CONTROLLER_STATUS) if s.state == "online"]
        return [session for session in online[-1:] if session != but]

    return str((await until(found, "a controller", within=60))[0])


async def test_nothing_acknowledged_is_lost_and_nothing_stored_twice(
    broker: MosquittoProcess, tmp_path: Path, database: str
) -> None:
    prepare(broker, tmp_path, database)
    chance = random.Random(7)
    session = ""
    async with Client(broker) as client:
        for _ in range(4):
            async with controller(tmp_path) as process:
                session = await born(client, but=session)
                feeding = asyncio.create_task(_feed(client))
                before = _acked(client)
                await until(lambda before=before: _acked(client) > before)  # type: ignore[misc]
                await asyncio.sleep(chance.uniform(0, 0.2))
                process.send_signal(signal.SIGKILL)
                await process.wait()
                feeding.cancel()
            assert len(_stored(database)) >= _acked(client)
        async with controller(tmp_path):
            await born(client, but=session)
            feeding = asyncio.create_task(_feed(client))
            await until(lambda: _acked(client) == EVENTS, "the last acknowledgement")
            feeding.cancel()
    assert _stored(database) == list(range(1, EVENTS + 1))
    effects = select(func.count()).select_from(tables.facts).where(tables.facts.c.kind == "room-was-checked")
    with reading(database) as connection:
        assert connection.execute(effects).scalar() == EVENTS, "each event had its effect once"


async def _feed(client: Client) -> None:
    """Send what is not acknowledged, again and again, as an outbox does."""
    while True:
        begin = _acked(client)
        for number in range(begin + 1, min(begin + 60, EVENTS) + 1):
            event = Event(
                node="room-node", epoch="epoch-one", number=number, device="room-1", at=now(), fact=RoomChecked(room="nursery")
            )
            await client.link.say(topics.EVENT, event, node="room-node")
        await asyncio.sleep(0.02)


def _acked(client: Client) -> int:
    return max((ack.stored for ack in client.messages(topics.ACK, node="room-node")), default=0)


def _stored(database: str) -> list[int]:
    numbers = select(tables.node_events.c.number).order_by(tables.node_events.c.number)
    with reading(database) as connection:
        return list(connection.execute(numbers).scalars())


async def test_numbers_stay_unique_and_answers_the_same_over_a_kill(broker: MosquittoProcess, tmp_path: Path) -> None:
    prepare(broker, tmp_path)
    asked = [token() for _ in range(40)]
    session = ""
    async with Client(broker) as client:
        for round_ in range(3):
            async with controller(tmp_path):
                session = await born(client, but=session)
                for request in asked[: 15 * (round_ + 1)]:
                    ticket = TicketRequest(
                        id=request, kiosk="kiosk-1", service="social", at=now(), not_after=now() + timedelta(seconds=30)
                    )
                    await client.link.say(topics.TICKET_REQUEST, ticket, node="entrance")
                await until(lambda: len(_grants(client)) > 5 * round_)  # noqa: B023
        async with controller(tmp_path):
            await born(client, but=session)
            for request in asked:
                ticket = TicketRequest(
                    id=request, kiosk="kiosk-1", service="social", at=now(), not_after=now() + timedelta(seconds=30)
                )
                await client.link.say(topics.TICKET_REQUEST, ticket, node="entrance")
            await until(lambda: len(_grants(client)) == len(asked))
    grants = _grants(client)
    assert all(len(answers) == 1 for answers in grants.values()), "the same request always has the same answer"
    numbers = [number for answers in grants.values() for number in answers]
    assert len(set(numbers)) == len(asked)
    assert sorted(numbers) == [f"A{n:03d}" for n in range(1, 41)]


def _grants(client: Client) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for reply in client.messages(topics.TICKET_REPLY):
        found.setdefault(reply.request, set()).add(reply.number)
    return found


async def test_it_stops_on_sigterm_within_three_seconds_and_says_goodbye(broker: MosquittoProcess, tmp_path: Path) -> None:
    prepare(broker, tmp_path)
    async with Client(broker) as client, controller(tmp_path) as process:
        session = await born(client)
        await client.ask(dispatch.CallNext(window="w1"))
        process.send_signal(signal.SIGTERM)
        assert await ended_within(process, 3) == 0
        last = await client.said(topics.CONTROLLER_STATUS, lambda s: s.state == "offline")
        assert last.session == session
    assert "Traceback" not in (tmp_path / "log").read_text()


async def ended_within(process: asyncio.subprocess.Process, seconds: float) -> int:
    """Its exit code; the time in which others had the processor is none of its own."""
    ending, began, others = asyncio.create_task(process.wait()), time.monotonic(), 0.0
    before = kept_waiting(process.pid)
    while not ending.done():
        others = max(others, kept_waiting(process.pid) - before)
        assert time.monotonic() - began - others < seconds, f"it still runs, {others:.1f} s of waiting for a processor left out"
        await asyncio.wait({ending}, timeout=0.02)
    return ending.result()


async def test_a_killed_controller_is_seen_to_be_lost(broker: MosquittoProcess, tmp_path: Path) -> None:
    prepare(broker, tmp_path)
    async with Client(broker) as client, controller(tmp_path) as process:
        session = await born(client)
        process.send_signal(signal.SIGKILL)
        last = await client.said(topics.CONTROLLER_STATUS, lambda s: s.state == "lost")
        assert last.session == session


async def test_a_second_controller_and_a_bad_store_are_said_in_one_sentence(broker: MosquittoProcess, tmp_path: Path) -> None:
    prepare(broker, tmp_path)
    async with Client(broker) as client, controller(tmp_path):
        await born(client)
        await client.ask(dispatch.CallNext(window="w1"))
        async with controller(tmp_path) as second:
            assert await second.wait() == 1
    assert "hallware controller: " in (tmp_path / "log").read_text()
    assert "keeps hall `centre` at the broker" in (tmp_path / "log").read_text()


async def test_a_database_server_that_crashes_is_waited_for_and_nothing_is_done_meanwhile(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    server = Postgres()
    try:
        server.start()
        prepare(broker, tmp_path, server.new_database())
        async with Client(broker) as client, controller(tmp_path) as process:
            await until(lambda: "pages at" in (tmp_path / "log").read_text(), within=60)
            await client.ask(dispatch.IssueTicket(service="social"))
            server.crash()
            unanswered = asyncio.create_task(client.ask(dispatch.IssueTicket(service="social")))
            await until(lambda: "the store fails" in (tmp_path / "log").read_text())
            assert not unanswered.done()
            server.start()
            given = await again(client, dispatch.IssueTicket(service="social"))
            unanswered.cancel()
            assert process.returncode is None
            waiting = [await client.ask(dispatch.CallNext(window="w1")), await client.ask(dispatch.CallNext(window="w2"))]
        assert waiting[0].number == "A001"
        assert given.number in ("A002", "A003"), "the unanswered request may have been carried out when the store came back"
        assert "Traceback" not in (tmp_path / "log").read_text()
    finally:
        server.stop()


async def again(client: Client, do: dispatch.Action) -> dispatch.DispatchReply:
    """Ask until somebody answers."""
    while True:
        try:
            async with asyncio.timeout(3):
                return await client.ask(do)
        except TimeoutError:
            continue
