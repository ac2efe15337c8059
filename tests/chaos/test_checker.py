"""The checker finds what is planted, and nothing where nothing is."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chaos.checker import check
from tests.chaos.history import (
    Answer,
    BoardPlan,
    Boards,
    CallRow,
    Controller,
    History,
    Inbox,
    Line,
    Nodes,
    Occupied,
    Paper,
    People,
    Period,
    RatingRow,
    Report,
    Sight,
    StayRow,
    Thanks,
    TicketRow,
    Told,
    Wire,
)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = "2026-03-02"
FRESH = timedelta(seconds=20)
STRIP = BoardPlan("strip-1", frozenset({"window-1"}), 5)
MAIN = BoardPlan("main-board", frozenset({"window-1", "window-2"}), 5)


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def report(node: str, number: int, seconds: float, kind: str, /, **fact: object) -> Report:
    """An event as all layers agree on it."""
    body = json.dumps({"type": kind, **fact}, sort_keys=True, separators=(",", ":"))
    return Report(node, "epoch-1", number, kind, body, at(seconds), "ok")


def good(tickets: int = 4) -> History:
    """A history in which everything fits: so many tickets, printed, called, shown, served and rated; one stay; one slip."""
    numbers = [f"A{n:03d}" for n in range(1, tickets + 1)]
    printed = [report("entrance", n, 5 * n, "ticket-printed", number=a, ticket=f"ticket-{a}") for n, a in enumerate(numbers, 1)]
    rated = [
        report("desk-1", n, 5 * n + 4, "rating-given", level=5, rating=f"rating-{a}", window="window-1", after=1.0)
        for n, a in enumerate(numbers, 1)
    ]
    calls = tuple(
        CallRow(10 * n, f"call-{a}", f"ticket-{a}", a, "window-1", f"visit-{a}", at(5 * n + 1), at(5 * n + 1) + FRESH)
        for n, a in enumerate(numbers, 1)
    )
    reports = tuple(printed + rated)
    people = People(
        papers=(
            *(Paper(at(5 * n), "kiosk-1", str(n), a, f"ticket-{a}") for n, a in enumerate(numbers, 1)),
            Paper(at(1), "kiosk-1", "slip", slip="slip-1"),
        ),
        thanks=tuple(Thanks(at(5 * n + 4), "rater-1", "window-1", 5) for n in range(1, tickets + 1)),
        occupied=(Occupied("room", "left", at(3), at(9)),),
        slips=(Told("slip-1", "done"), Told("slip-2", "failed")),
    )
    rows = tuple(TicketRow(f"ticket-{a}", a, DAY, "done") for a in numbers)
    controller = Controller(
        inboxes=(Inbox("entrance", "epoch-1", tickets), Inbox("desk-1", "epoch-1", tickets)),
        reports=reports,
        tickets=rows,
        calls=calls,
        ratings=tuple(RatingRow(f"rating-{a}", "window-1", 5) for a in numbers),
        stays=(StayRow("stay-1", "room", "left", at(3), at(9)),),
        lines=tuple(Line(call.line, "ticket-called", call.call) for call in calls),
    )
    answers = tuple(Answer(c.at, c.call, "desk-1", "strip-1", c.at, "shown") for c in calls)
    sights = tuple(Sight(call.at, "strip-1", (call.number,)) for call in calls)
    last = (numbers[-1],) if numbers else ()
    boards = Boards((STRIP, MAIN), sights, (Sight(at(99), "strip-1", last), Sight(at(99), "main-board", last)), calls)
    journal = tuple(TicketRow(f"ticket-{a}", a, DAY, "printed") for a in numbers)
    nodes = Nodes(snapshots=reports[:2], tickets=journal)
    return History(people, nodes, controller, Wire(reports, answers), boards, homes=(("room", "nursery"),))


def found(history: History) -> str:
    """The violations, as one text."""
    return "\n".join(check(history))


def in_people(history: History, **changes: object) -> History:
    """The history with another layer of people."""
    return replace(history, people=replace(history.people, **changes))  # type: ignore[arg-type]


def in_controller(history: History, **changes: object) -> History:
    """The history with another layer of the controller."""
    return replace(history, controller=replace(history.controller, **changes))  # type: ignore[arg-type]


def in_wire(history: History, **changes: object) -> History:
    """The history with another wire."""
    return replace(history, wire=replace(history.wire, **changes))  # type: ignore[arg-type]


def in_boards(history: History, **changes: object) -> History:
    """The history with other boards."""
    return replace(history, boards=replace(history.boards, **changes))  # type: ignore[arg-type]


def test_a_history_in_which_everything_fits_passes() -> None:
    assert check(good()) == []


@given(
    tickets=st.integers(0, 12),
    slow=st.integers(0, 40),
    repeated=st.integers(0, 5),
    reprinted=st.booleans(),
    unheard=st.integers(0, 12),
)
@settings(max_examples=60, deadline=None)
def test_valid_histories_pass_whatever_weather_they_had(
    tickets: int, slow: int, repeated: int, reprinted: bool, unheard: int
) -> None:
    history = good(tickets)
    papers = history.people.papers
    if reprinted:
        papers += tuple(replace(paper, page=f"again {paper.page}", reprint=True) for paper in papers if paper.number)
    late = tuple(replace(thanks, at=thanks.at + timedelta(seconds=slow)) for thanks in history.people.thanks)
    history = in_people(history, papers=papers, thanks=late)
    wire = history.wire
    history = in_wire(
        history, reports=(wire.reports + wire.reports[:repeated])[unheard:], answers=wire.answers + wire.answers[:repeated]
    )
    assert check(history) == []


@pytest.mark.parametrize("layer", ["tickets", "ratings", "stays", "reports"])
def test_a_loss_at_the_controller_is_found(layer: str) -> None:
    history = good()
    lost = getattr(history.controller, layer)[0]
    id_ = next(getattr(lost, key) for key in ("ticket", "rating", "stay", "node") if hasattr(lost, key))
    text = found(in_controller(history, **{layer: getattr(history.controller, layer)[1:]}))
    assert id_ in text or "cubicle left of room" in text


def test_a_rating_that_was_thanked_for_and_never_stored_is_found() -> None:
    history = good()
    more = (*history.people.thanks, Thanks(at(12), "rater-1", "window-1", 2))
    assert "level 2 was thanked for at rater-1" in found(in_people(history, thanks=more))


def test_two_thanks_need_two_ratings() -> None:
    history = good(1)
    assert "is not stored" in found(in_people(history, thanks=history.people.thanks * 2))


def test_a_rating_stored_as_another_level_is_found() -> None:
    history = good()
    wrong = (replace(history.controller.ratings[0], level=1), *history.controller.ratings[1:])
    assert "rating-A001 was last given" in found(in_controller(history, ratings=wrong))


def test_a_holder_whose_ticket_is_void_is_found() -> None:
    history = good()
    void = (replace(history.controller.tickets[0], state="void", why="withdrawn"), *history.controller.tickets[1:])
    assert "A001 (ticket-A001) was printed" in found(in_controller(history, tickets=void))


def test_a_torn_ticket_is_nobodys() -> None:
    history = good()
    torn = Paper(at(50), "kiosk-1", "9", "A050", "ticket-A050", whole=False)
    assert check(in_people(history, papers=(*history.people.papers, torn))) == []


def test_a_fact_stored_otherwise_than_it_was_said_is_found() -> None:
    history = good()
    other = replace(history.wire.reports[0], fact='{"type":"ticket-printed","number":"A999"}')
    assert "is stored as" in found(in_wire(history, reports=(other,)))


def test_what_lay_on_a_killed_nodes_disk_is_missed() -> None:
    history = good()
    lost = report("nursery", 7, 30, "stay-started", stay="stay-7")
    text = found(replace(history, nodes=replace(history.nodes, snapshots=(lost,))))
    assert "event 7 of nursery (epoch-1, stay-started) was on the node's disk and is not stored" in text


def test_what_is_left_behind_is_found() -> None:
    history = good()
    waiting = (report("desk-1", 9, 40, "rating-given"),)
    text = found(replace(history, nodes=replace(history.nodes, waiting=waiting, untold=('{"type":"ticket-printed"}',))))
    assert "event 9 of desk-1" in text
    assert "never told" in text


def test_a_doubtful_ticket_at_the_end_is_found() -> None:
    history = good()
    doubt = (replace(history.nodes.tickets[0], state="doubtful"),)
    assert "still doubtful" in found(replace(history, nodes=replace(history.nodes, tickets=doubt)))


def test_a_gap_below_what_was_acknowledged_is_found() -> None:
    history = good()
    text = found(in_controller(history, reports=history.controller.reports[:1] + history.controller.reports[2:]))
    assert "entrance (epoch-1): acknowledged up to 4, and 2 is not stored" in text


def test_more_stored_than_acknowledged_is_found() -> None:
    history = good()
    inboxes = (Inbox("entrance", "epoch-1", 3), history.controller.inboxes[1])
    assert "4 is stored and only 3 acknowledged" in found(in_controller(history, inboxes=inboxes))


@pytest.mark.parametrize("kind", ["rating-stored", "stay-began", "print-confirmed"])
def test_a_duplicate_in_the_journal_is_found(kind: str) -> None:
    history = good()
    lines = (*history.controller.lines, Line(90, kind, "token-1"), Line(91, kind, "token-1"))
    assert f"{kind} of token-1 stands 2 times" in found(in_controller(history, lines=lines))


def test_an_event_stored_twice_is_found() -> None:
    history = good()
    twice = (*history.controller.reports, history.controller.reports[0])
    assert "event 1 of entrance (epoch-1) is stored 2 times" in found(in_controller(history, reports=twice))


def test_one_number_for_two_people_is_found_in_the_store() -> None:
    history = good()
    twin = TicketRow("ticket-twin", "A001", DAY, "waiting")
    assert "A001 belongs to the tickets ticket-A001 and ticket-twin" in found(
        in_controller(history, tickets=(*history.controller.tickets, twin))
    )


def test_one_number_for_two_people_is_found_on_paper() -> None:
    history = good()
    twin = Paper(at(60), "kiosk-1", "9", "A001", "ticket-A002")
    assert "ticket ticket-A002 reads A001 on paper" in found(in_people(history, papers=(*history.people.papers, twin)))


def test_a_second_print_without_its_mark_is_found() -> None:
    history = good()
    again = replace(history.people.papers[0], page="again")
    assert "ticket-A001 was printed 2 times" in found(in_people(history, papers=(*history.people.papers, again)))


def test_a_slip_that_never_came_out_or_came_out_twice_is_found() -> None:
    history = good()
    assert "slip-2 was answered as done" in found(in_people(history, slips=(Told("slip-2", "done"),)))
    slip = next(paper for paper in history.people.papers if paper.slip)
    assert "slip-1 came out 2 times" in found(in_people(history, papers=(*history.people.papers, replace(slip, page="again"))))


def test_two_people_in_one_cubicle_are_found() -> None:
    history = good()
    longer = replace(history.controller.stays[0], ended=at(60))
    stays = (longer, StayRow("stay-2", "room", "left", at(4), at(8)))
    assert "stay-1 and stay-2 were both in cubicle left" in found(in_controller(history, stays=stays))


def test_an_end_that_was_held_back_on_its_way_is_no_second_person() -> None:
    history = good()
    late = replace(history.controller.stays[0], ended=at(24))
    assert check(in_controller(history, stays=(late, StayRow("stay-2", "room", "left", at(10), at(30))))) == []


def test_a_stay_without_end_is_found() -> None:
    history = good()
    assert "stay-1 in cubicle left of room began at" in found(
        in_controller(history, stays=(replace(history.controller.stays[0], ended=None),))
    )


def test_an_occupation_that_a_full_disk_could_not_keep_is_excused_and_no_other() -> None:
    history = in_controller(good(), stays=())
    assert "no stay is stored for it" in found(history)
    full = replace(history, full=(Period("nursery", at(2), at(10)),))
    assert check(full) == []
    elsewhere = replace(history, full=(Period("desk-1", at(2), at(10)),))
    assert "no stay is stored for it" in found(elsewhere)


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


def test_lamps_that_go_out_while_their_node_starts_anew_do_not_part_a_stay() -> None:
    parted = (Occupied("room", "left", at(3), at(5)), Occupied("room", "left", at(7), at(9)))
    history = in_people(good(), occupied=parted)
    assert "no stay is stored for it" in found(history)
    assert check(replace(history, touched=(Period("nursery", at(5), at(6)),))) == []


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
