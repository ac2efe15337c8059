"""A draft: what a batch of jobs would change, kept apart from what is committed until the store has it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contract.calling import Call
from contract.codec import encode
from contract.dispatch import DispatchReply
from contract.events import Ack
from contract.health import DeviceState
from contract.rating import RatingInvite
from contract.topics import ACK, CALL, RATING_INVITE
from controller import citizen_messages
from controller.hall_rules import HallRules
from controller.outcome import NewId
from controller.overrides import OverrideEnded, OverrideSet, over
from controller.presence import Presence
from controller.queue.facts import DayStarted, TicketCalled
from controller.ratings import RatingInvited
from controller.slip_values import KnownSlip
from controller.state import Fact, HallState, apply
from controller.store.projection import project
from controller.store.store import line
from controller.store.tables import device_turns, outbox
from controller.store.writes import AuditLine, Batch, Change, Posted, Put
from link.letter import Letter


@dataclass
class Draft:
    """The state as it will be, what is to be stored, and what is to be said once it is."""

    state: HallState
    rules: HallRules
    now: datetime
    new_id: NewId
    presence: Presence
    """Changed at once: it is never stored."""
    counts: Counter[str]
    """Counted at once, whatever becomes of the draft."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Request to its committed answer, as JSON."""
    inboxes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Node and epoch to the highest number that is committed."""
    written: HallRules | None = None
    """The rules as hall.toml has them, without what staff have changed for a while."""
    recalled: Mapping[tuple[str, str], KnownSlip] = field(default_factory=dict)
    """Slips of the store that this batch asks for, by template and number."""
    batch: Batch = field(default_factory=Batch)
    seen: bool = False
    """Whether there is news of a node or a device, which is shown and not stored."""
    letters: list[Letter] = field(default_factory=list)
    acks: dict[str, Ack] = field(default_factory=dict)
    """Node to its acknowledgement: one for each batch."""
    facts: list[Fact] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """Request to its answer, as JSON, where it is new."""
    replies: list[tuple[asyncio.Future[DispatchReply], DispatchReply]] = field(default_factory=list)
    """Who waits in this process, and for what."""

    def add(self, facts: Sequence[Fact]) -> None:
        """Let facts happen."""
        for fact in facts:
            self.state = apply(self.state, fact)
            self.batch.lines.append(line(fact))
            for write in project(fact, self.day(fact)):
                self.batch.add(write)
            self.letters += announced(fact, self.rules)
            self._post(fact)
        self.facts += facts
        if any(isinstance(fact, OverrideSet | OverrideEnded) for fact in facts):
            self.rules = over(self.written or self.rules, self.state.overrides)

    def _post(self, fact: Fact) -> None:
        """Let webhooks hear of a fact; whoever is called need not hear any more that the turn is near."""
        if self.rules.config.webhook and isinstance(fact, TicketCalled):
            near = {"stream": fact.ticket, "event": "ticket.soon", "state": "waiting"}
            self.batch.changes.append(Change(outbox, near, {"state": "overtaken", "ended": fact.at}))
        for out in citizen_messages.of(fact, self.state, self.rules):
            self.batch.posted.append(Posted(
                message=f"msg_{self.new_id()}", webhook=out.webhook, event=out.event, stream=out.stream, at=out.at,
                expires=out.expires, body=encode(out.message).decode(),
            ))  # fmt: skip

    def day(self, fact: Fact) -> date:
        """The hall's day to which a fact belongs."""
        day = fact.day if isinstance(fact, DayStarted) else self.state.queue.day
        return self.rules.queue.day(self.now) if day is None else day

    def note(self, actor: str, what: str, outcome: str) -> None:
        """Write a line into the audit log."""
        self.batch.audit.append(AuditLine(self.now, self.rules.queue.day(self.now), actor[:120], what, outcome))

    def node_turned(self, node: str, condition: str) -> None:
        """Keep that a node itself came or went."""
        self._turned({"node": node, "device": "", "at": self.now}, condition=condition)

    def turned(self, node: str, said: DeviceState) -> None:
        """Keep that the condition of a device has turned, or the reason for it."""
        why = {"code": said.code, "zh": said.what.zh, "en": said.what.en}
        self._turned({"node": node, "device": said.device, "at": self.now}, condition=said.condition, **why)

    def _turned(self, key: dict[str, Any], **values: str) -> None:
        """Of two turns at one moment the last."""
        puts = self.batch.puts
        puts[:] = [put for put in puts if put.table is not device_turns or not key.items() <= put.values.items()]
        puts.append(Put(device_turns, {**key, **values}))

    def stored(self, node: str, epoch: str) -> int:
        """The highest number of a node's stream that is stored, or will be with this draft."""
        drafted = self.batch.inboxes.get((node, epoch))
        return self.inboxes.get((node, epoch), 0) if drafted is None else drafted[0]

    def answered(self, request: str) -> str | None:
        """The answer that a request has had already."""
        return self.answers.get(request) or self.known.get(request)

    def answer(self, request: str, reply: str) -> None:
        """Keep an answer for whoever asks the same again."""
        self.answers[request] = reply
        self.batch.requests.append((request, self.now, reply))

    def reply(self, made: Callable[[DispatchReply], DispatchReply]) -> None:
        """Let whoever still waits in this process have what is made of the answer."""
        for future, reply in self.replies:
            if not future.done():
                future.set_result(made(reply))

    def acknowledgements(self) -> list[Letter]:
        """What nodes may forget once this is stored."""
        return [Letter(ACK, ack, {"node": node}) for node, ack in self.acks.items()]


def announced(fact: Fact, rules: HallRules) -> tuple[Letter, ...]:
    """What is said to the hall because of a fact."""
    match fact:
        case TicketCalled(away=False):
            return (Letter(CALL, call(fact, rules)),)
        case RatingInvited(away=False):
            invite = RatingInvite(
                rating=fact.rating, window=fact.window, at=fact.at, not_after=fact.not_after, grace=rules.config.rating.grace,
                number=fact.number,
            )  # fmt: skip
            return (Letter(RATING_INVITE, invite, {"window": fact.window}),)
    return ()


def call(fact: TicketCalled, rules: HallRules) -> Call:
    """A call as every device hears it."""
    window = rules.queue.windows[fact.window]
    return Call(
        id=fact.call, at=fact.at, not_after=fact.not_after, ticket=fact.ticket, number=fact.number, window=fact.window,
        window_name=window.name.text, zone=window.zone, times=fact.times,
    )  # fmt: skip
