"""The kiosk's journal: what is known after a power cut."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from contract.events import TicketIssued, TicketNotPrinted, TicketPrinted
from contract.values import Text
from firmware.agents.kiosk_job import TicketJob
from firmware.agents.kiosk_journal import JournalBroken, JournalDamaged, KioskJournal, LeasedNumber, NumberTaken, set_aside
from tests.kiosk.hall import lease, offer

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
TODAY = date(2026, 11, 20)
NUMBER = LeasedNumber(TODAY, "A", 901)
JOB = TicketJob(
    ticket="ticket-001",
    number="A901",
    service="social",
    priority="ordinary",
    at=NOON,
    hall=Text(zh="大厅", en="Hall"),
    service_name=Text(zh="社会保障", en="Social security"),
    zone=Text(zh="A区", en="zone A"),
    rules=Text(zh="过号请到服务台", en="Tell the desk"),
    qr="https://hall.example/t/ticket-001",
    request="request-1",
)
ISSUED = TicketIssued(ticket="ticket-001", number="A901", service="social", request="request-1")
PRINTED = TicketPrinted(ticket="ticket-001", number="A901")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal lies."""
    return tmp_path / "data" / "kiosk-1.sqlite"


def test_a_leased_number_is_never_used_twice(path: Path) -> None:
    with KioskJournal(path) as journal:
        journal.begin(JOB, NUMBER, (ISSUED,))
    with KioskJournal(path) as journal:
        assert journal.used_numbers() == {NUMBER}
        with pytest.raises(NumberTaken, match="A901"):
            journal.begin(msgspec.structs.replace(JOB, ticket="ticket-002"), NUMBER, (ISSUED,))
        assert [job.ticket for job in unfinished(journal)] == ["ticket-001"]
        assert len(journal.facts()) == 1, "a begin that fails leaves nothing behind"


def unfinished(journal: KioskJournal) -> list[TicketJob]:
    """Tickets without an outcome, as the next start finds them."""
    journal.doubt_all_begun()
    return journal.doubtful()


def test_the_same_number_belongs_to_another_day_again(path: Path) -> None:
    with KioskJournal(path) as journal:
        journal.begin(JOB, NUMBER)
        journal.begin(msgspec.structs.replace(JOB, ticket="ticket-002"), LeasedNumber(TODAY + timedelta(days=1), "A", 901))


def test_a_ticket_that_was_begun_is_doubtful_after_a_start_and_comes_back_whole(path: Path) -> None:
    with KioskJournal(path) as journal:
        journal.begin(JOB)
        assert journal.doubtful() == []
    with KioskJournal(path) as journal:
        assert unfinished(journal) == [JOB]


def test_a_ticket_with_an_outcome_is_not(path: Path) -> None:
    with KioskJournal(path) as journal:
        journal.begin(JOB)
        journal.end(JOB.ticket, "printed", PRINTED)
        assert unfinished(journal) == []


def test_facts_wait_in_order_until_they_are_told(path: Path) -> None:
    with KioskJournal(path) as journal:
        journal.begin(JOB, NUMBER, (ISSUED,))
        journal.end(JOB.ticket, "printed", PRINTED)
    with KioskJournal(path) as journal:
        (first, issued), (_, printed) = journal.facts()
        assert (issued, printed) == (ISSUED, PRINTED)
        journal.told(first)
        assert [fact for _, fact in journal.facts()] == [PRINTED]


def test_what_became_of_a_request_is_known(path: Path) -> None:
    fact = TicketNotPrinted(ticket="ticket-009", number="A009", why="late")
    with KioskJournal(path) as journal:
        assert journal.request("request-1") is None
        journal.begin(JOB, NUMBER)
        assert journal.request("request-1") == "leased"
        journal.end_request("request-2", NOON, "dropped")
        journal.grant_came_late("request-2", NOON, fact)
        assert journal.request("request-2") == "late"
        assert [told for _, told in journal.facts()] == [fact]


def test_a_command_is_noted_once(path: Path) -> None:
    with KioskJournal(path) as journal:
        assert journal.command("command-1", NOON)
    with KioskJournal(path) as journal:
        assert not journal.command("command-1", NOON)


def test_the_last_offer_is_kept(path: Path) -> None:
    with KioskJournal(path) as journal:
        assert journal.kept_offer() is None
        journal.keep_offer(offer())
        journal.keep_offer(newest := offer(version=2, block=lease()))
        assert journal.kept_offer() == newest


def test_what_is_over_is_forgotten_after_a_week_and_what_is_not_is_not(path: Path) -> None:
    with KioskJournal(path) as journal:
        journal.begin(JOB, NUMBER)
        journal.begin(done := msgspec.structs.replace(JOB, ticket="ticket-002", request=None))
        journal.end(done.ticket, "printed", PRINTED)
        journal.forget(NOON + timedelta(days=8))
        assert unfinished(journal) == [JOB]
        assert journal.used_numbers() == frozenset()
        journal.begin(done)  # its row has gone


def test_a_damaged_journal_is_told_and_set_aside(path: Path) -> None:
    damage(path)
    with pytest.raises(JournalDamaged, match=str(path)):
        KioskJournal(path)
    aside = set_aside(path, NOON)
    assert aside.name == "kiosk-1.sqlite.damaged-20261120T040000"
    with KioskJournal(path) as journal:
        journal.distrust(TODAY)
    with KioskJournal(path) as journal:
        assert journal.distrusted() == {TODAY}


def damage(path: Path) -> None:
    """Leave something that is no database."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"this is no database, and it is longer than a header" * 100)


def test_a_journal_that_cannot_be_written_changes_nothing(path: Path) -> None:
    with KioskJournal(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as other, KioskJournal(path, patience=0.01) as journal:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalBroken, match="locked"):
            journal.begin(JOB, NUMBER, (ISSUED,))
        other.rollback()
        assert journal.facts() == []
        assert unfinished(journal) == []


CRASH = """
import os, signal, sys
from pathlib import Path
from firmware.agents.kiosk_journal import KioskJournal
from tests.kiosk.test_kiosk_journal import ISSUED, JOB, NUMBER
journal = KioskJournal(Path(sys.argv[1]))
journal.begin(JOB, NUMBER, (ISSUED,))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_begun_outlives_a_process_that_is_killed(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, str(path)], env=os.environ | {"PYTHONPATH": str(Path.cwd())}, timeout=60)
    assert done.returncode == -signal.SIGKILL
    with KioskJournal(path) as journal:
        assert journal.used_numbers() == {NUMBER}
        assert unfinished(journal) == [JOB]
        assert [fact for _, fact in journal.facts()] == [ISSUED]
