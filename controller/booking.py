"""Orders about appointments: book, cancel, check in. Pure."""

from datetime import datetime

from contract import dispatch
from contract.values import Text
from controller import appointments
from controller import queue as queues
from controller.appointments import AppointmentArrived
from controller.hall_rules import HallRules
from controller.outcome import Done, NewId
from controller.queue import Refusal, actions, facts
from controller.state import HallState


def book(state: HallState, order: dispatch.BookAppointment, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    """A place in a slot; the answer carries its code."""
    booked = appointments.book(state.appointments, new_id(), order.service, order.slot, order.contact, now, rules.queue)
    if isinstance(booked, Refusal):
        return booked
    at = booked.slot.astimezone(rules.queue.timezone)
    name = rules.queue.services[booked.service].name
    what = Text(
        zh=f"已预约 {at:%m-%d %H:%M} {name.zh}，预约码 {booked.code}",
        en=f"booked {at:%Y-%m-%d %H:%M}, {name.en}; the code is {booked.code}",
    )
    return Done(facts=(booked,), what=what, check_in=booked.code)


def cancel(state: HallState, order: dispatch.CancelAppointment, now: datetime, _: HallRules, __: NewId) -> Done | Refusal:
    """The place is free again."""
    cancelled = appointments.cancel(state.appointments, order.code, now)
    if isinstance(cancelled, Refusal):
        return cancelled
    return Done(facts=(cancelled,), what=Text(zh="预约已取消", en="the appointment is cancelled"))


def check_in(state: HallState, order: dispatch.CheckIn, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    """A ticket given by hand for an appointment whose holder is here."""
    booked = appointments.check_in(state.appointments, order.code, now, rules.queue)
    if isinstance(booked, Refusal):
        return booked
    action = actions.Issue(ticket=new_id(), service=booked.service, slot=booked.slot, printed=True)
    decision = queues.decide(state.queue, action, now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    granted = next(fact for fact in decision if isinstance(fact, facts.TicketGranted))
    arrived = AppointmentArrived(at=now, appointment=booked.id, ticket=granted.ticket)
    what = Text(zh=f"已签到，{granted.number} 号", en=f"checked in, ticket {granted.number}")
    return Done(facts=(*decision, arrived), what=what, number=granted.number, ticket=granted.ticket)
