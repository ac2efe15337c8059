"""The checker finds what is planted among calls and on boards, and nothing where nothing is."""

from dataclasses import replace
from datetime import timedelta

from tests.chaos.checker import check
from tests.chaos.histories import at, found, good, in_boards, in_controller, in_wire, report
from tests.chaos.history import Answer, CallRow, History, Period, Sight


def shown(history: History, *answers: Answer) -> str:
    """What is found when these answers were heard."""
    return found(in_wire(history, answers=answers))


def test_a_stale_call_is_found() -> None:
    history = good()
    call = history.controller.calls[0]
    late = call.not_after + timedelta(seconds=1.5)
    text = shown(history, Answer(late, call.call, "desk-1", "strip-1", late, "shown"))
    assert "strip-1 showed call call-A001 of A001 1.5 s after its time" in text


def test_what_a_window_called_alone_may_be_dated_an_hour_back_by_a_wrong_clock_and_is_stale_all_the_same() -> None:
    history = replace(good(), clocks=(Period("controller", at(0), at(30)),))
    call = replace(history.controller.calls[0], away=True)
    history = in_controller(history, calls=(call, *history.controller.calls[1:]))
    for seconds, is_late in ((1.0, False), ((call.not_after - call.at).total_seconds() + 5, True), (-1800.0, True)):
        shown_at = call.at + timedelta(hours=1, seconds=seconds)
        text = shown(history, Answer(shown_at, call.call, "desk-1", "strip-1", shown_at, "shown"))
        assert ("after its time" in text) is is_late, seconds
    ordinary = replace(good(), clocks=history.clocks)
    shown_at = call.at + timedelta(hours=1, seconds=1)
    assert "after its time" in shown(ordinary, Answer(shown_at, call.call, "desk-1", "strip-1", shown_at, "shown"))


def test_an_answer_dated_by_a_wrong_clock_is_found() -> None:
    history = good()
    call = history.controller.calls[0]
    wrong = call.at - timedelta(hours=1)
    text = shown(history, Answer(call.at, call.call, "desk-1", "strip-1", wrong, "shown"))
    assert "long before it was heard" in text
    hall = replace(history, clocks=(Period("controller", at(0), at(30)),))
    assert "heard" not in shown(hall, Answer(call.at, call.call, "desk-1", "strip-1", wrong, "shown"))


def test_a_call_shown_twice_is_found_and_an_answer_sent_twice_is_not() -> None:
    history = good()
    call = history.controller.calls[0]
    answer = Answer(call.at, call.call, "desk-1", "strip-1", call.at, "shown")
    again = replace(answer, at=call.at + timedelta(seconds=3), heard=call.at + timedelta(seconds=3))
    assert shown(history, answer, replace(answer, heard=at(40))) == ""
    assert "strip-1 answered 2 times that it showed call call-A001" in shown(history, answer, again)


def test_a_reorder_is_found_and_late_delivery_is_not() -> None:
    history = good()
    older, newer = history.controller.calls[:2]
    first = Answer(at(12), newer.call, "desk-1", "strip-1", at(12), "shown")
    after = Answer(at(13), older.call, "desk-1", "strip-1", at(13), "shown")
    assert "strip-1 showed call call-A001 of A001 after the newer call-A002" in shown(history, first, after)
    assert shown(history, first, replace(after, at=at(7))) == ""


def test_a_call_that_nobody_made_is_found() -> None:
    text = shown(good(), Answer(at(5), "call-ghost", "desk-1", "strip-1", at(5), "shown"))
    assert "call-ghost, which the controller never stored" in text


def test_a_strip_that_goes_back_is_found() -> None:
    history = good()
    back = (*history.boards.sights, Sight(at(30), "strip-1", ("A002",)))
    assert "strip-1 went back from A004 to A002" in found(in_boards(history, sights=back))


def test_a_recall_is_not_going_back() -> None:
    history = good()
    first = history.controller.calls[1]
    recall = replace(first, line=99, call="call-again", at=at(29), not_after=at(49))
    calls = (*history.controller.calls, recall)
    boards = replace(history.boards, sights=(*history.boards.sights, Sight(at(30), "strip-1", ("A002",))))
    history = replace(in_controller(history, calls=calls), boards=boards)
    assert check(history) == []


def test_a_number_that_was_never_called_there_is_found() -> None:
    history = good()
    odd = (Sight(at(3), "strip-1", ("B007",)), *history.boards.sights)
    assert "strip-1 showed B007" in found(in_boards(history, sights=odd))


def test_a_board_that_is_wrong_at_the_end_is_found() -> None:
    history = good()
    assert "strip-1 shows A003 at the end and should show A004" in found(
        in_boards(history, final=(Sight(at(99), "strip-1", ("A003",)), history.boards.final[1]))
    )
    assert "main-board shows no number at the end and should show A004" in found(
        in_boards(history, final=(history.boards.final[0], Sight(at(99), "main-board", ())))
    )
    assert "main-board was not seen at the end" in found(in_boards(history, final=history.boards.final[:1]))


