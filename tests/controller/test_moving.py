"""Stepping aside, transfer, several services on one ticket, late return within limits: one claim at a time."""

from contract.ticketing import Priority
from controller.queue.actions import (
    CallChosen,
    CallNext,
    CallParked,
    Finish,
    Issue,
    Park,
    ReturnTicket,
    Start,
    Transfer,
    TurnWindow,
)
from controller.queue.facts import TicketCalled, TicketMoved, TicketParked
from controller.store.projection import project
from controller.store.writes import Change
from tests.controller.desk import Desk
from tests.controller.halls import NOON, rules


def opened(desk: Desk, window: str) -> Desk:
    """The desk with one more window open."""
    desk.do(TurnWindow(window=window, door="open"))
    return desk


def call(desk: Desk, window: str = "w1") -> str:
    """The number that is called next to a window, and stays there."""
    called = desk.do(CallNext(window=window, call=f"call-{desk.second}"))[0]
    assert isinstance(called, TicketCalled)
    return called.number


def state_of(desk: Desk, number: str) -> str:
    """What became of a ticket."""
    ticket = desk.state.numbered(number)
    assert ticket is not None
    return ticket.state


def test_whoever_steps_aside_frees_the_window_and_is_called_back_there_before_nobody_else_moves() -> None:
    desk = Desk(rules())
    first, second = desk.issue(), desk.issue()
    assert call(desk) == first
    desk.do(Start(window="w1"))
    desk.second += 30
    (parked,) = desk.do(Park(window="w1"))
    assert isinstance(parked, TicketParked)
    assert parked.took == 31
    assert state_of(desk, first) == "parked"
    assert call(desk) == second
    desk.do(Start(window="w1"))
    assert desk.refused(CallParked(window="w1", call="too-soon")) == "busy"
    desk.do(Finish(window="w1"))
    (back,) = desk.do(CallParked(window="w1", call="back"))
    assert (back.number, back.times, back.visit) == (first, 1, "back")
    assert state_of(desk, first) == "called"


def test_several_people_aside_come_back_in_any_order_and_only_at_their_window() -> None:
    desk = Desk(rules())
    numbers = [desk.issue() for _ in range(3)]
    for number in numbers:
        assert call(desk) == number
        desk.do(Park(window="w1"))
    assert desk.refused(CallParked(window="w2", call="c", number=numbers[0])) == "not-parked"
    assert desk.refused(CallParked(window="w2", call="c")) == "nobody-parked"
    assert desk.do(CallParked(window="w1", call="c1", number=numbers[1]))[0].number == numbers[1]
    desk.do(Park(window="w1"))
    assert desk.do(CallParked(window="w1", call="c2"))[0].number == numbers[0], "who has been aside longest"


def test_a_parked_number_may_be_chosen_at_another_window_that_serves_it() -> None:
    desk = Desk(rules())
    number = desk.issue()
    call(desk)
    desk.do(Park(window="w1"))
    assert desk.do(CallChosen(window="w2", number=number, call="elsewhere"))[0].window == "w2"
    assert desk.state.parked["w1"] == ()


def test_a_call_back_leaves_the_run_of_priority_tickets_as_it_was() -> None:
    desk = Desk(rules())
    priority: Priority = "priority"
    for _ in range(2):
        desk.issue(priority=priority)
    desk.issue()
    call(desk)
    run = desk.state.window("w1").run
    desk.do(Park(window="w1"))
    desk.do(CallParked(window="w1", call="back"))
    assert desk.state.window("w1").run == run == 1


def test_a_transfer_to_another_service_keeps_the_place_of_the_first_moment() -> None:
    desk = opened(Desk(rules()), "w3")
    moved = desk.issue("social")
    call(desk)
    others = [desk.issue("estate") for _ in range(2)]
    desk.do(Start(window="w1"))
    (fact,) = desk.do(Transfer(window="w1", service="estate"))
    assert isinstance(fact, TicketMoved)
    assert fact.took == 1
    assert [desk.next("w3") for _ in range(3)] == [moved, *others]


def test_a_transfer_may_go_behind_everybody_by_setting() -> None:
    desk = opened(Desk(rules(calling='interval = 0\ntransfer = "back-of-queue"')), "w3")
    moved = desk.issue("social")
    call(desk)
    other = desk.issue("estate")
    desk.do(Transfer(window="w1", service="estate"))
    assert [desk.next("w3") for _ in range(2)] == [other, moved]


