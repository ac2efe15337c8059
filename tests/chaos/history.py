"""What every layer of a hall recorded of one run: people, wires, nodes, controller. Only values; nothing here judges."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Paper:
    """A page that somebody holds: a ticket when it bears a number, a slip when it bears a slip's token."""

    at: datetime
    kiosk: str
    page: str
    number: str | None = None
    ticket: str | None = None
    """Read from its QR code."""
    slip: str | None = None
    reprint: bool = False
    """Whether 补打 stands on it."""
    whole: bool = True
    """Cut off by the printer, and not torn or broken off."""


@dataclass(frozen=True, slots=True)
class Thanks:
    """A rating key was pressed and then its lamp alone was lit: the citizen has been thanked."""

    at: datetime
    rater: str
    window: str
    level: int


@dataclass(frozen=True, slots=True)
class Occupied:
    """A cubicle's lamp was lit, from the first to the last sight of it."""

    room: str
    cubicle: str
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Sight:
    """What stood on a board from `at` on: the numbers that its pixels spell, from left to right."""

    at: datetime
    board: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """An event as a node reported it, on the wire, on the node's disk or in the controller's inbox."""

    node: str
    epoch: str
    number: int
    kind: str
    """The fact's tag, such as `rating-given`."""
    fact: str
    """The fact as JSON with sorted keys."""
    at: datetime
    """When it happened, as far as this layer knows."""
    outcome: str = ""
    """What the controller did with it: `ok` or the code of a refusal; empty in other layers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A device's word on a call, as it was heard on the wire at `heard`."""

    heard: datetime
    call: str
    node: str
    device: str
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Told:
    """A slip's order and its answer."""

    slip: str
    outcome: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in the controller's store, or in a kiosk's journal."""

    ticket: str
    number: str
    day: str
    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in the controller's journal; `line` is its place there, which tells what was called before what."""

    line: int
    call: str
    ticket: str
    number: str
    window: str
    visit: str
    at: datetime
    not_after: datetime
    over: bool = False
    """Whether the visit that it belongs to has ended."""
    away: bool = False
    """Whether the window made it by itself while the controller was out of its reach."""
    taken_back: bool = False
    """Whether the controller took its visit back, since the window had called somebody else by itself."""


@dataclass(frozen=True, slots=True)
class RatingRow:
    """A rating in the controller's store; `level` is None while nobody has pressed."""

    rating: str
    window: str
    level: int | None


@dataclass(frozen=True, slots=True)
class StayRow:
    """A stay in the controller's store."""

    stay: str
    room: str
    cubicle: str
    started: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the controller's journal."""

    number: int
    kind: str
    of: str
    """The ticket, rating, stay or call that it is about, with the kind of change where one thing may change twice."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """How far the controller says that it has stored a node's stream."""

    node: str
    epoch: str
    stored: int


@dataclass(frozen=True, slots=True)
class BoardPlan:
    """What a board is about: one window, or all of them, with so many recent calls."""

    board: str
    windows: frozenset[str]
    lines: int


@dataclass(frozen=True, slots=True)
class Period:
    """Something was wrong with a program or a device from `began` to `ended`."""

    who: str
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class People:
    """What people saw and held."""

    papers: tuple[Paper, ...] = ()
    thanks: tuple[Thanks, ...] = ()
    occupied: tuple[Occupied, ...] = ()
    slips: tuple[Told, ...] = ()


@dataclass(frozen=True)
class Nodes:
    """What the nodes' disks held."""

    snapshots: tuple[Report, ...] = ()
    """Events that lay in an outbox at some moment of the run, such as right after a kill."""
    waiting: tuple[Report, ...] = ()
    """Events that still lay there at the end."""
    tickets: tuple[TicketRow, ...] = ()
    untold: tuple[str, ...] = ()
    """Facts in a kiosk's journal that never came into its outbox."""


@dataclass(frozen=True)
class Controller:
    """What the controller's store held at the end."""

    inboxes: tuple[Inbox, ...] = ()
    reports: tuple[Report, ...] = ()
    tickets: tuple[TicketRow, ...] = ()
    calls: tuple[CallRow, ...] = ()
    ratings: tuple[RatingRow, ...] = ()
    stays: tuple[StayRow, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Wire:
    """What was heard at the broker; less than was said, since the listener is cut off as well."""

    reports: tuple[Report, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Boards:
    """What stood on the boards: all changes, and what each showed in turn after everything had been mended."""

    plans: tuple[BoardPlan, ...] = ()
    sights: tuple[Sight, ...] = ()
    final: tuple[Sight, ...] = ()
    """Everything that was seen in the last look at each board, after the last fault and its grace."""
    calls: tuple[CallRow, ...] = ()
    """The controller's calls at the time of the last look."""


@dataclass(frozen=True)
class History:
    """All layers."""

    people: People = People()
    nodes: Nodes = Nodes()
    controller: Controller = Controller()
    wire: Wire = Wire()
    boards: Boards = Boards()
    full: tuple[Period, ...] = ()
    """Times in which a node's disk took no data; its agents said so instead of thanking."""
    clocks: tuple[Period, ...] = ()
    """Times in which the controller's clock, which is the hall's, was an hour wrong."""
    outages: tuple[Period, ...] = ()
    """Times in which the broker or the controller said nothing to anybody."""
    touched: tuple[Period, ...] = ()
    """Times in which a node or a board was itself struck, so that its pixels prove nothing."""
    homes: tuple[tuple[str, str], ...] = ()
    """Room or board to the node that looks after it."""
