"""Nearing: a ticket's turn comes soon, which is said once while it waits, however it came so near. Pure.

A wait is a place in a line. A ticket that is sent on, or comes back after it was missed, has a new one, and is told again.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from msgspec.structs import replace

from contract.ticketing import TicketClass
from controller.queue import estimate
from controller.queue.facts import Happened
from controller.queue.issuing import microseconds
from controller.queue.rules import Rules
from controller.queue.sorted_map import SortedMap
from controller.queue.values import CLASSES, Frozen, QueueState, Ticket, Turn

Wait = tuple[str, Turn]
"""A line, and a place in it."""


class TurnNear(Happened, frozen=True, kw_only=True, tag="turn-near"):
    """Few people are left before a ticket; of this wait it has not been said before."""

    ticket: str
    number: str
    service: str
    line: str
    turn: Turn
    ahead: int


class NearingState(Frozen, frozen=True, kw_only=True):
    """Who was told today, and where messages about tickets go that came of an appointment."""

    told: SortedMap[str, Wait] = SortedMap()
    """Ticket to the last wait of which it was said."""
    contacts: SortedMap[str, str] = SortedMap()


def near(
    state: QueueState, known: NearingState, before: Mapping[tuple[str, TicketClass], Any], most: int, now: datetime, rules: Rules
) -> tuple[TurnNear, ...]:
    """Whose turn has come near since the lines were as `before`: at most `most` people are left before them.

    Lines that nobody joined or left are passed over, but for those of appointments, in which time alone changes something.
    """
    changed = {
        line for (line, priority), tickets in state.lines.items()
        if priority == "appointment" or before.get((line, priority)) is not tickets
    }  # fmt: skip
    return tuple(
        TurnNear(at=now, ticket=ticket.id, number=ticket.number, service=ticket.service, line=line, turn=ticket.turn, ahead=ahead)
        for line in sorted(changed)
        for ticket, ahead in _first(state, line, most, now, rules)
        if known.told.get(ticket.id) != (line, ticket.turn)
    )


def _first(state: QueueState, line: str, most: int, now: datetime, rules: Rules) -> Iterator[tuple[Ticket, int]]:
    """Those of a line with at most `most` others before them: of each class among its first, so no line is gone through."""
    for priority in CLASSES:
        for name in islice(state.line(line, priority).values(), most + 1):
            ticket = state.tickets.get(name)
            # Somebody with an appointment stands first in line long before it: only from its time on is that a place.
            if ticket is None or (priority == "appointment" and ticket.turn[0] > microseconds(now)):
                break
            if ticket.service in rules.services:
                ahead = estimate.ahead(state, ticket, rules)
                if ahead <= most:
                    yield ticket, ahead


def apply(state: NearingState, fact: TurnNear) -> NearingState:
    """The state after `fact`."""
    return replace(state, told=state.told.put(fact.ticket, (fact.line, fact.turn)))


def with_contact(state: NearingState, ticket: str, contact: str) -> NearingState:
    """The state with where messages about a ticket go."""
    return replace(state, contacts=state.contacts.put(ticket, contact)) if contact else state
