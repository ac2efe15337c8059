"""Cases (工单): what a poor rating or a complaint sets going, with deadlines in working days, until the person was asked again.

opened → verified → rectified → replied → revisited (closed); an appeal that is upheld cancels it. Steps come in this order;
the rules ask that every case ends with a revisit. Pure.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from contract.values import Text
from controller.calendar import HallCalendar
from controller.complaints import ComplaintRaised
from controller.config_rules import CaseRules
from controller.queue.facts import Happened
from controller.queue.refusals import Refusal
from controller.queue.values import Frozen, replaced
from controller.ratings import Invitation, RatingStored

Step = Literal["verified", "rectified", "replied", "revisited"]
STEPS: tuple[Step, ...] = ("verified", "rectified", "replied", "revisited")
Origin = Literal["rating", "complaint"]
POOR = frozenset({1, 2})
"""差评."""


class CaseOpened(Happened, frozen=True, kw_only=True, tag="case-opened"):
    """Somebody was not satisfied. `case` is the id of the rating or complaint it comes from, so that it opens once."""

    case: str
    origin: Origin
    window: str
    verify_by: datetime
    rectify_by: datetime
    service: str = ""
    staff: str | None = None
    number: str | None = None
    level: int | None = None


class CaseAssigned(Happened, frozen=True, kw_only=True, tag="case-assigned"):
    """Somebody is to see to it."""

    case: str
    to: str


class CaseStepped(Happened, frozen=True, kw_only=True, tag="case-stepped"):
    """One step is done, and what was found or said."""

    case: str
    step: Step
    note: str


class CaseAppealed(Happened, frozen=True, kw_only=True, tag="case-appealed"):
    """Whoever is concerned says that the rating is mistaken."""

    case: str
    note: str


class AppealDecided(Happened, frozen=True, kw_only=True, tag="appeal-decided"):
    """`upheld`: the case is cancelled. The rating stays as it was given."""

    case: str
    upheld: bool
    note: str


class CaseWithdrawn(Happened, frozen=True, kw_only=True, tag="case-withdrawn"):
    """The citizen corrected the rating: there is nothing left to see to."""

    case: str


CaseFact = CaseOpened | CaseAssigned | CaseStepped | CaseAppealed | AppealDecided | CaseWithdrawn


class Case(Frozen, frozen=True, kw_only=True):
    """One case that is not closed."""

    opened: CaseOpened
    to: str | None = None
    done: tuple[Step, ...] = ()
    appeal: str | None = None

    @property
    def following(self) -> Step:
        """The step that comes next."""
        return STEPS[len(self.done)]

    @property
    def due(self) -> datetime | None:
        """When the next step is due; replies and revisits have no clock of their own."""
        return {"verified": self.opened.verify_by, "rectified": self.opened.rectify_by}.get(self.following)


class CaseState(Frozen, frozen=True, kw_only=True):
    """The cases that are open, in the order in which they were opened."""

    open: Mapping[str, Case] = {}


def _refusal(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, Text(zh=zh, en=en))


UNKNOWN = _refusal("unknown-case", "没有这个工单或已办结", "there is no such case, or it is closed")
NO_APPEAL = _refusal("no-appeal", "该工单没有申诉", "nobody has appealed against this case")
APPEALED = _refusal("appealed", "请先处理申诉", "decide on the appeal first")
_STEP_WORDS: Mapping[Step, tuple[str, str]] = {
    "verified": ("核实", "verify it"), "rectified": ("整改", "put it right"), "replied": ("答复", "reply"),
    "revisited": ("回访", "ask the person again"),
}  # fmt: skip


def out_of_turn(step: Step) -> Refusal:
    """Another step comes first."""
    zh, en = _STEP_WORDS[step]
    return _refusal("out-of-turn", f"下一步应为{zh}", f"the next step is to {en}")


def after_rating(
    state: CaseState, stored: RatingStored, invitation: Invitation | None, rules: CaseRules, calendar: HallCalendar
) -> tuple[CaseFact, ...]:  # fmt: skip
    """A poor rating opens a case; one that is corrected to a better level takes it back, before anybody has begun."""
    case = state.open.get(stored.rating)
    if stored.level not in POOR:
        return (CaseWithdrawn(at=stored.at, case=stored.rating),) if case is not None and not case.done else ()
    if case is not None or invitation is None:
        return ()
    return (
        _opened(
            stored.rating, "rating", invitation.window, stored.at, rules, calendar, service=invitation.service,
            staff=invitation.staff, number=invitation.number, level=stored.level,
        ),
    )  # fmt: skip


def after_complaint(complaint: ComplaintRaised, rules: CaseRules, calendar: HallCalendar) -> CaseOpened:
    """A complaint opens a case."""
    return _opened(complaint.complaint, "complaint", complaint.window, complaint.at, rules, calendar, number=complaint.number)


def _opened(
    case: str, origin: Origin, window: str, at: datetime, rules: CaseRules, calendar: HallCalendar, *, service: str = "",
    staff: str | None = None, number: str | None = None, level: int | None = None,
) -> CaseOpened:  # fmt: skip
    return CaseOpened(
        at=at, case=case, origin=origin, window=window, service=service, staff=staff, number=number, level=level,
        verify_by=calendar.after_working_days(at, rules.verify), rectify_by=calendar.after_working_days(at, rules.rectify),
    )  # fmt: skip


def assign(state: CaseState, case: str, to: str, now: datetime) -> CaseAssigned | Refusal:
    """Give it to somebody."""
    return CaseAssigned(at=now, case=case, to=to) if case in state.open else UNKNOWN


def step(state: CaseState, case: str, step: Step, note: str, now: datetime) -> CaseStepped | Refusal:
    """The next step, and no other."""
    found = state.open.get(case)
    if found is None:
        return UNKNOWN
    if found.appeal is not None:
        return APPEALED
    return CaseStepped(at=now, case=case, step=step, note=note) if step == found.following else out_of_turn(found.following)


def appeal(state: CaseState, case: str, note: str, now: datetime) -> CaseAppealed | Refusal:
    """Somebody says that the rating is mistaken; until that is decided nothing else is done."""
    found = state.open.get(case)
    if found is None:
        return UNKNOWN
    return CaseAppealed(at=now, case=case, note=note) if found.appeal is None else APPEALED


def decide_appeal(state: CaseState, case: str, upheld: bool, note: str, now: datetime) -> AppealDecided | Refusal:
    """Uphold it, which cancels the case, or not."""
    found = state.open.get(case)
    if found is None:
        return UNKNOWN
    return NO_APPEAL if found.appeal is None else AppealDecided(at=now, case=case, upheld=upheld, note=note)


def apply(state: CaseState, fact: CaseFact) -> CaseState:
    """The state after `fact`."""
    if isinstance(fact, CaseOpened):
        return replace(state, open=replaced(state.open, fact.case, Case(opened=fact)))
    case = state.open.get(fact.case)
    if case is None:
        return state
    match fact:
        case CaseAssigned(to=to):
            return _kept(state, replace(case, to=to))
        case CaseStepped(step="revisited") | CaseWithdrawn() | AppealDecided(upheld=True):
            return replace(state, open={name: other for name, other in state.open.items() if name != fact.case})
        case CaseStepped(step=done):
            return _kept(state, replace(case, done=(*case.done, done)))
        case CaseAppealed(note=note):
            return _kept(state, replace(case, appeal=note))
        case AppealDecided():
            return _kept(state, replace(case, appeal=None))


def _kept(state: CaseState, case: Case) -> CaseState:
    return replace(state, open=replaced(state.open, case.opened.case, case))
