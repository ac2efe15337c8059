"""Projection: what each fact writes into the tables for questions; the journal alone is the truth."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from controller import appointments, cases, notices, ratings, rooms
from controller.queue import facts
from controller.queue.away import OTHER_DAY
from controller.state import CallAnswered, Fact
from controller.store import projection_upkeep, slip_tables, tables
from controller.store.writes import Change, Put, Recount, Write


def project(fact: Fact, day: date) -> tuple[Write, ...]:
    """The rows that `fact` makes and changes; `day` is the hall's day on which it was taken in."""
    rule = _ROWS.get(type(fact))
    return () if rule is None else rule(fact, day)


def _ticket(ticket: str, **values: Any) -> Change:
    return Change(tables.tickets, {"ticket": ticket}, values)


def _visit(visit: str, **values: Any) -> Change:
    return Change(tables.visits, {"visit": visit}, values)


_AT_CLOSE = {"printing": "unserved", "waiting": "unserved", "called": "unserved", "parked": "unserved", "serving": "done"}
"""What becomes of a ticket that is still open when its day ends."""


def _closed(fact: facts.DayStarted, _: date) -> tuple[Write, ...]:
    if fact.closed is None:
        return ()
    return tuple(
        Change(tables.tickets, {"day": fact.closed, "state": state}, {"state": end, "ended": fact.at})
        for state, end in _AT_CLOSE.items()
    )


def _granted(fact: facts.TicketGranted, day: date) -> tuple[Write, ...]:
    row = {
        "ticket": fact.ticket, "day": day, "number": fact.number, "service": fact.service, "priority": fact.priority,
        "state": "waiting" if fact.printed else "printing", "issued": fact.at, "kiosk": fact.kiosk,
        "printed": fact.at if fact.printed else None,
    }  # fmt: skip
    return (Put(tables.tickets, row),)


def _leased(fact: facts.TicketLeased, day: date) -> tuple[Write, ...]:
    row = {
        "ticket": fact.ticket, "day": day, "number": fact.number, "service": fact.service, "priority": fact.priority,
        "state": "printing", "issued": fact.at, "kiosk": fact.kiosk,
    }  # fmt: skip
    return (Put(tables.tickets, row),)


def _confirmed(fact: facts.PrintConfirmed, _: date) -> tuple[Write, ...]:
    return (_ticket(fact.ticket, state="waiting", printed=fact.at, why=None),)


def _voided(fact: facts.TicketVoided, _: date) -> tuple[Write, ...]:
    return (_ticket(fact.ticket, state="void", why=fact.why),)


def _called(fact: facts.TicketCalled, day: date) -> tuple[Write, ...]:
    call = Put(tables.calls, {
        "call": fact.call, "day": day, "visit": fact.visit, "ticket": fact.ticket, "number": fact.number,
        "window": fact.window, "at": fact.at, "times": fact.times,
    })  # fmt: skip
    if fact.times > 1:
        return call, _ticket(fact.ticket, calls=fact.times), _visit(fact.visit, calls=fact.times)
    visit = Put(tables.visits, {
        "visit": fact.visit, "day": day, "ticket": fact.ticket, "number": fact.number, "service": fact.service,
        "window": fact.window, "called": fact.at, "calls": 1,
    })  # fmt: skip
    first = {} if fact.again else {"first_called": fact.at}
    return call, visit, _ticket(fact.ticket, state="called", window=fact.window, calls=1, **first)


def _started(fact: facts.ServiceStarted, _: date) -> tuple[Write, ...]:
    return _ticket(fact.ticket, state="serving", started=fact.at), _visit(fact.visit, started=fact.at, staff=fact.staff)


def _finished(fact: facts.ServiceFinished, _: date) -> tuple[Write, ...]:
    return (
        _ticket(fact.ticket, state="done", ended=fact.at),
        _visit(fact.visit, ended=fact.at, took=fact.took, outcome="done"),
    )


def _missed(fact: facts.TicketMissed, _: date) -> tuple[Write, ...]:
    return _ticket(fact.ticket, state="no-show", ended=fact.at), _visit(fact.visit, ended=fact.at, outcome="no-show")


def _parked(fact: facts.TicketParked, _: date) -> tuple[Write, ...]:
    visit = _visit(fact.visit, ended=fact.at, took=fact.took, outcome="parked")
    return visit, _ticket(fact.ticket, state="parked")


