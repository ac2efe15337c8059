"""What lies on disks: the controller's database, the nodes' outboxes and the kiosk's journal, as records.

Files of running programs are copied first, with their write-ahead logs, so that reading them disturbs nobody.
"""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.chaos.history import CallRow, Controller, Inbox, Line, RatingRow, Report, StayRow, TicketRow

SUBJECTS = {
    "ticket-granted": ("ticket",), "ticket-leased": ("ticket",), "print-confirmed": ("ticket",), "ticket-voided": ("ticket",),
    "ticket-called": ("call",), "service-started": ("visit",), "service-finished": ("visit",), "ticket-missed": ("visit",),
    "rating-invited": ("visit",), "rating-stored": ("rating", "corrected"), "stay-began": ("stay",), "stay-over": ("stay",),
    "call-taken-back": ("visit",), "tickets-allotted": ("window", "version"),
}  # fmt: skip
"""What a line of the journal is about; each may be said once."""


def plain(fact: bytes | str) -> tuple[str, str]:
    """A fact's kind, and its JSON with sorted keys."""
    values = json.loads(fact)
    return values["type"], json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def outbox(path: Path, node: str) -> list[Report]:
    """The events in a node's outbox; none when there is no file, or one that a program is just replacing."""
    with suppress(sqlite3.DatabaseError, FileNotFoundError), _copy(path) as base:
        (epoch,) = base.execute("SELECT epoch FROM stream").fetchone()
        rows = base.execute("SELECT number, at, fact FROM event ORDER BY number").fetchall()
        return [Report(node, epoch, number, *plain(fact), datetime.fromisoformat(at)) for number, at, fact in rows]
    return []


def journal(path: Path) -> tuple[list[TicketRow], list[str]]:
    """A kiosk's tickets, and the facts that it has not put into the outbox."""
    with suppress(sqlite3.DatabaseError, FileNotFoundError), _copy(path) as base:
        tickets = [(state, json.loads(job)) for state, job in base.execute("SELECT state, job FROM tickets")]
        untold = [fact.decode() for (fact,) in base.execute("SELECT fact FROM facts ORDER BY place")]
        return [TicketRow(job["ticket"], job["number"], "", state) for state, job in tickets], untold
    return [], []


def calls(path: Path) -> tuple[CallRow, ...]:
    """The controller's calls."""
    with _copy(path) as base:
        return tuple(_calls(base))


def controller(path: Path) -> Controller:
    """Everything that the controller's database has of a run."""
    with _copy(path) as base:
        return Controller(
            inboxes=tuple(Inbox(*row) for row in base.execute("SELECT node, epoch, stored FROM inboxes")),
            reports=tuple(_reports(base)),
            tickets=tuple(
                TicketRow(ticket, number, str(day), state, why or "")
                for ticket, number, day, state, why in base.execute("SELECT ticket, number, day, state, why FROM tickets")
            ),
            calls=tuple(_calls(base)),
            ratings=tuple(_ratings(base)),
            stays=tuple(
                StayRow(stay, room, cubicle, _moment(started), None if ended is None else _moment(ended))
                for stay, room, cubicle, started, ended in base.execute(
                    "SELECT stay, room, cubicle, started, ended FROM stays"
                )
            ),
            lines=tuple(_lines(base)),
        )  # fmt: skip


def _ratings(base: sqlite3.Connection) -> Iterator[RatingRow]:
    """Each rating, also under the names that a window's own node gave it."""
    rows = {row[0]: RatingRow(*row) for row in base.execute("SELECT rating, window, level FROM ratings")}
    yield from rows.values()
    for (body,) in base.execute("SELECT body FROM facts WHERE kind = 'rating-joined'"):
        fact = json.loads(body)
        yield RatingRow(fact["name"], rows[fact["rating"]].window, rows[fact["rating"]].level)


def _reports(base: sqlite3.Connection) -> Iterator[Report]:
    ask = "SELECT node, epoch, number, happened, outcome, body FROM node_events ORDER BY node, epoch, number"
    for node, epoch, number, happened, outcome, body in base.execute(ask):
        yield Report(node, epoch, number, *plain(body), _moment(happened), outcome)


def _calls(base: sqlite3.Connection) -> Iterator[CallRow]:
    over = _visits(base, "service-finished", "ticket-missed", "call-taken-back")
    back = _visits(base, "call-taken-back")
    ask = "SELECT number, kind, body FROM facts WHERE kind IN ('ticket-called', 'away-noted') ORDER BY number"
    for number, kind, body in base.execute(ask):
        fact = json.loads(body)
        if fact.get("call") is None:
            continue
        noted = kind == "away-noted"
        at = datetime.fromisoformat(fact["at"])
        not_after = at + timedelta(days=1) if noted else datetime.fromisoformat(fact["not_after"])
        call, ticket, written, window, visit = (fact[key] for key in ("call", "ticket", "number", "window", "visit"))
        yield CallRow(
            number, call, ticket, written, window, visit, at, not_after, over=noted or visit in over,
            away=noted or fact.get("away", False), taken_back=visit in back,
        )  # fmt: skip


def _visits(base: sqlite3.Connection, *kinds: str) -> set[str]:
    marks = ", ".join("?" * len(kinds))
    rows = base.execute(f"SELECT body FROM facts WHERE kind IN ({marks})", kinds)
    return {json.loads(body)["visit"] for (body,) in rows}


def _lines(base: sqlite3.Connection) -> Iterator[Line]:
    for number, kind, body in base.execute("SELECT number, kind, body FROM facts ORDER BY number"):
        if keys := SUBJECTS.get(kind):
            fact: dict[str, Any] = json.loads(body)
            yield Line(number, kind, " ".join(str(fact.get(key, "")) for key in keys).strip())


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


@contextmanager
def _copy(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of a database with its log, open for reading. Raises `FileNotFoundError`."""
    with tempfile.TemporaryDirectory(prefix="hallware-chaos-") as folder:
        there = Path(folder) / path.name
        shutil.copyfile(path, there)
        with suppress(FileNotFoundError):
            shutil.copyfile(path.with_name(f"{path.name}-wal"), there.with_name(f"{there.name}-wal"))
        with closing(sqlite3.connect(there)) as base:
            yield base
