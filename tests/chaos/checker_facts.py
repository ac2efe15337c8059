"""Facts: whatever was accepted is stored, once, and every number belongs to one person."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from tests.chaos.history import History, Occupied, Period, Report, StayRow, Thanks
from tests.chaos.matching import APART, CLOCK, HELD_BACK, HOUR, during, near, unmatched

HOLDING = frozenset({"waiting", "called", "serving", "done", "no-show", "unserved"})
"""States in which a ticket belongs to somebody."""


# Nothing that was accepted is missing.


def missing_tickets(history: History) -> Iterator[str]:
    """Whoever holds a whole ticket is known to the controller under its number."""
    known = {row.ticket: row for row in history.controller.tickets}
    for paper in history.people.papers:
        if paper.ticket is None or not paper.whole:
            continue
        row = known.get(paper.ticket)
        if row is None:
            yield f"ticket {paper.number} ({paper.ticket}) was printed at {paper.at:%H:%M:%S} and the controller does not know it"
        elif row.number != paper.number:
            yield f"ticket {paper.ticket} reads {paper.number} on paper and {row.number} at the controller"
        elif row.state not in HOLDING:
            yield (
                f"ticket {row.number} ({row.ticket}) was printed at {paper.at:%H:%M:%S} "
                f"and is {row.state} at the controller ({row.why})"
            )


def missing_journalled(history: History) -> Iterator[str]:
    """What a kiosk's journal has printed, the controller holds."""
    known = {row.ticket: row for row in history.controller.tickets}
    for row in history.nodes.tickets:
        if row.state in ("begun", "doubtful"):
            yield f"ticket {row.number} ({row.ticket}) is still {row.state} in the kiosk's journal"
        elif row.state == "printed" and (row.ticket not in known or known[row.ticket].state not in HOLDING):
            found = known[row.ticket].state if row.ticket in known else "unknown"
            yield f"ticket {row.number} ({row.ticket}) is printed in the kiosk's journal and {found} at the controller"


def missing_reports(history: History) -> Iterator[str]:
    """Every event that was ever on the wire or on a node's disk is stored, and as the same fact."""
    stored = {(r.node, r.epoch, r.number): r for r in history.controller.reports}
    said: set[tuple[str, str, int]] = set()
    for where, reports in (("on the wire", history.wire.reports), ("on the node's disk", history.nodes.snapshots)):
        for report in reports:
            key = report.node, report.epoch, report.number
            if key in said:
                continue
            found = stored.get(key)
            if found is None:
                said.add(key)
                yield f"{_named(report)} was {where} and is not stored"
            elif found.fact != report.fact:
                said.add(key)
                yield f"{_named(report)} was {where} as {report.fact} and is stored as {found.fact}"


def left_behind(history: History) -> Iterator[str]:
    """At the end nothing waits any more."""
    for report in history.nodes.waiting:
        yield f"{_named(report)} still lies in the node's outbox"
    for fact in history.nodes.untold:
        yield f"the kiosk's journal never told {fact}"


def missing_ratings(history: History) -> Iterator[str]:
    """Each thanks belongs to a rating of its own that the controller has stored."""
    given = [report for report in history.controller.reports if report.kind == "rating-given"]

    def fits(thanks: Thanks, report: Report) -> bool:
        same = f'"level":{thanks.level},' in report.fact and f'"window":"{thanks.window}"' in report.fact
        return same and near(report.at, thanks.at, history)

    for thanks in unmatched(history.people.thanks, given, fits):
        yield f"a rating of level {thanks.level} was thanked for at {thanks.rater} at {thanks.at:%H:%M:%S} and is not stored"
    levels = {row.rating: row.level for row in history.controller.ratings}
    last = {_value(report.fact, "rating"): report for report in given}
    for rating, report in last.items():
        if levels.get(rating) is None:
            yield f"rating {rating} was given ({report.fact}) and the controller counts it as not rated ({report.outcome})"
        elif f'"level":{levels[rating]},' not in report.fact:
            yield f"rating {rating} was last given as {report.fact} and stands as level {levels[rating]} ({report.outcome})"


def missing_stays(history: History) -> Iterator[str]:
    """Each time that a cubicle was seen occupied belongs to a stored stay of its own, which has ended."""

    def fits(occupied: Occupied, stay: StayRow) -> bool:
        if (occupied.room, occupied.cubicle) != (stay.room, stay.cubicle):
            return False
        overlap = stay.started <= occupied.ended + APART and (stay.ended or stay.started) >= occupied.began - APART
        return overlap or near(stay.started, occupied.began, history)

    seen = [occupied for occupied in _joined(history) if not _excused(occupied, history)]
    stays = sorted(history.controller.stays, key=lambda stay: stay.started)
    for occupied in unmatched(seen, stays, fits):
        where = f"cubicle {occupied.cubicle} of {occupied.room}"
        yield f"{where} was occupied from {occupied.began:%H:%M:%S} to {occupied.ended:%H:%M:%S} and no stay is stored for it"
    for stay in stays:
        if stay.ended is None:
            yield f"stay {stay.stay} in cubicle {stay.cubicle} of {stay.room} began at {stay.started:%H:%M:%S} and never ended"


