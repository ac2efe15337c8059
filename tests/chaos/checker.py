"""The checker: reads what every layer recorded and says, in sentences that name the ids, what does not fit together.

Each rule is one function from the history to its violations. An empty answer of all of them means: nothing that was
accepted is missing, nothing is there twice, no number belongs to two people, nothing was shown late or out of order.
"""

from collections.abc import Callable, Iterator

from tests.chaos import checker_calls as calls
from tests.chaos import checker_facts as facts
from tests.chaos import checker_windows as windows
from tests.chaos.history import History

Rule = Callable[[History], Iterator[str]]

RULES: dict[str, Rule] = {
    "ticket missing": facts.missing_tickets,
    "printed ticket missing": facts.missing_journalled,
    "event missing": facts.missing_reports,
    "left behind": facts.left_behind,
    "rating missing": facts.missing_ratings,
    "stay missing": facts.missing_stays,
    "slip missing": facts.missing_slips,
    "gap": facts.gaps,
    "stored twice": facts.twice,
    "two in a cubicle": facts.double_stays,
    "number given twice": facts.double_numbers,
    "slip printed twice": facts.double_slips,
    "two windows": windows.two_windows,
    "own call missing": windows.missing_own_calls,
    "call too late": calls.late_calls,
    "call shown twice": calls.shown_twice,
    "call out of order": calls.older_over_newer,
    "number stale": calls.stale_numbers,
    "board wrong": calls.wrong_boards,
}
"""Every promise that can be read from records, by the name under which a breach is reported."""


def check(history: History) -> list[str]:
    """Every violation, as sentences."""
    return [f"{name}: {sentence}" for name, rule in RULES.items() for sentence in rule(history)]
