"""What the controller shows of the hall: frozen pictures for pages, API and terminal."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.calling import CallAnswer, NoticeLine, WindowState
from contract.dispatch import CheckInCode, NoticeTimes
from contract.events import Aspect
from contract.health import DeviceState, NodeStatus
from contract.overrides import Override
from contract.ticketing import TicketClass
from contract.values import Id, Moment, Number, Text, Token, Value, WaitRange
from controller.view_upkeep import UpkeepView


class TicketView(Value, frozen=True, kw_only=True):
    """One ticket as staff see it."""

    ticket: Token
    number: Number
    service: Id
    priority: TicketClass
    state: Literal["printing", "waiting", "called", "serving", "parked", "done", "no-show", "void", "unserved"]
    issued: Moment
    window: Id | None = None
    calls: int = 0
    ahead: int | None = None
    rate_until: Moment | None = None
    """Until then its page may rate the service that has ended; None when there is none, or somebody has rated it."""
    rated: bool = False
    may_complain: bool = False
    """Whether its page takes a complaint: it was called to a window today, and nobody has complained there."""
    complained: bool = False


class HelperView(Value, frozen=True, kw_only=True):
    """Who has signed on at a window that could help."""

    window: Id
    staff: Id
    name: Text


class ServiceView(Value, frozen=True, kw_only=True):
    """One service's queue."""

    service: Id
    name: Text
    zone: Id
    waiting: tuple[TicketView, ...] = ()
    """Who is next, each class in its order; at most fifty of each."""
    count: int = 0
    """How many wait in all."""
    wait: WaitRange | None = None
    windows_open: int = 0
    windows_needed: int = 0
    """What Erlang C asks for, by the last hour's arrivals and the service's waiting goal."""
    could_help: tuple[Id, ...] = ()
    """Windows that could be opened for it, then those that have nobody to call."""
    helpers: tuple[HelperView, ...] = ()
    """Who has signed on at one of these."""
    why_closed: Text | None = None
    """Why no ticket for it is given now; None while it is."""


class CallView(Value, frozen=True, kw_only=True):
    """One call and what devices did with it."""

    call: Token
    at: Moment
    number: Number
    window: Id
    window_name: Text
    times: int
    answers: tuple[CallAnswer, ...] = ()


class MissingView(Value, frozen=True, kw_only=True):
    """Events that a node had handed in and that are not in this database, since it was restored."""

    first: int
    last: int
    found: Moment


class NodeView(Value, frozen=True, kw_only=True):
    """A node and its devices."""

    node: Id
    place: str
    status: NodeStatus | None = None
    devices: tuple[DeviceState, ...] = ()
    """What each said last; while the node is not there nobody knows how they are."""
    away: Moment | None = None
    """When it was lost or switched off, if this controller has seen that."""
    stored: int = 0
    """Events of this node's present epoch that are committed."""
    missing: tuple[MissingView, ...] = ()


class BoardView(Value, frozen=True, kw_only=True):
    """Which picture a board was told, and which it says that it shows."""

    board: Id
    told: int | None = None
    """The newest version."""
    shown: int | None = None
    """None until it has said so; a node of an older version never does."""
    since: Moment | None = None
    """When that picture stood on it."""
    behind: int = 0
    """By how many versions it is behind."""
    behind_since: Moment | None = None
    """When it was told the first one that it lacks."""
    late: bool = False
    """Whether it is behind for longer than a picture takes on its way."""


class CubicleView(Value, frozen=True, kw_only=True):
    """A cubicle now."""

    cubicle: Id
    occupied: bool
    since: Moment | None = None
    long: bool = False


class RoomView(Value, frozen=True, kw_only=True):
    """A mother-and-baby room now."""

    room: Id
    name: Text
    cubicles: tuple[CubicleView, ...] = ()
    checked: Moment | None = None
    due: Moment | None = None
    """The time for which a check is wanted now; None when it was made, and between times."""
    late: bool = False
    """Whether staff were reminded of it."""
    next: Moment | None = None
    """The next time at which it is to be checked."""


class PlannedNotice(Value, frozen=True, kw_only=True):
    """A notice that is posted and does not stand now: its time has not come yet, or comes again."""

    notice: Token
    text: Text
    zones: tuple[Id, ...] = ()
    urgent: bool = False
    important: bool = False
    since: Moment | None = None
    until: Moment | None = None
    times: NoticeTimes | None = None


class HelpView(Value, frozen=True, kw_only=True):
    """A call for help that nobody has answered yet."""

    id: Token
    place: Id
    at: Moment
    cubicle: Id | None = None


class ComplaintView(Value, frozen=True, kw_only=True):
    """A complaint that nobody has seen to yet."""

    id: Token
    window: Id
    at: Moment
    number: Number | None = None