def missing_slips(history: History) -> Iterator[str]:
    """A slip that was answered as done lies on paper; one that was not may or may not."""
    printed = {paper.slip for paper in history.people.papers if paper.slip is not None and paper.whole}
    for told in history.people.slips:
        if told.outcome == "done" and told.slip not in printed:
            yield f"slip {told.slip} was answered as done and never came out"


def gaps(history: History) -> Iterator[str]:
    """Each stream is stored without a gap up to what was acknowledged."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for report in history.controller.reports:
        numbers[report.node, report.epoch].append(report.number)
    for inbox in history.controller.inboxes:
        there = numbers.get((inbox.node, inbox.epoch), [])
        if lacking := sorted(set(range(1, inbox.stored + 1)) - set(there)):
            yield f"{inbox.node} ({inbox.epoch}): acknowledged up to {inbox.stored}, and {lacking[0]} is not stored"
        if above := [number for number in there if number > inbox.stored]:
            yield f"{inbox.node} ({inbox.epoch}): {max(above)} is stored and only {inbox.stored} acknowledged"


# Nothing is there twice.


def twice(history: History) -> Iterator[str]:
    """The journal says each thing once."""
    for (kind, of), times in Counter((line.kind, line.of) for line in history.controller.lines).items():
        if times > 1:
            yield f"{kind} of {of} stands {times} times in the journal"
    for key, times in Counter((r.node, r.epoch, r.number) for r in history.controller.reports).items():
        if times > 1:
            yield f"event {key[2]} of {key[0]} ({key[1]}) is stored {times} times"


def double_stays(history: History) -> Iterator[str]:
    """Nobody is in a cubicle twice."""
    by_place: dict[tuple[str, str], list[StayRow]] = defaultdict(list)
    for stay in sorted(history.controller.stays, key=lambda stay: stay.started):
        by_place[stay.room, stay.cubicle].append(stay)
    for (room, cubicle), stays in by_place.items():
        for before, after in pairwise(stays):
            if before.ended is None or (history.clocks and before.ended - before.started > HOUR - APART):
                continue  # its end is not known, or a wrong clock has drawn it out
            if before.ended > after.started + HELD_BACK:
                yield f"stays {before.stay} and {after.stay} were both in cubicle {cubicle} of {room} at {after.started:%H:%M:%S}"


def double_numbers(history: History) -> Iterator[str]:
    """A number belongs to one ticket of its day, in every layer; and a ticket to one person."""
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    days = {row.ticket: row.day for row in (*history.controller.tickets, *history.nodes.tickets)}
    for row in (*history.controller.tickets, *history.nodes.tickets):
        owners[row.day, row.number].add(row.ticket)
    for paper in history.people.papers:
        if paper.number is not None and paper.ticket is not None:
            owners[days.get(paper.ticket, ""), paper.number].add(paper.ticket)
    for (_, number), tickets in owners.items():
        if len(tickets) > 1:
            yield f"number {number} belongs to the tickets {' and '.join(sorted(tickets))}"
    first_prints = Counter(p.ticket for p in history.people.papers if p.ticket is not None and p.whole and not p.reprint)
    for ticket, times in first_prints.items():
        if times > 1:
            yield f"ticket {ticket} was printed {times} times without being marked as printed again"


def double_slips(history: History) -> Iterator[str]:
    """A slip comes out once, however often its order arrives."""
    for slip, times in Counter(p.slip for p in history.people.papers if p.slip is not None and p.whole and not p.reprint).items():
        if times > 1:
            yield f"slip {slip} came out {times} times"


def _joined(history: History) -> list[Occupied]:
    """Occupations in their order; two that a new start of the room's node parted are one, for its lamps go out meanwhile."""
    joined: list[Occupied] = []
    for occupied in sorted(history.people.occupied, key=lambda one: (one.room, one.cubicle, one.began)):
        before = joined[-1] if joined else None
        if before is not None and (before.room, before.cubicle) == (occupied.room, occupied.cubicle):
            home = dict(history.homes).get(occupied.room)
            dark = Period("", before.ended, occupied.began)
            if any(p.who == home and p.began <= dark.ended and p.ended >= dark.began - CLOCK for p in history.touched):
                joined[-1] = replace(before, ended=occupied.ended)
                continue
        joined.append(occupied)
    return sorted(joined, key=lambda one: one.began)


def _excused(occupied: Occupied, history: History) -> bool:
    """Whether the room's node could write down neither the beginning nor the end, and said so."""
    home = dict(history.homes).get(occupied.room)

    def full(at: datetime) -> bool:
        return any(during(period, at) for period in history.full if period.who == home)

    return full(occupied.began) and full(occupied.ended)


def _named(report: Report) -> str:
    return f"event {report.number} of {report.node} ({report.epoch}, {report.kind})"


def _value(fact: str, key: str) -> str:
    """A text value of a fact's JSON."""
    return fact.partition(f'"{key}":"')[2].partition('"')[0]
