"""The audit of a played day: what the people saw against what was stored, the bound on priority, the estimates' error."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import fmean, median

from sqlalchemy import Connection, func, select

from controller import queue as queues
from controller.config import HallConfig
from controller.queue import QueueState, Rules
from controller.queue.facts import QueueFact, TicketCalled
from controller.queue.issuing import microseconds
from controller.queue.values import Ticket
from controller.store import tables
from controller.store.store import fact_of
from hallware.rehearsal.day import Estimate, Seen

MINUTE = 60.0


@dataclass(frozen=True)
class Sum:
    """One sum, as the people of the day counted it and as it is stored."""

    what: str
    seen: int
    stored: int


@dataclass(frozen=True)
class Waits:
    """How long people waited, in minutes, and how good the estimates were."""

    average: float
    median: float
    longest: float
    told: int
    within: float
    """Share of those who waited as long as they were told: within the range."""
    error: float
    """Minutes by which the middle of the range missed, on average, either way."""


@dataclass
class Fairness:
    """Calls in turn, and what was wrong with them."""

    calls: int = 0
    longest_run: int = 0
    out_of_turn: list[str] = field(default_factory=list)


def sums(seen: Seen, connection: Connection, hall: str) -> list[Sum]:
    """What can be counted twice."""
    t, v, r, a, c = tables.tickets.c, tables.visits.c, tables.ratings.c, tables.appointments.c, tables.cases.c

    def count(*where: object) -> int:
        return int(connection.execute(select(func.count()).where(*where)).scalar() or 0)  # type: ignore[arg-type]

    rated = {level: count(r.hall == hall, r.level == level) for level in (1, 2, 3, 4, 5)}
    poor = seen.rated[1] + seen.rated[2]
    return [
        Sum("tickets", seen.tickets, count(t.hall == hall)),
        Sum("services finished", seen.served, count(v.hall == hall, v.outcome == "done")),
        Sum("no-shows", seen.no_shows, count(v.hall == hall, v.outcome == "no-show")),
        Sum("set aside", seen.parked, count(v.hall == hall, v.outcome == "parked")),
        Sum("transfers", seen.moved, count(v.hall == hall, v.outcome == "moved")),
        Sum("appointments", seen.booked, count(a.hall == hall)),
        Sum("appointments kept", seen.checked_in, count(a.hall == hall, a.state == "arrived")),
        *(Sum(f"ratings of level {level}", seen.rated[level], rated[level]) for level in (5, 4, 3, 2, 1)),
        Sum("cases", poor, count(c.hall == hall)),
    ]


def places(connection: Connection, hall: str) -> dict[str, int]:
    """What became of the tickets: each is in one place."""
    t = tables.tickets.c
    rows = connection.execute(select(t.state, func.count()).where(t.hall == hall).group_by(t.state))
    return {row[0]: row[1] for row in rows}


def unattributed(connection: Connection, hall: str) -> int:
    """Services that belong to nobody."""
    v = tables.visits.c
    nobodys = select(func.count()).where(v.hall == hall, v.started.is_not(None), v.staff.is_(None))
    return int(connection.execute(nobodys).scalar() or 0)


def waits(estimates: list[Estimate]) -> Waits | None:
    """Of those who were told."""
    if not estimates:
        return None
    minutes = [estimate.waited / MINUTE for estimate in estimates]
    within = [e.low <= e.waited / MINUTE <= e.high for e in estimates]
    errors = [abs((e.low + e.high) / 2 - e.waited / MINUTE) for e in estimates]
    return Waits(fmean(minutes), median(minutes), max(minutes), len(minutes), sum(within) / len(within), fmean(errors))


def fairness(connection: Connection, config: HallConfig) -> Fairness:
    """Every call of the journal, judged by who waited at that moment: not by the rule that made it."""
    rules, state, found = Rules.of(config), QueueState(), Fairness()
    runs, passes = dict[str, int](), dict[str, int]()
    for fact in _journal(connection, config.hall.id):
        if isinstance(fact, TicketCalled) and fact.times == 1 and not fact.chosen:
            found.calls += 1
            if why := _wrong(state, fact, rules, runs, passes):
                found.out_of_turn.append(f"{fact.number} at {fact.window}: {why}")
            found.longest_run = max(found.longest_run, runs.get(fact.window, 0))
        state = queues.apply(state, fact)
    return found


def _journal(connection: Connection, hall: str) -> Iterator[QueueFact]:
    facts = tables.facts.c
    for body in connection.execute(select(facts.body).where(facts.hall == hall).order_by(facts.number)).scalars():
        fact = fact_of(body)
        if isinstance(fact, QueueFact):
            yield fact


def _wrong(state: QueueState, call: TicketCalled, rules: Rules, runs: dict[str, int], passes: dict[str, int]) -> str:
    lines = rules.lines_of(call.window)
    waiting = [ticket for ticket in state.tickets.values() if ticket.state == "waiting" and ticket.waits_in in lines]
    called = next((t for t in waiting if t.id == call.ticket), None)
    if called is None:
        return "it did not wait for this window"
    if why := _passes(called, waiting, rules, call.window, passes):
        return why
    if called.priority == "ordinary" or not _ordinary(waiting):
        runs[call.window] = 0
        return ""
    runs[call.window] = runs.get(call.window, 0) + 1
    if called.priority == "appointment" and called.turn[0] > microseconds(call.at):
        return "its appointment had not begun"
    return "too many ahead of an ordinary one" if runs[call.window] > rules.calling.priority_run else ""


def _passes(called: Ticket, waiting: list[Ticket], rules: Rules, window: str, passes: dict[str, int]) -> str:
    """Whether somebody of its class came before, whom the window does not serve later, or has passed often enough."""
    before = [other for other in waiting if other.priority == called.priority and other.turn < called.turn]
    own = rules.rank(window, called.service)
    if any(called.priority != "ordinary" or rules.rank(window, other.service) <= own for other in before):
        return "somebody of its class came before"
    if called.priority == "ordinary":
        passes[window] = passes.get(window, 0) + 1 if before else 0
    return "too many of a service that goes first" if passes.get(window, 0) > rules.calling.first_run else ""


def _ordinary(waiting: list[Ticket]) -> bool:
    return any(ticket.priority == "ordinary" for ticket in waiting)
