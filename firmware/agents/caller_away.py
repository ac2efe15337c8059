"""A window by itself: what its keys do while the controller is away, by the allotment and the rules that it left here. Pure.

The same rules as the controller's, as far as a node can know: one visit at a time, recalls apart, a no-show after so many
calls. Times are monotonic seconds of this machine, which end with its boot.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import ceil
from typing import Literal

import msgspec
from msgspec.structs import replace

from contract.allotment import Allotment, AllottedTicket, AwayRules
from contract.calling import Call, WindowState
from contract.events import AwayStep, CallerKey, Fact, TicketCalledAway, VisitAway
from contract.rating import RatingInvite
from contract.values import Text
from firmware.agents import caller_away_words as words

REMEMBERED = 200
"""Tickets that a window remembers as called by itself; with so many in a day it calls no more."""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the window has now."""

    ticket: str
    number: str
    visit: str
    stage: Literal["called", "serving"]
    times: int
    called: float
    """When it was called last."""
    call: Call | None = None
    """The last call that this window made by itself."""
    invited: bool = False


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """All that a window knows for itself; kept on the disk."""

    boot: str
    allotment: Allotment | None = None
    called: tuple[str, ...] = ()
    """Tickets of the allotment's day that it has called by itself."""
    visit: Visit | None = None
    own: bool = False
    """It has done something by itself that the controller may not know yet, so what the controller says of it is old."""
    untold: tuple[Fact, ...] = ()
    """What it has just done, which may not have come into the outbox."""

    @property
    def version(self) -> int:
        """The version of the allotment; 0 without one."""
        return 0 if self.allotment is None else self.allotment.version


class Instant(msgspec.Struct, frozen=True):
    """A moment by the hall's clock and by this machine's monotonic one, on a day of the hall."""

    at: datetime
    tick: float
    day: date


class Done(msgspec.Struct, frozen=True):
    """What a key did: what is remembered and recorded before anything shows, and what then shows."""

    memory: Memory
    fact: Fact
    call: Call | None = None
    invite: RatingInvite | None = None


Outcome = Done | Text
"""What was done, or why not."""


def stamp(boot: str, tick: float) -> str:
    """A stamp that the controller gives back: when it was made, for this node alone."""
    return f"{boot}_{round(tick * 1000)}"[-64:]


def ends(allotment: Allotment, boot: str) -> float:
    """When an allotment's time is over; the beginning of time for a stamp of another boot or of nobody here."""
    made, _, milliseconds = allotment.stamp.rpartition("_")
    if made != boot or not milliseconds.isdecimal():
        return float("-inf")
    return int(milliseconds) / 1000 + allotment.lasts


def adopt(memory: Memory, allotment: Allotment) -> Memory | None:
    """The memory with a newer allotment, or a longer time for the same; None when it is no news."""
    known = memory.allotment
    if known is not None and allotment.version < known.version:
        return None
    if known is not None and allotment.version == known.version and ends(allotment, memory.boot) <= ends(known, memory.boot):
        return None
    called = memory.called if known is None or known.day == allotment.day else ()
    return replace(memory, allotment=allotment, called=called)


def left(memory: Memory, now: Instant) -> list[AllottedTicket]:
    """The tickets that may still be called, in their order."""
    allotment = memory.allotment
    if allotment is None or allotment.day != now.day or now.tick >= ends(allotment, memory.boot):
        return []
    return [ticket for ticket in allotment.tickets if ticket.ticket not in memory.called]


def follow(memory: Memory, state: WindowState, tick: float) -> Memory:
    """What the controller says of the window, unless the window has gone its own way meanwhile."""
    if memory.own:
        return memory
    return replace(memory, visit=_visit(memory.visit, state, tick))


def _visit(before: Visit | None, state: WindowState, tick: float) -> Visit | None:
    if state.ticket is None or state.number is None or state.stage == "idle":
        return None
    same = before is not None and (before.ticket, before.times) == (state.ticket, state.times)
    called = before.called if same and before is not None else tick
    return Visit(
        ticket=state.ticket, number=state.number, visit=state.call or state.ticket, stage=state.stage, times=state.times,
        called=called,
    )  # fmt: skip


