"""The store keeps what it was given, in order, once, over restarts, and says clearly when it cannot."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from contract.events import Event, RoomChecked
from contract.settings import BadSettings
from controller import accounts_tables, enrolment_tables
from controller.queue.facts import DayStarted, TicketGranted, TicketVoided, WindowTurned
from controller.state import Fact
from controller.store.errors import StoreBroken, StoreForeign, StoreTaken
from controller.store.projection import project
from controller.store.store import Store, line
from controller.store.tables import metadata
from controller.store.writes import AuditLine, Batch, StoredEvent
from tests.controller.halls import NOON, after, sqlite

DAY = NOON.date()
TURN = (1, 0, 1)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An open store in a database of its own, of each kind."""
    store = Store(database, "centre")
    store.open()
    store.load()
    yield store
    store.close()


def batch(*facts: Fact) -> Batch:
    """The facts with all that they write."""
    found = Batch(lines=[line(fact) for fact in facts])
    for fact in facts:
        for write in project(fact, DAY):
            found.add(write)
    return found


def granted(name: str, number: str = "A001") -> TicketGranted:
    """A ticket."""
    return TicketGranted(
        at=NOON, ticket=name, number=number, counter=1, service="social", prefix="A", priority="ordinary", turn=TURN
    )


def test_the_steps_lead_to_exactly_these_tables(store: Store) -> None:
    engine = create_engine(store.url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), [metadata, accounts_tables.metadata])  # type: ignore[arg-type]
    engine.dispose()
    assert enrolment_tables.tokens.metadata is accounts_tables.metadata
    assert [change for change in found if "Instant" not in str(change)] == []


def test_commits_are_synchronous_and_readers_do_not_wait(store: Store) -> None:
    assert store._connection is not None
    if store.url.startswith("postgresql"):
        assert store._connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        return
    pragmas = [store._connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")]
    store._connection.rollback()
    assert pragmas == [2, "wal"]


def test_the_journal_comes_back_in_order_from_the_beginning_of_the_last_day(store: Store, tmp_path: Path) -> None:
    old = (DayStarted(at=NOON - timedelta(days=1), day=DAY - timedelta(days=1)), granted("yesterday"))
    today: tuple[Fact, ...] = (
        DayStarted(at=NOON, day=DAY, closed=DAY - timedelta(days=1), open_windows=("w1",), recent={"social": (1.5,)}),
        granted("today"),
        WindowTurned(at=after(1), window="w2", door="open"),
    )
    store.commit(batch(*old))
    store.commit(batch(*today[:2]))
    store.commit(batch(*today[2:]))
    store.close()
    store.open()
    assert store.load().facts == list(today)


def test_an_old_day_closes_its_tickets_as_unserved(store: Store) -> None:
    store.commit(batch(granted("one"), granted("two", "A002"), TicketVoided(at=NOON, ticket="two", why="unprinted")))
    store.commit(batch(DayStarted(at=after(1), day=DAY + timedelta(days=1), closed=DAY)))
    states = [ticket.state for name in ("one", "two") if (ticket := store.ticket(name))]
    assert states == ["unserved", "void"]
    assert store.ticket("nobody") is None


def test_inbox_pictures_and_answers_survive_a_restart(store: Store) -> None:
    event = Event(node="desk", epoch="epoch-one", number=1, device="room-1", at=NOON, fact=RoomChecked(room="nursery"))
    store.commit(
        Batch(
            events=[StoredEvent(event, NOON, after(1), "ok")],
            inboxes={("desk", "epoch-one"): (1, after(1))},
            pictures={("board", "main"): 7},
            requests=[("request-1", NOON, "{}")],
        )
    )
    store.commit(Batch(inboxes={("desk", "epoch-two"): (3, after(2))}, pictures={("board", "main"): 8}))
    store.close()
    store.open()
    loaded = store.load()
    assert loaded.inboxes == {("desk", "epoch-one"): 1, ("desk", "epoch-two"): 3}
    assert loaded.latest == {"desk": "epoch-two"}
    assert loaded.pictures == {("board", "main"): 8}
    assert loaded.requests == {"request-1": "{}"}


def test_a_batch_is_all_or_nothing(store: Store) -> None:
    store.commit(batch(granted("one")))
    store._next.line = 1
    with pytest.raises(StoreBroken, match=r"UNIQUE|unique"):
        store.commit(Batch(audit=[AuditLine(NOON, DAY, "me", "x", "ok")], lines=[line(granted("two"))]))
    assert store.audit(DAY) == []
    assert store.ticket("two") is None


def test_two_halls_share_a_database_without_seeing_each_other(store: Store) -> None:
    store.commit(batch(DayStarted(at=NOON, day=DAY), granted("one")))
    store.close()
    other = Store(store.url, "other")
    other.open()
    assert other.load().facts == []
    assert other.ticket("one") is None
    other.commit(batch(granted("one")))
    other.close()


def test_a_second_controller_is_kept_out(store: Store) -> None:
    with pytest.raises(StoreTaken, match="another controller"):
        Store(store.url, "centre").open()


def test_a_url_that_means_nothing_is_a_setting_to_correct() -> None:
    with pytest.raises(BadSettings, match="sqlite:"):
        Store("hall.db", "centre").open()
    with pytest.raises(BadSettings, match="driver"):
        Store("oracle+nothing://x", "centre").open()


def test_a_damaged_file_and_a_foreign_line_are_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "hall.db").write_bytes(b"this is no database at all, whatever it says" * 100)
    with pytest.raises(StoreBroken, match="not a database"):
        Store(sqlite(tmp_path), "centre").open()
    (tmp_path / "hall.db").unlink()
    store = Store(sqlite(tmp_path), "centre")
    store.open()
    store.load()
    store.commit(batch(granted("one")))
    store.close()
    with sqlite3.connect(tmp_path / "hall.db") as database:
        database.execute('UPDATE facts SET body = \'{"type": "from-the-future"}\'')
    database.close()
    store.open()
    with pytest.raises(StoreForeign, match="line 1"):
        store.load()
    store.close()
