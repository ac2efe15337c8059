"""A restore gives back what a backup holds, gives no number twice, and refuses what is not whole, leaving all as it was."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract import dispatch
from contract.events import TicketIssued, TicketPrinted
from controller.queue.values import LOST
from controller.store import backup as backups
from controller.store.errors import StoreBroken
from controller.store.restore import restore
from controller.store.store import Store
from hallware.main import main
from tests.controller.halls import NOON, sqlite, text
from tests.controller.halls import hall as small_hall
from tests.controller.play import token
from tests.controller.test_backup import names
from tests.controller.test_days import Night


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Night]:
    """A hall of today with three tickets, closed again, and its hall.toml."""
    (tmp_path / "hall.toml").write_text(text(sqlite(tmp_path)), encoding="utf-8")
    night = today(tmp_path)
    await night.service.open()
    for _ in range(3):
        await night.ask(dispatch.IssueTicket(service="social"))
    yield night
    await night.service.close()


def today(folder: Path) -> Night:
    """The hall now."""
    night = Night(small_hall(sqlite(folder)))
    night.now = datetime.now(UTC)
    return night


def back_up(folder: Path) -> Path:
    """A backup, by the command."""
    assert main(["backup", str(folder / "hall.toml"), "--into", str(folder / "copy.db")]) == 0
    return folder / "copy.db"


async def give(night: Night) -> str:
    """The number of a new ticket."""
    return str((await night.ask(dispatch.IssueTicket(service="social"))).number)


@pytest.mark.parametrize(("readable", "next_"), [(True, "A006"), (False, "A204")])
async def test_numbers_that_are_in_peoples_hands_are_not_given_again(
    day: Night, tmp_path: Path, readable: bool, next_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = back_up(tmp_path)
    assert [await give(day), await give(day)] == ["A004", "A005"]
    await day.service.close()
    if not readable:
        (tmp_path / "hall.db").write_bytes(b"no database" * 1000)
    for _ in range(2):
        assert main(["restore", str(backup), str(tmp_path / "hall.toml")]) == 0
    assert f"A004–A{int(next_[1:]) - 1:03d}" in capsys.readouterr().out
    again = today(tmp_path)
    await again.service.open()
    assert [await give(again), await give(again)] == [next_, f"A{int(next_[1:]) + 1:03d}"]
    await again.service.close()


async def test_a_ticket_from_a_lost_lease_is_known_when_its_kiosk_reports_it(day: Night, tmp_path: Path) -> None:
    backup = back_up(tmp_path)
    await day.service.close()
    (tmp_path / "hall.db").write_bytes(b"no database" * 1000)
    assert main(["restore", str(backup), str(tmp_path / "hall.toml")]) == 0
    again = today(tmp_path)
    await again.service.open()
    blocks = again.service._state.queue.blocks["A"]
    lost = next(block for block in blocks if block.kiosk == LOST and block.first > 800)
    number, ticket = f"A{lost.first:03d}", token()
    await again.report("kiosk-1", TicketIssued(ticket=ticket, number=number, service="social"), "entrance")
    await again.report("kiosk-1", TicketPrinted(ticket=ticket, number=number), "entrance")
    known = await again.service.ticket(ticket)
    assert known is not None
    assert (known.number, known.state) == (number, "waiting")
    for counter in (800, 801, 802):
        own = TicketIssued(ticket=token(), number=f"A{counter}", service="social")
        await again.report("kiosk-1", own, "entrance")
    leased = [block for block in again.service._state.queue.blocks["A"] if block.kiosk == "kiosk-1"]
    assert max(block.first for block in leased) > lost.last, "a new block lies beyond the lost ones"
    await again.service.close()


async def test_an_old_backup_begins_today_without_the_numbers_of_this_morning(day: Night, tmp_path: Path) -> None:
    await day.service.close()
    (tmp_path / "hall.db").unlink()
    yesterday = today(tmp_path)
    yesterday.now -= timedelta(days=1)
    await yesterday.service.open()
    await give(yesterday)
    backup = back_up(tmp_path)
    await yesterday.service.close()
    (tmp_path / "hall.db").unlink()
    assert main(["restore", str(backup), str(tmp_path / "hall.toml"), "--leave-out", "50"]) == 0
    again = today(tmp_path)
    await again.service.open()
    assert await give(again) == "A051"
    await again.service.close()


async def test_a_hall_that_was_begun_anew_does_not_know_what_had_been_given(day: Night, tmp_path: Path) -> None:
    backup = back_up(tmp_path)
    await day.service.close()
    (tmp_path / "hall.db").unlink()
    anew = today(tmp_path)
    await anew.service.open()
    assert await give(anew) == "A001"
    await anew.service.close()
    assert main(["restore", str(backup), str(tmp_path / "hall.toml"), "--leave-out", "50"]) == 0
    again = today(tmp_path)
    await again.service.open()
    assert await give(again) == "A054"
    await again.service.close()


async def test_sessions_and_links_of_then_are_worth_nothing(day: Night, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "hall.db")) as base, base:
        base.execute("INSERT INTO account_user VALUES ('centre', 'li', 'dispatcher', NULL, 0, '2026-01-01', NULL)")
        base.execute("INSERT INTO account_session VALUES ('x', 'centre', 'li', '2026-01-01', '2026-01-01')")
    backup = back_up(tmp_path)
    await day.service.close()
    assert main(["restore", str(backup), str(tmp_path / "hall.toml")]) == 0
    with closing(sqlite3.connect(tmp_path / "hall.db")) as base:
        counts = [base.execute(f"SELECT count(*) FROM account_{table}").fetchone()[0] for table in ("user", "session")]
    assert counts == [1, 0]


def spoil_manifest(backup: Path, **changes: object) -> None:
    """Let the manifest say something else."""
    path = backups.manifest_path(backup)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("another hall", "is of hall `north`"),
        ("newer", "newer than this one"),
        ("changed", "another checksum"),
        ("cut", "another checksum"),
        ("fewer rows", "does not have what its manifest says"),
        ("no manifest", "needs its manifest beside it"),
        ("no backup", "cannot be read"),
    ],
)
async def test_what_is_not_whole_and_of_this_hall_is_refused_and_all_is_as_it_was(
    day: Night, tmp_path: Path, harm: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = back_up(tmp_path)
    await day.service.close()
    content, before = bytearray(backup.read_bytes()), (tmp_path / "hall.db").read_bytes()
    match harm:
        case "another hall":
            spoil_manifest(backup, hall="north")
        case "newer":
            spoil_manifest(backup, revision="9999")
        case "changed":
            content[len(content) // 2] ^= 255
            backup.write_bytes(content)
        case "cut":
            backup.write_bytes(content[: len(content) // 2])
        case "fewer rows":
            spoil_manifest(backup, rows={})
        case "no manifest":
            backups.manifest_path(backup).unlink()
        case _:
            backup.unlink()
    assert main(["restore", str(backup), str(tmp_path / "hall.toml")]) == 1
    assert says in capsys.readouterr().err
    assert (tmp_path / "hall.db").read_bytes() == before
    assert not names(tmp_path, "*restor*")


async def test_a_restore_that_breaks_off_leaves_all_as_it_was_and_can_be_done_again(day: Night, tmp_path: Path) -> None:
    backup, database = back_up(tmp_path), tmp_path / "hall.db"
    await day.service.close()
    before = database.read_bytes()

    def broken(store: Store, _: datetime) -> None:
        raise StoreBroken("the disk is full")

    with pytest.raises(StoreBroken):
        restore(database, "centre", backup, NOON, broken)
    assert database.read_bytes() == before
    assert not names(tmp_path, "hall.db.*restor*")
    (tmp_path / "hall.db.restoring").mkdir()
    (tmp_path / "hall.db.restoring" / "hall.db").write_text("what a killed one left behind")
    assert main(["restore", str(backup), str(tmp_path / "hall.toml")]) == 0
    assert not names(tmp_path, "hall.db.restoring")


async def test_a_folder_keeps_the_newest_of_each_hall(day: Night, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for number in range(5):
        for hall in ("centre", "centre-north"):
            path = folder / backups.name(hall, NOON + timedelta(seconds=number))
            path.touch()
            backups.manifest_path(path).touch()
    assert main(["backup", str(tmp_path / "hall.toml"), "--into", str(folder), "--keep", "2"]) == 0
    left = sorted(path.name for path in folder.iterdir() if not path.name.startswith("centre-north"))
    assert left[0] == "centre-20260504T040004Z.db"
    assert len(left) == 4
    assert len(list(folder.glob("centre-north-*.db"))) == 5


def test_a_damaged_database_gives_no_backup(tmp_path: Path) -> None:
    store = Store(sqlite(tmp_path), "centre")
    store.open()
    store.close()
    content = bytearray((tmp_path / "hall.db").read_bytes())
    for page in range(4, len(content) // 4096):
        content[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    (tmp_path / "hall.db").write_bytes(content)
    with pytest.raises(StoreBroken):
        backups.back_up(tmp_path / "hall.db", "centre", tmp_path / "copy.db", NOON, lambda *_: None)
    assert not list(tmp_path.glob("*copy*"))


@pytest.mark.parametrize(
    ("store", "into", "says"),
    [
        ("postgresql+psycopg://hall:secret@db/city", "x.db", "pg_dump --format=custom"),
        ("sqlite://", "x.db", "is no file"),
        (None, "nowhere/x.db", "there is no folder"),
        (None, "hall.toml", "is there already"),
    ],
)
def test_what_cannot_be_backed_up_is_said(
    tmp_path: Path, store: str | None, into: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hall.toml").write_text(text(store or sqlite(tmp_path)), encoding="utf-8")
    assert main(["backup", str(tmp_path / "hall.toml"), "--into", str(tmp_path / into)]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "secret" not in said


def test_postgresql_is_restored_by_its_own_tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hall.toml").write_text(text("postgresql+psycopg://hall@db/city"), encoding="utf-8")
    assert main(["restore", "any.dump", str(tmp_path / "hall.toml")]) == 2
    assert "pg_restore --clean" in capsys.readouterr().err


def test_a_database_with_which_no_controller_has_worked_yet_is_no_backup(tmp_path: Path) -> None:
    """The registrar and `hallware nodes` make it too, with their own tables only."""
    with closing(sqlite3.connect(tmp_path / "hall.db")) as base:
        base.execute("CREATE TABLE enrolment_token (digest TEXT)")
    with pytest.raises(StoreBroken, match="no controller has worked with this database yet"):
        backups.back_up(tmp_path / "hall.db", "centre", tmp_path / "copy.db", datetime.now(UTC), lambda _, __: None)
