"""The queue's rules, one claim at a time."""

from datetime import timedelta

from contract.values import WaitRange
from controller.queue import estimate
from controller.queue.actions import CallChosen, CallNext, Finish, Issue, NoShow, Recall, ReturnTicket, Start, Sweep, TurnWindow
from tests.controller.desk import Desk
from tests.controller.halls import NOON, rules


def test_at_most_two_priority_tickets_in_a_row_while_an_ordinary_one_waits() -> None:
    desk = Desk(rules())
    ordinary = [desk.issue() for _ in range(2)]
    urgent = [desk.issue(priority="priority") for _ in range(5)]
    order = [*urgent[:2], ordinary[0], *urgent[2:4], ordinary[1], urgent[4]]
    assert [desk.next("w1") for _ in range(7)] == order


def test_a_window_serves_its_services_alike_and_no_others() -> None:
    desk = Desk(rules())
    numbers = [desk.issue("civil"), desk.issue("social"), desk.issue("civil")]
    desk.issue("estate")
    assert [desk.next("w1") for _ in range(3)] == numbers
    assert desk.refused(CallNext(window="w1", call="c")) == "nobody-waits"
    assert desk.refused(CallChosen(window="w1", number="C001", call="c")) == "not-served-here"


def test_a_window_has_one_ticket_at_a_time() -> None:
    desk = Desk(rules())
    desk.issue()
    desk.issue()
    desk.do(CallNext(window="w1", call="one"))
    assert desk.refused(CallNext(window="w1", call="two")) == "busy"
    assert desk.refused(Finish(window="w1")) == "not-serving"
    assert desk.refused(CallChosen(window="w2", number="A001", call="c")) == "is-called"
    assert desk.refused(TurnWindow(window="w1", door="closed")) == "busy"
    desk.do(TurnWindow(window="w1", door="paused"))
    desk.do(Start(window="w1"))
    assert desk.do(Start(window="w1")) == ()
    assert desk.refused(Recall(window="w1", call="two")) == "not-called"
    desk.do(Finish(window="w1"))
    assert desk.refused(CallNext(window="w1", call="two")) == "window-paused"


def test_closed_and_unknown_windows_call_nobody() -> None:
    desk = Desk(rules())
    assert desk.refused(CallNext(window="w3", call="c")) == "window-closed"
    for action in (
        CallNext(window="w9", call="c"), CallChosen(window="w9", number="A001", call="c"), Recall(window="w9", call="c"),
        Start(window="w9"), Finish(window="w9"), NoShow(window="w9"), TurnWindow(window="w9", door="open"),
    ):  # fmt: skip
        assert desk.refused(action) == "unknown-window"
    assert desk.refused(CallChosen(window="w1", number="A001", call="c")) == "unknown-number"
    assert desk.refused(Start(window="w1")) == "not-called"
    assert desk.refused(NoShow(window="w1")) == "not-called"


def test_recalls_keep_their_interval_and_their_limit_before_a_no_show() -> None:
    desk = Desk(rules(calling="interval = 15"))
    desk.issue()
    first = desk.do(CallNext(window="w1", call="call-a"))[0]
    assert (first.times, first.visit, first.not_after) == (1, "call-a", first.at + timedelta(seconds=20))
    assert desk.refused(Recall(window="w1", call="call-b")) == "too-soon"
    assert desk.refused(NoShow(window="w1")) == "too-early"
    for times, call in ((2, "call-b"), (3, "call-c")):
        desk.second += 15
        (fact,) = desk.do(Recall(window="w1", call=call))
        assert (fact.times, fact.visit, fact.call) == (times, "call-a", call)
    desk.second += 15
    assert desk.refused(Recall(window="w1", call="call-d")) == "called-enough"
    (missed,) = desk.do(NoShow(window="w1"))
    assert missed.visit == "call-a"
    assert desk.state.present("w1") is None