def _moved(fact: facts.TicketMoved, _: date) -> tuple[Write, ...]:
    waits = _ticket(fact.ticket, state="waiting", service=fact.service, window=None, calls=0, ended=None)
    if fact.next or fact.visit is None:
        return (waits,)
    return _visit(fact.visit, ended=fact.at, took=fact.took, outcome="moved"), waits


def _returned(fact: facts.TicketReturned, _: date) -> tuple[Write, ...]:
    return (_ticket(fact.ticket, state="waiting", window=None, calls=0, ended=None),)


def _taken_back(fact: facts.CallTakenBack, _: date) -> tuple[Write, ...]:
    ticket = _ticket(fact.ticket, state="waiting", window=None, calls=0)
    return ticket, _visit(fact.visit, ended=fact.at, outcome="taken-back")


def _noted(fact: facts.AwayNoted, day: date) -> tuple[Write, ...]:
    """A call that was made is kept; a ticket of a day that is over has been served after all."""
    found: list[Write] = []
    if fact.call is not None:
        found.append(Put(tables.calls, {
            "call": fact.call, "day": day, "visit": fact.visit, "ticket": fact.ticket, "number": fact.number,
            "window": fact.window, "at": fact.at, "times": 1,
        }))  # fmt: skip
    if fact.why == OTHER_DAY:
        found.append(_ticket(fact.ticket, window=fact.window, **_AFTER_ITS_DAY[fact.step](fact.at)))
        found.append(Recount(tables.tickets, {"ticket": fact.ticket}))
    return tuple(found)


_AFTER_ITS_DAY: Mapping[str, Callable[[datetime], dict[str, Any]]] = {
    "called": lambda at: {"first_called": at},
    "started": lambda at: {"started": at},
    "finished": lambda at: {"state": "done", "ended": at},
    "missed": lambda at: {"state": "no-show", "ended": at},
}


def _answered(fact: CallAnswered, _: date) -> tuple[Write, ...]:
    said = fact.answer
    row = {"call": said.call, "node": said.node, "device": said.device, "at": said.at, "outcome": said.outcome}
    return (Put(tables.call_answers, row),)


def _invited(fact: ratings.RatingInvited, day: date) -> tuple[Write, ...]:
    row = {
        "rating": fact.rating, "day": day, "visit": fact.visit, "ticket": fact.ticket, "number": fact.number,
        "service": fact.service, "window": fact.window, "invited": fact.at, "staff": fact.staff,
    }  # fmt: skip
    return (Put(tables.ratings, row),)


def _rated(fact: ratings.RatingStored, _: date) -> tuple[Write, ...]:
    values = {
        "level": fact.level, "after": fact.after, "given": fact.at, "lapsed": None, "corrected": fact.corrected,
        "aspects": ",".join(fact.aspects) or None, "reason": fact.reason,
    }  # fmt: skip
    key = {"rating": fact.rating}
    return Change(tables.ratings, key, values), Recount(tables.ratings, key)


def _lapsed(fact: ratings.RatingClosed, _: date) -> tuple[Write, ...]:
    return (Change(tables.ratings, {"rating": fact.rating}, {"lapsed": fact.at}),)


def _began(fact: rooms.StayBegan, day: date) -> tuple[Write, ...]:
    row = {"stay": fact.stay, "day": day, "room": fact.room, "cubicle": fact.cubicle, "started": fact.at}
    return (Put(tables.stays, row),)


def _over(fact: rooms.StayOver, _: date) -> tuple[Write, ...]:
    ended = None if fact.lasted is None else fact.at
    key = {"stay": fact.stay}
    return Change(tables.stays, key, {"ended": ended, "lasted": fact.lasted}), Recount(tables.stays, key)


def _long(fact: rooms.StayGrewLong, _: date) -> tuple[Write, ...]:
    key = {"stay": fact.stay}
    return Change(tables.stays, key, {"long": True}), Recount(tables.stays, key)


def _checked(fact: rooms.RoomWasChecked, _: date) -> tuple[Write, ...]:
    row = {"room": fact.room, "at": fact.at, "by": fact.by, "wrong": ",".join(fact.wrong), "note": fact.note}
    return (Put(tables.room_checks, row),)


