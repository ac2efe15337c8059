"""Slips (凭证, 告知单): a running number for each template, what was sent to a printer, and what became of it. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from contract.commands import FieldValue
from contract.values import Text
from controller.config_rules import SlipNumbers, SlipRules
from controller.queue.facts import Happened
from controller.queue.refusals import Refusal
from controller.queue.values import Frozen, replaced
from controller.slip_forms import SlipForm

REMEMBERED = 50
"""So many last prints are shown as they go."""
PATIENCE = timedelta(seconds=90)
"""After so long nobody waits for a printer's answer any more; one that comes later still counts."""

PrintOutcome = Literal["printed", "failed", "refused", "late", "unanswered"]
NOT_ON_PAPER: frozenset[str | None] = frozenset({"refused", "late"})
"""Outcomes after which certainly nothing came out, so that a second print is a first one."""


class SlipIssued(Happened, frozen=True, kw_only=True, tag="slip-issued"):
    """A slip with its number; what it was filled with is kept as long as it may be printed again."""

    slip: str
    template: str
    number: str
    period: str
    """The day or the year within which `serial` runs: 20261125 or 2026."""
    serial: int
    fields: dict[str, FieldValue] = {}
    by: str


class SlipSent(Happened, frozen=True, kw_only=True, tag="slip-sent"):
    """Something was sent to a printer: a slip, or a ticket of the entrance desk."""

    print: str
    slip: str
    """The slip's id, or the ticket's."""
    template: str
    number: str
    device: str
    by: str
    why: str = ""
    """Why it is printed once more."""
    mark: bool = False
    """Whether it bears the mark 补打."""


class SlipAnswered(Happened, frozen=True, kw_only=True, tag="slip-answered"):
    """What became of a print."""

    print: str
    outcome: PrintOutcome
    what: Text


class SlipCounter(Frozen, frozen=True, kw_only=True):
    """How far the numbers of a template have run."""

    period: str
    serial: int


class SlipsRestored(Happened, frozen=True, kw_only=True, tag="slips-restored"):
    """The hall goes on from a backup: slips that were issued after it are not in this database, and their numbers are taken."""

    counters: dict[str, SlipCounter] = {}
    """How far numbers had run, where the replaced database could say so."""
    mark: str = ""
    """The moment by the hall's clock, 20261125143207, where it could not: numbers bear it, so that none comes again."""


SlipFact = SlipIssued | SlipSent | SlipAnswered | SlipsRestored


class Print(Frozen, frozen=True, kw_only=True):
    """A print and what is known of it."""

    sent: SlipSent
    outcome: PrintOutcome | None = None
    what: Text | None = None


class SlipState(Frozen, frozen=True, kw_only=True):
    """The numbers that come next, and the last prints."""

    counters: Mapping[str, SlipCounter] = {}
    """Template to its numbers."""
    prints: Mapping[str, Print] = {}
    """Print to what became of it, the oldest first."""
    mark: str = ""
    """When the hall began to go on from a backup without knowing what had been issued after it."""


UNANSWERED = Text(zh="取号机没有回答，请查看出纸口", en="the kiosk has not answered; look whether it printed")


def _refusal(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, Text(zh=zh, en=en))


NUMBERS_USED_UP = _refusal("slip-numbers-used-up", "该凭证的编号已用完", "the numbers of this slip are used up")


def issue(
    state: SlipState,
    form: SlipForm,
    fields: Mapping[str, FieldValue],
    slip: str,
    by: str,
    now: datetime,
    day: date,
    rules: SlipRules,
) -> SlipIssued | Refusal:
    """A slip under the next number of its template, on the hall's day `day`."""
    if (refusal := form.check(fields)) is not None:
        return refusal
    period, serial = following(state.counters.get(form.template), day, _restart(rules, form.template))
    number = written(rules, form.template, period, serial, state.mark)
    if number is None:
        return NUMBERS_USED_UP
    return SlipIssued(
        at=now, slip=slip, template=form.template, number=number, period=period, serial=serial, fields=dict(fields), by=by
    )


