"""Numbers belong to one ticket each, whoever gives them out, and are called only once they are on paper."""

from datetime import timedelta

from controller.queue.actions import CallChosen, CallNext, ConfirmPrint, DenyPrint, Issue, LeaseBlocks, Sweep, TakeLeased
from tests.controller.desk import Desk
from tests.controller.halls import NOON, after, rules


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
