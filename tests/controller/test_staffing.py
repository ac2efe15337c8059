"""Staff at windows: one person at one window, substitutes by the rules, and visits that belong to whoever served."""

import dataclasses
from pathlib import Path

import msgspec
from sqlalchemy import select

from contract import dispatch
from contract.events import RatingGiven
from contract.topics import RATING_INVITE
from controller.config_hours import Names
from controller.config_parts import Staff
from controller.queue import Rules
from controller.queue.actions import CallNext, SignOff, SignOn, Start, Sweep
from controller.queue.facts import StaffSignedOff, StaffSignedOn
from controller.store import tables
from controller.store.reading import reading
from tests.controller.desk import Desk
from tests.controller.halls import hall, rules
from tests.controller.test_days import Night

STAFF = {
    "staff-1": Staff(
        id="staff-1", name=Names(zh="李", en="Li"), duty=Names(zh="社保", en="social security"), substitutes=("staff-2",)
    ),
    "staff-2": Staff(id="staff-2", name=Names(zh="王", en="Wang")),
    "staff-3": Staff(id="staff-3", name=Names(zh="赵", en="Zhao")),
}


def law(**changes: str) -> Rules:
    """The hall's rules with three people."""
    return dataclasses.replace(rules(**changes), staff=STAFF)


def test_whoever_signs_on_takes_over_the_window_and_leaves_the_one_before() -> None:
    desk = Desk(law())
    desk.do(SignOn(window="w1", staff="staff-1"))
    off, on = desk.do(SignOn(window="w1", staff="staff-3"))
    assert isinstance(off, StaffSignedOff)
    assert isinstance(on, StaffSignedOn)
    assert (off.staff, on.staff) == ("staff-1", "staff-3")
    desk.do(SignOn(window="w2", staff="staff-3"))
    assert (desk.state.window("w1").staff, desk.state.window("w2").staff) == (None, "staff-3")
    assert desk.do(SignOn(window="w2", staff="staff-3")) == ()


def test_nobody_leaves_a_window_with_somebody_at_it() -> None:
    desk = Desk(law())
    desk.do(SignOn(window="w1", staff="staff-1"))
    desk.issue()
    desk.do(CallNext(window="w1", call="c1"))
    assert desk.refused(SignOff(window="w1")) == "busy"
    assert desk.refused(SignOn(window="w2", staff="staff-1")) == "busy-elsewhere"


def test_a_substitute_takes_over_in_the_middle_and_is_one_of_those_named() -> None:
    desk = Desk(law())
    desk.do(SignOn(window="w1", staff="staff-1"))
    number = desk.issue()
    desk.do(CallNext(window="w1", call="c1"))
    assert desk.refused(SignOn(window="w1", staff="staff-3", instead_of="staff-1")) == "no-substitute"
    assert desk.refused(SignOn(window="w1", staff="staff-2", instead_of="staff-2")) == "no-substitute"
    desk.do(SignOn(window="w1", staff="staff-2", instead_of="staff-1"))
    desk.do(Start(window="w1"))
    ticket = desk.state.numbered(number)
    assert ticket is not None
    assert ticket.staff == "staff-2"
    assert desk.state.window("w1").instead_of == "staff-1"
    assert desk.refused(SignOn(window="w1", staff="nobody")) == "unknown-staff"


def test_a_window_without_staff_calls_nobody_where_the_hall_wants_it_so() -> None:
    desk = Desk(law(calling="interval = 0\nstaffed = true"))
    desk.issue()
    assert desk.refused(CallNext(window="w1", call="c1")) == "nobody-signed-on"
    desk.do(SignOn(window="w1", staff="staff-1"))
    assert desk.do(CallNext(window="w1", call="c2"))


def test_a_new_day_begins_with_nobody_signed_on() -> None:
    desk = Desk(law())
    desk.do(SignOn(window="w1", staff="staff-1"))
    desk.second += 24 * 3600
    desk.do(Sweep())
    assert desk.state.window("w1").staff is None


async def test_times_and_ratings_are_stored_as_the_substitutes(tmp_path: Path, database: str) -> None:
    night = Night(msgspec.structs.replace(hall(database), staff=tuple(STAFF.values())))
    await night.service.open()
    await night.ask(dispatch.IssueTicket(service="social"))
    await night.ask(dispatch.SignOn(window="w1", staff="staff-1"))
    await night.ask(dispatch.CallNext(window="w1"))
    substitute = await night.ask(dispatch.SignOn(window="w1", staff="staff-2", instead_of="staff-1"))
    assert substitute.what.zh == "王 在1号窗口上岗"
    assert next(w for w in night.service.view().windows if w.window == "w1").plate.zh == "王（替岗）"  # type: ignore[union-attr]
    for action in (dispatch.Start, dispatch.Finish):
        await night.ask(action(window="w1"))
    (invite,) = night.letters(RATING_INVITE)
    await night.report("rater-1", RatingGiven(rating=invite.rating, window="w1", level=5, after=4.0), "desk")
    await night.service.close()
    with reading(database) as connection:
        assert connection.execute(select(tables.visits.c.staff)).scalars().all() == ["staff-2"]
        assert connection.execute(select(tables.ratings.c.staff, tables.ratings.c.level)).all() == [("staff-2", 5)]
