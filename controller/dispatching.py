"""Dispatching: a request of staff becomes an answer, once for each request id, and a line in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from contract import dispatch
from contract.codec import encode
from contract.commands import Command, Identify, Reload, SelfTest
from contract.dispatch import DispatchReply, DispatchRequest
from contract.masking import mask_contact
from contract.topics import COMMAND
from contract.upkeep import RecordUpkeep
from contract.values import Text
from controller import notices, orders, override_orders, slip_printing
from controller.draft import Draft
from controller.outcome import Done
from controller.queue import Refusal
from controller.upkeep import orders as upkeep
from controller.upkeep.facts import UpkeepDone, UpkeepTested
from link.letter import Letter

COMMAND_PATIENCE = timedelta(seconds=30)
MOST_COMMANDS = 1000
"""So many unanswered commands are remembered."""

_DO: Mapping[str, SelfTest | Identify | Reload] = {"self-test": SelfTest(), "identify": Identify(), "reload": Reload()}

LATE = Refusal("late", Text(zh="请求已过时，未执行", en="the request came too late and was not carried out"))
STORE_FAILED = Refusal("store-failed", Text(zh="数据库故障，未执行", en="the database failed; nothing was done"))


def ask(draft: Draft, request: DispatchRequest, actor: str) -> DispatchReply:
    """Do what is asked; the same request again gets the same answer and is not done again."""
    key = f"dispatch:{request.id}"
    if (before := draft.answered(key)) is not None:
        return msgspec.json.decode(before, type=DispatchReply)
    outcome = LATE if request.not_after < draft.now else _do(draft, request.do, actor)
    if isinstance(outcome, Done):
        draft.add(outcome.facts)
    reply = _reply(request, outcome, draft.now)
    draft.note(actor, encode(audited(request.do)).decode(), reply.code)
    draft.answer(key, encode(reply).decode())
    return reply


def _do(draft: Draft, order: dispatch.Action, actor: str) -> Done | Refusal:
    if isinstance(order, slip_printing.Order):
        return slip_printing.carry_out(draft, order, actor)
    if isinstance(order, dispatch.SetOverride | dispatch.EndOverride):
        return override_orders.carry_out(draft.state.overrides, order, actor, draft.now, draft.rules, draft.new_id)
    if isinstance(order, dispatch.IssueTicket | dispatch.CheckIn) and order.at is not None:
        return _on_paper(draft, order, order.at, actor)
    if isinstance(order, dispatch.CommandDevice):
        return _command(draft, order, actor)
    if isinstance(order, upkeep.ORDERS):
        return _look_after(draft, order, actor)
    return orders.carry_out(draft.state, order, draft.now, draft.rules, draft.new_id)


def audited(order: dispatch.Action) -> dispatch.Action:
    """The order as the audit log keeps it: without what was filled into a slip, and no address or number of a person."""
    match order:
        case dispatch.IssueSlip(fields=fields):
            return replace(order, fields=dict.fromkeys(fields, ""))
        case dispatch.BookAppointment(contact=contact):
            return replace(order, contact=mask_contact(contact))
        case dispatch.PostNotice():
            return notices.without_persons(order)
    return order


def _on_paper(draft: Draft, order: dispatch.IssueTicket | dispatch.CheckIn, at: str, actor: str) -> Done | Refusal:
    """A ticket that a kiosk shall print; where it cannot be asked to, no ticket is given."""
    if isinstance(node := slip_printing.printer(draft, at), Refusal):
        return node
    done = orders.carry_out(draft.state, order, draft.now, draft.rules, draft.new_id)
    if isinstance(done, Refusal):
        return done
    draft.add(done.facts)
    ticket = draft.state.queue.tickets.get(done.ticket or "")
    if ticket is None:
        return replace(done, facts=())
    sent = slip_printing.print_ticket(draft, ticket, at, node, actor, mark=False)
    return replace(done, facts=sent.facts, printing=sent.printing)


def refused(id_: str, refusal: Refusal, now: datetime) -> DispatchReply:
    """The answer to a request that is refused."""
    return DispatchReply(id=id_, at=now, outcome="refused", code=refusal.code, what=refusal.what)


def _reply(request: DispatchRequest, outcome: Done | Refusal, now: datetime) -> DispatchReply:
    if isinstance(outcome, Refusal):
        return refused(request.id, outcome, now)
    return DispatchReply(
        id=request.id, at=now, outcome="done", what=outcome.what, number=outcome.number, ticket=outcome.ticket,
        call=outcome.call, notice=outcome.notice, check_in=outcome.check_in, slip=outcome.slip, printing=outcome.printing,
    )  # fmt: skip


def _look_after(draft: Draft, order: Any, actor: str) -> Done | Refusal:
    """What staff say of their upkeep; the self-test that goes with a record is sent at once, and answered to the record."""
    done = upkeep.carry_out(draft.state, order, actor, draft.now, draft.rules, draft.new_id)
    if isinstance(done, Refusal) or not (isinstance(order, RecordUpkeep) and order.test):
        return done
    record = next(fact.record for fact in done.facts if isinstance(fact, UpkeepDone))
    sent = _send(draft, order.device, SelfTest(), actor)
    if isinstance(sent, Refusal):
        tested = UpkeepTested(at=draft.now, record=record, outcome="refused", what=sent.what)
        return replace(done, facts=(*done.facts, tested))
    draft.presence.tests[sent.id] = record
    return done


def _command(draft: Draft, order: dispatch.CommandDevice, actor: str) -> Done | Refusal:
    sent = _send(draft, order.device, _DO[order.order], actor)
    if isinstance(sent, Refusal):
        return sent
    return Done(facts=(), what=Text(zh=f"已发给 {sent.device}（{sent.node}）", en=f"sent to {sent.device} on {sent.node}"))


@dataclass(frozen=True)
class _Sent:
    id: str
    device: str
    node: str


def _send(draft: Draft, device: str, do: SelfTest | Identify | Reload, actor: str) -> _Sent | Refusal:
    """Send a command to the node on which the device hangs, if that is there."""
    node = draft.rules.plan.node_of(device) or draft.presence.node_of(device)
    if node is None:
        return upkeep.no_device(device)
    if not draft.presence.online(node):
        return Refusal("node-away", Text(zh=f"节点 {node} 不在线", en=f"node {node} is not there"))
    id_ = draft.new_id()
    command = Command(id=id_, device=device, at=draft.now, not_after=draft.now + COMMAND_PATIENCE, do=do)
    if len(draft.presence.commands) >= MOST_COMMANDS:
        draft.presence.commands.clear()
        draft.presence.tests.clear()
    draft.presence.commands[id_] = actor
    draft.letters.append(Letter(COMMAND, command, {"node": node}))
    return _Sent(id_, device, node)
