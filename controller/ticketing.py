"""Ticketing: a kiosk's request becomes a grant or a refusal, the same one however often it asks; numbers for outages."""

import msgspec

from contract.codec import encode
from contract.ticketing import TicketGrant, TicketRefusal, TicketReply, TicketRequest
from contract.values import Text
from controller import queue as queues
from controller.draft import Draft
from controller.queue import Refusal, actions, estimate, issuing, refusals

_replies: msgspec.json.Decoder[TicketReply] = msgspec.json.Decoder(TicketReply)

LATE = Refusal("late", Text(zh="取号请求已过时", en="the request came too late"))
NOT_OFFERED = Refusal("not-offered", Text(zh="该取号机不提供此事项", en="this kiosk does not offer that service"))


def grant(draft: Draft, request: TicketRequest) -> TicketReply:
    """A ticket that keeps its place and is called only after its printing; or why there is none."""
    key = f"ticket:{request.id}"
    if request.id in draft.state.queue.withdrawn:
        return _refusal(request, refusals.WITHDRAWN)
    if (before := draft.answered(key)) is not None:
        return _replies.decode(before)
    reply = _decided(draft, request)
    draft.answer(key, encode(reply).decode())
    return reply


def _decided(draft: Draft, request: TicketRequest) -> TicketReply:
    if request.not_after < draft.now:
        return _refusal(request, LATE)
    rules = draft.rules.queue
    offered = {service.id: service for service in rules.offered(request.kiosk)}
    if request.service not in offered or not offered.keys() >= set(request.then):
        return _refusal(request, NOT_OFFERED)
    closed = (issuing.closed(draft.state.queue, offered[other], draft.now, rules) for other in request.then)
    if (refusal := next(filter(None, closed), None)) is not None:
        return _refusal(request, refusal)
    action = actions.Issue(
        ticket=draft.new_id(), service=request.service, then=request.then, priority=request.priority,
        kiosk=request.kiosk, request=request.id,
    )  # fmt: skip
    decision = queues.decide(draft.state.queue, action, draft.now, rules)
    if isinstance(decision, Refusal):
        return _refusal(request, decision)
    draft.add(decision)
    return _granted(draft, request)


def _granted(draft: Draft, request: TicketRequest) -> TicketReply:
    queue, rules = draft.state.queue, draft.rules
    ticket = queue.tickets.get(queue.requests.get(request.id) or "")
    if ticket is None:
        return _refusal(request, refusals.WITHDRAWN)
    service = rules.queue.services[ticket.service]
    ahead = estimate.ahead(queue, ticket, rules.queue)
    return TicketGrant(
        request=request.id, ticket=ticket.id, number=ticket.number, service=ticket.service, service_name=service.name.text,
        then=tuple(rules.queue.services[other].name.text for other in ticket.rest),
        zone_name=next(zone.name.text for zone in rules.config.zone if zone.id == service.zone),
        priority=ticket.priority, at=ticket.issued, ahead=ahead,
        wait=estimate.wait(queue, ticket.service, ahead, rules.queue, ticket.turn),
    )  # fmt: skip


def _refusal(request: TicketRequest, refusal: Refusal) -> TicketRefusal:
    return TicketRefusal(request=request.id, code=refusal.code, why=refusal.what)


def lease(draft: Draft, kiosk: str) -> None:
    """See to it that a kiosk has numbers for the next outage."""
    if kiosk in draft.rules.queue.kiosks:
        blocks = queues.decide(draft.state.queue, actions.LeaseBlocks(kiosk=kiosk), draft.now, draft.rules.queue)
        if not isinstance(blocks, Refusal):
            draft.add(blocks)
