"""A window may serve one of its services first, within a bound that lets nobody be passed for ever."""

import dataclasses

import msgspec
import pytest

from contract.settings import BadSettings, parse
from controller.config import HallConfig
from controller.queue import Refusal, Rules, estimate
from controller.queue.actions import CallChosen, Start, Transfer, TurnWindow
from tests.controller import halls
from tests.controller.desk import Desk
from tests.controller.halls import rules


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
