"""Which tickets a window may call by itself: in order, at one window each, and given up before another one calls them."""

from dataclasses import replace

from msgspec import structs

from controller.queue import QueueState, Refusal, allotting, apply, decide
from controller.queue.actions import CallChosen, CallNext, Issue, QueueAction, Sweep, TakeAwayCall, TakeAwayStep, TurnWindow
from controller.queue.allotting import Holder
from controller.queue.facts import AllotmentKept, AllotmentLapsed, QueueFact, TicketCalled, TicketsReleased
from tests.controller.halls import NOON, rules

HOLDERS = {"w1": Holder("desk", "caller-1"), "w2": Holder("desk-2", "caller-2")}


class Desk:
    """A hall in which facts are applied."""

    def __init__(self, people: int) -> None:
        self.rules = rules()
        self.state = QueueState()
        self.made = 0
        self.do(Sweep())
        for _ in range(people):
            self.comes()

    def comes(self, service: str = "social", priority: str = "ordinary") -> None:
        """Somebody takes a ticket."""
        self.made += 1
        self.do(Issue(ticket=f"t{self.made}", service=service, priority=priority, printed=True))  # type: ignore[arg-type]

    def do(self, action: QueueAction) -> tuple[QueueFact, ...] | Refusal:
        """Decide and apply."""
        decision = decide(self.state, action, NOON, self.rules)
        if not isinstance(decision, Refusal):
            self.happened(*decision)
        return decision

    def happened(self, *facts: QueueFact) -> None:
        """Apply."""
        for fact in facts:
            self.state = apply(self.state, fact)

    def allot(self, *answering: str) -> dict[str, list[str]]:
        """Draw the lists; the numbers of each new one."""
        new = allotting.allot(self.state, self.rules, HOLDERS, answering or tuple(HOLDERS), NOON)
        self.happened(*new)
        return {fact.window: [self.number(ticket) for ticket in fact.tickets] for fact in new}

    def number(self, ticket: str) -> str:
        """What stands on it."""
        found = self.state.tickets.get(ticket)
        assert found is not None
        return found.number

    def called(self, window: str) -> str | None:
        """Whom the window gets."""
        decision = self.do(CallNext(window=window, call=f"call-{window}"))
        return None if isinstance(decision, Refusal) else next(f.number for f in decision if isinstance(f, TicketCalled))

    def called_away(self, window: str, ticket: str) -> int:
        """The window has called and served a ticket by itself; how many in a row it has called past somebody."""
        call = TakeAwayCall(
            ticket=ticket, number=self.number(ticket), window=window, call=f"away-{ticket}", visit=f"away-{ticket}", called=NOON
        )  # fmt: skip
        self.do(call)
        self.do(TakeAwayStep(ticket=ticket, number=call.number, window=window, step="finished", at=NOON))
        return self.state.window(window).passed


def test_whoever_came_first_stands_first_and_in_one_list_alone() -> None:
    desk = Desk(6)
    assert desk.allot() == {"w1": ["A001", "A003", "A005"], "w2": ["A002", "A004", "A006"]}
    assert desk.allot() == {}


def test_a_called_ticket_leaves_its_list_and_the_next_one_comes_in() -> None:
    desk = Desk(12)
    desk.allot()
    assert desk.called("w1") == "A001"
    assert desk.allot() == {"w1": ["A003", "A005", "A007", "A009", "A011"]}


def test_what_another_window_may_call_is_not_called_before_it_is_given_up() -> None:
    desk = Desk(2)
    desk.allot()
    assert desk.called("w1") == "A001"
    desk.do(Sweep())
    held = desk.state.held.get("t2")
    assert held == "w2"
    chosen = desk.do(CallChosen(window="w1", number="A002", call="call-3"))
    assert isinstance(chosen, Refusal)


def test_it_is_free_once_the_node_holds_a_version_without_it_and_not_sooner() -> None:
    desk = Desk(1)
    desk.allot()
    desk.do(TurnWindow(window="w1", door="paused"))
    assert desk.allot() == {"w1": []}
    assert desk.called("w2") is None
    desk.happened(AllotmentKept(at=NOON, window="w1", version=1))
    assert desk.called("w2") is None
    desk.happened(AllotmentKept(at=NOON, window="w1", version=2))
    assert desk.called("w2") == "A001"


def test_a_window_out_of_reach_keeps_its_list_and_nobody_gets_more() -> None:
    desk = Desk(4)
    desk.allot()
    desk.called("w2")
    desk.comes()
    assert desk.allot("w2") == {"w2": ["A004", "A005"]}
    assert set(desk.state.allotment("w1").tickets) == {"t1", "t3"}


def test_after_its_time_a_person_may_call_what_a_lost_window_held_and_no_machine_does() -> None:
    desk = Desk(1)
    desk.allot()
    assert isinstance(desk.do(CallChosen(window="w2", number="A001", call="call-1")), Refusal)
    desk.happened(AllotmentLapsed(at=NOON, window="w1"))
    assert desk.called("w2") is None
    chosen = desk.do(CallChosen(window="w2", number="A001", call="call-1"))
    assert not isinstance(chosen, Refusal)
    assert any(isinstance(fact, TicketsReleased) for fact in chosen)
    assert desk.state.tickets.get("t1").window == "w2"  # type: ignore[union-attr]


def test_a_priority_ticket_takes_the_place_of_the_last_one_in_a_full_list() -> None:
    desk = Desk(10)
    desk.allot()
    desk.comes(priority="priority")
    assert desk.allot() == {"w2": ["A011", "A002", "A004", "A006", "A008"]}
    assert desk.state.held.get("t10") == "w2"


def test_what_a_window_serves_first_stands_first_in_its_list_and_nobody_is_passed_for_ever() -> None:
    desk = Desk(6)
    windows = desk.rules.windows
    desk.rules = replace(desk.rules, windows={**windows, "w1": structs.replace(windows["w1"], first=("civil",))})
    desk.allot("w1")
    for _ in range(6):
        desk.comes("civil")
    assert desk.allot("w1") == {"w1": ["B001", "B002", "B003", "A001", "B004"]}
    assert desk.allot("w1") == {}, "it stays so"
    passed = [desk.called_away("w1", ticket) for ticket in desk.state.allotment("w1").tickets]
    assert passed == [1, 2, 3, 0, 1], "what is called by itself counts afterwards"


def test_a_node_that_knows_a_higher_version_gets_one_above_it() -> None:
    desk = Desk(1)
    known = {"w1": Holder("desk", "caller-1", version=40)}
    (fact,) = allotting.allot(desk.state, desk.rules, known, ("w1",), NOON)
    assert fact.version == 41