class CaseView(Value, frozen=True, kw_only=True):
    """A case that is not closed yet."""

    id: Token
    origin: Literal["rating", "complaint"]
    window: Id
    opened: Moment
    next: Literal["verified", "rectified", "replied", "revisited"]
    """The step that comes next."""
    due: Moment | None = None
    """When it must be done."""
    late: bool = False
    number: Number | None = None
    service: Id | None = None
    staff: Id | None = None
    level: int | None = None
    to: Id | None = None
    appeal: str | None = None


class PrintView(Value, frozen=True, kw_only=True):
    """Something that was sent to a printer lately, and what became of it."""

    printing: Token
    template: Id
    number: str
    at: Moment
    device: Id
    by: str
    mark: bool = False
    outcome: Literal["printed", "failed", "refused", "late", "unanswered"] | None = None
    what: Text | None = None
    ticket: Token | None = None
    """The ticket, where it was one."""


class ExpectedView(Value, frozen=True, kw_only=True):
    """How many with an appointment are still to come to a slot of a service today."""

    service: Id
    slot: Moment
    people: int


class OverrideView(Value, frozen=True, kw_only=True):
    """A rule of hall.toml that is another one for a while."""

    override: Token
    what: Override
    since: Moment
    until: Moment
    by: str
    why: str


class RatingFigures(Value, frozen=True, kw_only=True):
    """Published figures: how many rated beside how satisfied they were."""

    invited: int = 0
    given: int = 0
    lapsed: int = 0
    levels: dict[str, int] = {}
    """Level ("1" to "5") to count."""


class WebhookView(Value, frozen=True, kw_only=True):
    """How the messages to one webhook stand."""

    webhook: Id
    host: str
    waiting: int = 0
    oldest: Moment | None = None
    """Since when the oldest of them waits."""
    delivered: int = 0
    given_up: int = 0
    """Both within the last 24 hours."""
    failing_since: Moment | None = None
    """Since when it takes no message; None while it does."""
    said: str = ""
    """What came of the last attempt that failed."""


class HallView(Value, frozen=True, kw_only=True):
    """The whole hall at one moment."""

    hall: Id
    name: Text
    at: Moment
    version: Annotated[int, Meta(ge=0)]
    """Grows with every change; equal versions are equal pictures."""
    windows: tuple[WindowState, ...] = ()
    services: tuple[ServiceView, ...] = ()
    parked: tuple[TicketView, ...] = ()
    """Who stepped aside, each at its window, the longest first."""
    reserved: tuple[TicketView, ...] = ()
    """Who was transferred to one window and waits for it alone."""
    calls: tuple[CallView, ...] = ()
    """Newest first, the last twenty."""
    notices: tuple[NoticeLine, ...] = ()
    planned: tuple[PlannedNotice, ...] = ()
    """Posted, and not standing now."""
    important: tuple[Token, ...] = ()
    """The notices that stand before others."""
    notice_zones: dict[Token, tuple[Id, ...]] = {}
    """The zones of the notices that stand in some zones only."""
    nodes: tuple[NodeView, ...] = ()
    boards: tuple[BoardView, ...] = ()
    rooms: tuple[RoomView, ...] = ()
    help: tuple[HelpView, ...] = ()
    complaints: tuple[ComplaintView, ...] = ()
    ratings: RatingFigures = RatingFigures()
    cases: tuple[CaseView, ...] = ()
    """Open cases, the oldest first."""
    webhooks: tuple[WebhookView, ...] = ()
    out_of_reach: Moment | None = None
    """Since when the broker is out of reach, and with it every node: nothing is called on boards, and nothing is heard."""
    prints: tuple[PrintView, ...] = ()
    """What was sent to printers lately, the newest first."""
    overrides: tuple[OverrideView, ...] = ()
    """What staff have changed of the rules for a while."""
    expected: tuple[ExpectedView, ...] = ()
    """Appointments of today that are still to come."""
    upkeep: UpkeepView = UpkeepView()
    counts: dict[str, int] = {}
    """Refused messages and the like, by reason."""


class RatingRow(Value, frozen=True, kw_only=True):
    """One rating in a list."""

    at: Moment
    window: Id
    number: Number | None = None
    service: Id | None = None
    level: int | None = None
    """None for 未评价."""
    after: float | None = None
    aspects: tuple[Aspect, ...] = ()
    reason: Id | None = None


class AppointmentRow(Value, frozen=True, kw_only=True):
    """One appointment in a list; where its holder is reached is masked."""

    code: CheckInCode
    service: Id
    slot: Moment
    state: Literal["booked", "arrived", "missed", "cancelled"]
    contact: str = ""


class SlotView(Value, frozen=True, kw_only=True):
    """A slot of a service that may be booked, unless all its places are taken."""

    slot: Moment
    places: int
    taken: int


class NoticeRow(Value, frozen=True, kw_only=True):
    """A notice that is down again."""

    notice: Token
    text: Text
    zones: tuple[Id, ...] = ()
    urgent: bool = False
    posted: Moment
    ended: Moment


class AuditRow(Value, frozen=True, kw_only=True):
    """Who asked for what."""

    at: Moment
    actor: str
    what: str
    outcome: str
