"""Issuing: who gets which number, when it counts as printed, and what becomes of tickets that nobody holds."""

from datetime import datetime, timedelta

from controller.config_parts import Service
from controller.queue import actions, estimate, facts, numbers, refusals
from controller.queue.refusals import Refusal
from controller.queue.rules import Rules
from controller.queue.values import LOST, QueueState, Turn

_SECOND = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def newest_turn(state: QueueState, now: datetime) -> Turn:
    """The place behind everybody, also when the clock was set back."""
    return max(microseconds(now), state.last_turn + 1), 0, state.serial + state.returns + 1


def _slot_turn(slot: datetime) -> tuple[int, int]:
    """Appointments stand in their line by their slots; of one slot, by their check-in."""
    return microseconds(slot), 0


def moment(state: QueueState, now: datetime) -> datetime:
    """The time, but never before what has happened already: a later call is the newer one, also when the clock was set back."""
    return max(now, _EPOCH + (state.last_turn + 1) * _MICROSECOND)


def closed(state: QueueState, service: Service, now: datetime, rules: Rules) -> Refusal | None:
    """Why no ticket for `service` may be given now, or None when it may."""
    if not rules.is_open(now, service.id):
        return refusals.CLOSED
    if service.daily_quota is not None and state.issued.get(service.id, 0) >= service.daily_quota:
        return refusals.QUOTA
    if service.hourly_quota is not None and issued_this_hour(state, service.id, now, rules) >= service.hourly_quota:
        return refusals.HOUR_FULL
    return refusals.TOO_LATE if rules.calling.too_late == "refuse" and too_late(state, service, now, rules) else None


def issued_this_hour(state: QueueState, service: str, now: datetime, rules: Rules) -> int:
    """Tickets of a service given out in the running hour of the clock."""
    hour, count = state.hourly.get(service, (-1, 0))
    return count if hour == rules.hour(now) else 0


def too_late(state: QueueState, service: Service, now: datetime, rules: Rules) -> bool:
    """Whether somebody who comes now would, even if all goes well, be called after the last closing of the day."""
    closes = rules.calendar(service.id).closes_for_good(now)
    if closes is None:
        return False
    wait = estimate.wait(state, service.id, estimate.ahead_of_newcomer(state, service.id, rules), rules)
    return wait is not None and now + timedelta(minutes=wait.low) >= closes


def issue(state: QueueState, action: actions.Issue, now: datetime, rules: Rules) -> tuple[facts.QueueFact, ...] | Refusal:
    """A ticket at the end of its line. A request that has its ticket already gets no second one."""
    if action.request is not None and action.request in state.withdrawn:
        return refusals.WITHDRAWN
    if action.request is not None and action.request in state.requests:
        return ()
    service = rules.services.get(action.service)
    if service is None:
        return refusals.unknown_service(action.service)
    if unknown := [other for other in action.then if other not in rules.services]:
        return refusals.unknown_service(unknown[0])
    refusal = closed(state, service, now, rules) if action.slot is None else None
    if refusal is not None:
        return refusal
    counter = numbers.following(state.counters.get(service.prefix, 0), state.blocks.get(service.prefix, ()))
    if counter is None:
        return refusals.NUMBERS_USED_UP
    return (
        facts.TicketGranted(
            at=now, ticket=action.ticket, number=numbers.written(service.prefix, counter), counter=counter,
            service=service.id, prefix=service.prefix, priority=action.priority if action.slot is None else "appointment",
            turn=newest_turn(state, now) if action.slot is None else (*_slot_turn(action.slot), state.serial + state.returns + 1),
            kiosk=action.kiosk, request=action.request, printed=action.printed, rest=action.then, hour=rules.hour(now),
        ),
    )  # fmt: skip


