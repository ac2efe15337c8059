"""Facts of the queue: what has happened, as the journal keeps it for ever."""

from datetime import date, datetime
from typing import Literal

from contract.ticketing import TicketClass
from contract.values import Value
from controller.queue.values import Turn, WindowDoor

VoidReason = Literal["unprinted", "not-printed", "withdrawn"]


class Happened(Value, frozen=True, kw_only=True):
    """Base of all facts."""

    at: datetime


class DayStarted(Happened, frozen=True, kw_only=True, tag="day-started"):
    """A new day: numbers begin again, whoever still waited was not served, windows stand as planned."""

    day: date
    closed: date | None = None
    """The day that is over."""
    open_windows: tuple[str, ...] = ()
    last_turn: int = 0
    """No place of the new day comes before one of the old, also when the clock was set back."""
    recent: dict[str, tuple[float, ...]] = {}
    """Service times of yesterday: what the first estimates of today go by."""


class TicketGranted(Happened, frozen=True, kw_only=True, tag="ticket-granted"):
    """A ticket with its number and place; `printed` when staff gave it by hand."""

    ticket: str
    number: str
    counter: int
    """The number without its prefix."""
    service: str
    prefix: str
    priority: TicketClass
    turn: Turn
    kiosk: str | None = None
    request: str | None = None
    printed: bool = False
    rest: tuple[str, ...] = ()
    """Services that follow on the same ticket."""
    hour: int = 0
    """The hour of the clock whose quota it takes from, counted since 1970."""


class TicketLeased(Happened, frozen=True, kw_only=True, tag="ticket-leased"):
    """A ticket that a kiosk issued from its block while this controller was out of its reach."""

    ticket: str
    number: str
    counter: int
    service: str
    prefix: str
    priority: TicketClass
    turn: Turn
    kiosk: str
    rest: tuple[str, ...] = ()
    """Services that follow on the same ticket."""


class RequestWithdrawn(Happened, frozen=True, kw_only=True, tag="request-withdrawn"):
    """A kiosk no longer wants an answer to a request."""

    request: str


class PrintConfirmed(Happened, frozen=True, kw_only=True, tag="print-confirmed"):
    """The ticket is on paper and in somebody's hand: it waits, at the place it always had."""

    ticket: str


class TicketVoided(Happened, frozen=True, kw_only=True, tag="ticket-voided"):
    """Nobody holds this ticket."""

    ticket: str
    why: VoidReason


class TicketCalled(Happened, frozen=True, kw_only=True, tag="ticket-called"):
    """A ticket is called: the first call of a visit, or a recall of the same visit when `times` is above 1."""

    ticket: str
    number: str
    service: str
    window: str
    call: str
    visit: str
    times: int
    not_after: datetime
    run: int = 0
    """The window's run of priority tickets after this call."""
    passed: int = 0
    """How often in a row it has passed an ordinary ticket that came earlier, after this call."""
    chosen: bool = False
    again: bool = False
    """The ticket had been called before: it was missed, set aside or sent on."""
    away: bool = False
    """The window called it by itself while this controller was out of its reach."""


class ServiceStarted(Happened, frozen=True, kw_only=True, tag="service-started"):
    """The called person has arrived."""

    ticket: str
    window: str
    visit: str
    staff: str | None = None
    """Who serves: times and ratings belong to that person."""


class ServiceFinished(Happened, frozen=True, kw_only=True, tag="service-finished"):
    """The service has ended after `took` seconds."""

    ticket: str
    number: str
    service: str
    window: str
    visit: str
    took: float


class TicketMissed(Happened, frozen=True, kw_only=True, tag="ticket-missed"):
    """The called person did not come (过号)."""

    ticket: str
    window: str
    visit: str


class TicketParked(Happened, frozen=True, kw_only=True, tag="ticket-parked"):
    """The called or served person steps aside; what was served of this visit `took` so many seconds."""

    ticket: str
    number: str
    service: str
    window: str
    visit: str
    took: float | None = None


class TicketMoved(Happened, frozen=True, kw_only=True, tag="ticket-moved"):
    """The ticket waits again, for another service or for one window alone. `next`: its own next service, not a transfer."""

    ticket: str
    number: str
    service: str
    turn: Turn
    window: str | None = None
    """Where it was."""
    visit: str | None = None
    took: float | None = None
    """How long it was served there; None when it was not, or when the end of service has said so already."""
    only: str | None = None
    rest: tuple[str, ...] = ()
    next: bool = False


class TicketReturned(Happened, frozen=True, kw_only=True, tag="ticket-returned"):
    """The holder of a missed ticket is back and waits at a new place."""

    ticket: str
    turn: Turn


class StaffSignedOn(Happened, frozen=True, kw_only=True, tag="staff-signed-on"):
    """Somebody serves at a window from now on; `instead_of`: as the substitute of another (AB 岗)."""

    window: str
    staff: str
    instead_of: str | None = None


class StaffSignedOff(Happened, frozen=True, kw_only=True, tag="staff-signed-off"):
    """Somebody has left a window."""

    window: str
    staff: str


class WindowTurned(Happened, frozen=True, kw_only=True, tag="window-turned"):
    """A window opened, paused or closed."""

    window: str
    door: WindowDoor


class BlockLeased(Happened, frozen=True, kw_only=True, tag="block-leased"):
    """Numbers that from now on one kiosk alone may issue."""

    kiosk: str
    service: str
    prefix: str
    first: int
    last: int


class TicketsAllotted(Happened, frozen=True, kw_only=True, tag="tickets-allotted"):
    """From now on the window's node may call these by itself, for `lasts` seconds after it last spoke."""

    window: str
    node: str
    device: str
    version: int
    tickets: tuple[str, ...]
    lasts: float


class AllotmentKept(Happened, frozen=True, kw_only=True, tag="allotment-kept"):
    """The window's node has given up whatever does not stand in this version."""

    window: str
    version: int


class AllotmentLapsed(Happened, frozen=True, kw_only=True, tag="allotment-lapsed"):
    """The window's node has been silent for so long that it calls nothing new from its allotment."""

    window: str


class TicketsReleased(Happened, frozen=True, kw_only=True, tag="tickets-released"):
    """A person has decided that these may be called elsewhere, after the allotment's time."""

    window: str
    tickets: tuple[str, ...]


class CallTakenBack(Happened, frozen=True, kw_only=True, tag="call-taken-back"):
    """The window had called somebody else by itself meanwhile: this ticket waits again, at the place it always had."""

    ticket: str
    window: str
    visit: str


class AwayNoted(Happened, frozen=True, kw_only=True, tag="away-noted"):
    """What a window did by itself and what changes no ticket of today: it was decided otherwise meanwhile, or its day is over."""

    ticket: str
    number: str
    window: str
    why: str
    """The state in which the ticket was, or `other-day`."""
    call: str | None = None
    visit: str | None = None
    step: Literal["called", "started", "finished", "missed"] = "called"


QueueFact = (
    DayStarted
    | TicketGranted
    | TicketLeased
    | RequestWithdrawn
    | PrintConfirmed
    | TicketVoided
    | TicketCalled
    | ServiceStarted
    | ServiceFinished
    | TicketMissed
    | TicketParked
    | TicketMoved
    | TicketReturned
    | StaffSignedOn
    | StaffSignedOff
    | WindowTurned
    | BlockLeased
    | TicketsAllotted
    | AllotmentKept
    | AllotmentLapsed
    | TicketsReleased
    | CallTakenBack
    | AwayNoted
)