def test_a_main_board_shows_each_windows_newest_call() -> None:
    history = good()
    other = CallRow(5, "call-B001", "ticket-B001", "B001", "window-2", "visit-B001", at(2), at(22))
    boards = replace(history.boards, calls=(*history.boards.calls, other))
    assert "main-board shows A004 at the end and should show A004, B001" in found(replace(history, boards=boards))
    final = (*history.boards.final, Sight(at(100), "main-board", ("B001",)))
    assert check(replace(history, boards=replace(boards, final=final))) == []


def test_a_number_on_a_board_without_controller_is_found() -> None:
    history = replace(good(), homes=(("strip-1", "desk-1"), ("main-board", "centre-board")))
    silent = replace(history, outages=(Period("broker", at(30), at(50)),))
    assert "strip-1 showed A004 between 04:00:42 and 04:00:50" in found(silent)
    short = replace(history, outages=(Period("broker", at(30), at(40)), Period("controller", at(30), at(50))))
    assert check(short) == []
    dark = replace(silent, boards=replace(silent.boards, sights=(*silent.boards.sights, Sight(at(41), "strip-1", ()))))
    assert check(dark) == []
    stopped = replace(silent, touched=(Period("desk-1", at(29), at(45)),))
    assert check(stopped) == []


def test_a_strip_shows_nothing_once_its_number_concerns_nobody_and_a_main_board_goes_on() -> None:
    history = good()
    calls = tuple(replace(call, over=True) for call in history.boards.calls)
    boards = replace(history.boards, calls=calls)
    assert "strip-1 shows A004 at the end and should show no number" in found(replace(history, boards=boards))
    final = (Sight(at(99), "strip-1", ()), history.boards.final[1])
    assert check(replace(history, boards=replace(boards, final=final))) == []


def test_a_strip_shows_whom_its_window_has_also_when_that_is_dated_an_hour_back() -> None:
    history = good()
    over = tuple(replace(call, over=True) for call in history.boards.calls)
    back = CallRow(999, "call-B001", "ticket-B001", "B001", "window-1", "visit-B001", at(-3600), at(-3580), away=True)
    boards = replace(history.boards, calls=(*over, back))
    final = (Sight(at(99), "strip-1", ("B001",)), history.boards.final[1])
    assert check(replace(history, boards=replace(boards, final=final))) == []
    assert "strip-1 shows A004 at the end and should show B001" in found(replace(history, boards=boards))


def alone(history: History) -> History:
    """The history in which window 1 called one more ticket by itself while its controller was away."""
    row = CallRow(999, "call-own", "ticket-A900", "A900", "window-1", "call-own", at(60), at(80), away=True)
    said = report("desk-1", 99, 60, "ticket-called-away", call="call-own", number="A900", ticket="ticket-A900", window="window-1")
    reports = tuple(replace(r, number=99) if r is said else r for r in (*history.controller.reports, said))
    return in_controller(history, calls=(*history.controller.calls, row), reports=reports)


def test_a_ticket_called_at_two_windows_is_found_and_one_that_was_taken_back_is_not() -> None:
    history = good()
    call = history.controller.calls[0]
    elsewhere = replace(call, line=500, call="call-elsewhere", visit="visit-elsewhere", window="window-2")
    assert "A001 was called at window-1 and window-2" in found(
        in_controller(history, calls=(*history.controller.calls, elsewhere))
    )
    back = replace(call, taken_back=True)
    assert "two windows" not in found(in_controller(history, calls=(back, *history.controller.calls[1:], elsewhere)))


def test_an_own_call_that_is_not_in_the_journal_is_found() -> None:
    history = alone(good())
    assert "own call" not in found(history)
    assert "own call missing" in found(in_controller(history, calls=history.controller.calls[:-1]))


def test_a_call_that_no_node_made_by_itself_is_found() -> None:
    history = alone(good())
    assert "never said so" in found(in_controller(history, reports=history.controller.reports[:-1]))


def test_a_strip_without_controller_may_show_what_its_own_window_called_and_nothing_else() -> None:
    history = replace(alone(good()), outages=(Period("controller", at(30), at(100)),))
    own = in_boards(history, sights=(Sight(at(0), "strip-1", ()), Sight(at(61), "strip-1", ("A900",))))
    assert "number stale" not in found(own)
    other = in_boards(history, sights=(Sight(at(0), "strip-1", ()), Sight(at(61), "strip-1", ("A001",))))
    assert "strip-1 showed A001" in found(other)
    main = in_boards(history, sights=(Sight(at(0), "strip-1", ()), Sight(at(61), "main-board", ("A900",))))
    assert "main-board showed A900" in found(main)
