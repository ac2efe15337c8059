"""Appointments: slots within the opening hours, codes, check-in in time, the place ahead of walk-ins, giving up, reminders."""

import dataclasses
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest

from contract import dispatch
from controller import appointments
from controller.appointments import Appointment, AppointmentMissed, AppointmentState, ReminderDue
from controller.config import HallConfig
from controller.config_hours import Hours
from controller.config_parts import Appointments
from controller.queue import Refusal, Rules
from controller.queue.actions import Issue
from tests.controller.desk import Desk
from tests.controller.halls import NOON, after, hall, rules
from tests.controller.test_days import Night

WANTED = Appointments(minutes=30, places=2, days=3, early=20, late=10, remind=24)
HOURS = Hours(opens="09:00", closes="17:00", breaks=(("12:00", "13:30"),))


def booking(store: str = "sqlite://") -> HallConfig:
    """A hall in which one service takes appointments."""
    plain = hall(store)
    social, *others = plain.service
    return msgspec.structs.replace(plain, service=(msgspec.structs.replace(social, appointments=WANTED, hours=HOURS), *others))


def law() -> Rules:
    """The rules of that hall."""
    return Rules.of(booking())


LAW = law()
MORNING = NOON - timedelta(hours=4)
_names = count(1)


def slot(clock: str, days: int = 0) -> datetime:
    """A slot of the day of `NOON`, or of days after, by the clock on the wall."""
    here = NOON.astimezone(LAW.timezone) + timedelta(days=days)
    hour, minute = clock.split(":")
    return here.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)


class Book:
    """Appointments and what becomes of them."""

    def __init__(self) -> None:
        self.state = AppointmentState()

    def add(self, at: datetime, now: datetime = MORNING, service: str = "social") -> str:
        """The code of a new appointment, or the code of its refusal."""
        booked = appointments.book(self.state, f"appointment-{next(_names)}", service, at, "", now, LAW)
        if isinstance(booked, Refusal):
            return booked.code
        self.state = appointments.apply(self.state, booked)
        return booked.code

    def check_in(self, code: str, now: datetime) -> Appointment | str:
        """The appointment, or the code of the refusal."""
        found = appointments.check_in(self.state, code, now, LAW)
        return found.code if isinstance(found, Refusal) else found

    def sweep(self, now: datetime) -> list[Any]:
        """What time brings, applied."""
        found = appointments.sweep(self.state, now, LAW)
        for fact in found:
            self.state = appointments.apply(self.state, fact)
        return list(found)


def test_slots_follow_one_another_within_the_hours_and_not_over_lunch() -> None:
    offered = [f"{at.astimezone(LAW.timezone):%H:%M}" for at in appointments.slots("social", MORNING, LAW, slot("10:00", days=3))]
    assert offered[:6] == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    assert offered[6] == "13:30"
    assert offered[-1] == "16:30"
    assert len(offered) == 13


def test_a_hall_that_is_always_open_has_slots_all_day() -> None:
    always = dataclasses.replace(rules().calendar(), hours=Hours(always=True))
    round_the_clock = dataclasses.replace(LAW, calendars={**LAW.calendars, "social": always})
    assert len(appointments.slots("social", MORNING, round_the_clock, slot("10:00", days=1))) == 48


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (slot("10:10"), "no-slot"), (slot("12:00"), "no-slot"), (slot("17:00"), "no-slot"), (slot("09:00", days=-1), "no-slot"),
        (slot("09:00", days=4), "no-slot"),
    ],
)  # fmt: skip
def test_what_is_no_slot_cannot_be_booked(at: datetime, code: str) -> None:
    assert Book().add(at) == code


def test_a_slot_has_its_places_and_a_cancelled_one_is_free_again() -> None:
    book = Book()
    first, second = book.add(slot("15:00")), book.add(slot("15:00"))
    assert first != second
    assert book.add(slot("15:00")) == "slot-full"
    cancelled = appointments.cancel(book.state, first, MORNING)
    assert not isinstance(cancelled, Refusal)
    book.state = appointments.apply(book.state, cancelled)
    assert book.check_in(first, slot("15:00")) == "unknown-code"
    assert len(book.add(slot("15:00"))) == 8


def test_a_service_without_appointments_says_so() -> None:
    assert Book().add(slot("15:00"), service="estate") == "no-appointments"
    assert Book().add(slot("15:00"), service="moon") == "unknown-service"


