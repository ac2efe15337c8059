"""Events: the facts that nodes report, in one ordered stream per node that the controller acknowledges."""

from typing import Annotated, Literal

from msgspec import Meta, Raw

from contract.ticketing import Following, Priority
from contract.values import MOST, Count, Id, Lapse, Moment, Number, Text, Token, Value

Level = Annotated[int, Meta(ge=1, le=5, description="from 5, very satisfied, to 1, very dissatisfied; 3 is fairly satisfied")]
Aspect = Literal["attitude", "quality", "efficiency", "environment"]
CallerKey = Literal[
    "next", "recall", "no-show", "start", "finish", "pause", "resume", "invite", "park", "unpark", "transfer", "cancel"
]  # fmt: skip
AwayStep = Literal["started", "finished", "missed", "invited"]


class TicketPrinted(Value, frozen=True, kw_only=True, tag="ticket-printed"):
    """The printer has consumed the ticket. `proof`: `consumed` answered by the printer, `sent` when it gives no answers."""

    ticket: Token
    number: Number
    proof: Literal["consumed", "sent"] = "consumed"
    reprint: bool = False


class TicketNotPrinted(Value, frozen=True, kw_only=True, tag="ticket-not-printed"):
    """The granted ticket did not reach paper, so nobody holds it. `unsure`: it may lie half printed in the slot."""

    ticket: Token
    number: Number
    why: Annotated[str, Meta(max_length=200)]
    unsure: bool = False


class TicketIssued(Value, frozen=True, kw_only=True, tag="ticket-issued"):
    """A ticket that the kiosk issued from its lease while the controller was out of reach.

    `request` names the request that was left unanswered, so that a grant that was on its way is withdrawn.
    """

    ticket: Token
    number: Number
    service: Id
    then: Following = ()
    priority: Priority = "ordinary"
    request: Token | None = None


class RatingGiven(Value, frozen=True, kw_only=True, tag="rating-given"):
    """A citizen's rating of one visit, whole: each further one of the same visit takes the place of the one before.

    `corrected` when a second level within the grace time replaced the first; aspects and reason may follow the level.
    """

    rating: Token
    """The invitation that it answers."""
    window: Id
    level: Level
    after: Lapse
    """From the invitation to the press."""
    corrected: bool = False
    aspects: tuple[Aspect, ...] = ()
    reason: Id | None = None


class RatingLapsed(Value, frozen=True, kw_only=True, tag="rating-lapsed"):
    """The window for a rating closed without a press: 未评价, never satisfied."""

    rating: Token
    window: Id


class ComplaintMade(Value, frozen=True, kw_only=True, tag="complaint-made"):
    """A citizen pressed the key for what could not be done (办不成事): staff should come and listen."""

    complaint: Token
    window: Id


class StayStarted(Value, frozen=True, kw_only=True, tag="stay-started"):
    """Somebody went into a cubicle."""

    stay: Token
    room: Id
    cubicle: Id


class StayEnded(Value, frozen=True, kw_only=True, tag="stay-ended"):
    """The cubicle is free again."""

    stay: Token
    room: Id
    cubicle: Id
    lasted: Lapse


class StayLong(Value, frozen=True, kw_only=True, tag="stay-long"):
    """A stay passed the room's limit; staff look discreetly."""

    stay: Token
    room: Id
    cubicle: Id
    lasted: Lapse


class RoomChecked(Value, frozen=True, kw_only=True, tag="room-checked"):
    """Staff pressed the check-and-clean key."""

    room: Id


class HelpAsked(Value, frozen=True, kw_only=True, tag="help-asked"):
    """A help button was pressed."""

    place: Id
    cubicle: Id | None = None


class KeyPressed(Value, frozen=True, kw_only=True, tag="key-pressed"):
    """Staff pressed a key of a window caller. It means nothing after `not_after`."""

    window: Id
    key: CallerKey
    not_after: Moment


class TicketCalledAway(Value, frozen=True, kw_only=True, tag="ticket-called-away"):
    """A window's node called a ticket of its allotment by itself, since the controller was out of its reach."""

    call: Token
    visit: Token
    """The first call of the visit; of one that the controller began, any token."""
    ticket: Token
    number: Number
    window: Id
    times: Annotated[int, Meta(ge=1, le=MOST)] = 1


class VisitAway(Value, frozen=True, kw_only=True, tag="visit-away"):
    """What became of the visit of a ticket while the controller was out of its window's reach."""

    ticket: Token
    number: Number
    window: Id
    step: AwayStep
    rating: Token | None = None
    """The invitation with which the window's own rater was opened."""


class DeviceTrouble(Value, frozen=True, kw_only=True, tag="device-trouble"):
    """A device's state worth keeping: it broke, or it healed."""

    code: Annotated[str, Meta(max_length=40)]
    what: Text


Fact = (
    TicketPrinted
    | TicketNotPrinted
    | TicketIssued
    | RatingGiven
    | RatingLapsed
    | ComplaintMade
    | StayStarted
    | StayEnded
    | StayLong
    | RoomChecked
    | HelpAsked
    | KeyPressed
    | TicketCalledAway
    | VisitAway
    | DeviceTrouble
)


class Envelope(Value, frozen=True, kw_only=True):
    """The place of one fact in its node's stream."""

    node: Id
    epoch: Token
    """Changes with the node's card or database; numbers start again at 1 with it."""
    number: Annotated[int, Meta(ge=1, le=MOST)]
    device: Id
    at: Moment
    """By the node's clock when it happened."""
    age: Lapse | None = None
    """Seconds between the happening and this sending, by the monotonic clock; absent when the node restarted in between."""
    oldest: bool = False
    """The node has nothing before this: all that came before was acknowledged once. A controller that has less lost it."""


class Event(Envelope, frozen=True, kw_only=True):
    """One fact with its place in the node's stream."""

    fact: Fact


class SealedEvent(Envelope, frozen=True, kw_only=True):
    """An event whose fact this version cannot read, kept as it came: of a newer node, say."""

    fact: Raw


class Ack(Value, frozen=True, kw_only=True):
    """The controller has committed every event of `epoch` up to and with number `stored`.

    With `resend` it has seen a gap and wants all behind `stored` again.
    """

    epoch: Token
    stored: Count
    resend: bool = False