def press(memory: Memory, window: str, key: CallerKey, now: Instant, new_id: Callable[[], str]) -> Outcome:
    """What a key does while the controller is away."""
    match key:
        case "next":
            return _next(memory, now, new_id)
        case "recall":
            return _recall(memory, now, new_id)
        case "pause" | "resume" | "park" | "unpark" | "transfer" | "cancel":
            return words.NEEDS_CONTROLLER
        case _:
            return _step(memory, window, key, now, new_id)


def rules_of(memory: Memory) -> AwayRules:
    """The hall's rules as they were last said."""
    return AwayRules() if memory.allotment is None else memory.allotment.rules


def _next(memory: Memory, now: Instant, new_id: Callable[[], str]) -> Outcome:
    if memory.visit is not None:
        return words.busy(memory.visit.number, serving=memory.visit.stage == "serving")
    tickets = left(memory, now)
    if not tickets or memory.allotment is None or len(memory.called) >= REMEMBERED:
        return words.USED_UP
    ticket, id_ = tickets[0], new_id()
    call = _call(memory.allotment, ticket.ticket, ticket.number, id_, 1, now)
    visit = Visit(
        ticket=ticket.ticket, number=ticket.number, visit=id_, stage="called", times=1, called=now.tick, call=call
    )  # fmt: skip
    fact = _called(visit, call)
    after = replace(memory, visit=visit, called=(*memory.called, ticket.ticket), own=True, untold=(fact,))
    return Done(after, fact, call=call)


def _recall(memory: Memory, now: Instant, new_id: Callable[[], str]) -> Outcome:
    visit, rules = memory.visit, rules_of(memory)
    if visit is None or visit.stage != "called" or memory.allotment is None:
        return words.NOT_CALLED
    if visit.times >= rules.times:
        return words.called_enough(visit.times)
    wait = rules.interval - (now.tick - visit.called)
    if 0 < wait <= rules.interval:
        return words.too_soon(ceil(wait))
    call = _call(memory.allotment, visit.ticket, visit.number, new_id(), visit.times + 1, now)
    again = replace(visit, times=call.times, called=now.tick, call=call)
    fact = _called(again, call)
    return Done(replace(memory, visit=again, own=True, untold=(fact,)), fact, call=call)


def _step(memory: Memory, window: str, key: CallerKey, now: Instant, new_id: Callable[[], str]) -> Outcome:
    visit, rules = memory.visit, rules_of(memory)
    if visit is None:
        return words.NOT_CALLED
    match key, visit.stage:
        case "start", "called":
            return _went_on(memory, window, visit, "started", replace(visit, stage="serving"))
        case "no-show", "called":
            if visit.times < rules.times:
                return words.too_early(visit.times, rules.times)
            return _went_on(memory, window, visit, "missed", None)
        case (("finish" | "invite"), "serving"):
            invite = None if visit.invited else _invite(window, visit, rules, now, new_id)
            if key == "finish":
                return _went_on(memory, window, visit, "finished", None, invite)
            return _went_on(memory, window, visit, "invited", replace(visit, invited=True), invite) if invite else words.INVITED
        case _:
            return words.NOT_SERVING if visit.stage == "called" else words.BEING_SERVED


def _went_on(
    memory: Memory, window: str, visit: Visit, step: AwayStep, after: Visit | None, invite: RatingInvite | None = None
) -> Done:
    fact = VisitAway(
        ticket=visit.ticket, number=visit.number, window=window, step=step, rating=None if invite is None else invite.rating
    )  # fmt: skip
    return Done(replace(memory, visit=after, own=True, untold=(fact,)), fact, invite=invite)


def _call(allotment: Allotment, ticket: str, number: str, id_: str, times: int, now: Instant) -> Call:
    return Call(
        id=id_, at=now.at, not_after=now.at + timedelta(seconds=allotment.rules.fresh), ticket=ticket, number=number,
        window=allotment.window, window_name=allotment.window_name, zone=allotment.zone, times=times,
    )  # fmt: skip


def _called(visit: Visit, call: Call) -> TicketCalledAway:
    return TicketCalledAway(
        call=call.id, visit=visit.visit, ticket=visit.ticket, number=visit.number, window=call.window, times=call.times
    )  # fmt: skip


def _invite(window: str, visit: Visit, rules: AwayRules, now: Instant, new_id: Callable[[], str]) -> RatingInvite:
    return RatingInvite(
        rating=new_id(), window=window, at=now.at, not_after=now.at + timedelta(seconds=rules.rating), grace=rules.grace,
        number=visit.number,
    )  # fmt: skip
