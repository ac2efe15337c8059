"""What the controller shows of upkeep: frozen pictures for pages and API."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from contract.values import Id, Moment, Text, Token, Value


class TaskView(Value, frozen=True, kw_only=True):
    """A task of maintenance at a device, and when it is due."""

    device: Id
    task: Id
    name: Text
    on: date
    now: bool
    """Whether it should be done today."""
    late: bool
    """Whether its day is over."""
    last: Moment | None = None


class SupplyView(Value, frozen=True, kw_only=True):
    """A consumable of a device; `left` is in metres, tickets or times, by `per`, and unknown until somebody has noted it."""

    device: Id
    supply: Id
    name: Text
    per: str
    of: float
    left: float | None = None
    tickets: int | None = None
    """Paper: enough for about so many."""
    until: date | None = None
    """About until then."""
    low: bool = False
    filled: Moment | None = None


class JobView(Value, frozen=True, kw_only=True):
    """Something that wants to be put right."""

    job: Token
    place: str
    opened: Moment
    by: str
    note: str
    wrong: tuple[Text, ...] = ()
    """The lines of the check list that were not in order."""


class TickView(Value, frozen=True, kw_only=True):
    """Somebody on a round has been there."""

    item: str
    at: Moment
    by: str


class DescribedView(Value, frozen=True, kw_only=True):
    """What the inventory says of a device."""

    device: Id
    kind: str
    driver: str
    node: Id
    place: str
    zone: Id | None = None
    room: Id | None = None
    serial: str = ""
    asset: str = ""
    bought: date | None = None
    warranty: date | None = None
    notes: str = ""


class UpkeepView(Value, frozen=True, kw_only=True):
    """Upkeep now; devices in the order in which one walks through the hall."""

    devices: tuple[DescribedView, ...] = ()
    tasks: tuple[TaskView, ...] = ()
    """Those that are due for longest first."""
    supplies: tuple[SupplyView, ...] = ()
    jobs: tuple[JobView, ...] = ()
    ticked: tuple[TickView, ...] = ()
    written: Moment | None = None
    """When something was last written down of a device: maintenance, a filling, a description."""


class UpkeepRow(Value, frozen=True, kw_only=True):
    """A record of maintenance."""

    record: Token
    at: Moment
    device: Id
    task: Id
    by: str
    wrong: tuple[str, ...] = ()
    note: str = ""
    tested: str | None = None
    """What became of the self-test: `done`, `refused`, `failed` or `late`; None when there was none, or no answer yet."""
    test: Text | None = None


class JobRow(Value, frozen=True, kw_only=True):
    """A job, open or done."""

    job: Token
    place: str
    opened: Moment
    by: str
    note: str
    task: str | None = None
    wrong: tuple[str, ...] = ()
    closed: Moment | None = None
    closed_by: str | None = None
    closed_note: str | None = None


class CheckRow(Value, frozen=True, kw_only=True):
    """A check of a room; `by` is empty where the key in the room was pressed."""

    room: Id
    at: Moment
    by: str | None = None
    wrong: tuple[str, ...] = ()
    note: str = ""


class LateRow(Value, frozen=True, kw_only=True):
    """A check of which staff were reminded."""

    room: Id
    slot: Moment
    at: Moment


class HelpRow(Value, frozen=True, kw_only=True):
    """A call for help, and when staff said that they come."""

    place: Id
    at: Moment
    cubicle: Id | None = None
    answered: Moment | None = None


class TurnRow(Value, frozen=True, kw_only=True):
    """From this moment on a device was in `condition`, and why; of the node itself when `device` is empty."""

    at: Moment
    node: Id
    device: Annotated[str, Meta(max_length=40)]
    condition: str
    code: str = ""
    """The reason as one stable word, such as `paper-out`; empty for nodes, and for turns that an earlier version kept."""
    what: Text | None = None
    """The same in words."""


class StayRow(Value, frozen=True, kw_only=True):
    """One stay in the room log."""

    room: Id
    cubicle: Id
    started: Moment
    lasted: float | None = None
    """Seconds; None while it lasts."""
    long: bool = False
    """Whether it passed the room's limit."""


class RoomBook(Value, frozen=True, kw_only=True):
    """What was written down about rooms in some days, each newest first; nothing about persons who used them."""

    stays: tuple[StayRow, ...] = ()
    checks: tuple[CheckRow, ...] = ()
    lates: tuple[LateRow, ...] = ()
    helps: tuple[HelpRow, ...] = ()
