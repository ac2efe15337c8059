"""A hall of two windows whose connections do what a test wants; all rules are the real ones, and there is one clock.

What is here in place of the real thing is what carries: a journal in memory, a node's disk in memory, messages in lists.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from contract.allotment import Allotment, AllotmentHeld
from contract.calling import WindowState
from contract.dispatch import Action, DispatchRequest
from contract.events import Ack, CallerKey, Event, Fact, KeyPressed
from contract.settings import parse
from contract.topics import ALLOTMENT, ALLOTMENT_HELD, DISPATCH_REQUEST, EVENT, Topic
from controller import pictures
from controller.config import HallConfig
from controller.deciding import Deciding
from controller.draft import Draft
from controller.hall_rules import HallRules
from controller.jobs import Job, Message, Tick
from controller.presence import Presence
from controller.queue.facts import CallTakenBack, TicketCalled
from controller.state import HallState, apply
from firmware.agents import caller_away as away
from link.hearing import Heard
from tests.controller.halls import NOON, text

SECOND_DESK = """
[[node]]
id = "desk-2"
[[node.device]]
id = "caller-2"
kind = "caller"
window = "w2"
"""
NODES = {"desk": "w1", "desk-2": "w2"}
DAY = NOON.date()
PATIENCE = 5.0
MOST_TURNS = 200
"""So often at most everything under way is delivered until nothing is."""


def config(tickets: int = 3, lasts: float = 600.0) -> HallConfig:
    """The small hall with a caller at each of its first two windows."""
    away_table = f"\n[away]\ntickets = {tickets}\nlasts = {lasts}\n"
    return parse(text("sqlite://").replace("[lease]", away_table + "[lease]", 1) + SECOND_DESK, HallConfig, name="hall.toml")


@dataclass
class Node:
    """One window's node: what it remembers, its disk, its stream, and what is under way to it and from it."""

    name: str
    window: str
    memory: away.Memory = field(default_factory=lambda: away.Memory(boot="boot-one"))
    disk: away.Memory = field(default_factory=lambda: away.Memory(boot="boot-one"))
    stream: list[tuple[Fact, float]] = field(default_factory=list)
    stored: int = 0
    inbound: list[tuple[str, Any]] = field(default_factory=list)
    outbound: list[tuple[Topic[Any], Any]] = field(default_factory=list)

    @property
    def device(self) -> str:
        """Its caller."""
        return "caller-" + self.window[1:]

    @property
    def epoch(self) -> str:
        """Its stream's."""
        return f"epoch-{self.window}"