def following(last: SlipCounter | None, day: date, restart: Literal["day", "year"]) -> tuple[str, int]:
    """The next number and the day or year in which it runs; it never goes back, also when the clock does."""
    period = f"{day:%Y%m%d}" if restart == "day" else f"{day:%Y}"
    if last is None or len(last.period) != len(period) or last.period < period:
        return period, 1
    return last.period, last.serial + 1


def written(rules: SlipRules, template: str, period: str, serial: int, mark: str = "") -> str | None:
    """The number as it stands on the paper; None when it has more digits than it may."""
    own = _own(rules, template)
    digits = own.digits or rules.digits
    series = f"{period}{_series(period, mark)}"
    return f"{own.prefix}{series}-{serial:0{digits}d}" if serial < 10**digits else None


def _series(period: str, mark: str) -> str:
    """What sets numbers apart from those of the same day or year that nobody knows of, such as R143207."""
    return f"R{mark[len(period) :]}" if period <= mark[: len(period)] else ""


def goes_on(state: SlipState, lost: SlipState | None, now: datetime, timezone: ZoneInfo) -> SlipsRestored:
    """How numbers go on after a restore: behind those that the replaced database knows, else in a series of their own."""
    if lost is None:
        return SlipsRestored(at=now, mark=f"{now.astimezone(timezone):%Y%m%d%H%M%S}")
    newer = {template: counter for template, counter in lost.counters.items() if counter != state.counters.get(template)}
    return SlipsRestored(at=now, counters=newer, mark=lost.mark)


def _own(rules: SlipRules, template: str) -> SlipNumbers:
    return next((numbers for numbers in rules.numbers if numbers.template == template), SlipNumbers(template=template))


def _restart(rules: SlipRules, template: str) -> Literal["day", "year"]:
    return _own(rules, template).restart or rules.restart


def answered(state: SlipState, print_: str, outcome: PrintOutcome, what: Text, now: datetime) -> tuple[SlipAnswered, ...] | None:
    """What a device's answer brings about; None when it was not asked for, nothing when it was answered before."""
    known = state.prints.get(print_)
    if known is None:
        return None
    return (SlipAnswered(at=now, print=print_, outcome=outcome, what=what),) if known.outcome in (None, "unanswered") else ()


def sweep(state: SlipState, now: datetime) -> tuple[SlipAnswered, ...]:
    """What time brings: prints of which nobody has heard."""
    return tuple(
        SlipAnswered(at=now, print=name, outcome="unanswered", what=UNANSWERED)
        for name, known in state.prints.items()
        if known.outcome is None and now > known.sent.at + PATIENCE
    )


def apply(state: SlipState, fact: SlipFact) -> SlipState:
    """The state after `fact`."""
    match fact:
        case SlipIssued():
            counter = SlipCounter(period=fact.period, serial=fact.serial)
            return replace(state, counters=replaced(state.counters, fact.template, counter))
        case SlipSent():
            return replace(state, prints=_kept({**state.prints, fact.print: Print(sent=fact)}))
        case SlipsRestored():
            return replace(state, counters={**state.counters, **fact.counters}, mark=fact.mark or state.mark)
        case SlipAnswered():
            known = state.prints.get(fact.print)
            if known is None:
                return state
            now = replace(known, outcome=fact.outcome, what=fact.what)
            return replace(state, prints=replaced(state.prints, fact.print, now))


def _kept(prints: dict[str, Print]) -> dict[str, Print]:
    """The last ones, and those that are still open."""
    over = len(prints) - REMEMBERED
    gone = [name for name, known in prints.items() if known.outcome is not None][: max(over, 0)]
    return {name: known for name, known in prints.items() if name not in gone}


def carried(state: SlipState) -> tuple[Print, ...]:
    """What a new day takes over of the prints: those of which nobody has heard."""
    return tuple(known for known in state.prints.values() if known.outcome is None)


def taken_over(counters: Mapping[str, SlipCounter], prints: tuple[Print, ...], mark: str) -> SlipState:
    """What a new day begins with."""
    return SlipState(counters=dict(counters), prints={known.sent.print: known for known in prints}, mark=mark)
