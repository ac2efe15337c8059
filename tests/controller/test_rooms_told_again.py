"""A node whose power failed between telling of a stay's end and forgetting the stay tells of it again; it is the same stay."""

from contract.events import StayEnded, StayStarted
from controller import rooms
from controller.rooms import RoomFact, RoomState
from tests.controller.halls import after

STARTED = StayStarted(stay="stay-0001", room="nursery", cubicle="left")
ENDED = StayEnded(stay="stay-0001", room="nursery", cubicle="left", lasted=6.0)


def applied(state: RoomState, facts: tuple[RoomFact, ...]) -> RoomState:
    """The state after these facts."""
    for fact in facts:
        state = rooms.apply(state, fact)
    return state


def over() -> RoomState:
    """A room in which the stay has begun and ended."""
    state = applied(RoomState(), rooms.begin(RoomState(), STARTED, after(0)))
    return applied(state, rooms.end(state, ENDED, after(6)))


def test_a_stay_that_is_over_does_not_begin_again() -> None:
    assert rooms.begin(over(), STARTED, after(10)) == ()


def test_a_stay_that_is_over_does_not_end_again() -> None:
    assert rooms.end(over(), ENDED, after(12)) == ()


def test_the_next_stay_begins() -> None:
    following = StayStarted(stay="stay-0002", room="nursery", cubicle="left")
    assert len(rooms.begin(over(), following, after(10))) == 1
