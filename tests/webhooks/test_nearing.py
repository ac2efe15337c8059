"""Three before you: said once of every wait, whether the place comes down by one or jumps, and to nobody too early."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controller.nearing import NearingState, TurnNear, apply, near
from controller.queue import QueueState, Refusal, Rules, decide, estimate
from controller.queue import apply as apply_queue
from controller.queue.actions import (
    CallChosen,
    CallNext,
    Finish,
    Issue,
    NoShow,
    QueueAction,
    ReturnTicket,
    Start,
    Sweep,
    Transfer,
    TurnWindow,
)
from tests.controller.halls import NOON, rules
from tests.controller.test_appointments import law
from tests.examples import examples

MOST = 3


class Told:
    """A queue, and who was told after each action."""

    def __init__(self, law: Rules | None = None) -> None:
        self.law = law or rules()
        self.queue, self.state, self.now = QueueState(), NearingState(), NOON
        self.all: list[TurnNear] = []
        self.ids = count(1)
        self.do(Sweep())

    def do(self, *actions: QueueAction) -> list[str]:
        """Let actions happen in one decision; the numbers that are told after it."""
        before = self.queue.lines
        self.now += timedelta(seconds=20)
        for action in actions:
            decision = decide(self.queue, action, self.now, self.law)
            for fact in () if isinstance(decision, Refusal) else decision:
                self.queue = apply_queue(self.queue, fact)
        told = near(self.queue, self.state, before, MOST, self.now, self.law)
        for near_ in told:
            self.state = apply(self.state, near_)
        self.all += told
        return [near_.number for near_ in told]

    def issue(self, service: str = "social", **changes: object) -> list[str]:
        """Give out a ticket."""
        action = Issue(ticket=f"ticket-{next(self.ids)}", service=service, printed=True, **changes)  # type: ignore[arg-type]
        return self.do(action)


def test_it_is_said_when_three_are_left_and_not_again() -> None:
    hall = Told()
    told = [hall.issue() for _ in range(6)]
    assert told == [["A001"], ["A002"], ["A003"], ["A004"], [], []], "whoever has three before or fewer knows at once"
    assert hall.do(CallNext(window="w1", call="c1")) == ["A005"]
    assert hall.do(CallNext(window="w2", call="c2")) == ["A006"]
    assert hall.all[-1].ahead == 3


def test_a_place_that_jumps_from_five_to_two_is_told_once() -> None:
    hall = Told()
    for _ in range(6):
        hall.issue()
    jumped = hall.do(
        CallNext(window="w1", call="c1"), CallNext(window="w2", call="c2"), CallChosen(window="w3", number="A003", call="c3"),
        NoShow(window="w1"),
    )  # fmt: skip
    assert jumped == ["A005", "A006"]
    assert hall.do(Start(window="w2"), Finish(window="w2")) == []


def test_somebody_who_goes_ahead_does_not_have_it_said_twice() -> None:
    hall = Told()
    for _ in range(4):
        hall.issue()
    assert hall.issue(priority="priority") == ["A005"]
    assert hall.do(CallNext(window="w1", call="c1")) == []
    assert len(hall.all) == 5


def test_a_ticket_that_is_sent_on_is_told_of_its_new_line() -> None:
    hall = Told()
    hall.issue()
    hall.do(CallNext(window="w1", call="c1"), Start(window="w1"))
    assert hall.do(Transfer(window="w1", service="estate")) == ["A001"]
    assert hall.all[-1].line == "estate"


def test_an_appointment_is_told_when_its_time_has_come_though_nobody_moves() -> None:
    hall = Told(law())
    hall.issue(slot=hall.now + timedelta(seconds=70))
    assert not hall.all
    assert hall.do(Sweep()) == []
    assert [hall.do(Sweep()) for _ in range(4)] == [[], ["A001"], [], []]


class Waits(RuleBasedStateMachine):
    """Whatever happens in whatever order, several things at once too."""

    def __init__(self) -> None:
        super().__init__()
        self.hall = Told()

    @rule(service=st.sampled_from(("social", "civil", "estate")), priority=st.sampled_from(("ordinary", "priority")))
    def comes(self, service: str, priority: str) -> None:
        """Somebody takes a ticket."""
        self.hall.issue(service, priority=priority)

    @rule(windows=st.lists(st.sampled_from(("w1", "w2", "w3")), min_size=1, max_size=4))
    def served(self, windows: list[str]) -> None:
        """Several windows call in one decision."""
        ids = self.hall.ids
        self.hall.do(
            *(a for w in windows for a in (Finish(window=w), CallNext(window=w, call=f"call-{next(ids)}"), Start(window=w)))
        )

    @rule(window=st.sampled_from(("w1", "w2")), service=st.sampled_from(("social", "civil", "estate")))
    def sent_on(self, window: str, service: str) -> None:
        """Somebody goes on to another service."""
        self.hall.do(Transfer(window=window, service=service))

    @rule(window=st.sampled_from(("w1", "w2")), number=st.integers(1, 20))
    def missed_and_back(self, window: str, number: int) -> None:
        """Somebody does not come, somebody comes back."""
        self.hall.do(NoShow(window=window), ReturnTicket(number=f"A{number:03d}"))

    @rule(window=st.sampled_from(("w1", "w2", "w3")), door=st.sampled_from(("open", "paused", "closed")))
    def turns(self, window: str, door: str) -> None:
        """A window opens or closes."""
        self.hall.do(TurnWindow(window=window, door=door))  # type: ignore[arg-type]

    @invariant()
    def once_for_each_wait(self) -> None:
        """No wait is told twice in a row of the same place."""
        told = [(fact.ticket, fact.line, fact.turn) for fact in self.hall.all]
        last: dict[str, tuple[str, object]] = {}
        for ticket, line, turn in told:
            assert last.get(ticket) != (line, turn), f"{ticket} was told twice"
            last[ticket] = (line, turn)

    @invariant()
    def nobody_who_is_near_was_left_out(self) -> None:
        """Whoever waits with three before or fewer has been told of this wait; nobody was told with more."""
        hall = self.hall
        assert all(fact.ahead <= MOST for fact in hall.all)
        for ticket in hall.queue.tickets.values():
            if ticket.state == "waiting" and estimate.ahead(hall.queue, ticket, hall.law) <= MOST:
                assert hall.state.told.get(ticket.id) == (ticket.waits_in, ticket.turn)


Waits.TestCase.settings = settings(max_examples=examples(40), stateful_step_count=30, deadline=None)
TestWaits = pytest.mark.timeout(300)(Waits.TestCase)
