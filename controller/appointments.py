"""Appointments: a slot of a service, booked ahead, checked in by its code, given up when nobody comes. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import reduce

from msgspec.structs import replace

from contract.values import Text
from controller.config_parts import Appointments
from controller.queue.facts import Happened
from controller.queue.refusals import Refusal, unknown_service
from controller.queue.rules import Rules
from controller.queue.sorted_map import SortedMap
from controller.queue.values import Frozen, replaced

DIGITS = 8
"""A code is typed at a kiosk and read aloud on the phone; guessing one of a day's is hopeless."""


class AppointmentBooked(Happened, frozen=True, kw_only=True, tag="appointment-booked"):
    """A slot is taken. `contact` is where a reminder goes, as whoever sends reminders knows the person; never a name."""

    appointment: str
    code: str
    service: str
    slot: datetime
    contact: str = ""


class AppointmentCancelled(Happened, frozen=True, kw_only=True, tag="appointment-cancelled"):
    """The slot is free again."""

    appointment: str


class AppointmentArrived(Happened, frozen=True, kw_only=True, tag="appointment-arrived"):
    """The person is here and has a ticket."""

    appointment: str
    ticket: str


class AppointmentMissed(Happened, frozen=True, kw_only=True, tag="appointment-missed"):
    """Nobody came in time: the appointment is given up."""

    appointment: str


class ReminderDue(Happened, frozen=True, kw_only=True, tag="reminder-due"):
    """It is time to remind the person; whoever sends messages takes it from here."""

    appointment: str
    service: str
    slot: datetime
    contact: str


AppointmentFact = AppointmentBooked | AppointmentCancelled | AppointmentArrived | AppointmentMissed | ReminderDue


class Appointment(Frozen, frozen=True, kw_only=True):
    """One appointment that has not been kept, missed or cancelled yet."""

    id: str
    code: str
    service: str
    slot: datetime
    contact: str = ""
    reminded: bool = False


class AppointmentState(Frozen, frozen=True, kw_only=True):
    """All appointments that are still to come."""

    booked: SortedMap[str, Appointment] = SortedMap()
    by_time: SortedMap[tuple[datetime, str], str] = SortedMap()
    codes: SortedMap[str, str] = SortedMap()
    taken: Mapping[tuple[str, datetime], int] = {}
    """Service and slot to how many places of it are taken, those who have come or not come included."""

    def coded(self, code: str) -> Appointment | None:
        """The appointment with this code."""
        name = self.codes.get(code)
        return None if name is None else self.booked.get(name)


def _refusal(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, Text(zh=zh, en=en))


NOT_OFFERED = _refusal("no-appointments", "该事项不接受预约", "this service takes no appointments")
NO_SLOT = _refusal("no-slot", "没有这个预约时段", "there is no such slot")
SLOT_FULL = _refusal("slot-full", "该时段已约满", "this slot is full")
UNKNOWN_CODE = _refusal("unknown-code", "没有这个预约码", "there is no appointment with this code")
GIVEN_UP = _refusal("appointment-given-up", "已超过预约时间，视为放弃", "the time for this appointment is over; it was given up")


def too_early(slot: datetime) -> Refusal:
    """Checked in long before the slot."""
    return _refusal("too-early-to-check-in", f"预约时间为 {slot:%m-%d %H:%M}，请届时再签到",
                    f"the appointment is at {slot:%Y-%m-%d %H:%M}; please check in then")  # fmt: skip


def book(
    state: AppointmentState, appointment: str, service: str, slot: datetime, contact: str, now: datetime, rules: Rules
) -> AppointmentBooked | Refusal:
    """A place in a slot that begins in the future, within the days that the service takes appointments for."""
    known = rules.services.get(service)
    if known is None:
        return unknown_service(service)
    if known.appointments is None:
        return NOT_OFFERED
    if slot not in slots(service, now, rules, slot):
        return NO_SLOT
    if state.taken.get((service, slot), 0) >= known.appointments.places:
        return SLOT_FULL
    return AppointmentBooked(
        at=now, appointment=appointment, code=_code(state, appointment), service=service, slot=slot, contact=contact
    )


