"""The checker finds what is lost, doubled or left behind in what is stored, and nothing where nothing is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chaos.checker import check
from tests.chaos.histories import DAY, at, found, good, in_controller, in_people, in_wire, report
from tests.chaos.history import Inbox, Line, Occupied, Paper, Period, StayRow, Thanks, TicketRow, Told


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


def test_lamps_that_go_out_while_their_node_starts_anew_do_not_part_a_stay() -> None:
    parted = (Occupied("room", "left", at(3), at(5)), Occupied("room", "left", at(7), at(9)))
    history = in_people(good(), occupied=parted)
    assert "no stay is stored for it" in found(history)
    assert check(replace(history, touched=(Period("nursery", at(5), at(6)),))) == []
