"""Windows: no ticket is called at two of them, and what a window called by itself is known."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.history import CallRow, History


def two_windows(history: History) -> Iterator[str]:
    """Nobody in these halls comes back or is transferred, so a ticket is called at one window alone."""
    by_ticket: dict[str, list[CallRow]] = defaultdict(list)
    for call in history.controller.calls:
        if not call.taken_back:
            by_ticket[call.ticket].append(call)
    for calls in by_ticket.values():
        windows = sorted({call.window for call in calls})
        if len(windows) > 1:
            yield f"{calls[0].number} was called at {' and '.join(windows)}"


def missing_own_calls(history: History) -> Iterator[str]:
    """Each call that a window made by itself stands in the journal, and no other says that it was made so."""
    said = {_call(report.fact): report for report in history.controller.reports if report.kind == "ticket-called-away"}
    known = {call.call for call in history.controller.calls}
    for call, report in said.items():
        if call not in known:
            yield f"{report.node} called by itself ({report.fact}), and the journal has no such call ({report.outcome})"
    for row in history.controller.calls:
        if row.away and row.call not in said:
            yield f"call {row.call} of {row.number} is said to be {row.window}'s own, and its node never said so"


def _call(fact: str) -> str:
    return fact.partition('"call":"')[2].partition('"')[0]
