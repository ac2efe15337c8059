"""A window by itself: the same rules as the controller's, and nothing beyond its list and its time."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from contract.allotment import Allotment, AllottedTicket, AwayRules
from contract.calling import WindowState
from contract.events import CallerKey, TicketCalledAway, VisitAway
from contract.values import Text
from firmware.agents import caller_away as away
from firmware.agents import caller_away_words as words
from firmware.agents.caller_away import Done, Instant, Memory

NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
DAY = date(2026, 5, 4)
BOOT = "boot-one"
NAME = Text(zh="3号窗口", en="Window 3")


def at(seconds: float, day: date = DAY) -> Instant:
    """So many seconds after noon, and after the node's stamp was made."""
    return Instant(NOON + timedelta(seconds=seconds), 1000.0 + seconds, day)


def allotment(*numbers: str, version: int = 1, boot: str = BOOT, lasts: float = 600.0, made: float = 0.0) -> Allotment:
    """A list of so many tickets."""
    return Allotment(
        window="w3", window_name=NAME, zone="east", node="desk", device="caller-3", version=version, at=NOON, day=DAY,
        stamp=away.stamp(boot, 1000.0 + made), lasts=lasts, rules=AwayRules(times=2, interval=15.0, fresh=20.0, rating=60.0),
        tickets=tuple(AllottedTicket(ticket=f"ticket-{n}", number=n, service="social") for n in numbers),
    )  # fmt: skip


class Window:
    """A window without its controller."""

    def __init__(self, *numbers: str) -> None:
        self.memory = Memory(boot=BOOT, allotment=allotment(*numbers))
        self._ids = (f"id-{n:06}" for n in count(1))

    def press(self, key: CallerKey, seconds: float = 0.0, day: date = DAY) -> away.Outcome:
        """Press a key; what was done is remembered."""
        outcome = away.press(self.memory, "w3", key, at(seconds, day), lambda: next(self._ids))
        if isinstance(outcome, Done):
            self.memory = outcome.memory
        return outcome


def done(outcome: away.Outcome) -> Done:
    """What was done; a refusal fails."""
    assert isinstance(outcome, Done), outcome
    return outcome


def test_the_list_is_called_in_its_order_each_ticket_once() -> None:
    window = Window("A001", "A002")
    for number in ("A001", "A002"):
        called = done(window.press("next"))
        assert called.call is not None
        assert (called.call.number, called.call.window, called.call.times) == (number, "w3", 1)
        assert called.call.not_after == NOON + timedelta(seconds=20)
        assert isinstance(called.fact, TicketCalledAway)
        assert (called.fact.call, called.fact.ticket) == (called.call.id, f"ticket-{number}")
        window.press("start")
        window.press("finish")
    assert window.press("next") == words.USED_UP


def test_a_visit_is_recalled_apart_missed_after_enough_calls_or_served_and_rated() -> None:
    window = Window("A001", "A002")
    window.press("next")
    assert window.press("next") == words.busy("A001", serving=False)
    assert window.press("recall", 5) == words.too_soon(10)
    assert window.press("no-show", 5) == words.too_early(1, 2)
    again = done(window.press("recall", 16))
    assert isinstance(again.fact, TicketCalledAway)
    assert (again.fact.times, again.fact.visit) == (2, "id-000001")
    assert window.press("recall", 40) == words.called_enough(2)
    missed = done(window.press("no-show", 40))
    assert isinstance(missed.fact, VisitAway)
    assert (missed.fact.step, missed.fact.number) == ("missed", "A001")
    window.press("next", 41)
    assert window.press("finish", 42) == words.NOT_SERVING
    window.press("start", 43)
    finished = done(window.press("finish", 90))
    assert finished.invite is not None
    assert isinstance(finished.fact, VisitAway)
    assert (finished.fact.rating, finished.invite.number) == (finished.invite.rating, "A002")
    assert finished.invite.not_after == NOON + timedelta(seconds=150)


def test_what_was_invited_during_the_service_is_not_invited_again_at_its_end() -> None:
    window = Window("A001")
    window.press("next")
    window.press("start")
    assert done(window.press("invite")).invite is not None
    assert window.press("invite") == words.INVITED
    assert done(window.press("finish")).invite is None


def test_whom_the_controller_had_called_is_served_to_the_end() -> None:
    window = Window("A002")
    state = WindowState(
        window="w3", name=NAME, at=NOON, state="open", stage="called", number="A001", ticket="ticket-A001", times=1,
        call="call-0001",
    )  # fmt: skip
    window.memory = away.follow(window.memory, state, 1000.0)
    assert window.press("next") == words.busy("A001", serving=False)
    window.press("start", 1)
    window.press("finish", 2)
    assert done(window.press("next", 3)).call is not None


def test_what_the_controller_says_is_old_until_it_knows_what_the_window_did() -> None:
    window = Window("A001")
    window.press("next")
    idle = WindowState(window="w3", name=NAME, at=NOON, state="open", stage="idle")
    assert away.follow(window.memory, idle, 1001.0) == window.memory
    assert away.follow(replace(window.memory, own=False), idle, 1001.0).visit is None


@pytest.mark.parametrize("key", ["pause", "resume", "park", "unpark", "transfer", "cancel"])
def test_some_keys_need_the_controller(key: CallerKey) -> None:
    assert Window("A001").press(key) == words.NEEDS_CONTROLLER


def test_a_list_ends_with_its_time_its_day_and_its_boot() -> None:
    assert isinstance(Window("A001").press("next", 599), Done)
    assert Window("A001").press("next", 600) == words.USED_UP
    assert Window("A001").press("next", day=date(2026, 5, 5)) == words.USED_UP
    window = Window("A001")
    window.memory = replace(window.memory, boot="boot-two")
    assert window.press("next") == words.USED_UP


def test_a_newer_list_takes_the_place_of_an_older_one_and_never_the_other_way_round() -> None:
    memory = Memory(boot=BOOT, allotment=allotment("A001", version=3))
    newer = away.adopt(memory, allotment("A002", version=4))
    assert newer is not None
    assert [ticket.number for ticket in away.left(newer, at(0))] == ["A002"]
    assert away.adopt(memory, allotment("A002", version=2)) is None
    assert away.adopt(memory, allotment("A001", version=3)) is None
    longer = away.adopt(memory, allotment("A001", version=3, made=300.0))
    assert longer is not None
    assert away.left(longer, at(899)) != []


def test_a_stamp_of_another_boot_gives_no_time_at_all() -> None:
    memory = Memory(boot=BOOT)
    foreign = away.adopt(memory, allotment("A001", boot="boot-before"))
    assert foreign is not None
    assert away.left(foreign, at(0)) == []
