"""Allotments: the tickets that a window's node may call by itself while the controller is out of its reach, and for how long.

A ticket stands in the allotment of one window at a time. It is called anywhere else only after the window's node has said
that it holds a version of its allotment without it. How long the node may use a version is reckoned on the node's own clock,
from a stamp that the node made and the controller gives back: the node's time is then over before the controller's is,
however long a message was under way.
"""

from typing import Annotated

from msgspec import Meta

from contract.ticketing import TicketClass
from contract.values import MOST, Count, Day, Id, Lapse, Moment, Number, Text, Token, Value

MOST_ALLOTTED = 20
"""Tickets in one allotment at most."""


class AllottedTicket(Value, frozen=True, kw_only=True):
    """A waiting ticket that its window would call next."""

    ticket: Token
    number: Number
    service: Id
    priority: TicketClass = "ordinary"


class AwayRules(Value, frozen=True, kw_only=True):
    """The hall's rules for calling and rating, for a node that has to go by them alone. Times in seconds."""

    times: Annotated[int, Meta(ge=1, le=10)] = 3
    interval: Annotated[float, Meta(ge=0, le=3600)] = 15.0
    fresh: Annotated[float, Meta(gt=0, le=3600)] = 20.0
    rating: Annotated[float, Meta(gt=0, le=86400)] = 60.0
    """How long a rater stays open."""
    grace: Annotated[float, Meta(ge=0, le=3600)] = 5.0


class Allotment(Value, frozen=True, kw_only=True):
    """What `device` on `node` may call at `window` on `day` without the controller, in this order.

    A higher version takes the place of a lower one; an equal one only lengthens the time.
    """

    window: Id
    window_name: Text
    zone: Id
    node: Id
    device: Id
    version: Annotated[int, Meta(ge=1, le=MOST)]
    at: Moment
    day: Day
    stamp: Token
    """The node's own, of its last word that the controller had heard."""
    lasts: Lapse
    """From the stamp's making."""
    rules: AwayRules = AwayRules()
    tickets: Annotated[tuple[AllottedTicket, ...], Meta(max_length=MOST_ALLOTTED)] = ()


class AllotmentHeld(Value, frozen=True, kw_only=True):
    """A node's word on the allotment that it goes by: it has given up whatever does not stand in `version`.

    What it has called by itself stands in its stream of events up to `newest`; before that is stored the word does not count.
    """

    window: Id
    device: Id
    version: Count = 0
    """0: none at all."""
    stamp: Token
    epoch: Token
    newest: Count = 0
