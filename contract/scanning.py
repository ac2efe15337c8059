"""Scanning: a code that somebody holds before a scanner, and what the controller answers."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.values import Code, Count, Id, Moment, Number, Text, Token, Value, WaitRange, whole

ScannedCode = Annotated[str, Meta(max_length=64, pattern=whole("[A-Za-z0-9_-]+"))]
Outcome = Literal["found", "returned", "checked-in", "refused"]


class ScanRequest(Value, frozen=True, kw_only=True):
    """A scanner has read one of the hall's own codes; what is none of them never leaves the node.

    Asking again with the same id changes nothing twice.
    """

    id: Token
    scanner: Id
    kind: Literal["ticket", "number", "appointment"]
    code: ScannedCode
    """The ticket's id, its number, or the appointment's code."""
    returns: bool = True
    """Whether a missed ticket may come back here by being scanned."""
    slip: Id | None = None
    """The kiosk that prints the answer."""
    at: Moment
    not_after: Moment


class ScanReply(Value, frozen=True, kw_only=True):
    """`found`: the ticket is good, and `what` says where its holder stands; `returned`: a missed one waits again;
    `checked-in`: an appointment has its ticket now, which stands on the slip.
    """

    request: Token
    outcome: Outcome
    code: Code = "ok"
    what: Text
    number: Number | None = None
    ahead: Count | None = None
    wait: WaitRange | None = None
