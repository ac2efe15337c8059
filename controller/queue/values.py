"""What the queue is made of: tickets, windows, number blocks, and the state that holds them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from contract.ticketing import TicketClass
from controller.queue.sorted_map import SortedMap

TicketState = Literal["printing", "waiting", "called", "serving", "parked", "done", "no-show", "void", "unserved"]
WindowDoor = Literal["closed", "open", "paused"]

Turn = tuple[int, int, int]
"""A ticket's place among those of its service and class: microseconds of its issue, how manieth returner behind that
moment, and its serial of the day, which makes it unique."""

Line = SortedMap[Turn, str]
"""Tickets that wait for one service in one class, first come first."""

CLASSES: tuple[TicketClass, ...] = ("priority", "appointment", "ordinary")


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the queue's values."""


class Ticket(Frozen, frozen=True, kw_only=True):
    """One ticket of today."""

    id: str
    number: str
    service: str
    priority: TicketClass
    turn: Turn
    issued: datetime
    state: TicketState
    kiosk: str | None = None
    request: str | None = None
    rest: tuple[str, ...] = ()
    """Services of the same ticket that follow the present one."""
    only: str | None = None
    """The one window for which it waits, after a transfer to that window."""
    window: str | None = None
    visit: str | None = None
    """The id of the first of its present calls: one visit at one window."""
    call: str | None = None
    calls: int = 0
    called: datetime | None = None
    """When it was called last."""
    first_called: datetime | None = None
    started: datetime | None = None
    staff: str | None = None
    """Who serves it, or served it last."""
    ended: datetime | None = None
    why: str = ""
    """Why it is void."""
    passed: int = 0
    """First calls of its service up to its no-show: how many have been called since decides on a late return."""

    @property
    def waits_in(self) -> str:
        """The line in which it waits: of its service, or of the one window for which it waits."""
        return self.service if self.only is None else reserved(self.only)


class WindowNow(Frozen, frozen=True, kw_only=True):
    """A window now. `run` counts the priority tickets it called in a row while an ordinary one waited for it, `passed` the
    ordinary ones that it called past one that came earlier, since it serves their service first."""

    door: WindowDoor = "closed"
    ticket: str | None = None
    run: int = 0
    passed: int = 0
    staff: str | None = None
    """Who serves there."""
    instead_of: str | None = None
    """Whose place that person has taken (AB 岗)."""


def reserved(window: str) -> str:
    """The name of the line of those who wait for one window alone; no service can be called so."""
    return f"window:{window}"


LOST = ""
"""The kiosk of numbers that were in use when the database was lost: nobody gets them anew, and whoever reports one has it."""


class Block(Frozen, frozen=True, kw_only=True):
    """Numbers `first` to `last` of one prefix, which one kiosk alone may issue, and how many it has reported."""

    kiosk: str
    first: int
    last: int
    used: int = 0


class Holding(Frozen, frozen=True, kw_only=True):
    """What a window's node may call by itself: the list in force, and what it may still have of earlier ones."""

    node: str = ""
    device: str = ""
    version: int = 0
    tickets: tuple[str, ...] = ()
    last: Mapping[str, int] = {}
    """Ticket to the last version in which it stood, of all that the node has not given up."""
    lasts: float = 0.0
    """Seconds for which a version may be used, the longest that was ever said of what is held."""
    lapsed: bool = False
    """That time is over for certain: nothing new is called from it, but nobody knows what was."""


CLOSED = WindowNow()
NOTHING = Holding()
NO_LINE: Line = SortedMap()


class QueueState(Frozen, frozen=True, kw_only=True):
    """The whole queue of one day. Its mappings are never changed in place."""

    day: date | None = None
    serial: int = 0
    """Tickets issued today."""
    last_turn: int = 0
    returns: int = 0
    tickets: SortedMap[str, Ticket] = SortedMap()
    numbers: SortedMap[str, str] = SortedMap()
    """Number to ticket."""
    requests: SortedMap[str, str] = SortedMap()
    """Ticket request to ticket."""
    withdrawn: SortedMap[str, bool] = SortedMap()
    """Ticket requests that the kiosk has given up: a grant must not follow."""
    lines: Mapping[tuple[str, TicketClass], Line] = {}
    printing: SortedMap[Turn, str] = SortedMap()
    """Granted tickets whose printing nobody has confirmed."""
    windows: Mapping[str, WindowNow] = {}
    counters: Mapping[str, int] = {}
    """Prefix to the last number issued here."""
    blocks: Mapping[str, tuple[Block, ...]] = {}
    """Prefix to its leased blocks, in the order in which they were leased."""
    issued: Mapping[str, int] = {}
    """Service to its tickets of today."""
    arrivals: Mapping[str, tuple[int, ...]] = {}
    """Service to the moments, in microseconds, at which its last tickets were issued; more than an hour's at the busiest."""
    hourly: Mapping[str, tuple[int, int]] = {}
    """Service to the hour in which it gave out its last ticket, and how many in that hour."""
    first_calls: Mapping[str, int] = {}
    """Service to how many of its tickets were called for the first time today."""
    parked: Mapping[str, tuple[str, ...]] = {}
    """Window to the tickets that are parked there, the longest first."""
    recent: Mapping[str, tuple[float, ...]] = {}
    """Service to the lengths of its last services in seconds."""

    allotments: Mapping[str, Holding] = {}
    """Window to what its node may call by itself."""
    held: SortedMap[str, str] = SortedMap()
    """Ticket to the window that alone may call it, since its node may be doing so."""

    def line(self, service: str, priority: TicketClass) -> Line:
        """Who waits for `service`, or in a line of the name that `reserved` gives, in this class."""
        return self.lines.get((service, priority), NO_LINE)

    def window(self, window: str) -> WindowNow:
        """A window now; one that was never opened is closed."""
        return self.windows.get(window, CLOSED)

    def allotment(self, window: str) -> Holding:
        """What the window's node may call by itself."""
        return self.allotments.get(window, NOTHING)

    def withheld(self, ticket: str, window: str) -> bool:
        """Whether another window's node may be calling `ticket`, so that `window` must not."""
        return self.held.get(ticket) not in (None, window)

    def present(self, window: str) -> Ticket | None:
        """The ticket that is called to or served at `window`."""
        ticket = self.window(window).ticket
        return None if ticket is None else self.tickets.get(ticket)

    def numbered(self, number: str) -> Ticket | None:
        """Today's ticket with this number."""
        ticket = self.numbers.get(number)
        return None if ticket is None else self.tickets.get(ticket)


def replaced(mapping: Mapping[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    """A copy of a small mapping with one entry changed."""
    return {**mapping, key: value}
