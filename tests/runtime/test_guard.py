"""The guard finds out by trying whether Mosquitto starts with its database, and sets aside what it does not start with."""

import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import aiomqtt
import pytest

from broker_config.guard import guard, set_aside
from broker_config.mosquitto import Persistence
from broker_config.process import MosquittoProcess, mosquitto_binary

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def kept(broker: MosquittoProcess) -> list[str]:
    """What the broker still knows."""
    async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as here:
        await here.subscribe("kept/+", qos=1)
        await here.subscribe("other", qos=1)
        return sorted([str((await anext(here.messages)).topic) for _ in range(len(here.messages))])


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[MosquittoProcess]:
    """A broker that has kept twenty messages and is stopped."""
    async with MosquittoProcess(persistence=Persistence.DEFAULT, folder=tmp_path) as process:
        async with aiomqtt.Client("127.0.0.1", process.port, protocol=aiomqtt.ProtocolVersion.V5) as here:
            for number in range(20):
                await here.publish(f"kept/{number:02}", bytes(100), qos=1, retain=True)
        await process.stop()
        yield process


def look(database: Path, now: datetime = NOON, **rest: int) -> bool:
    """Whether the guard has set the database aside."""
    return guard(database, mosquitto_binary(), now, **rest) is not None


async def test_a_sound_database_stays_as_it_is(broker: MosquittoProcess) -> None:
    before = broker.database.read_bytes()
    assert not look(broker.database)
    assert broker.database.read_bytes() == before
    assert {path.name for path in broker.folder.iterdir()} == {"mosquitto.conf", "mosquitto.db", "mosquitto.log"}
    await broker.start()
    assert len(await kept(broker)) == 20


@pytest.mark.parametrize(
    "broken",
    [
        lambda sound: b"no database at all" * 50,
        lambda sound: Random(1).randbytes(5000),
        lambda sound: sound[:12] + Random(1).randbytes(5000),
        lambda sound: sound[: len(sound) // 2],
        lambda sound: sound[:-1],
        lambda sound: sound[:40] + b"\xff\xff\xff\xff" + sound[44:],
    ],
    ids=["text", "noise", "noise behind a sound head", "cut in half", "a byte short", "a length that cannot be"],
)
async def test_a_broken_database_is_set_aside_as_it_was_and_the_broker_starts(
    broker: MosquittoProcess, broken: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    payload = broken(broker.database.read_bytes())
    broker.database.write_bytes(payload)
    with caplog.at_level(logging.WARNING, "hallware.broker"):
        await broker.start()
    assert await kept(broker) == []
    (aside,) = set_aside(broker.database)
    assert aside.read_bytes() == payload
    (line,) = [record.getMessage() for record in caplog.records if record.name == "hallware.broker"]
    assert line.startswith("Mosquitto does not start with its database (")
    assert str(aside) in line
    assert broker.set_aside == 1


async def test_wherever_it_is_cut_the_broker_starts(broker: MosquittoProcess) -> None:
    sound = broker.database.read_bytes()
    for cut in sorted(Random(7).sample(range(len(sound)), 12)):
        await broker.stop()
        broker.database.write_bytes(sound[:cut])
        await broker.start()
        assert broker.running, cut
    assert broker.set_aside > 0


def test_an_empty_one_and_none_are_well(tmp_path: Path) -> None:
    database = tmp_path / "mosquitto.db"
    assert not look(database)
    database.touch()
    assert not look(database)
    assert database.exists()


def test_only_the_newest_are_kept_and_each_says_its_day(tmp_path: Path) -> None:
    database = tmp_path / "mosquitto.db"
    for number in range(6):
        database.write_bytes(b"broken %d" % number)
        assert look(database, NOON + timedelta(hours=number // 2), kept=3)
    assert [path.name for path in set_aside(database)] == [
        "mosquitto.db.broken-2026-03-02T13-00-00Z-002",
        "mosquitto.db.broken-2026-03-02T14-00-00Z",
        "mosquitto.db.broken-2026-03-02T14-00-00Z-002",
    ]
    assert [path.read_bytes() for path in set_aside(database)] == [b"broken 3", b"broken 4", b"broken 5"]


def test_a_mosquitto_that_starts_with_no_database_either_blames_none(tmp_path: Path) -> None:
    database = tmp_path / "mosquitto.db"
    database.write_bytes(b"broken")
    assert guard(database, "/bin/false", NOON) is None
    assert database.read_bytes() == b"broken"


def test_a_mosquitto_that_never_comes_up_is_not_waited_for(tmp_path: Path) -> None:
    database, stuck = tmp_path / "mosquitto.db", tmp_path / "stuck"
    database.write_bytes(b"broken")
    stuck.write_text(
        "#!/bin/sh\ntest -e mosquitto.db && exec sleep 60\necho mosquitto version 2 running\nexec sleep 60\n", encoding="utf-8"
    )
    stuck.chmod(0o700)
    found = guard(database, str(stuck), NOON, patience=0.2)
    assert found is not None
    assert found.why == "it did not start within 0.2 s"


def test_the_command_says_what_it_did_and_is_silent_when_all_is_well(tmp_path: Path) -> None:
    database = tmp_path / "mosquitto.db"
    words = [sys.executable, "-m", "hallware.main", "broker-guard", str(database)]
    database.write_bytes(b"broken")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("WARNING Mosquitto does not start with its database (")
    assert len(set_aside(database)) == 1
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
