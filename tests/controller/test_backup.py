"""A backup is taken while the hall is busy; after a restore all that it holds is there, and nobody waits for what is gone."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.events import Event, RoomChecked
from firmware.outbox import Outbox
from tests.controller.play import Client, until
from tests.controller.test_crash import HALLWARE, born, controller, prepare

CHECK = RoomChecked(room="nursery")


class WallClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds."""
        return asyncio.get_running_loop().time()


@asynccontextmanager
async def outbox(client: Client, folder: Path, node: str) -> AsyncIterator[Outbox]:
    """A node's real outbox, whose letters the client carries."""

    async def send(event: Event) -> bool:
        return await client.link.say(topics.EVENT, event, node=node)

    async def hear_acks() -> None:
        with client.link.hear(topics.ACK, node=node) as ear:
            async for heard in ear:
                box.acked(heard.message)

    async with Outbox(folder / f"{node}.db", node, WallClock(), boot="boot-1", send=send, tidy=0.05) as box:
        hearing = asyncio.create_task(hear_acks())
        try:
            yield box
        finally:
            hearing.cancel()


async def run(*words: str | Path) -> tuple[int, str]:
    """A `hallware` command in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        HALLWARE, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def events(database: Path, node: str) -> dict[int, tuple[str, str, int]]:
    """Number to outcome, body and moment of each stored event of a node."""
    with closing(sqlite3.connect(database)) as base:
        rows = base.execute("SELECT number, outcome, body, received FROM node_events WHERE node = ?", (node,))
        return {number: rest for number, *rest in map(tuple, rows)}  # type: ignore[misc]


async def test_a_hall_goes_on_from_a_backup_that_was_taken_in_the_middle_of_its_work(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    prepare(broker, tmp_path)
    database, hall = tmp_path / "hall.db", tmp_path / "hall.toml"
    async with Client(broker) as client, outbox(client, tmp_path, "room-node") as room, outbox(client, tmp_path, "desk") as desk:
        async with controller(tmp_path) as process:
            session = await born(client)
            room.presence(True)
            desk.presence(True)
            working = asyncio.create_task(_work(room, client))
            await until(lambda: room._last > 150, "some work")
            before = _stored(database)
            assert await run("backup", hall, "--into", f"{tmp_path}/backups/") == (0, AnyText())
            [backup] = names(tmp_path, "backups/*.db")
            then = room._last
            await until(lambda: room._last > then + 150, "more work")
            working.cancel()
            await desk.record("caller-1", CHECK)
            await until(lambda: not room.waiting and not desk.waiting)
            assert await run("restore", backup, hall) == (1, AnyText("another controller"))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        room.presence(False)
        handed_in, numbers = room._last, set(_numbers(database))
        for _ in range(10):
            await room.record("room-1", CHECK)
        assert await run("restore", backup, hall) == (0, AnyText("not given again today"))
        async with controller(tmp_path):
            await born(client, but=session)
            room.presence(True)
            await until(lambda: not room.waiting, "the room's node is rid of its events")
            await desk.record("caller-1", CHECK)
            await until(lambda: not desk.waiting, "so is one that the backup has never heard of")
            given = await client.ask(dispatch.IssueTicket(service="social"))
            assert given.number not in numbers
    [aside] = names(tmp_path, "hall.db.before-restore-*Z")
    assert max(events(aside, "room-node")) == handed_in, "what was replaced is kept"
    assert max(events(backup, "room-node")) >= before
    _compare(backup, database, handed_in, held=10)


def _compare(backup: Path, database: Path, handed_in: int, held: int) -> None:
    kept, found = events(backup, "room-node"), events(database, "room-node")
    assert {number: found.get(number) for number in kept} == kept, "every event of the backup is there as it was"
    assert sorted(found) == [*range(1, max(kept) + 1), *range(handed_in + 1, handed_in + held + 1)]
    assert _missing(database) == {"room-node": (max(kept) + 1, handed_in), "desk": (1, 1)}


class AnyText(str):
    """Equal to every text that has it in it."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str(self) in other


async def _work(room: Outbox, client: Client) -> None:
    while True:
        await room.record("room-1", CHECK)
        if room._last % 20 == 0:
            await client.ask(dispatch.IssueTicket(service="social"))


def names(folder: Path, pattern: str) -> list[Path]:
    """What lies there."""
    return list(folder.glob(pattern))


def _stored(database: Path) -> int:
    return max(events(database, "room-node"), default=0)


def _numbers(database: Path) -> Iterator[str]:
    with closing(sqlite3.connect(database)) as base:
        for (number,) in base.execute("SELECT number FROM tickets"):
            yield str(number)


def _missing(database: Path) -> dict[str, tuple[int, int]]:
    with closing(sqlite3.connect(database)) as base:
        facts = [json.loads(body) for (body,) in base.execute("SELECT body FROM facts WHERE kind = 'events-missing'")]
    assert len({fact["node"] for fact in facts}) == len(facts), "a gap is known once"
    return {fact["node"]: (fact["first"], fact["last"]) for fact in facts}
