"""The checker: reads what every layer recorded and says, in sentences that name the ids, what does not fit together.

Each rule is one function from the history to its violations. An empty answer of all of them means: nothing that was
accepted is missing, nothing is there twice, no number belongs to two people, nothing was shown late or out of order.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from tests.chaos.history import Answer, BoardPlan, CallRow, History, Occupied, Period, Report, StayRow, Thanks

HOLDING = frozenset({"waiting", "called", "serving", "done", "no-show", "unserved"})
"""States in which a ticket belongs to somebody."""
APART = timedelta(seconds=60)
"""So far may the moments be apart at which two layers put the same happening: one of them may have been stopped meanwhile."""
CLOCK = timedelta(seconds=3)
"""So far may a device's clock be ahead of the true time; nodes believe the controller beyond two seconds."""
HOUR = timedelta(hours=1)
"""How far the controller's clock is set wrong, where it is."""
AFTERWARDS = timedelta(seconds=60)
"""So long after the controller's clock was put right may nodes need to believe it."""
BELIEVED = {"broker": timedelta(seconds=12), "controller": timedelta(seconds=21)}
"""So long may a board go on showing numbers after the broker, or the controller, has fallen silent: three unanswered beats of
two seconds, or three missed heartbeats of five, then the board's own three seconds, and what a busy machine takes."""
OLDEST = timedelta(seconds=90)
"""An answer that claims to be older than this when it is heard comes from a clock that is wrong."""

H = TypeVar("H")
W = TypeVar("W")
Rule = Callable[[History], Iterator[str]]


def check(history: History) -> list[str]:
    """Every violation, as sentences."""
    return [f"{name}: {sentence}" for name, rule in RULES.items() for sentence in rule(history)]


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
        return same and _near(report.at, thanks.at, history)

    for thanks in _unmatched(history.people.thanks, given, fits):
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
        return overlap or _near(stay.started, occupied.began, history)

    noticed = (occupied for occupied in history.people.occupied if not _excused(occupied, history))
    seen = sorted(noticed, key=lambda occupied: occupied.began)
    stays = sorted(history.controller.stays, key=lambda stay: stay.started)
    for occupied in _unmatched(seen, stays, fits):
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
            if before.ended > after.started + CLOCK:
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


# Nothing stale.


def late_calls(history: History) -> Iterator[str]:
    """No device shows a call as new after its time, by a clock that is right."""
    calls = {call.call: call for call in history.controller.calls}
    for answer in history.wire.answers:
        call = calls.get(answer.call)
        if call is None:
            yield f"{answer.device} answered {answer.outcome} to call {answer.call}, which the controller never stored"
        elif answer.outcome == "shown" and answer.at > call.not_after:
            late = (answer.at - call.not_after).total_seconds()
            yield f"{answer.device} showed call {answer.call} of {call.number} {late:.1f} s after its time"
        if any(_during(period, answer.heard, AFTERWARDS) for period in history.clocks):
            continue
        if answer.at > answer.heard + CLOCK:
            yield f"{answer.device} dates its answer to call {answer.call} {answer.at:%H:%M:%S}, after it was heard"
        elif answer.at < answer.heard - OLDEST:
            yield f"{answer.device} dates its answer to call {answer.call} {answer.at:%H:%M:%S}, long before it was heard"


def shown_twice(history: History) -> Iterator[str]:
    """A device shows each call as new once."""
    shown: dict[tuple[str, str, str], set[datetime]] = defaultdict(set)
    for answer in history.wire.answers:
        if answer.outcome == "shown":
            shown[answer.node, answer.device, answer.call].add(answer.at)
    for (_, device, call), moments in shown.items():
        if len(moments) > 1:
            yield f"{device} answered {len(moments)} times that it showed call {call}"


def older_over_newer(history: History) -> Iterator[str]:
    """At no window does a device show an older call after a newer one; judged by answers and by pixels."""
    calls = {call.call: call for call in history.controller.calls}
    newest: dict[tuple[str, str], tuple[CallRow, Answer]] = {}
    for answer in sorted(history.wire.answers, key=lambda answer: answer.heard):
        call = calls.get(answer.call)
        if answer.outcome != "shown" or call is None:
            continue
        known = newest.get((answer.device, call.window))
        if known is None or call.line >= known[0].line:
            newest[answer.device, call.window] = call, answer
        elif answer.at > known[1].at:  # heard later may only mean sent again; shown later as well is what it looks like
            before = known[0]
            yield f"{answer.device} showed call {call.call} of {call.number} after the newer {before.call} of {before.number}"
    for plan in history.boards.plans:
        if len(plan.windows) == 1:
            yield from _backwards(plan, history)


def _backwards(plan: BoardPlan, history: History) -> Iterator[str]:
    """A window's strip never goes back to a number that was called before the one it shows.

    A number may be called again, so each sight stands for the earliest call of its number that is not older than what stood
    there before; where there is none, the board went back.
    """
    here = sorted((call for call in history.controller.calls if call.window in plan.windows), key=lambda call: call.line)
    shown: CallRow | None = None
    for sight in history.boards.sights:
        if sight.board != plan.board or len(sight.numbers) != 1:
            continue
        calls = [call for call in here if call.number == sight.numbers[0]]
        later = next((call for call in calls if shown is None or call.line >= shown.line), None)
        if later is not None:
            shown = later
        elif calls:
            was = shown.number if shown else ""
            yield f"{plan.board} went back from {was} to {sight.numbers[0]}, called before it, at {sight.at:%H:%M:%S.%f}"
        else:
            yield f"{plan.board} showed {sight.numbers[0]} at {sight.at:%H:%M:%S}, which was not called to its window"


