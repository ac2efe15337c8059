"""What may be asked of the queue. New ids come with the action, so that a decision leaves nothing to chance."""

from datetime import datetime
from typing import Literal

from contract.ticketing import Priority
from controller.queue.values import Frozen, WindowDoor


class Issue(Frozen, frozen=True, kw_only=True):
    """Give a ticket; `printed` when a person hands it out, `then` when one ticket is for several services in turn."""

    ticket: str
    service: str
    then: tuple[str, ...] = ()
    priority: Priority = "ordinary"
    slot: datetime | None = None
    """The slot of an appointment: its ticket goes ahead from then on, and takes from no quota."""
    kiosk: str | None = None
    request: str | None = None
    printed: bool = False


class TakeLeased(Frozen, frozen=True, kw_only=True):
    """Take in a ticket that a kiosk issued from its block at the moment `issued`."""

    ticket: str
    number: str
    service: str
    then: tuple[str, ...] = ()
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


class Park(Frozen, frozen=True, kw_only=True):
    """The present person steps aside, to fill in a form say; the window is free (挂起)."""

    window: str


class CallParked(Frozen, frozen=True, kw_only=True):
    """Call back whoever is parked at this window: a number, or the one who has been parked longest."""

    window: str
    call: str
    number: str | None = None


class Transfer(Frozen, frozen=True, kw_only=True):
    """The present person goes on to another service, or to one window alone (转移)."""

    window: str
    service: str | None = None
    to: str | None = None


class SignOn(Frozen, frozen=True, kw_only=True):
    """Somebody serves at a window from now on, perhaps in another's place (AB 岗)."""

    window: str
    staff: str
    instead_of: str | None = None


class SignOff(Frozen, frozen=True, kw_only=True):
    """Whoever serves at a window leaves it."""

    window: str


class TurnWindow(Frozen, frozen=True, kw_only=True):
    """Open, pause or close a window."""

    window: str
    door: WindowDoor


class TakeAwayCall(Frozen, frozen=True, kw_only=True):
    """Take in that a window called a ticket by itself at the moment `called`."""

    call: str
    visit: str
    ticket: str
    number: str
    window: str
    called: datetime


class TakeAwayStep(Frozen, frozen=True, kw_only=True):
    """Take in what became of a visit while the window was by itself."""

    ticket: str
    number: str
    window: str
    step: Literal["started", "finished", "missed"]
    at: datetime


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
    | Park
    | CallParked
    | Transfer
    | SignOn
    | SignOff
    | TurnWindow
    | TakeAwayCall
    | TakeAwayStep
    | LeaseBlocks
    | Sweep
)