def test_a_transfer_to_one_window_waits_for_that_window_alone() -> None:
    desk = Desk(rules())
    moved = desk.issue("social")
    call(desk)
    desk.do(Transfer(window="w1", to="w2"))
    assert desk.refused(CallNext(window="w1", call="c")) == "nobody-waits"
    assert desk.refused(CallChosen(window="w1", number=moved, call="c")) == "not-served-here"
    assert call(desk, "w2") == moved


def test_a_transfer_to_nowhere_is_refused_in_words_and_changes_nothing() -> None:
    desk = Desk(rules())
    assert desk.refused(Transfer(window="w1", service="estate")) == "not-called"
    desk.issue("social")
    call(desk)
    before = desk.state
    assert desk.refused(Transfer(window="w1")) == "no-other-place"
    assert desk.refused(Transfer(window="w1", service="social")) == "no-other-place"
    assert desk.refused(Transfer(window="w1", to="w1")) == "no-other-place"
    assert desk.refused(Transfer(window="w1", service="moon")) == "unknown-service"
    assert desk.refused(Transfer(window="w1", to="w9")) == "unknown-window"
    assert desk.refused(Transfer(window="w1", to="w3")) == "not-served-there"
    assert desk.state is before


def test_one_ticket_goes_from_service_to_service_and_is_done_after_the_last() -> None:
    desk = opened(Desk(rules()), "w3")
    number = desk.do(Issue(ticket="t", service="social", then=("estate", "social"), printed=True))[0].number
    desk.issue("estate")
    assert desk.next("w1") == number
    assert desk.next("w3") == number, "it keeps the place of its first moment in the second line"
    assert state_of(desk, number) == "waiting"
    assert desk.next("w1") == number
    assert state_of(desk, number) == "done"
    assert desk.refused(Issue(ticket="u", service="social", then=("moon",), printed=True)) == "unknown-service"


def test_a_missed_ticket_is_next_when_it_is_back_in_time_and_void_later() -> None:
    within = 'interval = 0\nlate_return = "within"\nlate_numbers = 2\nlate_minutes = 10'
    desk = Desk(rules(calling=within))
    missed = desk.issue()
    others = [desk.issue() for _ in range(4)]
    assert desk.miss() == missed
    assert desk.next("w1") == others[0]
    desk.do(ReturnTicket(number=missed))
    assert desk.next("w1") == missed
    assert desk.miss() == others[1]
    assert [desk.next("w1") for _ in range(2)] == others[2:]
    desk.issue()
    desk.issue()
    desk.next("w1")
    desk.second += 600
    assert desk.refused(ReturnTicket(number=others[1])) == "missed-is-over"


def test_a_second_visit_is_a_call_again_and_leaves_the_moment_of_the_first_call() -> None:
    desk = Desk(rules())
    number = desk.issue()
    (first,) = desk.do(CallNext(window="w1", call="c1"))
    desk.do(Park(window="w1"))
    (second,) = desk.do(CallParked(window="w1", call="c2"))
    assert (first.again, second.again) == (False, True)
    ticket = desk.state.numbered(number)
    assert ticket is not None
    assert ticket.first_called == first.at
    assert [change.values.get("first_called") for change in project(second, NOON.date()) if isinstance(change, Change)] == [None]


def test_late_minutes_alone_are_enough_however_many_were_called() -> None:
    desk = Desk(rules(calling='interval = 0\nlate_return = "within"\nlate_numbers = 0\nlate_minutes = 10'))
    missed = desk.issue()
    for _ in range(5):
        desk.issue()
    desk.miss()
    for _ in range(3):
        desk.next("w1")
    desk.do(ReturnTicket(number=missed))
    assert desk.next("w1") == missed


def test_a_window_with_people_aside_may_close_and_calls_them_when_it_opens_again() -> None:
    desk = Desk(rules())
    number = desk.issue()
    call(desk)
    desk.do(Park(window="w1"))
    desk.do(TurnWindow(window="w1", door="closed"))
    assert desk.refused(CallParked(window="w1", call="c")) == "window-closed"
    desk.do(TurnWindow(window="w1", door="open"))
    assert desk.do(CallParked(window="w1", call="c"))[0].number == number