def stale_numbers(history: History) -> Iterator[str]:
    """A board that has lost its controller shows no number, since it may be stale."""
    homes = dict(history.homes)
    for outage in history.outages:
        since = outage.began + BELIEVED[outage.who]
        for plan in history.boards.plans:
            names = {plan.board, homes.get(plan.board)}
            struck = any(p.who in names and p.began <= outage.ended and p.ended >= outage.began - OLDEST for p in history.touched)
            if since < outage.ended and not struck:
                for number in _stood(plan.board, since, outage.ended, history):
                    silent = f"{outage.who} had been silent for more than {BELIEVED[outage.who].seconds} s"
                    yield f"{plan.board} showed {number} between {since:%H:%M:%S} and {outage.ended:%H:%M:%S}, when the {silent}"


def _stood(board: str, since: datetime, until: datetime, history: History) -> set[str]:
    """The numbers that stood on a board in this time."""
    standing: tuple[str, ...] = ()
    seen: set[str] = set()
    for sight in history.boards.sights:
        if sight.board == board and sight.at <= since:
            standing = sight.numbers
        elif sight.board == board and sight.at < until:
            seen |= set(sight.numbers)
    return seen | set(standing)


def wrong_boards(history: History) -> Iterator[str]:
    """At the end each board shows what the controller says, and nothing else."""
    for plan in history.boards.plans:
        wanted = wanted_numbers(plan, history.boards.calls)
        seen = {number for sight in history.boards.final if sight.board == plan.board for number in sight.numbers}
        if not any(sight.board == plan.board for sight in history.boards.final):
            yield f"{plan.board} was not seen at the end"
        elif seen != wanted:
            yield f"{plan.board} shows {_listed(seen)} at the end and should show {_listed(wanted)}"


def wanted_numbers(plan: BoardPlan, calls: Iterable[CallRow]) -> set[str]:
    """The numbers that a board shows in turn: of its recent calls, the newest of each window and of each ticket."""
    visits = {call.visit: call for call in sorted(calls, key=lambda call: call.line) if call.window in plan.windows}
    recent = sorted(visits.values(), key=lambda call: call.line, reverse=True)[: plan.lines]
    windows: dict[str, CallRow] = {}
    for call in recent:
        windows.setdefault(call.window, call)
    return {call.number for call in windows.values()}


RULES: dict[str, Rule] = {
    "ticket missing": missing_tickets,
    "printed ticket missing": missing_journalled,
    "event missing": missing_reports,
    "left behind": left_behind,
    "rating missing": missing_ratings,
    "stay missing": missing_stays,
    "slip missing": missing_slips,
    "gap": gaps,
    "stored twice": twice,
    "two in a cubicle": double_stays,
    "number given twice": double_numbers,
    "slip printed twice": double_slips,
    "call too late": late_calls,
    "call shown twice": shown_twice,
    "call out of order": older_over_newer,
    "number stale": stale_numbers,
    "board wrong": wrong_boards,
}
"""Every promise that can be read from records, by the name under which a breach is reported."""


def _unmatched(haves: Sequence[H], wants: Sequence[W], fits: Callable[[H, W], bool]) -> list[H]:
    """Those that find no partner of their own, when as many as possible find one (augmenting paths)."""
    partner: dict[int, int] = {}

    def place(have: int, tried: set[int]) -> bool:
        for want, there in enumerate(wants):
            if want in tried or not fits(haves[have], there):
                continue
            tried.add(want)
            if want not in partner or place(partner[want], tried):
                partner[want] = have
                return True
        return False

    return [haves[have] for have in range(len(haves)) if not place(have, set())]


def _excused(occupied: Occupied, history: History) -> bool:
    """Whether the room's node could write down neither the beginning nor the end, and said so."""
    home = dict(history.homes).get(occupied.room)

    def full(at: datetime) -> bool:
        return any(_during(period, at) for period in history.full if period.who == home)

    return full(occupied.began) and full(occupied.ended)


def _during(period: Period, at: datetime, afterwards: timedelta = CLOCK) -> bool:
    return period.began - CLOCK <= at <= period.ended + afterwards


def _near(one: datetime, other: datetime, history: History) -> bool:
    """Whether two moments may be one; where the controller's clock was wrong, also when they are just an hour apart."""
    apart = abs(one - other)
    return apart <= APART or (bool(history.clocks) and abs(apart - HOUR) <= APART)


def _named(report: Report) -> str:
    return f"event {report.number} of {report.node} ({report.epoch}, {report.kind})"


def _value(fact: str, key: str) -> str:
    """A text value of a fact's JSON."""
    return fact.partition(f'"{key}":"')[2].partition('"')[0]


def _listed(numbers: Iterable[str]) -> str:
    return ", ".join(sorted(numbers)) or "no number"