def _help(fact: rooms.HelpWanted, _: date) -> tuple[Write, ...]:
    return (Put(tables.helps, {"help": fact.help, "place": fact.place, "cubicle": fact.cubicle, "at": fact.at}),)


def _helped(fact: rooms.HelpGiven, _: date) -> tuple[Write, ...]:
    return (Change(tables.helps, {"help": fact.help}, {"answered": fact.at}),)


def _booked(fact: appointments.AppointmentBooked, _: date) -> tuple[Write, ...]:
    row = {
        "appointment": fact.appointment, "code": fact.code, "service": fact.service, "slot": fact.slot,
        "contact": fact.contact, "booked": fact.at, "state": "booked",
    }  # fmt: skip
    return (Put(tables.appointments, row),)


def _appointment(fact: Any, _: date, **values: Any) -> tuple[Write, ...]:
    return (Change(tables.appointments, {"appointment": fact.appointment}, values),)


def _case_opened(fact: cases.CaseOpened, _: date) -> tuple[Write, ...]:
    row = {
        "case": fact.case, "origin": fact.origin, "window": fact.window, "service": fact.service, "staff": fact.staff,
        "number": fact.number, "level": fact.level, "opened": fact.at, "verify_by": fact.verify_by,
        "rectify_by": fact.rectify_by, "state": "opened",
    }  # fmt: skip
    return (Put(tables.cases, row),)


def _case(fact: Any, **values: Any) -> tuple[Write, ...]:
    return (Change(tables.cases, {"case": fact.case}, values),)


def _posted(fact: notices.NoticePosted, _: date) -> tuple[Write, ...]:
    row = {
        "notice": fact.notice, "zh": fact.text.zh, "en": fact.text.en, "zones": ",".join(fact.zones), "urgent": fact.urgent,
        "posted": fact.at, "until": fact.until,
    }  # fmt: skip
    return (Put(tables.notices, row),)


def _taken_down(fact: notices.NoticeEnded, _: date) -> tuple[Write, ...]:
    return (Change(tables.notices, {"notice": fact.notice}, {"ended": fact.at}),)


_ROWS: Mapping[type[Any], Callable[[Any, date], tuple[Write, ...]]] = {
    facts.DayStarted: _closed,
    facts.TicketGranted: _granted,
    facts.TicketLeased: _leased,
    facts.PrintConfirmed: _confirmed,
    facts.TicketVoided: _voided,
    facts.TicketCalled: _called,
    facts.ServiceStarted: _started,
    facts.ServiceFinished: _finished,
    facts.TicketMissed: _missed,
    facts.TicketParked: _parked,
    facts.TicketMoved: _moved,
    facts.TicketReturned: _returned,
    facts.CallTakenBack: _taken_back,
    facts.AwayNoted: _noted,
    CallAnswered: _answered,
    ratings.RatingInvited: _invited,
    ratings.RatingStored: _rated,
    ratings.RatingClosed: _lapsed,
    rooms.StayBegan: _began,
    rooms.StayOver: _over,
    rooms.StayGrewLong: _long,
    rooms.RoomWasChecked: _checked,
    rooms.HelpWanted: _help,
    rooms.HelpGiven: _helped,
    appointments.AppointmentBooked: _booked,
    appointments.AppointmentCancelled: lambda f, day: _appointment(f, day, state="cancelled", ended=f.at),
    appointments.AppointmentArrived: lambda f, day: _appointment(f, day, state="arrived", ended=f.at, ticket=f.ticket),
    appointments.AppointmentMissed: lambda f, day: _appointment(f, day, state="missed", ended=f.at),
    appointments.ReminderDue: lambda f, day: _appointment(f, day, reminded=f.at),
    cases.CaseOpened: _case_opened,
    cases.CaseAssigned: lambda f, _: _case(f, assigned=f.to),
    cases.CaseStepped: lambda f, _: _case(f, state=f.step, **{f.step: f.at}),
    cases.CaseAppealed: lambda f, _: _case(f, state="appealed"),
    cases.AppealDecided: lambda f, _: _case(f, state="cancelled" if f.upheld else "not-upheld"),
    cases.CaseWithdrawn: lambda f, _: _case(f, state="withdrawn"),
    notices.NoticePosted: _posted,
    notices.NoticeEnded: _taken_down,
    **slip_tables.ROWS,
    **projection_upkeep.ROWS,
}
