"""A strip whose window goes by itself: it shows that window's own call and nothing older, until the controller knows."""

from datetime import timedelta

from firmware.agents.board_rules import TOLERANCE, Answer
from firmware.intercom import Standing
from tests.board.halls import call, picture
from tests.board.looking import after, at, strip
from tests.board.station import NOON

LOST = TOLERANCE + 1


def test_a_strip_without_controller_shows_what_its_window_calls_and_blinks_once() -> None:
    rules = strip()
    rules.presence(False, after(0))
    assert at(rules, LOST) == "请到窗口咨询"
    own = call("A012", at=NOON + timedelta(seconds=LOST))
    assert rules.stand_alone(Standing(own=True, call=own, new=True), after(LOST))
    assert not rules.stand_alone(Standing(own=True, call=own), after(LOST))
    seen = [at(rules, LOST + tenth / 10 + 0.01) for tenth in range(50)]
    assert {text for text in seen if text} == {"请A012到3号窗口"}
    assert "" in seen[:30]
    assert "" not in seen[30:]


def test_it_is_answered_once_and_never_again_after_a_new_start() -> None:
    rules, own = strip(), call("A012")
    rules.stand_alone(Standing(own=True, call=own, new=True), after(0))
    face, _ = rules.face(after(0))
    assert rules.settle(face, after(0)) == [Answer(own.id, "shown")]
    again = strip()
    again.stand_alone(Standing(own=True, call=own), after(1))
    face, _ = again.face(after(1))
    assert again.settle(face, after(1)) == []
    assert all(at(again, 1 + tenth / 10) == "请A012到3号窗口" for tenth in range(40))


def test_an_older_picture_of_a_controller_that_is_back_does_not_replace_it() -> None:
    rules, own = strip(), call("A012", at=NOON + timedelta(seconds=60))
    rules.see(picture(call("A011")), after(0))
    rules.stand_alone(Standing(own=True, call=own), after(60))
    rules.presence(True, after(61))
    rules.see(picture(call("A011"), version=2, at=NOON + timedelta(seconds=62)), after(62))
    assert at(rules, 63) == "请A012到3号窗口"
    rules.see(picture(call("A012"), version=3, at=NOON + timedelta(seconds=64)), after(64))
    rules.stand_alone(Standing(own=False), after(64))
    assert at(rules, 65) == "请A012到3号窗口"


def test_after_the_visit_no_number_stands_there() -> None:
    rules = strip()
    rules.see(picture(call("A011")), after(0))
    rules.stand_alone(Standing(own=True), after(1))
    assert at(rules, 2) == "请到窗口咨询"
    rules.stand_alone(Standing(own=False), after(3))
    assert at(rules, 4) == "请A011到3号窗口"
