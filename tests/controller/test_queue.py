"""The queue's rules, one claim at a time."""

import dataclasses
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec
import pytest

from contract.settings import BadSettings, parse
from contract.ticketing import Priority
from contract.values import WaitRange
from controller.config import HallConfig
from controller.queue import QueueState, Refusal, Rules, apply, decide, estimate
from controller.queue.actions import (
    CallChosen,
    CallNext,
    ConfirmPrint,
    DenyPrint,
    Finish,
    Issue,
    LeaseBlocks,
    NoShow,
    QueueAction,
    Recall,
    ReturnTicket,
    Start,
    Sweep,
    TakeLeased,
    Transfer,
    TurnWindow,
)
from tests.controller import halls
from tests.controller.halls import NOON, after, rules


class Desk:
    """A queue with a clock that moves one second with every action."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.state = QueueState()
        self.second = 0.0
        self._ids = count(1)
        self.do(Sweep())

    def do(self, action: QueueAction) -> Any:
        """The facts of `action`, applied, or the refusal."""
        decision = decide(self.state, action, after(self.second), self.rules)
        self.second += 1
        if not isinstance(decision, Refusal):
            for fact in decision:
                self.state = apply(self.state, fact)
        return decision

    def refused(self, action: QueueAction) -> str:
        """The code with which `action` is refused."""
        decision = self.do(action)
        assert isinstance(decision, Refusal), decision
        assert decision.what.zh
        assert decision.what.en
        return decision.code

    def issue(self, service: str = "social", priority: Priority = "ordinary") -> str:
        """The number of a ticket given by hand."""
        return str(self.do(Issue(ticket=f"ticket-{next(self._ids)}", service=service, priority=priority, printed=True))[0].number)

    def next(self, window: str) -> str:
        """The number that is called next to `window`, served and done with at once."""
        number = str(self.do(CallNext(window=window, call=f"call-{next(self._ids)}"))[0].number)
        self.do(Start(window=window))
        self.do(Finish(window=window))
        return number

    def miss(self, window: str = "w1") -> str:
        """Call the next one three times in vain."""
        number = str(self.do(CallNext(window=window, call=f"call-{next(self._ids)}"))[0].number)
        for _ in range(2):
            self.do(Recall(window=window, call=f"call-{next(self._ids)}"))
        self.do(NoShow(window=window))
        return number


def in_order(*first: str, calling: str = "interval = 0") -> Rules:
    """The hall, whose window 1 serves some of its services before the others."""
    law = rules(calling=calling)
    return dataclasses.replace(law, windows={**law.windows, "w1": msgspec.structs.replace(law.windows["w1"], first=first)})


def test_a_window_serves_what_it_serves_first_and_nobody_else_is_passed_for_ever() -> None:
    desk = Desk(in_order("civil"))
    for service in ("social", "social", *("civil",) * 8, "social"):
        desk.issue(service)
    assert [desk.next("w1") for _ in range(9)] == ["B001", "B002", "B003", "A001", "B004", "B005", "B006", "A002", "B007"]
    assert [desk.next("w1") for _ in range(2)] == ["B008", "A003"], "nobody is passed who came later"


def test_priority_goes_ahead_as_before_and_does_not_make_the_others_wait_longer() -> None:
    desk = Desk(in_order("civil", calling="interval = 0\nfirst_run = 1"))
    for service in ("social", "civil", "civil"):
        desk.issue(service)
    for _ in range(3):
        desk.issue("social", "priority")
    assert [desk.next("w1") for _ in range(6)] == ["A002", "A003", "B001", "A004", "A001", "B002"]


@pytest.mark.parametrize(("service", "order"), [(None, ["B001", "A001", "A002"]), ("civil", ["A002", "B001", "A001"])])
def test_whoever_was_sent_to_the_window_alone_keeps_the_place_of_their_service(service: str | None, order: list[str]) -> None:
    desk = Desk(in_order("civil"))
    _, sent = desk.issue("social"), desk.issue("social")
    desk.do(CallChosen(window="w2", number=sent, call="call-sent"))
    desk.do(Start(window="w2"))
    assert not isinstance(desk.do(Transfer(window="w2", service=service, to="w1")), Refusal)
    desk.issue("civil")
    assert [desk.next("w1") for _ in range(3)] == order


def test_a_window_can_only_put_first_what_it_serves() -> None:
    text = halls.text("sqlite://").replace('services = ["social", "civil"]', 'services = ["social", "civil"]\nfirst = ["estate"]')
    with pytest.raises(BadSettings, match=r"window `w1`: `first`: there is no service `estate`"):
        parse(text, HallConfig, name="hall.toml")


def test_the_wait_of_those_who_are_passed_counts_whom_the_window_serves_first() -> None:
    ranges = []
    for first in ((), ("civil",)):
        desk = Desk(in_order(*first))
        number = desk.issue("social")
        desk.do(TurnWindow(window="w2", door="closed"))
        for _ in range(4):
            desk.issue("civil")
        ticket = desk.state.numbered(number)
        assert ticket is not None
        ahead = estimate.ahead(desk.state, ticket, desk.rules)
        ranges.append(estimate.wait(desk.state, "social", ahead, desk.rules, ticket.turn))
    assert ranges[0] is not None
    assert ranges[1] is not None
    assert ranges[1].high > ranges[0].high


def test_numbers_run_per_prefix_and_pass_999_with_four_digits() -> None:
    desk = Desk(rules())
    assert [desk.issue(), desk.issue(), desk.issue("civil")] == ["A001", "A002", "B001"]
    for _ in range(2, 999):
        desk.issue()
    assert desk.issue() == "A1000"


def test_leased_blocks_are_never_given_out_otherwise_and_never_overlap() -> None:
    desk = Desk(rules())
    blocks = [fact for kiosk in ("kiosk-1", "kiosk-2") for fact in desk.do(LeaseBlocks(kiosk=kiosk)) if fact.prefix == "A"]
    assert [(block.kiosk, block.first, block.last) for block in blocks] == [("kiosk-1", 800, 803), ("kiosk-2", 804, 807)]
    assert desk.do(LeaseBlocks(kiosk="kiosk-1")) == (), "a block with numbers left is enough"
    numbers = [desk.issue() for _ in range(801)]
    assert numbers[798:] == ["A799", "A808", "A809"]


def test_a_used_up_block_is_followed_by_a_new_one_above_all_numbers() -> None:
    desk = Desk(rules())
    desk.do(LeaseBlocks(kiosk="kiosk-2"))
    for number in (800, 801, 802):
        leased = TakeLeased(
            ticket=f"leased-{number}", number=f"A{number}", service="social", priority="ordinary", kiosk="kiosk-2",
            issued=after(desk.second),
        )  # fmt: skip
        desk.do(leased)
        assert desk.do(leased) == (), "the same ticket twice is one ticket"
    (block,) = desk.do(LeaseBlocks(kiosk="kiosk-2"))
    assert (block.first, block.last) == (804, 807)


def test_a_leased_ticket_takes_the_place_of_its_moment() -> None:
    desk = Desk(rules())
    desk.do(LeaseBlocks(kiosk="kiosk-2"))
    first = desk.issue()
    away = after(desk.second)
    desk.second += 60
    last = desk.issue()
    desk.do(TakeLeased(ticket="leased", number="A800", service="social", priority="ordinary", kiosk="kiosk-2", issued=away))
    desk.do(ConfirmPrint(ticket="leased"))
    assert [desk.next("w2") for _ in range(3)] == [first, "A800", last]


def test_a_leased_ticket_withdraws_the_grant_it_replaces_and_the_grant_still_to_come() -> None:
    desk = Desk(rules())
    desk.do(LeaseBlocks(kiosk="kiosk-2"))
    desk.do(Issue(ticket="granted", service="social", kiosk="kiosk-2", request="request-1"))
    for request, number in (("request-1", "A800"), ("request-2", "A801")):
        desk.do(
            TakeLeased(
                ticket=number, number=number, service="social", priority="ordinary", kiosk="kiosk-2", issued=NOON, request=request
            )
        )
    granted = desk.state.tickets.get("granted")
    assert granted is not None
    assert (granted.state, granted.why) == ("void", "withdrawn")
    assert desk.refused(Issue(ticket="late", service="social", kiosk="kiosk-2", request="request-2")) == "withdrawn"
    assert desk.refused(ConfirmPrint(ticket="granted")) == "already-decided"


def test_a_foreign_or_taken_number_is_not_taken_in() -> None:
    desk = Desk(rules())
    desk.do(LeaseBlocks(kiosk="kiosk-2"))
    leased = TakeLeased(ticket="one", number="A800", service="social", priority="ordinary", kiosk="kiosk-1", issued=NOON)
    assert desk.refused(leased) == "not-leased"
    mine = TakeLeased(ticket="two", number="A800", service="social", priority="ordinary", kiosk="kiosk-2", issued=NOON)
    assert len(desk.do(mine)) == 1
    again = TakeLeased(ticket="three", number="A800", service="social", priority="ordinary", kiosk="kiosk-2", issued=NOON)
    assert desk.refused(again) == "number-taken"
    yesterday = TakeLeased(
        ticket="four", number="A801", service="social", priority="ordinary", kiosk="kiosk-2", issued=NOON - timedelta(days=1)
    )
    assert desk.refused(yesterday) == "other-day"


def test_a_ticket_that_is_still_printing_is_not_called() -> None:
    desk = Desk(rules())
    desk.do(Issue(ticket="one", service="social", kiosk="kiosk-1", request="request-1"))
    assert desk.refused(CallNext(window="w1", call="c")) == "nobody-waits"
    assert desk.refused(CallChosen(window="w1", number="A001", call="c")) == "is-printing"
    desk.do(ConfirmPrint(ticket="one"))
    assert desk.next("w1") == "A001"


def test_the_same_request_gets_one_ticket() -> None:
    desk = Desk(rules())
    desk.do(Issue(ticket="one", service="social", kiosk="kiosk-1", request="request-1"))
    assert desk.do(Issue(ticket="two", service="social", kiosk="kiosk-1", request="request-1")) == ()
    assert len(desk.state.tickets) == 1


def test_an_unconfirmed_ticket_is_withdrawn_and_a_late_proof_gives_it_its_place_back() -> None:
    desk = Desk(rules())
    desk.do(Issue(ticket="slow", service="social", kiosk="kiosk-1", request="request-1"))
    later = desk.issue()
    desk.second = 119
    assert desk.do(Sweep()) == ()
    desk.second = 121
    assert [fact.ticket for fact in desk.do(Sweep())] == ["slow"]
    desk.do(ConfirmPrint(ticket="slow"))
    assert [desk.next("w1"), desk.next("w1")] == ["A001", later]


def test_a_ticket_that_never_reached_paper_is_void_but_not_one_in_use() -> None:
    desk = Desk(rules())
    desk.do(Issue(ticket="one", service="social", kiosk="kiosk-1", request="request-1"))
    desk.do(DenyPrint(ticket="one"))
    assert desk.do(DenyPrint(ticket="one")) == ()
    assert desk.refused(CallNext(window="w1", call="c")) == "nobody-waits"
    desk.issue()
    assert desk.refused(DenyPrint(ticket="ticket-1")) == "already-decided"
    assert desk.refused(DenyPrint(ticket="nobody")) == "unknown-ticket"


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
