"""Deferring: an order that wants a ticket which another window's node may call waits until that node has given it up.

The node is asked by the next version of its allotment. It answers within milliseconds, or it is out of reach; then the order
is carried out without that ticket. A key's event waits unstored, so that a controller that dies meanwhile gets it again, and
what its node said after it waits behind it.
"""

from collections.abc import Sequence

from contract import dispatch, events
from contract.topics import DISPATCH_REQUEST, EVENT
from controller.draft import Draft
from controller.jobs import Ask, Job, Message
from controller.queue import calling
from controller.reports import key_order

BY_ITSELF = (events.TicketCalledAway, events.VisitAway)
Orders = dispatch.CallNext | dispatch.CallChosen


def node_of(job: Job) -> str | None:
    """The node whose stream a job belongs to."""
    return job.heard.levels["node"] if isinstance(job, Message) and job.topic is EVENT else None


def read(draft: Draft, jobs: Sequence[Job]) -> dict[tuple[str, str], int]:
    """How far each node's stream is known, beyond what is stored, to hold nothing that it called by itself."""
    known: dict[tuple[str, str], int] = {}
    for job in jobs:
        if isinstance(job, Message) and job.topic is EVENT and isinstance(event := job.heard.message, events.Event):
            stream = event.node, event.epoch
            follows = event.number == known.get(stream, draft.stored(*stream)) + 1
            if follows and not isinstance(event.fact, BY_ITSELF):
                known[stream] = event.number
    return known


def must_wait(draft: Draft, order: Orders, silent: frozenset[str]) -> bool:
    """Whether an order must wait for another window's node, which the draft then asks."""
    state = draft.state.queue
    if order.window not in draft.rules.queue.windows:
        return False
    if isinstance(order, dispatch.CallNext):
        ticket = calling.wanted(state, order.window, draft.now, draft.rules.queue, silent)
    else:
        ticket = state.numbered(order.number)
    if ticket is None or ticket.state != "waiting" or not state.withheld(ticket.id, order.window):
        return False
    holder = state.held.get(ticket.id) or ""
    if holder in silent:
        return False
    draft.add(calling.without(state, holder, ticket.id, draft.now))
    return True


def order(draft: Draft, job: Job) -> Orders | None:
    """The order for a ticket that a job holds and that would be carried out now."""
    wanted: object = None
    match job:
        case Ask() if draft.answered(f"dispatch:{job.request.id}") is None and job.request.not_after >= draft.now:
            wanted = job.request.do
        case Message() if job.topic is DISPATCH_REQUEST:
            request = job.heard.message
            if draft.answered(f"dispatch:{request.id}") is None and request.not_after >= draft.now:
                wanted = request.do
        case Message() if job.topic is EVENT and isinstance(job.heard.message.fact, events.KeyPressed):
            event = job.heard.message
            ours = draft.rules.plan.stands_at(event.node, event.device, event.fact.window)
            if ours and event.number == draft.stored(event.node, event.epoch) + 1 and event.fact.not_after >= draft.now:
                wanted = key_order(event.fact, draft.rules)
    return wanted if isinstance(wanted, Orders) else None
