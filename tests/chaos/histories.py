"""Histories of a hall in which everything fits, and the same with one layer exchanged."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.chaos.checker import check
from tests.chaos.history import (
    Answer,
    BoardPlan,
    Boards,
    CallRow,
    Controller,
    History,
    Inbox,
    Line,
    Nodes,
    Occupied,
    Paper,
    People,
    RatingRow,
    Report,
    Sight,
    StayRow,
    Thanks,
    TicketRow,
    Told,
    Wire,
)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = "2026-03-02"
FRESH = timedelta(seconds=20)
STRIP = BoardPlan("strip-1", frozenset({"window-1"}), 5)
MAIN = BoardPlan("main-board", frozenset({"window-1", "window-2"}), 5)


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def report(node: str, number: int, seconds: float, kind: str, /, **fact: object) -> Report:
    """An event as all layers agree on it."""
    body = json.dumps({"type": kind, **fact}, sort_keys=True, separators=(",", ":"))
    return Report(node, "epoch-1", number, kind, body, at(seconds), "ok")


def good(tickets: int = 4) -> History:
    """A history in which everything fits: so many tickets, printed, called, shown, served and rated; one stay; one slip."""
    numbers = [f"A{n:03d}" for n in range(1, tickets + 1)]
    printed = [report("entrance", n, 5 * n, "ticket-printed", number=a, ticket=f"ticket-{a}") for n, a in enumerate(numbers, 1)]
    rated = [
        report("desk-1", n, 5 * n + 4, "rating-given", level=5, rating=f"rating-{a}", window="window-1", after=1.0)
        for n, a in enumerate(numbers, 1)
    ]
    calls = tuple(
        CallRow(10 * n, f"call-{a}", f"ticket-{a}", a, "window-1", f"visit-{a}", at(5 * n + 1), at(5 * n + 1) + FRESH)
        for n, a in enumerate(numbers, 1)
    )
    reports = tuple(printed + rated)
    people = People(
        papers=(
            *(Paper(at(5 * n), "kiosk-1", str(n), a, f"ticket-{a}") for n, a in enumerate(numbers, 1)),
            Paper(at(1), "kiosk-1", "slip", slip="slip-1"),
        ),
        thanks=tuple(Thanks(at(5 * n + 4), "rater-1", "window-1", 5) for n in range(1, tickets + 1)),
        occupied=(Occupied("room", "left", at(3), at(9)),),
        slips=(Told("slip-1", "done"), Told("slip-2", "failed")),
    )
    rows = tuple(TicketRow(f"ticket-{a}", a, DAY, "done") for a in numbers)
    controller = Controller(
        inboxes=(Inbox("entrance", "epoch-1", tickets), Inbox("desk-1", "epoch-1", tickets)),
        reports=reports,
        tickets=rows,
        calls=calls,
        ratings=tuple(RatingRow(f"rating-{a}", "window-1", 5) for a in numbers),
        stays=(StayRow("stay-1", "room", "left", at(3), at(9)),),
        lines=tuple(Line(call.line, "ticket-called", call.call) for call in calls),
    )
    answers = tuple(Answer(c.at, c.call, "desk-1", "strip-1", c.at, "shown") for c in calls)
    sights = tuple(Sight(call.at, "strip-1", (call.number,)) for call in calls)
    last = (numbers[-1],) if numbers else ()
    boards = Boards((STRIP, MAIN), sights, (Sight(at(99), "strip-1", last), Sight(at(99), "main-board", last)), calls)
    journal = tuple(TicketRow(f"ticket-{a}", a, DAY, "printed") for a in numbers)
    nodes = Nodes(snapshots=reports[:2], tickets=journal)
    return History(people, nodes, controller, Wire(reports, answers), boards, homes=(("room", "nursery"),))


def found(history: History) -> str:
    """The violations, as one text."""
    return "\n".join(check(history))


def in_people(history: History, **changes: object) -> History:
    """The history with another layer of people."""
    return replace(history, people=replace(history.people, **changes))  # type: ignore[arg-type]


def in_controller(history: History, **changes: object) -> History:
    """The history with another layer of the controller."""
    return replace(history, controller=replace(history.controller, **changes))  # type: ignore[arg-type]


def in_wire(history: History, **changes: object) -> History:
    """The history with another wire."""
    return replace(history, wire=replace(history.wire, **changes))  # type: ignore[arg-type]


def in_boards(history: History, **changes: object) -> History:
    """The history with other boards."""
    return replace(history, boards=replace(history.boards, **changes))  # type: ignore[arg-type]
