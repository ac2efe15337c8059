"""The inbox: each node's events, stored once and in their order, acknowledged once stored, asked for again where one is missing.

Normally a node's stream has no gap: a node deletes an event only when the controller has committed it. So a node whose oldest
event lies beyond what is stored here shows that this database is an older one: restored from a backup, or put back by hand.
What is missing then exists nowhere, and asking for it would stop the node's stream for ever. The rule:

- An event beyond a gap is not taken, and everything behind what is stored is asked for again. The node goes back as far as its
  disk reaches and marks the first event that it sends as its oldest.
- An event marked so is taken across the gap; that the numbers between are not in this database is a fact of its own
  (`EventsMissing`), which the journal keeps and staff see.

What cannot be read or carried out is stored as it came, counted and acknowledged: one event must not stop its node's stream.
"""

import logging

from contract.calling import KeyRefused
from contract.codec import encode
from contract.events import Ack, Event, KeyPressed, SealedEvent, TicketIssued
from contract.topics import KEY_REFUSED
from contract.values import Text
from controller import reports
from controller.draft import Draft
from controller.missing import EventsMissing
from controller.queue import Refusal
from controller.store.writes import StoredEvent
from controller.ticketing import lease
from link.hearing import Heard
from link.letter import Letter

log = logging.getLogger("hallware.controller")

UNREADABLE = Refusal("unreadable", Text(zh="此版本无法读取该事件", en="this version cannot read the event"))
NOT_CARRIED_OUT = Refusal("not-carried-out", Text(zh="处理该事件时出错", en="an error of the program: the event had no effect"))


def take(draft: Draft, heard: Heard[Event | SealedEvent]) -> None:
    """Store an event once and in its order; acknowledge what is stored, ask again for what is missing."""
    event = heard.message
    stored = draft.stored(event.node, event.epoch)
    if event.number > stored + 1 and not event.oldest:
        draft.acks[event.node] = Ack(epoch=event.epoch, stored=stored, resend=True)
        return
    if event.number > stored:
        if event.number > stored + 1:
            draft.add((_missing(draft, event, stored),))
        _store(draft, event)
        stored = event.number
    else:
        draft.counts["repeated-event"] += 1
        if event.node in draft.acks:
            return  # what this batch says already is news, and may ask for a gap
    draft.acks[event.node] = Ack(epoch=event.epoch, stored=stored)


def _missing(draft: Draft, event: Event | SealedEvent, stored: int) -> EventsMissing:
    return EventsMissing(at=draft.now, node=event.node, epoch=event.epoch, first=stored + 1, last=event.number - 1)


def _store(draft: Draft, event: Event | SealedEvent) -> None:
    outcome = _outcome(draft, event)
    draft.batch.events.append(StoredEvent(event, reports.happened(event, draft.now), draft.now, outcome))
    draft.batch.inboxes[event.node, event.epoch] = (event.number, draft.now)


def _outcome(draft: Draft, event: Event | SealedEvent) -> str:
    taken = UNREADABLE if isinstance(event, SealedEvent) else _taken(draft, event)
    outcome = taken.code if isinstance(taken, Refusal) else "ok"
    if isinstance(taken, Refusal):
        loud = taken is UNREADABLE and not draft.counts[outcome]
        draft.counts[outcome] += 1
        log.log(logging.WARNING if loud else logging.DEBUG, "%s on %s, event %d: %s",
                event.device, event.node, event.number, taken.what.en)  # fmt: skip
    else:
        draft.add(taken)
    if isinstance(event.fact, KeyPressed):
        draft.note(f"key:{event.node}/{event.device}", encode(event.fact).decode(), outcome)
        if isinstance(taken, Refusal):
            _refuse(draft, event.fact, taken)
    if isinstance(event.fact, TicketIssued):
        lease(draft, event.device)
    return outcome


def _refuse(draft: Draft, key: KeyPressed, why: Refusal) -> None:
    """Tell whoever pressed a key that nothing came of it, and why; a press from long ago is nobody's any more."""
    if key.not_after >= draft.now:
        refused = KeyRefused(window=key.window, at=draft.now, code=why.code, what=why.what)
        draft.letters.append(Letter(KEY_REFUSED, refused, {"window": key.window}))


def _taken(draft: Draft, event: Event) -> reports.Taken:
    try:
        return reports.take(draft.state, event, draft.now, draft.rules, draft.new_id)
    except Exception:
        # Even a bug: the same event would come again after every restart, and nothing of its node would be taken in ever after.
        log.exception("event %d of %s cannot be carried out and is set aside", event.number, event.node)
        return NOT_CARRIED_OUT
