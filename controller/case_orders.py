"""Orders about cases: assign, step, appeal, decide. Pure."""

from datetime import datetime
from typing import Any

from contract import dispatch
from contract.values import Text
from controller import cases
from controller.hall_rules import HallRules
from controller.outcome import Done, NewId
from controller.queue import Refusal
from controller.state import HallState

ASSIGNED = Text(zh="工单已指派", en="the case is assigned")
STEPPED = Text(zh="已记录", en="noted")
CLOSED = Text(zh="已回访，工单办结", en="the person was asked again; the case is closed")
APPEALED = Text(zh="已提出申诉", en="the appeal is noted")
UPHELD = Text(zh="申诉成立，工单撤销", en="the appeal is upheld and the case cancelled")
NOT_UPHELD = Text(zh="申诉不成立，继续办理", en="the appeal is not upheld; the case goes on")


def see_to(state: HallState, order: Any, now: datetime, _: HallRules, __: NewId) -> Done | Refusal:
    """What is done about a case; who did it stands in the audit log."""
    match order:
        case dispatch.AssignCase():
            return _done(cases.assign(state.cases, order.case, order.assignee, now), ASSIGNED)
        case dispatch.StepCase():
            what = CLOSED if order.step == "revisited" else STEPPED
            return _done(cases.step(state.cases, order.case, order.step, order.note, now), what)
        case dispatch.AppealCase():
            return _done(cases.appeal(state.cases, order.case, order.note, now), APPEALED)
        case _:
            decided = cases.decide_appeal(state.cases, order.case, order.upheld, order.note, now)
            return _done(decided, UPHELD if order.upheld else NOT_UPHELD)


def _done(fact: cases.CaseFact | Refusal, what: Text) -> Done | Refusal:
    return fact if isinstance(fact, Refusal) else Done(facts=(fact,), what=what)
