"""The state of the whole hall: queue, calls, ratings, rooms, notices; rebuilt by applying the journal's facts in order."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import get_args

from msgspec.structs import replace

from contract.calling import CallAnswer
from controller import appointments, cases, complaints, nearing, notices, overrides, ratings, rooms, slips
from controller import queue as queues
from controller.appointments import Appointment, AppointmentArrived, AppointmentFact, AppointmentState
from controller.cases import Case, CaseFact, CaseState
from controller.complaints import ComplaintFact, ComplaintRaised, ComplaintSeen, ComplaintState
from controller.config_rules import RatingRules
from controller.missing import EventsMissing, carried
from controller.nearing import NearingState, TurnNear
from controller.notices import NoticePosted, NoticeState
from controller.overrides import OverrideFact, OverrideSet, OverrideState
from controller.queue import QueueState, Rules
from controller.queue.actions import Sweep
from controller.queue.facts import DayStarted, Happened, QueueFact, TicketCalled, TicketGranted, TicketLeased, WindowTurned
from controller.queue.values import Frozen, replaced
from controller.ratings import RatingState
from controller.rooms import RoomState
from controller.slips import Print, SlipCounter, SlipFact, SlipState
from controller.upkeep import state as upkeep
from controller.upkeep.facts import UpkeepFact
from controller.upkeep.state import UpkeepState

REMEMBERED = 20
"""So many last calls are remembered, in the hall and of each window."""


class CallAnswered(Happened, frozen=True, kw_only=True, tag="call-answered"):
    """A device said what it did with a call."""

    answer: CallAnswer


class CarriedOver(Happened, frozen=True, kw_only=True, tag="carried-over"):
    """What the new day takes over from the old one, whole: a journal is read from the start of its last day."""

    invitations: tuple[ratings.Invitation, ...] = ()
    stays: tuple[rooms.Stay, ...] = ()
    checked: dict[str, datetime] = {}
    helps: tuple[rooms.Help, ...] = ()
    complaints: tuple[ComplaintRaised, ...] = ()
    notices: tuple[NoticePosted, ...] = ()
    missing: tuple[EventsMissing, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    cases: tuple[Case, ...] = ()
    slip_numbers: dict[str, SlipCounter] = {}
    prints: tuple[Print, ...] = ()
    slip_mark: str = ""
    upkeep: UpkeepState = UpkeepState()
    overrides: tuple[OverrideSet, ...] = ()


Fact = (
    QueueFact
    | CallAnswered
    | CarriedOver
    | EventsMissing
    | ratings.RatingInvited
    | ratings.RatingJoined
    | ratings.RatingStored
    | ratings.RatingClosed
    | AppointmentFact
    | CaseFact
    | ComplaintRaised
    | ComplaintSeen
    | rooms.StayBegan
    | rooms.StayOver
    | rooms.StayGrewLong
    | rooms.RoomWasChecked
    | rooms.HelpWanted
    | rooms.HelpGiven
    | notices.NoticePosted
    | notices.NoticeEnded
    | TurnNear
    | SlipFact
    | UpkeepFact
    | OverrideFact
)
"""Everything that the journal can hold."""

_QUEUE, _RATINGS, _ROOMS, _NOTICES, _COMPLAINTS, _APPOINTMENTS, _CASES, _SLIPS, _UPKEEP, _OVERRIDES = map(
    get_args,
    (
        QueueFact,
        ratings.RatingFact,
        rooms.RoomFact,
        notices.NoticeFact,
        ComplaintFact,
        AppointmentFact,
        CaseFact,
        SlipFact,
        UpkeepFact,
        OverrideFact,
    ),
)


class MadeCall(Frozen, frozen=True, kw_only=True):
    """A call and what devices did with it."""

    call: TicketCalled
    answers: tuple[CallAnswer, ...] = ()


class HallState(Frozen, frozen=True, kw_only=True):
    """Everything that the controller knows of today."""

    queue: QueueState = QueueState()
    ratings: RatingState = RatingState()
    complaints: ComplaintState = ComplaintState()
    appointments: AppointmentState = AppointmentState()
    cases: CaseState = CaseState()
    nearing: NearingState = NearingState()
    rooms: RoomState = RoomState()
    upkeep: UpkeepState = UpkeepState()
    notices: NoticeState = NoticeState()
    slips: SlipState = SlipState()
    overrides: OverrideState = OverrideState()
    calls: tuple[MadeCall, ...] = ()
    """The last calls of the hall, newest first."""
    called: Mapping[str, tuple[TicketCalled, ...]] = {}
    """Window to its last calls, newest first, one for each visit; empty once the window has closed."""
    missing: tuple[EventsMissing, ...] = ()
    """What this database lacks of the nodes' streams, as far as it was found lately."""


