"""The order of calls is the order in which they were made, also when the controller's clock is set back between them."""

from datetime import timedelta

from controller import pictures
from controller.hall_rules import HallRules
from controller.queue import Refusal, decide
from controller.queue.actions import CallNext, Issue, QueueAction, Recall, Sweep
from controller.state import HallState, apply
from tests.controller.halls import NOON, hall

HOUR = timedelta(hours=1)
RULES = HallRules.of(hall())


def done(state: HallState, action: QueueAction, now: object = NOON) -> HallState:
    """The state after an action that is not refused."""
    decision = decide(state.queue, action, now, RULES.queue)  # type: ignore[arg-type]
    assert not isinstance(decision, Refusal), decision
    for fact in decision:
        state = apply(state, fact)
    return state


def called(at: object, then: object) -> HallState:
    """Two tickets called to two windows, one at a moment and one at another."""
    state = done(HallState(), Sweep())
    for number in (1, 2):
        state = done(state, Issue(ticket=f"ticket-{number}", service="social", priority="ordinary", printed=True))
    state = done(state, CallNext(window="w1", call="call-1"), at)
    return done(state, CallNext(window="w2", call="call-2"), then)


def test_a_call_after_the_clock_was_set_back_is_the_newest() -> None:
    state = called(NOON + HOUR, NOON)
    newest, before = (made.call for made in state.calls)
    assert (newest.number, before.number) == ("A002", "A001")
    assert newest.at > before.at


def test_how_long_a_call_is_fresh_goes_by_the_clock_as_it_is_now() -> None:
    state = called(NOON + HOUR, NOON)
    assert state.calls[0].call.not_after - NOON == timedelta(seconds=RULES.config.calling.fresh)


def test_a_picture_after_the_clock_was_set_back_has_the_newest_call_first_and_is_the_newer_one() -> None:
    state = called(NOON + HOUR, NOON)
    main = next(board for board in RULES.config.board if board.id == "main")
    picture = pictures.board(state, main, RULES, NOON)
    assert [line.number for line in picture.calls] == ["A002", "A001"]
    assert picture.at > picture.calls[0].at


def test_a_recall_after_the_clock_was_set_back_is_newer_than_its_call() -> None:
    state = called(NOON + HOUR, NOON)
    state = done(state, Recall(window="w1", call="call-3"), NOON + timedelta(seconds=30))
    assert [made.call.call for made in state.calls] == ["call-3", "call-2", "call-1"]
    assert state.calls[0].call.at > state.calls[1].call.at > state.calls[2].call.at
