"""What may be asked of the queue. New ids come with the action, so that a decision leaves nothing to chance."""

from datetime import datetime

from contract.ticketing import Priority
from controller.queue.values import Frozen, WindowDoor


class Issue(Frozen, frozen=True, kw_only=True):
    """Give a ticket; `printed` when a person hands it out."""

    ticket: str
    service: str
    priority: Priority = "ordinary"
    kiosk: str | None = None
    request: str | None = None
    printed: bool = False


class TakeLeased(Frozen, frozen=True, kw_only=True):
    """Take in a ticket that a kiosk issued from its block at the moment `issued`."""

    ticket: str
    number: str
    service: str
    priority: Priority
    kiosk: str
    issued: datetime
    request: str | None = None


class ConfirmPrint(Frozen, frozen=True, kw_only=True):
    """The printer has consumed the ticket."""

    ticket: str


class DenyPrint(Frozen, frozen=True, kw_only=True):
    """The ticket did not reach paper."""

    ticket: str


class CallNext(Frozen, frozen=True, kw_only=True):
    """Call whoever is next."""

    window: str
    call: str


class CallChosen(Frozen, frozen=True, kw_only=True):
    """Call a waiting ticket out of turn."""

    window: str
    number: str
    call: str


class Recall(Frozen, frozen=True, kw_only=True):
    """Call the present ticket once more."""

    window: str
    call: str


class Start(Frozen, frozen=True, kw_only=True):
    """Service begins."""

    window: str


class Finish(Frozen, frozen=True, kw_only=True):
    """Service ends."""

    window: str


class NoShow(Frozen, frozen=True, kw_only=True):
    """The called person did not come."""

    window: str


class ReturnTicket(Frozen, frozen=True, kw_only=True):
    """The holder of a missed number is back."""

    number: str


class TurnWindow(Frozen, frozen=True, kw_only=True):
    """Open, pause or close a window."""

    window: str
    door: WindowDoor


class LeaseBlocks(Frozen, frozen=True, kw_only=True):
    """See to it that each service of a kiosk has a block with enough numbers left."""

    kiosk: str


class Sweep(Frozen, frozen=True, kw_only=True):
    """What time itself brings: a new day, tickets that nobody confirmed as printed."""


QueueAction = (
    Issue
    | TakeLeased
    | ConfirmPrint
    | DenyPrint
    | CallNext
    | CallChosen
    | Recall
    | Start
    | Finish
    | NoShow
    | ReturnTicket
    | TurnWindow
    | LeaseBlocks
    | Sweep
)
