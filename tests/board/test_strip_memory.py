"""What a text board is told next, as arithmetic: changes first, a new call before them, and nothing is forgotten for long."""

from hypothesis import given
from hypothesis import strategies as st

from devices.lettering import Row
from devices.text_board import Look
from firmware.agents.board_turns import Face
from firmware.agents.strip_memory import REPEAT, Memory, Order, orders, readable
from tests.board.strips import strip_config

REFRESH = 10.0


def rows(*texts: str, fresh: int | None = None) -> list[Order]:
    return [Order(row, Look(text, fresh=row == fresh)) for row, text in enumerate(texts)]


def told(memory: Memory, wanted: list[Order], now: float) -> list[int]:
    """The rows that are told one after the other until there is nothing left to tell at that moment."""
    found = []
    while (order := memory.next(wanted, now)) is not None:
        memory.sent(order, now)
        found.append(order.row)
    return found


def test_everything_is_told_once_and_then_nothing() -> None:
    memory = Memory(REFRESH)
    assert told(memory, rows("a", "b", "c"), 0.0) == [0, 1, 2]
    assert memory.next(rows("a", "b", "c"), 0.5) is None
    assert memory.rest(0.5) == REPEAT - 0.5


def test_the_row_of_a_new_call_goes_before_the_others() -> None:
    assert told(Memory(REFRESH), rows("a", "b", "c", fresh=2), 0.0) == [2, 0, 1]


def test_what_is_new_is_told_again_after_a_second_and_then_as_often_as_the_refresh() -> None:
    memory, wanted = Memory(REFRESH), rows("a")
    at = [now / 10 for now in range(400) if told(memory, wanted, now / 10)]
    assert at == [0.0, 1.0, 11.0, 21.0, 31.0]


def test_a_change_goes_before_what_is_merely_due_again() -> None:
    memory = Memory(REFRESH)
    told(memory, rows("a", "b"), 0.0)
    assert told(memory, rows("a", "B"), REPEAT) == [1, 0]


def test_a_board_that_may_have_forgotten_is_told_everything() -> None:
    memory = Memory(REFRESH)
    told(memory, rows("a", "b"), 0.0)
    memory.forget()
    assert told(memory, rows("a", "b"), 0.1) == [0, 1]


def test_only_calls_of_rows_that_were_told_can_be_read() -> None:
    config = strip_config("strip-aa", rows=2, layout="calls")
    face = Face((Row("A012"), Row("A011")), ("call-0001", "call-0002"), fresh=frozenset({"call-0002"}))
    wanted, memory = orders(face, config, None), Memory(REFRESH)
    assert readable(face, wanted, memory).calls == ()
    first = memory.next(wanted, 0.0)
    assert first is not None
    memory.sent(first, 0.0)
    assert readable(face, wanted, memory).calls == ("call-0002",)
    told(memory, wanted, 0.0)
    assert readable(face, wanted, memory).calls == ("call-0001", "call-0002")


def test_brightness_is_told_for_every_row_where_a_board_can_be_dimmed() -> None:
    wanted = orders(Face(), strip_config("queue", rows=2, layout="calls"), 7)
    assert [(order.row, order.what) for order in wanted if isinstance(order.what, int)] == [(0, 7), (1, 7)]


@given(steps=st.lists(st.tuples(st.lists(st.sampled_from("abc"), min_size=3, max_size=3), st.floats(0.0, 3.0)), max_size=30))
def test_whatever_changes_the_board_is_right_after_as_many_frames_as_it_has_rows(steps: list[tuple[list[str], float]]) -> None:
    memory, board, now = Memory(REFRESH), ["", "", ""], 0.0
    for texts, seconds in steps:
        now += seconds
        for _ in range(3):
            if (order := memory.next(rows(*texts), now)) is not None and isinstance(order.what, Look):
                board[order.row] = order.what.text
                memory.sent(order, now)
        assert board == texts
