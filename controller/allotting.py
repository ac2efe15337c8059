"""Allotting: who holds which version of a window's allotment, what is said to whom, and whose time is over for certain.

What may be called where stands in the journal; here stands what only this process knows: the nodes' last words, by this
machine's monotonic clock. After a restart each node counts as one that has just been spoken to, which errs on the safe side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import inf

from contract.allotment import Allotment, AllotmentHeld, AllottedTicket, AwayRules
from contract.topics import ALLOTMENT
from controller.draft import Draft
from controller.hall_rules import HallRules
from controller.presence import Presence
from controller.queue import allotting, facts
from controller.queue.values import Holding, QueueState
from link.hearing import Heard
from link.letter import Letter

ANSWER = 0.5
"""Seconds in which a node says that it has a new version; one that does not is passed over."""
MARGIN = 10.0
"""Seconds, and a hundredth of the whole, that two monotonic clocks may differ over an allotment's time."""
RENEWED = 0.25
"""The share of an allotment's time after which it is lengthened."""


@dataclass(frozen=True)
class _Word:
    """What a window's node said last, and when."""

    node: str
    said: AllotmentHeld
    tick: float


@dataclass
class Allotting:
    """The allotments of a hall, as they are known at both ends."""

    began: float
    """Monotonic seconds, as all times here."""
    words: dict[str, _Word] = field(default_factory=dict)
    """Window to the last word of its node."""
    had: dict[str, int] = field(default_factory=dict)
    """Window to the version that its node is known to go by."""
    asked: dict[str, float] = field(default_factory=dict)
    """Window to the time at which the oldest version was said that its node has not answered."""
    ends: dict[str, float] = field(default_factory=dict)
    """Window to the time at which its node calls nothing new any more for certain."""
    said: dict[str, Allotment] = field(default_factory=dict)
    """Window to what was said last."""
    stamped: dict[str, float] = field(default_factory=dict)
    """Window to the time at which the stamp came that was given back last."""

    def hear(self, draft: Draft, heard: Heard[AllotmentHeld], tick: float) -> None:
        """A node says what it goes by."""
        node, said = heard.levels["node"], heard.message
        planned = draft.rules.plan.caller(said.window)
        if said.window not in draft.rules.queue.windows or (planned or (node, said.device)) != (node, said.device):
            draft.counts["foreign-device"] += 1
            return
        self.words[said.window] = _Word(node, said, tick)

    def take_words(self, draft: Draft, read: Mapping[tuple[str, str], int]) -> None:
        """Let nodes have given up what they say, once all is known that they had called by then.

        `read` says of a node's stream how far it is known to hold no such call, though it is not stored yet: an order that waits
        for a window's node may itself come from that node, for another of its windows.
        """
        for window, word in self.words.items():
            holding, said = draft.state.queue.allotment(window), word.said
            if (holding.node, holding.device) != (word.node, said.device) or said.version > holding.version:
                continue
            known = max(draft.stored(word.node, said.epoch), read.get((word.node, said.epoch), 0))
            if known < said.newest or said.version < self.had.get(window, 0):
                continue
            self.had[window] = said.version
            if said.version == holding.version:
                self.asked.pop(window, None)
            if holding.lapsed or any(last < said.version for last in holding.last.values()):
                draft.add((facts.AllotmentKept(at=draft.now, window=window, version=said.version),))

    def silent(self, state: QueueState, presence: Presence, tick: float) -> frozenset[str]:
        """The windows whose nodes cannot be asked now for what they hold."""
        return frozenset(
            window for window, holding in state.allotments.items()
            if window not in self.words or not _there(presence, holding.node)
            or tick - self.asked.get(window, inf) >= ANSWER
        )  # fmt: skip

    def draw(self, draft: Draft, tick: float) -> None:
        """Let windows have what they should hold now, and let time do its part."""
        queue, rules = draft.state.queue, draft.rules.queue
        for window, holding in queue.allotments.items():
            if holding.last and not holding.lapsed and tick > self._end(window, holding):
                draft.add((facts.AllotmentLapsed(at=draft.now, window=window),))
            elif holding.lapsed and holding.last and queue.window(window).door == "closed":
                draft.add((facts.TicketsReleased(at=draft.now, window=window, tickets=tuple(holding.last)),))
        if not rules.away.tickets and not queue.allotments:
            return
        holders = {
            window: allotting.Holder(word.node, word.said.device, word.said.version) for window, word in self.words.items()
        }
        answering = holders.keys() - self.silent(queue, draft.presence, tick)
        draft.add(allotting.allot(draft.state.queue, rules, holders, answering, draft.now))

    def _end(self, window: str, holding: Holding) -> float:
        return self.ends.get(window, self.began + holding.lasts * 1.01 + MARGIN)

    def letters(self, state: QueueState, rules: HallRules, now: datetime, tick: float) -> list[Letter]:
        """What must be said now: new versions, a longer time, and what a node does not have that should."""
        found = []
        for window, word in self.words.items():
            holding, day = state.allotment(window), state.day
            if not holding.version or day is None or (holding.node, holding.device) != (word.node, word.said.device):
                continue
            if self._is_news(window, holding, word):
                found.append(self._letter(window, holding, word, state, rules, now, day, tick))
        return found

    def _is_news(self, window: str, holding: Holding, word: _Word) -> bool:
        said = self.said.get(window)
        if said is None or said.version != holding.version:
            return True
        if said.stamp == word.said.stamp:
            return False
        return word.said.version != holding.version or word.tick - self.stamped[window] >= holding.lasts * RENEWED

    def _letter(
        self, window: str, holding: Holding, word: _Word, state: QueueState, rules: HallRules, now: datetime, day: date,
        tick: float,
    ) -> Letter:  # fmt: skip
        message = _message(window, holding, word.said.stamp, state, rules, now, day)
        self.said[window], self.stamped[window] = message, word.tick
        self.ends[window] = max(self._end(window, holding) if holding.last else 0.0, word.tick + holding.lasts * 1.01 + MARGIN)
        if self.had.get(window) != holding.version:
            self.asked.setdefault(window, tick)
        return Letter(ALLOTMENT, message, {"window": window})

    def retained(self) -> list[Letter]:
        """All that was said, for a broker that has just been reached."""
        return [Letter(ALLOTMENT, message, {"window": window}) for window, message in self.said.items()]


def _there(presence: Presence, node: str) -> bool:
    status = presence.nodes.get(node)
    return status is None or status.state == "online"


def _message(
    window: str, holding: Holding, stamp: str, state: QueueState, rules: HallRules, now: datetime, day: date
) -> Allotment:
    planned, calling, rating = rules.queue.windows[window], rules.config.calling, rules.config.rating
    return Allotment(
        window=window, window_name=planned.name.text, zone=planned.zone, node=holding.node, device=holding.device,
        version=holding.version, at=now, day=day, stamp=stamp, lasts=holding.lasts, tickets=_tickets(holding.tickets, state),
        rules=AwayRules(
            times=calling.times, interval=calling.interval, fresh=calling.fresh, rating=rating.window, grace=rating.grace
        ),
    )  # fmt: skip


def _tickets(names: Sequence[str], state: QueueState) -> tuple[AllottedTicket, ...]:
    tickets = (state.tickets.get(name) for name in names)
    return tuple(
        AllottedTicket(ticket=t.id, number=t.number, service=t.service, priority=t.priority) for t in tickets if t is not None
    )