def apply(state: HallState, fact: Fact) -> HallState:
    """The state after `fact`."""
    if isinstance(fact, _QUEUE):
        return _apply_queue(state, fact)
    if isinstance(fact, _RATINGS):
        return replace(state, ratings=ratings.apply(state.ratings, fact))
    if isinstance(fact, _COMPLAINTS):
        return replace(state, complaints=complaints.apply(state.complaints, fact))
    if isinstance(fact, _CASES):
        return replace(state, cases=cases.apply(state.cases, fact))
    if isinstance(fact, _APPOINTMENTS):
        return _apply_appointment(state, fact)
    if isinstance(fact, _ROOMS):
        return _apply_rooms(state, fact)
    if isinstance(fact, _UPKEEP):
        return replace(state, upkeep=upkeep.apply(state.upkeep, fact))
    if isinstance(fact, _NOTICES):
        return replace(state, notices=notices.apply(state.notices, fact))
    if isinstance(fact, _OVERRIDES):
        return replace(state, overrides=overrides.apply(state.overrides, fact))
    if isinstance(fact, _SLIPS):
        return replace(state, slips=slips.apply(state.slips, fact))
    if isinstance(fact, CallAnswered):
        return _answered(state, fact.answer)
    if isinstance(fact, EventsMissing):
        return replace(state, missing=(*state.missing, fact))
    if isinstance(fact, TurnNear):
        return replace(state, nearing=nearing.apply(state.nearing, fact))
    assert isinstance(fact, CarriedOver)  # noqa: S101
    return _carried(state, fact)


def _apply_queue(state: HallState, fact: QueueFact) -> HallState:
    state = replace(state, queue=queues.apply(state.queue, fact))
    match fact:
        case TicketCalled():
            return _called(state, fact)
        case TicketGranted(kiosk=str() as kiosk) | TicketLeased(kiosk=kiosk) if state.queue.day is not None:
            return replace(state, upkeep=upkeep.printed(state.upkeep, kiosk, state.queue.day))
        case WindowTurned(door="closed"):
            return replace(state, called=replaced(state.called, fact.window, ()))
        case DayStarted():
            return replace(state, calls=(), called={}, nearing=NearingState())
    return state


def _apply_appointment(state: HallState, fact: AppointmentFact) -> HallState:
    """Whoever has a ticket for an appointment is told of it where the reminder went."""
    booked = state.appointments.booked.get(fact.appointment)
    state = replace(state, appointments=appointments.apply(state.appointments, fact))
    if isinstance(fact, AppointmentArrived) and booked is not None:
        return replace(state, nearing=nearing.with_contact(state.nearing, fact.ticket, booked.contact))
    return state


def _apply_rooms(state: HallState, fact: rooms.RoomFact) -> HallState:
    state = replace(state, rooms=rooms.apply(state.rooms, fact))
    if isinstance(fact, rooms.RoomWasChecked):
        return replace(state, upkeep=upkeep.checked(state.upkeep, fact.room))
    return state


def _called(state: HallState, call: TicketCalled) -> HallState:
    others = tuple(other for other in state.called.get(call.window, ()) if other.visit != call.visit)
    return replace(
        state,
        calls=(MadeCall(call=call), *state.calls)[:REMEMBERED],
        called=replaced(state.called, call.window, (call, *others)[:REMEMBERED]),
    )


def _answered(state: HallState, answer: CallAnswer) -> HallState:
    calls = tuple(
        replace(made, answers=(*made.answers, answer)) if made.call.call == answer.call else made for made in state.calls
    )
    return replace(state, calls=calls)


def _carried(state: HallState, fact: CarriedOver) -> HallState:
    return replace(
        state,
        ratings=ratings.taken_over(fact.invitations),
        complaints=replace(state.complaints, open={each.complaint: each for each in fact.complaints}),
        rooms=rooms.RoomState(
            stays={(stay.room, stay.cubicle): stay for stay in fact.stays},
            checked=fact.checked,
            helps={help_.help: help_ for help_ in fact.helps},
            over=state.rooms.over,
        ),
        notices=notices.NoticeState(posted={notice.notice: notice for notice in fact.notices}),
        missing=fact.missing,
        appointments=appointments.taken_over(fact.appointments),
        cases=CaseState(open={case.opened.case: case for case in fact.cases}),
        slips=slips.taken_over(fact.slip_numbers, fact.prints, fact.slip_mark),
        upkeep=fact.upkeep,
        overrides=overrides.taken_over(fact.overrides),
    )


def sweep(state: HallState, now: datetime, rules: Rules, rating: RatingRules) -> tuple[Fact, ...]:
    """What time itself brings: a new day, unprinted tickets, missed appointments, silent raters, notices."""
    queue = queues.decide(state.queue, Sweep(), now, rules)
    facts: tuple[Fact, ...] = () if isinstance(queue, queues.Refusal) else queue
    if any(isinstance(fact, DayStarted) for fact in facts):
        return (*facts, _carry(state, now, rules.day(now)))
    others = (
        *ratings.sweep(state.ratings, now, rating),
        *notices.sweep(state.notices, now),
        *slips.sweep(state.slips, now),
        *overrides.sweep(state.overrides, now),
    )
    return (*facts, *others, *appointments.sweep(state.appointments, now, rules))


def _carry(state: HallState, now: datetime, day: date) -> CarriedOver:
    return CarriedOver(
        at=now,
        invitations=ratings.carried(state.ratings, now),
        stays=tuple(state.rooms.stays.values()),
        checked=dict(state.rooms.checked),
        helps=tuple(state.rooms.helps.values()),
        complaints=tuple(state.complaints.open.values()),
        notices=tuple(state.notices.posted.values()),
        missing=carried(state.missing, now),
        appointments=tuple(state.appointments.booked.values()),
        cases=tuple(state.cases.open.values()),
        slip_numbers=dict(state.slips.counters),
        prints=slips.carried(state.slips),
        slip_mark=state.slips.mark,
        upkeep=upkeep.next_day(state.upkeep, day),
        overrides=tuple(state.overrides.standing.values()),
    )