def test_codes_are_eight_digits_and_never_the_same_twice_at_a_time() -> None:
    book = Book()
    codes = {
        book.add(slot(f"{hour}:{minute}", days=3)) for hour in (9, 10, 11, 14, 15, 16) for minute in ("00", "30") for _ in (1, 2)
    }
    assert len(codes) == 24
    assert all(code.isdecimal() and len(code) == 8 for code in codes)


def test_one_checks_in_within_the_time_and_is_told_when_it_is_too_early_or_over() -> None:
    book = Book()
    code = book.add(slot("15:00"))
    assert book.check_in(code, slot("14:39")) == "too-early-to-check-in"
    found = book.check_in(code, slot("14:40"))
    assert isinstance(found, Appointment)
    assert isinstance(book.check_in(code, slot("15:10")), Appointment)
    assert book.check_in(code, slot("15:11")) == "appointment-given-up"
    assert book.check_in("00000000", slot("15:00")) == "unknown-code"


def test_reminders_come_once_a_day_before_and_who_does_not_come_has_given_up() -> None:
    book = Book()
    book.add(slot("15:00", days=3))
    assert book.sweep(slot("14:59", days=2)) == []
    (reminder,) = book.sweep(slot("15:00", days=2))
    assert isinstance(reminder, ReminderDue)
    assert book.sweep(slot("15:01", days=2)) == []
    assert book.sweep(slot("15:10", days=3)) == []
    (missed,) = book.sweep(slot("15:11", days=3))
    assert isinstance(missed, AppointmentMissed)
    assert len(book.state.booked) == 0


def appointment(desk: Desk, seconds: float) -> str:
    """The number of an appointment's ticket whose slot begins so many seconds after noon."""
    return str(desk.do(Issue(ticket=f"booked-{desk.second}", service="social", slot=after(seconds), printed=True))[0].number)


def test_an_appointment_goes_ahead_of_walk_ins_from_its_slot_on_and_not_before() -> None:
    desk = Desk(rules())
    walk_ins = [desk.issue() for _ in range(2)]
    booked = appointment(desk, 600)
    assert desk.next("w1") == walk_ins[0]
    desk.second = 600
    assert desk.next("w1") == booked
    assert desk.next("w1") == walk_ins[1]


def test_who_is_early_is_called_when_nobody_else_waits() -> None:
    desk = Desk(rules())
    booked = appointment(desk, 6000)
    assert desk.next("w1") == booked


def test_appointments_and_priority_together_keep_the_bound() -> None:
    desk = Desk(rules())
    early, late = appointment(desk, -60), appointment(desk, -30)
    urgent = desk.issue(priority="priority")
    ordinary = [desk.issue() for _ in range(2)]
    called = [desk.next("w1") for _ in range(5)]
    assert called == [early, late, ordinary[0], urgent, ordinary[1]]


def test_appointments_of_one_line_come_by_their_slots() -> None:
    desk = Desk(rules())
    second, first = appointment(desk, -30), appointment(desk, -60)
    assert [desk.next("w1") for _ in range(2)] == [first, second]


def test_an_appointment_takes_from_no_quota() -> None:
    plain = rules()
    full = msgspec.structs.replace(plain.services["social"], daily_quota=1)
    desk = Desk(dataclasses.replace(plain, services={**plain.services, "social": full}))
    desk.issue()
    assert desk.refused(Issue(ticket="no", service="social", printed=True)) == "quota"
    assert appointment(desk, -60)


async def test_book_check_in_and_call_through_the_service_and_over_midnight(database: str) -> None:
    night = Night(booking(database))
    service = night.service
    await service.open()
    tomorrow = slot("10:00", days=3)
    booked = await night.ask(dispatch.BookAppointment(service="social", slot=tomorrow, contact="phone-7"))
    assert booked.outcome == "done", booked
    assert booked.check_in is not None
    assert booked.check_in in booked.what.zh
    night.now = tomorrow - timedelta(minutes=10)
    await night.work()
    arrived = await night.ask(dispatch.CheckIn(code=booked.check_in))
    assert arrived.outcome == "done", arrived
    assert (await night.ask(dispatch.CheckIn(code=booked.check_in))).code == "unknown-code"
    called = await night.ask(dispatch.CallNext(window="w1"))
    assert called.number == arrived.number
    call = service.view().calls[0]
    assert call.at - night.now < timedelta(seconds=1), "who is early does not set the hall's clock ahead to the slot"
    await service.close()
