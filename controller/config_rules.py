"""Tables of hall.toml with the hall's rules: calling, ratings, cases, notices, what is kept, and calls without the controller."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from contract.allotment import MOST_ALLOTTED
from contract.settings import Seconds, Settings
from contract.values import Id, whole


class CallingRules(Settings, frozen=True, kw_only=True):
    """How tickets are called."""

    times: Annotated[int, Meta(ge=1, le=10)] = 3
    """Calls of a ticket before no-show may be said."""
    interval: Annotated[float, Meta(ge=0)] = 15.0
    """Seconds between two calls of one ticket."""
    fresh: Seconds = 20.0
    """A call that has not been shown after so long is not shown any more."""
    priority_run: Annotated[int, Meta(ge=1)] = 2
    """At most so many priority tickets in a row while an ordinary one waits for the same window."""
    first_run: Annotated[int, Meta(ge=1)] = 3
    """At most so many calls in a row go to a service that a window serves `first`, past an ordinary ticket that came earlier."""
    late_return: Literal["end", "back-of-queue", "after-k", "within"] = "after-k"
    """Whoever missed a call and comes back: is void, queues at the end, comes after `late_after` others, or, back `within`
    `late_numbers` numbers or `late_minutes` minutes, is next."""
    late_after: Annotated[int, Meta(ge=1)] = 3
    late_numbers: Annotated[int, Meta(ge=0)] = 5
    late_minutes: Annotated[float, Meta(ge=0)] = 15.0
    transfer: Literal["own-place", "back-of-queue"] = "own-place"
    """Where a transferred ticket waits: by the moment at which it was issued, or behind everybody."""
    too_late: Literal["give", "refuse"] = "give"
    """What becomes of somebody whose turn, by the estimate, would come after closing."""
    staffed: bool = False
    """Whether a window calls only when somebody has signed on there."""
    unprinted: Seconds = 120.0
    """A granted ticket whose printing nobody confirmed is withdrawn after so long."""


class RatingRules(Settings, frozen=True, kw_only=True):
    """How services are rated."""

    window: Seconds = 60.0
    grace: Annotated[float, Meta(ge=0, le=3600)] = 5.0
    phone: Annotated[float, Meta(ge=0, le=43200)] = 1800.0
    """So many seconds after the service ended may the ticket's page rate it, if nobody has at the window; 0: not at all."""
    hasty: Annotated[float, Meta(ge=0)] = 3.0
    """A rating that comes sooner after its invitation, in seconds, is marked for a look: did the citizen press it?"""
    deemed: Annotated[int, Meta(ge=0, le=366)] = 0
    """After so many natural days a service that nobody rated counts as 基本满意 in the satisfaction rate of reports; 0: never.
    The response rate and the levels stay what was pressed."""
    alike: Annotated[int, Meta(ge=0)] = 30
    """So many ratings of one level in a row at a window on a day are marked for a look; 0: never."""


class CaseRules(Settings, frozen=True, kw_only=True):
    """Deadlines of the cases that poor ratings and complaints open, in working days after the day of opening."""

    verify: Annotated[int, Meta(ge=0, le=60)] = 1
    rectify: Annotated[int, Meta(ge=0, le=250)] = 15


class StandingNotices(Settings, frozen=True, kw_only=True):
    """Notices that the hall makes by itself, for all boards."""

    hours: bool = False
    """The opening hours of the day; after closing, when it opens next."""
    duty: bool = False
    """Who of the leaders is on duty today (领导值班), by `[[duty]]`."""
    figures: bool = False
    """The day's ratings: how many rated beside how satisfied they were."""


class SlipNumbers(Settings, frozen=True, kw_only=True):
    """How the slips of one template are numbered, where that is not as for the others."""

    template: Id
    prefix: Annotated[str, Meta(pattern=whole("([A-Z0-9][A-Z0-9-]{0,11})?"))] = ""
    restart: Literal["day", "year"] | None = None
    digits: Annotated[int, Meta(ge=3, le=8)] | None = None


class SlipRules(Settings, frozen=True, kw_only=True):
    """Slips (凭证, 告知单): each template has its own running number, without a gap."""

    restart: Literal["day", "year"] = "day"
    """When numbers begin again at 1; the day or the year stands before them."""
    digits: Annotated[int, Meta(ge=3, le=8)] = 4
    numbers: tuple[SlipNumbers, ...] = ()
    templates: Path | None = None
    """The hall's own templates, the same folder as on the kiosks; without it those that Hallware brings."""
    paper: Literal[58, 80] = 80
    """Width of the paper that previews show."""


class Retention(Settings, frozen=True, kw_only=True):
    """After how many days what is over is deleted; absent days: never."""

    contacts: Annotated[int, Meta(ge=1, le=3650)] | None = 30
    """Where reminders of appointments went, counted from the appointment."""
    slips: Annotated[int, Meta(ge=1, le=3650)] | None = 30
    """What was filled into slips; their numbers stay, and they cannot be printed again."""
    rows: Annotated[int, Meta(ge=31, le=36500)] | None = None
    """Tickets, calls, ratings, stays, log of slips, events, turns of devices, audit log, journal; reports keep their figures."""


class Leases(Settings, frozen=True, kw_only=True):
    """Number blocks for kiosks that have lost the controller: `size` numbers each, from `start` up."""

    size: Annotated[int, Meta(ge=1, le=500)] = 50
    start: Annotated[int, Meta(ge=100, le=9000)] = 800


class AwayCalls(Settings, frozen=True, kw_only=True):
    """What a window whose node has a caller may call by itself while it has lost the controller."""

    tickets: Annotated[int, Meta(ge=0, le=MOST_ALLOTTED)] = 5
    """So many of the tickets that it would call next; 0: none."""
    lasts: Annotated[float, Meta(ge=30, le=86400)] = 3600.0
    """Seconds for which a node goes by them without a word of the controller."""