def test_a_late_return_stands_behind_the_next_three_and_behind_earlier_returners() -> None:
    desk = Desk(rules())
    numbers = [desk.issue() for _ in range(7)]
    missed = [desk.miss(), desk.miss()]
    for number in missed:
        desk.do(ReturnTicket(number=number))
    assert [desk.next("w1") for _ in range(7)] == [*numbers[2:5], *missed, *numbers[5:]]
    assert desk.refused(ReturnTicket(number=numbers[0])) == "not-missed"
    assert desk.refused(ReturnTicket(number="A999")) == "unknown-number"


def test_a_late_return_is_followed_by_its_own_three_calls() -> None:
    desk = Desk(rules())
    desk.issue()
    desk.do(ReturnTicket(number=desk.miss()))
    assert desk.miss() == "A001"


def test_a_late_return_may_go_to_the_back_or_be_over() -> None:
    desk = Desk(rules(calling='interval = 0\nlate_return = "back-of-queue"'))
    numbers = [desk.issue() for _ in range(5)]
    missed = desk.miss()
    desk.do(ReturnTicket(number=missed))
    assert [desk.next("w1") for _ in range(5)] == [*numbers[1:], missed]
    strict = Desk(rules(calling='interval = 0\nlate_return = "end"'))
    strict.issue()
    assert strict.refused(ReturnTicket(number=strict.miss())) == "missed-is-over"


def test_quota_and_opening_hours_close_a_service() -> None:
    desk = Desk(rules())
    for _ in range(3):
        desk.issue("estate")
    assert desk.refused(Issue(ticket="x", service="estate")) == "quota"
    assert desk.refused(Issue(ticket="x", service="nothing")) == "unknown-service"
    early = Desk(rules(hours='opens = "13:00", closes = "17:00"'))
    assert early.refused(Issue(ticket="x", service="social")) == "closed"
    early.second = 3600
    assert early.issue() == "A001"


def test_hours_may_run_over_midnight_in_the_halls_own_time_zone() -> None:
    night = rules(hours='opens = "22:00", closes = "02:00"')
    assert not night.is_open(NOON)
    assert night.is_open(NOON + timedelta(hours=13))
    assert not night.is_open(NOON + timedelta(hours=14))


def test_a_new_day_begins_at_midnight_of_the_hall_with_numbers_from_one() -> None:
    desk = Desk(rules())
    desk.issue()
    desk.second = 12 * 3600 - 1
    assert desk.do(Sweep()) == ()
    (started,) = desk.do(Sweep())
    assert (str(started.day), started.open_windows) == ("2026-05-05", ("w1", "w2"))
    assert desk.refused(CallNext(window="w1", call="c")) == "nobody-waits"
    assert desk.issue() == "A001"


def test_the_clock_going_back_changes_nobodys_place() -> None:
    desk = Desk(rules())
    first = desk.issue()
    desk.second -= 3600
    second = desk.issue()
    assert [desk.next("w1"), desk.next("w1")] == [first, second]


def test_the_estimate_is_a_range_and_nothing_without_an_open_window() -> None:
    desk = Desk(rules())
    for _ in range(10):
        desk.issue()
    people = estimate.ahead_of_newcomer(desk.state, "social", desk.rules)
    assert people == 10
    assert estimate.wait(desk.state, "social", people, desk.rules) == WaitRange(low=17, high=33)
    assert estimate.wait(desk.state, "estate", 3, desk.rules) is None
    for _ in range(4):
        desk.issue("civil")
    assert estimate.wait(desk.state, "social", people, desk.rules) == WaitRange(low=17, high=59)


def test_recent_service_times_replace_the_expected_one() -> None:
    desk = Desk(rules())
    desk.issue()
    desk.do(CallNext(window="w2", call="call"))
    desk.do(Start(window="w2"))
    desk.second += 99
    desk.do(Finish(window="w2"))
    assert estimate.service_time(desk.state, "social", desk.rules) == 100


def test_people_ahead_count_both_classes_as_they_will_be_called() -> None:
    desk = Desk(rules())
    for _ in range(3):
        desk.issue()
    for _ in range(5):
        desk.issue(priority="priority")
    tickets = [desk.state.tickets.get(f"ticket-{n}") for n in range(1, 9)]
    ahead = [estimate.ahead(desk.state, ticket, desk.rules) for ticket in tickets if ticket]
    assert ahead == [2, 5, 7, 0, 1, 3, 4, 6]