def take_leased(
    state: QueueState, action: actions.TakeLeased, now: datetime, rules: Rules
) -> tuple[facts.QueueFact, ...] | Refusal:
    """A ticket from a block takes the place of the moment at which it was issued; the request it replaces is withdrawn."""
    if action.ticket in state.tickets:
        return ()
    service = rules.services.get(action.service)
    if service is None:
        return refusals.unknown_service(action.service)
    if state.day is None or rules.day(action.issued) != state.day:
        return refusals.OTHER_DAY
    counter = numbers.counted(service.prefix, action.number)
    blocks = state.blocks.get(service.prefix, ())
    if counter is None or not any(b.kiosk in (action.kiosk, LOST) and b.first <= counter <= b.last for b in blocks):
        return refusals.NOT_LEASED
    if action.number in state.numbers:
        return refusals.NUMBER_TAKEN
    issued = min(action.issued, now)
    leased = facts.TicketLeased(
        at=issued, ticket=action.ticket, number=action.number, counter=counter, service=service.id, prefix=service.prefix,
        priority=action.priority, turn=(microseconds(issued), 0, state.serial + state.returns + 1), kiosk=action.kiosk,
        rest=tuple(other for other in action.then if other in rules.services),
    )  # fmt: skip
    return (*_withdraw(state, action.request, now), leased)


def _withdraw(state: QueueState, request: str | None, now: datetime) -> tuple[facts.QueueFact, ...]:
    if request is None:
        return ()
    given_up = facts.RequestWithdrawn(at=now, request=request)
    granted = state.tickets.get(state.requests.get(request) or "")
    if granted is None or granted.state not in ("printing", "waiting"):
        return (given_up,)
    return (given_up, facts.TicketVoided(at=now, ticket=granted.id, why="withdrawn"))


def confirm(state: QueueState, action: actions.ConfirmPrint, now: datetime, _: Rules) -> tuple[facts.QueueFact, ...] | Refusal:
    """A printed ticket waits; a late proof gives a withdrawn one its old place back. A reprint changes nothing."""
    ticket = state.tickets.get(action.ticket)
    if ticket is None:
        return refusals.unknown_ticket(action.ticket)
    if ticket.state == "printing" or (ticket.state == "void" and ticket.why != "withdrawn"):
        return (facts.PrintConfirmed(at=now, ticket=ticket.id),)
    return refusals.ALREADY_DECIDED if ticket.state == "void" else ()


def deny(state: QueueState, action: actions.DenyPrint, now: datetime, _: Rules) -> tuple[facts.QueueFact, ...] | Refusal:
    """A ticket that never reached paper is void, unless it is in use already."""
    ticket = state.tickets.get(action.ticket)
    if ticket is None:
        return refusals.unknown_ticket(action.ticket)
    if ticket.state == "printing":
        return (facts.TicketVoided(at=now, ticket=ticket.id, why="not-printed"),)
    return () if ticket.state == "void" else refusals.ALREADY_DECIDED


def lease_blocks(state: QueueState, action: actions.LeaseBlocks, now: datetime, rules: Rules) -> tuple[facts.QueueFact, ...]:
    """A block for every service whose present one runs low; where numbers are used up, none."""
    found: list[facts.QueueFact] = []
    for service in rules.offered(action.kiosk):
        blocks = state.blocks.get(service.prefix, ())
        present = numbers.held(action.kiosk, blocks)
        if present is not None and not numbers.runs_low(present, rules.leases):
            continue
        block = numbers.free_block(action.kiosk, state.counters.get(service.prefix, 0), blocks, rules.leases)
        if block is not None:
            found.append(
                facts.BlockLeased(
                    at=now, kiosk=action.kiosk, service=service.id, prefix=service.prefix, first=block.first, last=block.last
                )
            )
    return tuple(found)


def unprinted(state: QueueState, now: datetime, rules: Rules) -> tuple[facts.QueueFact, ...]:
    """The tickets whose printing nobody confirmed in time."""
    latest = microseconds(now) - int(rules.calling.unprinted * _SECOND)
    overdue = []
    for turn, ticket in state.printing.items():
        if turn[0] > latest:
            break
        overdue.append(facts.TicketVoided(at=now, ticket=ticket, why="unprinted"))
    return tuple(overdue)
