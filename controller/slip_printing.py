"""Slip printing: an order to put a slip or a ticket on paper becomes facts and a command to a kiosk's node, or a refusal."""

from collections.abc import Mapping
from datetime import timedelta

from contract import dispatch
from contract.commands import Command, FieldValue, PrintSlip
from contract.topics import COMMAND
from contract.values import Text
from controller import pictures, slips
from controller.draft import Draft
from controller.outcome import Done
from controller.queue import Refusal, estimate, refusals
from controller.queue.values import Ticket
from controller.slip_forms import unknown_template
from link.letter import Letter

PATIENCE = timedelta(seconds=20)
"""What has not reached its printer by then is not printed any more."""

Order = dispatch.IssueSlip | dispatch.ReprintSlip | dispatch.PrintTicket

UNKNOWN_SLIP = Refusal("unknown-slip", Text(zh="没有这个编号的凭证", en="there is no slip with this number"))
FORGOTTEN = Refusal(
    "slip-forgotten",
    Text(zh="凭证内容已按规定删除，不能再打印", en="what it was filled with is deleted by now; it cannot be printed again"),
)


def unknown_kiosk(device: str) -> Refusal:
    """There is no such kiosk."""
    return Refusal("unknown-device", Text(zh=f"没有取号机 {device}", en=f"there is no kiosk {device}"))


def node_away(node: str) -> Refusal:
    """Nothing would come of it."""
    return Refusal("node-away", Text(zh=f"节点 {node} 不在线，无法打印", en=f"node {node} is not there; nothing can be printed"))


def carry_out(draft: Draft, order: Order, actor: str) -> Done | Refusal:
    """Issue a slip, or print a slip or a ticket once more."""
    if isinstance(node := printer(draft, order.at), Refusal):
        return node
    match order:
        case dispatch.IssueSlip():
            return _issue(draft, order, node, actor)
        case dispatch.ReprintSlip():
            return _again(draft, order, node, actor)
        case dispatch.PrintTicket():
            ticket = draft.state.queue.numbered(order.number)
            if ticket is None:
                return refusals.unknown_number(order.number)
            return print_ticket(draft, ticket, order.at, node, actor, mark=True)


def printer(draft: Draft, device: str) -> str | Refusal:
    """The node of a kiosk that can be asked to print now."""
    node = draft.rules.plan.node_of(device)
    if node is None or device not in draft.rules.queue.kiosks:
        return unknown_kiosk(device)
    return node if draft.presence.online(node) else node_away(node)


def _issue(draft: Draft, order: dispatch.IssueSlip, node: str, actor: str) -> Done | Refusal:
    form = draft.rules.forms.get(order.template)
    if form is None:
        return unknown_template(order.template, draft.rules.forms)
    day = draft.state.queue.day or draft.rules.queue.day(draft.now)
    issued = slips.issue(
        draft.state.slips, form, order.fields, draft.new_id(), actor, draft.now, day, draft.rules.config.slips
    )  # fmt: skip
    if isinstance(issued, Refusal):
        return issued
    sent = _send(draft, issued.template, issued.number, issued.number, issued.fields, order.at, node, actor, slip=issued.slip)
    what = Text(
        zh=f"{form.name.zh} {issued.number} 已发给 {order.at} 打印", en=f"{form.name.en} {issued.number}: sent to {order.at}"
    )
    return Done(facts=(issued, sent), what=what, slip=issued.number, printing=sent.print)


def _again(draft: Draft, order: dispatch.ReprintSlip, node: str, actor: str) -> Done | Refusal:
    known = draft.recalled.get((order.template, order.number))
    if known is None:
        return UNKNOWN_SLIP
    if known.fields is None:
        return FORGOTTEN
    mark = any(outcome not in slips.NOT_ON_PAPER for outcome in known.outcomes)
    sent = _send(
        draft, order.template, order.number, order.number, known.fields, order.at, node, actor,
        slip=known.slip, why=order.why, mark=mark,
    )  # fmt: skip
    what = Text(zh=f"{order.number} 已发给 {order.at} 重打", en=f"{order.number}: sent to {order.at} once more")
    return Done(facts=(sent,), what=what, slip=order.number, printing=sent.print)


def print_ticket(draft: Draft, ticket: Ticket, device: str, node: str, actor: str, *, mark: bool) -> Done:
    """Put a ticket on paper, as a kiosk would."""
    template = {"priority": "priority-ticket", "appointment": "appointment-ticket"}.get(ticket.priority, "ticket")
    fields = ticket_fields(draft, ticket)
    sent = _send(draft, template, ticket.number, ticket.id, fields, device, node, actor, slip=ticket.id, mark=mark)
    what = Text(zh=f"{ticket.number} 号已发给 {device} 打印", en=f"{ticket.number}: sent to {device}")
    return Done(facts=(sent,), what=what, number=ticket.number, ticket=ticket.id, printing=sent.print)


def ticket_fields(draft: Draft, ticket: Ticket) -> dict[str, FieldValue]:
    """What a kiosk fills into its own tickets."""
    queue, rules = draft.state.queue, draft.rules
    service = rules.queue.services[ticket.service]
    url = rules.config.http.public_url.rstrip("/")
    fields: dict[str, FieldValue] = {
        "service": service.name.text,
        "number": ticket.number,
        "zone": next(zone.name.text for zone in rules.config.zone if zone.id == service.zone),
        "rules": pictures.missed_rule(rules),
        "qr": f"{url}{pictures.TICKET_PAGE}{ticket.id}" if url else ticket.id,
    }
    if ticket.state != "waiting":
        return fields
    ahead = estimate.ahead(queue, ticket, rules.queue)
    wait = estimate.wait(queue, ticket.service, ahead, rules.queue, ticket.turn)
    if ahead == 0:
        return fields | {"next": " "}
    fields |= {"ahead": str(ahead), "people": Text(zh="人", en="person" if ahead == 1 else "people")}
    return fields if wait is None else fields | {"wait": f"{wait.low}" if wait.low == wait.high else f"{wait.low}-{wait.high}"}


def _send(
    draft: Draft, template: str, number: str, paper: str, fields: Mapping[str, FieldValue], device: str, node: str, actor: str,
    *, slip: str, why: str = "", mark: bool = False,
) -> slips.SlipSent:  # fmt: skip
    """The command on its way, once the draft is stored, and the fact that it is."""
    print_ = draft.new_id()
    order = PrintSlip(slip=paper, template=template, fields=dict(fields), reprint=mark)
    command = Command(id=print_, device=device, at=draft.now, not_after=draft.now + PATIENCE, do=order)
    draft.letters.append(Letter(COMMAND, command, {"node": node}))
    return slips.SlipSent(
        at=draft.now, print=print_, slip=slip, template=template, number=number, device=device, by=actor, why=why, mark=mark
    )