class CutOffHall:
    """Everything, with hands for whatever can go wrong."""

    def __init__(self, hall: HallConfig) -> None:
        self.rules = HallRules.of(hall)
        self.tick, self.made = 0.0, 0
        self.nodes = {name: Node(name, window) for name, window in NODES.items()}
        self.journal: list[Any] = []
        self.inboxes: dict[tuple[str, str], int] = {}
        self.kept: dict[str, Allotment] = {}
        """What the broker retains."""
        self.where: dict[str, set[str]] = {}
        """Ticket to the windows that called it, by whomever."""
        self.by_itself: list[str] = []
        """Calls that windows made by themselves."""
        self.start_controller()

    def fresh(self, what: str) -> str:
        """A new id."""
        self.made += 1
        return f"{what}-{self.made:04}"

    # The controller.

    def start_controller(self) -> None:
        """It begins with nothing but its journal."""
        self.state, self.presence, self.answers = HallState(), Presence(), dict[str, str]()
        for fact in self.journal:
            self.state = apply(self.state, fact)
        self.deciding = Deciding(lambda: self.tick, lambda: None)
        self.work(Tick())

    def work(self, *jobs: Job) -> Draft:
        """One batch: decide, store, apply, publish."""
        now = NOON + timedelta(seconds=self.tick)
        draft = Draft(
            state=self.state, rules=self.rules, now=now, new_id=lambda: self.fresh("made"), presence=self.presence,
            counts=Counter(), known=self.answers, inboxes=self.inboxes,
        )  # fmt: skip
        self.deciding.decide(draft, jobs)
        self.state = draft.state
        self.journal += draft.facts
        self.inboxes |= {stream: stored for stream, (stored, _) in draft.batch.inboxes.items()}
        self.answers |= draft.answers
        for fact in draft.facts:
            self._watch(fact)
        self._publish(draft)
        return draft

    def _watch(self, fact: Any) -> None:
        if isinstance(fact, TicketCalled) and not fact.away:
            self.where.setdefault(fact.ticket, set()).add(fact.window)
        elif isinstance(fact, CallTakenBack):
            self.where[fact.ticket].discard(fact.window)

    def _publish(self, draft: Draft) -> None:
        for node in self.nodes.values():
            window = self.rules.queue.windows[node.window]
            node.inbound.append(("window", pictures.window(self.state, window, self.rules, draft.now)))
            if node.name in draft.acks:
                node.inbound.append(("ack", draft.acks[node.name]))
        for letter in self.deciding.allotting.letters(self.state.queue, self.rules, draft.now, self.tick):
            assert letter.topic is ALLOTMENT
            allotment: Any = letter.message
            self.kept[allotment.window] = allotment
            self.nodes[allotment.node].inbound.append(("allotment", allotment))

    def order(self, do: Action) -> None:
        """Staff at a page want something."""
        now = NOON + timedelta(seconds=self.tick)
        request = DispatchRequest(id=self.fresh("request"), at=now, not_after=now + timedelta(seconds=20), do=do)
        self.work(Message(DISPATCH_REQUEST, Heard(request, {"hall": "centre", "user": "dispatch"}, False)))

    # A node.

    def press(self, node: Node, key: CallerKey) -> None:
        """A key while the node believes in its controller."""
        not_after = NOON + timedelta(seconds=self.tick + PATIENCE)
        self.record(node, KeyPressed(window=node.window, key=key, not_after=not_after))

    def press_alone(self, node: Node, key: CallerKey, power_fails: str = "") -> None:
        """A key while it does not; the power may fail once the memory is `saved`, or the fact `recorded`."""
        now = away.Instant(NOON + timedelta(seconds=self.tick), self.tick, DAY)
        done = away.press(node.memory, node.window, key, now, lambda: self.fresh("alone"))
        if not isinstance(done, away.Done):
            return
        node.disk = done.memory
        if power_fails == "saved":
            self.restart(node)
            return
        self.record(node, done.fact)
        if power_fails == "recorded":
            self.restart(node)
            return
        node.memory = node.disk = replace(done.memory, untold=())
        if done.call is not None:
            self._shown(node, done.call.ticket, done.call.id)

    def _shown(self, node: Node, ticket: str, call: str) -> None:
        self.where.setdefault(ticket, set()).add(node.window)
        self.by_itself.append(call)

    def restart(self, node: Node) -> None:
        """Its process dies and starts again, on the same boot."""
        node.memory = node.disk
        for fact in node.memory.untold:
            self.record(node, fact)
        visit = node.memory.visit
        if node.memory.untold and visit is not None and visit.call is not None and visit.call.id not in self.by_itself:
            self._shown(node, visit.ticket, visit.call.id)
        node.memory = node.disk = replace(node.memory, untold=())

    def record(self, node: Node, fact: Fact) -> None:
        """Into the outbox."""
        node.stream.append((fact, self.tick))

    def say_held(self, node: Node) -> None:
        """What it goes by."""
        held = AllotmentHeld(
            window=node.window, device=node.device, version=node.memory.version,
            stamp=away.stamp(node.memory.boot, self.tick), epoch=node.epoch, newest=len(node.stream),
        )  # fmt: skip
        node.outbound.append((ALLOTMENT_HELD, held))

    def send(self, node: Node) -> None:
        """Everything that the controller has not acknowledged."""
        for number, (fact, tick) in list(enumerate(node.stream, 1))[node.stored :]:
            event = Event(
                node=node.name, epoch=node.epoch, number=number, device=node.device, at=NOON + timedelta(seconds=tick),
                age=self.tick - tick, fact=fact,
            )  # fmt: skip
            node.outbound.append((EVENT, event))

    # What carries.

    def deliver_out(self, node: Node, index: int = 0, *, again: bool = False) -> None:
        """One message reaches the controller; `again`: and will once more."""
        topic, message = node.outbound[index] if again else node.outbound.pop(index)
        self.work(Message(topic, Heard(message, {"hall": "centre", "node": node.name}, False)))

    def deliver_in(self, node: Node, index: int = 0, *, again: bool = False) -> None:
        """One message reaches the node."""
        kind, message = node.inbound[index] if again else node.inbound.pop(index)
        if kind == "ack":
            ack: Ack = message
            node.stored = max(node.stored, min(ack.stored, len(node.stream)))
            if node.stored == len(node.stream):
                node.memory = replace(node.memory, own=False)
        elif kind == "window":
            state: WindowState = message
            node.memory = away.follow(node.memory, state, self.tick)
        elif (memory := away.adopt(node.memory, message)) is not None:
            newer = memory.version != node.memory.version
            node.memory = node.disk = memory
            if newer:
                self.say_held(node)

    def heal(self) -> None:
        """Everything carries again, for as long as anything is under way."""
        for _ in range(30):
            for node in self.nodes.values():
                node.inbound.append(("allotment", self.kept[node.window])) if node.window in self.kept else None
                self.say_held(node)
                self.send(node)
            turns = 0
            while any(node.inbound or node.outbound for node in self.nodes.values()):
                turns += 1
                assert turns < MOST_TURNS, f"controller and nodes go on for ever: {self.journal[-6:]}"
                for node in self.nodes.values():
                    while node.outbound:
                        self.deliver_out(node)
                    while node.inbound:
                        self.deliver_in(node)
            self.tick += 1.0
            self.work(Tick())
