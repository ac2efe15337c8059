"""Whatever happens in whatever order: no ticket is lost or in two places, and calling stays fair."""

import dataclasses
from datetime import timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from controller.queue import QueueState, Refusal, apply, decide
from controller.queue.actions import (
    CallChosen,
    CallNext,
    CallParked,
    ConfirmPrint,
    DenyPrint,
    Finish,
    Issue,
    LeaseBlocks,
    NoShow,
    Park,
    QueueAction,
    Recall,
    ReturnTicket,
    Start,
    Sweep,
    TakeLeased,
    Transfer,
    TurnWindow,
)
from controller.queue.facts import QueueFact, TicketCalled
from controller.queue.values import Ticket
from tests.controller.halls import NOON, rules
from tests.examples import examples

WINDOWS = ("w1", "w2", "w3")
windows = st.sampled_from(WINDOWS)
services = st.sampled_from(("social", "civil", "estate"))
classes = st.sampled_from(("ordinary", "priority"))
picks = st.integers(0, 40)


class Hall(RuleBasedStateMachine):
    """Anything that can happen in a hall."""

    def __init__(self) -> None:
        super().__init__()
        self.law = rules()
        self.state = QueueState()
        self.now = NOON
        self.made = 0
        self.issued: set[str] = set()
        self.numbers: dict[str, str] = {}
        self.runs: dict[str, int] = {}
        self.passes: dict[str, int] = {}

    @initialize(first=st.sampled_from(((), ("civil",), ("civil", "social"))))
    def morning(self, first: tuple[str, ...]) -> None:
        """The day begins; window 1 serves some of its services first, or none."""
        windows = {**self.law.windows, "w1": msgspec.structs.replace(self.law.windows["w1"], first=first)}
        self.law = dataclasses.replace(self.law, windows=windows)
        self.do(Sweep())
        for kiosk in ("kiosk-1", "kiosk-2"):
            self.do(LeaseBlocks(kiosk=kiosk))

    def do(self, action: QueueAction) -> tuple[QueueFact, ...]:
        """Decide twice (the same), apply, and look at what was called."""
        before = self.state
        decision = decide(before, action, self.now, self.law)
        assert decide(before, action, self.now, self.law) == decision
        if isinstance(decision, Refusal):
            return ()
        for fact in decision:
            if isinstance(fact, TicketCalled) and isinstance(action, CallNext):
                self.fair(fact)
            self.state = apply(self.state, fact)
        return decision

    def fair(self, call: TicketCalled) -> None:
        """First come first served within the class, and the bound on priority runs."""
        waiting = [t for t in self.all() if t.state == "waiting" and t.waits_in in self.law.lines_of(call.window)]
        called = next(t for t in waiting if t.id == call.ticket)
        self.in_turn(called, [t for t in waiting if t.priority == called.priority], call.window)
        ordinary_waits = any(t.priority == "ordinary" for t in waiting)
        if called.priority == "ordinary" or not ordinary_waits:
            self.runs[call.window] = 0
        else:
            self.runs[call.window] = self.runs.get(call.window, 0) + 1
            assert self.runs[call.window] <= self.law.calling.priority_run

    def in_turn(self, called: Ticket, alike: list[Ticket], window: str) -> None:
        """Nobody of its class came before, but for a service that the window serves later, and not too often in a row."""
        rank = self.law.rank
        assert called.turn == min(t.turn for t in alike if t.service == called.service)
        before = [t for t in alike if t.turn < called.turn]
        assert all(called.priority == "ordinary" and rank(window, t.service) > rank(window, called.service) for t in before)
        if called.priority == "ordinary":
            self.passes[window] = self.passes.get(window, 0) + 1 if before else 0
            assert self.passes[window] <= self.law.calling.first_run

    def all(self) -> list[Ticket]:
        """All tickets of the day."""
        return list(self.state.tickets.values())

    def fresh(self, what: str) -> str:
        """A new id."""
        self.made += 1
        return f"{what}-{self.made}"

    @rule(service=services, priority=classes, printed=st.booleans(), then=st.lists(services, max_size=2))
    def issue(self, service: str, priority: str, printed: bool, then: list[str]) -> None:
        """Somebody comes, for one service or for several."""
        ticket = self.fresh("ticket")
        action = Issue(ticket=ticket, service=service, then=tuple(then), priority=priority, printed=printed)  # type: ignore[arg-type]
        if self.do(action):
            self.issued.add(ticket)

    @rule(window=windows)
    def park(self, window: str) -> None:
        """Somebody steps aside."""
        self.do(Park(window=window))

    @rule(window=windows, pick=st.none() | picks)
    def call_back(self, window: str, pick: int | None) -> None:
        """Somebody who stepped aside is called back."""
        tickets = self.all()
        number = None if pick is None or not tickets else tickets[pick % len(tickets)].number
        self.do(CallParked(window=window, call=self.fresh("call"), number=number))
        self.runs[window] = self.state.window(window).run

    @rule(window=windows, service=st.none() | services, to=st.none() | windows)
    def transfer(self, window: str, service: str | None, to: str | None) -> None:
        """Somebody is sent on."""
        self.do(Transfer(window=window, service=service, to=to))

    @rule(number=st.integers(798, 815), service=services, kiosk=st.sampled_from(("kiosk-1", "kiosk-2")), ago=st.integers(0, 900))
    def leased(self, number: int, service: str, kiosk: str, ago: int) -> None:
        """A kiosk reports a ticket from its block."""
        ticket = self.fresh("ticket")
        written = f"{self.law.services[service].prefix}{number}"
        action = TakeLeased(
            ticket=ticket, number=written, service=service, priority="ordinary", kiosk=kiosk,
            issued=self.now - timedelta(seconds=ago),
        )  # fmt: skip
        if self.do(action):
            self.issued.add(ticket)
        self.do(LeaseBlocks(kiosk=kiosk))

    @rule(pick=picks, printed=st.booleans())
    def printer(self, pick: int, printed: bool) -> None:
        """The kiosk says what became of a ticket."""
        if tickets := self.all():
            ticket = tickets[pick % len(tickets)].id
            self.do(ConfirmPrint(ticket=ticket) if printed else DenyPrint(ticket=ticket))

    @rule(window=windows)
    def call(self, window: str) -> None:
        """Next, please."""
        self.do(CallNext(window=window, call=self.fresh("call")))

    @rule(window=windows, pick=picks)
    def choose(self, window: str, pick: int) -> None:
        """That one, please."""
        if tickets := self.all():
            ticket = tickets[pick % len(tickets)]
            if self.do(CallChosen(window=window, number=ticket.number, call=self.fresh("call"))):
                self.runs[window] = self.state.window(window).run

    @rule(window=windows, what=st.sampled_from((Start, Finish, NoShow)))
    def staff(self, window: str, what: type[Start | Finish | NoShow]) -> None:
        """Staff press a key."""
        self.do(what(window=window))

    @rule(window=windows)
    def missed(self, window: str) -> None:
        """Nobody comes in spite of three calls."""
        for _ in range(3):
            self.do(Recall(window=window, call=self.fresh("call")))
        self.do(NoShow(window=window))

    @rule(pick=picks)
    def comes_back(self, pick: int) -> None:
        """A missed person is back."""
        if tickets := [t for t in self.all() if t.state == "no-show"]:
            self.do(ReturnTicket(number=tickets[pick % len(tickets)].number))

    @rule(window=windows, door=st.sampled_from(("open", "paused", "closed")))
    def door(self, window: str, door: str) -> None:
        """A window opens or closes."""
        self.do(TurnWindow(window=window, door=door))  # type: ignore[arg-type]

    @rule(seconds=st.integers(0, 200))
    def time_passes(self, seconds: int) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)
        self.do(Sweep())

    @invariant()
    def every_ticket_is_in_exactly_one_place(self) -> None:
        """In a line, at the printer, at a window, or done with."""
        state = self.state
        assert {ticket.id for ticket in self.all()} == self.issued
        in_lines = [ticket for line in state.lines.values() for ticket in line.values()]
        at_printer = list(state.printing.values())
        at_windows = [now.ticket for now in state.windows.values() if now.ticket is not None]
        aside = [ticket for tickets in state.parked.values() for ticket in tickets]
        places = [*in_lines, *at_printer, *at_windows, *aside]
        assert len(places) == len(set(places))
        expected = {ticket.id: ticket.state for ticket in self.all()}
        assert {expected[t] for t in in_lines} <= {"waiting"}
        assert {expected[t] for t in at_printer} <= {"printing"}
        assert {expected[t] for t in at_windows} <= {"called", "serving"}
        assert {expected[t] for t in aside} <= {"parked"}
        gone = {"done", "no-show", "void"}
        assert {t for t, s in expected.items() if s not in gone} == set(places)

    @invariant()
    def a_number_belongs_to_one_ticket_for_ever(self) -> None:
        """Also when the ticket is void."""
        for ticket in self.all():
            assert self.numbers.setdefault(ticket.number, ticket.id) == ticket.id


TestHall = Hall.TestCase
TestHall.settings = settings(max_examples=examples(40), stateful_step_count=60, deadline=None)
