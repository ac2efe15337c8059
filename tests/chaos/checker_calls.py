"""Calls and boards: nothing is shown late, twice or out of order, and every board is right in the end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from tests.chaos.history import Answer, BoardPlan, CallRow, History
from tests.chaos.matching import CLOCK, HOUR, during

AFTERWARDS = timedelta(seconds=60)
"""So long after the controller's clock was put right may nodes need to believe it."""
BELIEVED = {"broker": timedelta(seconds=12), "controller": timedelta(seconds=21)}
"""So long may a board go on showing numbers after the broker, or the controller, has fallen silent: three unanswered beats of
two seconds, or three missed heartbeats of five, then the board's own three seconds, and what a busy machine takes."""
OLDEST = timedelta(seconds=90)
"""An answer that claims to be older than this when it is heard comes from a clock that is wrong."""


def late_calls(history: History) -> Iterator[str]:
    """No device shows a call as new after its time, by a clock that is right."""
    calls = {call.call: call for call in history.controller.calls}
    for answer in history.wire.answers:
        call = calls.get(answer.call)
        if call is None:
            yield f"{answer.device} answered {answer.outcome} to call {answer.call}, which the controller never stored"
        elif answer.outcome == "shown" and answer.at > call.not_after and not _dated_an_hour_back(answer, call, history):
            late = (answer.at - call.not_after).total_seconds()
            yield f"{answer.device} showed call {answer.call} of {call.number} {late:.1f} s after its time"
        if any(during(period, answer.heard, AFTERWARDS) for period in history.clocks):
            continue
        if answer.at > answer.heard + CLOCK:
            yield f"{answer.device} dates its answer to call {answer.call} {answer.at:%H:%M:%S}, after it was heard"
        elif answer.at < answer.heard - OLDEST:
            yield f"{answer.device} dates its answer to call {answer.call} {answer.at:%H:%M:%S}, long before it was heard"


def _dated_an_hour_back(answer: Answer, call: CallRow, history: History) -> bool:
    """Whether the controller dated what a window called by itself while its own clock was an hour behind the device's."""
    return call.away and bool(history.clocks) and call.at - CLOCK <= answer.at - HOUR <= call.not_after


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
    """A board that has lost its controller shows no number but what its own window called by itself: it may be stale."""
    homes = dict(history.homes)
    for outage in history.outages:
        since = outage.began + BELIEVED[outage.who]
        for plan in history.boards.plans:
            names = {plan.board, homes.get(plan.board)}
            struck = any(p.who in names and p.began <= outage.ended and p.ended >= outage.began - OLDEST for p in history.touched)
            if since < outage.ended and not struck:
                for number in _stood(plan.board, since, outage.ended, history) - _own(plan, outage.ended, history):
                    silent = f"{outage.who} had been silent for more than {BELIEVED[outage.who].seconds} s"
                    yield f"{plan.board} showed {number} between {since:%H:%M:%S} and {outage.ended:%H:%M:%S}, when the {silent}"


def _own(plan: BoardPlan, until: datetime, history: History) -> set[str]:
    """The numbers that a strip's window had called by itself by then."""
    if len(plan.windows) != 1:
        return set()
    calls = history.controller.calls
    return {call.number for call in calls if call.away and call.window in plan.windows and call.at <= until + CLOCK}


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
    """The numbers that a board shows in turn: of its recent calls, the newest of each window and of each ticket.

    A board over one window shows whom the window has now. That does not go by moments: what the window called by itself while
    the controller's clock was an hour wrong is dated before what came earlier.
    """
    visits = {call.visit: call for call in sorted(calls, key=lambda call: call.line) if call.window in plan.windows}
    # What a window did by itself was taken in later than it was called.
    newest = sorted(visits.values(), key=lambda call: call.line, reverse=True)
    if len(plan.windows) == 1:
        return {call.number for call in [call for call in newest if not call.over][:1]}
    recent = sorted(newest, key=lambda call: call.at, reverse=True)[: plan.lines]
    windows: dict[str, CallRow] = {}
    for call in recent:
        windows.setdefault(call.window, call)
    return {call.number for call in windows.values()}


def _listed(numbers: Iterable[str]) -> str:
    return ", ".join(sorted(numbers)) or "no number"