def slots(service: str, now: datetime, rules: Rules, day: datetime) -> tuple[datetime, ...]:
    """The slots of a service on the hall's day of `day` that may still be booked, full ones included."""
    known = rules.services.get(service)
    wanted = None if known is None else known.appointments
    here = rules.day(day)
    if wanted is None or not rules.day(now) <= here <= rules.day(now + timedelta(days=wanted.days)):
        return ()
    length = timedelta(minutes=wanted.minutes)
    return tuple(
        start
        for stretch in rules.calendar(service).bookable(here)
        for n in range((stretch.closes - stretch.opens) // length)
        if (start := stretch.opens + n * length) > now
    )


def _code(state: AppointmentState, appointment: str) -> str:
    """A code that no other appointment has now, made from the appointment's own name, so that chance stays outside."""
    number = int.from_bytes(appointment.encode(), "big") * 2_654_435_761 % 10**DIGITS
    while (code := f"{number:0{DIGITS}d}") in state.codes:
        number = (number + 1) % 10**DIGITS
    return code


def check_in(state: AppointmentState, code: str, now: datetime, rules: Rules) -> Appointment | Refusal:
    """The appointment whose holder is here in time."""
    booked = state.coded(code)
    if booked is None:
        return UNKNOWN_CODE
    how = _how(booked, rules)
    if now < booked.slot - timedelta(minutes=how.early):
        return too_early(booked.slot.astimezone(rules.timezone))
    return GIVEN_UP if now > booked.slot + timedelta(minutes=how.late) else booked


def cancel(state: AppointmentState, code: str, now: datetime) -> AppointmentCancelled | Refusal:
    """Give the place back."""
    booked = state.coded(code)
    return UNKNOWN_CODE if booked is None else AppointmentCancelled(at=now, appointment=booked.id)


def sweep(state: AppointmentState, now: datetime, rules: Rules) -> tuple[AppointmentFact, ...]:
    """What time brings: reminders that are due, and appointments to which nobody came."""
    found: list[AppointmentFact] = []
    soon = now + timedelta(hours=max((s.appointments.remind for s in rules.services.values() if s.appointments), default=0.0))
    for name in state.by_time.values():
        booked = state.booked.get(name)
        if booked is None or booked.slot > soon:
            break
        how = _how(booked, rules)
        if now > booked.slot + timedelta(minutes=how.late):
            found.append(AppointmentMissed(at=now, appointment=name))
        elif not booked.reminded and now >= booked.slot - timedelta(hours=how.remind):
            found.append(ReminderDue(at=now, appointment=name, service=booked.service, slot=booked.slot, contact=booked.contact))
    return tuple(found)


def _how(booked: Appointment, rules: Rules) -> Appointments:
    service = rules.services.get(booked.service)
    return Appointments() if service is None or service.appointments is None else service.appointments


def apply(state: AppointmentState, fact: AppointmentFact) -> AppointmentState:
    """The state after `fact`."""
    match fact:
        case AppointmentBooked():
            return _booked(state, fact)
        case ReminderDue():
            booked = state.booked.get(fact.appointment)
            return state if booked is None else replace(state, booked=state.booked.put(booked.id, replace(booked, reminded=True)))
        case AppointmentCancelled():
            return _over(state, fact.appointment, free=True)
        case _:
            return _over(state, fact.appointment, free=False)


def _booked(state: AppointmentState, fact: AppointmentBooked) -> AppointmentState:
    booked = Appointment(id=fact.appointment, code=fact.code, service=fact.service, slot=fact.slot, contact=fact.contact)
    return with_one_more(state, booked)


def taken_over(booked: Iterable[Appointment]) -> AppointmentState:
    """What a new day begins with."""
    return reduce(with_one_more, booked, AppointmentState())


def with_one_more(state: AppointmentState, booked: Appointment) -> AppointmentState:
    """The state with one more appointment, which takes a place of its slot."""
    key = (booked.service, booked.slot)
    return replace(
        state,
        booked=state.booked.put(booked.id, booked),
        by_time=state.by_time.put((booked.slot, booked.id), booked.id),
        codes=state.codes.put(booked.code, booked.id),
        taken=replaced(state.taken, key, state.taken.get(key, 0) + 1),
    )


def _over(state: AppointmentState, name: str, *, free: bool) -> AppointmentState:
    booked = state.booked.get(name)
    if booked is None:
        return state
    key = (booked.service, booked.slot)
    return replace(
        state,
        booked=state.booked.without(name),
        by_time=state.by_time.without((booked.slot, name)),
        codes=state.codes.without(booked.code),
        taken=replaced(state.taken, key, state.taken.get(key, 1) - 1) if free else state.taken,
    )
