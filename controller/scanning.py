"""Scanning: a code held before a scanner becomes an answer: where its holder stands, or that a missed ticket waits again."""

import re
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from contract.codec import encode
from contract.commands import Command, PrintSlip
from contract.dispatch import CheckIn
from contract.scanning import Outcome, ScanReply, ScanRequest
from contract.topics import COMMAND
from contract.values import Text
from controller import appointments, booking
from controller import queue as queues
from controller.draft import Draft
from controller.queue import Refusal, actions, estimate, refusals
from controller.queue.values import Ticket
from link.letter import Letter

CODE = re.compile("[0-9]{8}")
"""An appointment's code."""
PRINTING = timedelta(seconds=20)
"""An answer on paper is worth nothing later."""

LATE = Refusal("late", Text(zh="扫码已过时，请再扫一次", en="the scan came too late; please scan again"))
NO_PAPER = Refusal("no-paper", Text(zh="请到取号机或服务台签到", en="please check in at a kiosk or at the desk"))
"""Of a scanner without a printer nobody would get the number."""
UNKNOWN_CODE = appointments.UNKNOWN_CODE
NOT_HERE = Refusal("not-returned-here", Text(zh="已过号，请到服务台", en="the number was missed; please ask at the desk"))
TITLE = Text(zh="号票查询", en="Your ticket")
ARRIVED = Text(zh="预约签到", en="Your appointment")
_WAITS: Mapping[Outcome, tuple[str, str]] = {
    "found": ("在排队", "waits"),
    "returned": ("重新排队", "waits again"),
    "checked-in": ("已签到", "is checked in"),
}


def answer(draft: Draft, request: ScanRequest) -> ScanReply:
    """What becomes of whoever showed the code; the same request again gets the same answer and returns nothing twice."""
    key = f"scan:{request.id}"
    if (before := draft.answered(key)) is not None:
        return msgspec.json.decode(before, type=ScanReply)
    if request.not_after < draft.now:
        return _refused(request, LATE)
    reply = _checked_in(draft, request) if request.kind == "appointment" else _found(draft, request)
    if reply.outcome in ("returned", "checked-in"):
        draft.note(f"scan:{request.scanner}", encode(request).decode(), reply.code)
        draft.answer(key, encode(reply).decode())
    return reply


def on_paper(draft: Draft, request: ScanRequest, reply: ScanReply) -> Letter | None:
    """The answer for the kiosk that shall print it."""
    node = None if request.slip is None else draft.rules.plan.node_of(request.slip)
    if request.slip is None or node is None or reply.outcome == "refused":
        return None
    arrived = reply.outcome == "checked-in"
    number = (f"【 {reply.number} 】",) if arrived else ()
    slip = PrintSlip(
        slip=request.id, title=ARRIVED if arrived else TITLE, lines=(*number, reply.what.zh[:200], reply.what.en[:200])
    )
    command = Command(id=draft.new_id(), device=request.slip, at=draft.now, not_after=draft.now + PRINTING, do=slip)
    return Letter(COMMAND, command, {"node": node})


def _found(draft: Draft, request: ScanRequest) -> ScanReply:
    queue = draft.state.queue
    if request.kind == "number":
        ticket = queue.numbered(request.code)
        if ticket is None:
            return _refused(request, refusals.unknown_number(request.code))
    else:
        ticket = queue.tickets.get(request.code)
        if ticket is None:
            return _refused(request, refusals.OTHER_DAY)
    return _returned(draft, request, ticket) if ticket.state == "no-show" else _stands(draft, request, ticket)


def _checked_in(draft: Draft, request: ScanRequest) -> ScanReply:
    """A ticket for an appointment whose holder is here in time."""
    if not CODE.fullmatch(request.code):
        return _refused(request, UNKNOWN_CODE)
    if request.slip is None or draft.rules.plan.node_of(request.slip) is None:
        return _refused(request, NO_PAPER)
    done = booking.check_in(draft.state, CheckIn(code=request.code), draft.now, draft.rules, draft.new_id)
    if isinstance(done, Refusal):
        return _refused(request, done)
    draft.add(done.facts)
    ticket = draft.state.queue.tickets.get(done.ticket or "")
    return _refused(request, UNKNOWN_CODE) if ticket is None else _waits(draft, request, ticket, "checked-in")


def _returned(draft: Draft, request: ScanRequest, ticket: Ticket) -> ScanReply:
    if not request.returns:
        return _refused(request, NOT_HERE, ticket)
    decision = queues.decide(draft.state.queue, actions.ReturnTicket(number=ticket.number), draft.now, draft.rules.queue)
    if isinstance(decision, Refusal):
        return _refused(request, decision, ticket)
    draft.add(decision)
    return _waits(draft, request, draft.state.queue.tickets.get(ticket.id) or ticket, "returned")


def _stands(draft: Draft, request: ScanRequest, ticket: Ticket) -> ScanReply:
    if ticket.state in ("waiting", "printing"):
        return _waits(draft, request, ticket, "found")
    window = draft.rules.queue.windows.get(ticket.window or "")
    if ticket.state in ("called", "serving") and window is not None:
        zh, en = window.name.zh, window.name.en
        if ticket.state == "called":
            what = Text(zh=f"{ticket.number} 请到{zh}", en=f"{ticket.number}: please go to {en}")
        else:
            what = Text(zh=f"{ticket.number} 正在{zh}办理", en=f"{ticket.number} is being served at {en}")
        return ScanReply(request=request.id, outcome="found", what=what, number=ticket.number)
    return _refused(request, refusals.not_waiting(ticket.number, ticket.state), ticket)


def _waits(draft: Draft, request: ScanRequest, ticket: Ticket, outcome: Outcome) -> ScanReply:
    queue, rules = draft.state.queue, draft.rules.queue
    ahead = estimate.ahead(queue, ticket, rules)
    wait = estimate.wait(queue, ticket.service, ahead, rules, ticket.turn)
    zh, en = _WAITS[outcome]
    what = Text(
        zh=f"{ticket.number} {zh}，前面 {ahead} 人" + (f"，约 {wait.low}–{wait.high} 分钟" if wait else ""),
        en=f"{ticket.number} {en}: {ahead} ahead" + (f", about {wait.low} to {wait.high} min" if wait else ""),
    )
    return ScanReply(request=request.id, outcome=outcome, what=what, number=ticket.number, ahead=ahead, wait=wait)


def _refused(request: ScanRequest, refusal: Refusal, ticket: Ticket | None = None) -> ScanReply:
    number = None if ticket is None else ticket.number
    return ScanReply(request=request.id, outcome="refused", code=refusal.code, what=refusal.what, number=number)
