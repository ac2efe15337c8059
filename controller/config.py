"""hall.toml: the hall's services, windows, zones and rules."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from contract.allotment import MOST_ALLOTTED
from contract.settings import Seconds, Settings, TimeOfDay, Weekday, parse, read, refuse_twice, refuse_unknown_zone
from contract.values import Id, Prefix, Text
from link.address import BrokerAddress

STORE = re.compile(r"sqlite://(/.+)?|postgresql\+psycopg://.+")


Port = Annotated[int, Meta(ge=0, le=65535)]
"""0 takes a free one, which is for tests."""


class Names(Settings, frozen=True, kw_only=True):
    """A name in Chinese and in English."""

    zh: str
    en: str

    @property
    def text(self) -> Text:
        """The same as a message carries it."""
        return Text(zh=self.zh, en=self.en)


WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(Settings, frozen=True, kw_only=True):
    """Opening hours in the hall's time zone; `always` is for demonstrations and 24 h self-service."""

    opens: TimeOfDay = "09:00"
    closes: TimeOfDay = "17:00"
    """Before `opens` it means the next morning."""
    breaks: tuple[tuple[TimeOfDay, TimeOfDay], ...] = ()
    """Such as `[["12:00", "13:30"]]`, in their order: meanwhile nobody gets a ticket."""
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    always: bool = False

    def __post_init__(self) -> None:
        if self.always:
            return
        if self.opens == self.closes:
            raise ValueError(f"`hours`: opens and closes at {self.opens}, so it is never open; write `always = true` for all day")
        edges = [self.opens, *(edge for pause in self.breaks for edge in pause), self.closes]
        overnight = sum(later <= earlier for earlier, later in pairwise(edges))
        if overnight > 1 or (overnight == 1 and self.closes > self.opens) or len(set(edges)) < len(edges):
            raise ValueError(
                f"`hours`: {', '.join(edges)} do not follow one another; write breaks in their order, between the hours"
            )


class Calendar(Settings, frozen=True, kw_only=True):
    """Days that are not as their day of the week is: holidays, and days on which they are made up for (调休)."""

    holidays: tuple[date, ...] = ()
    made_up: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if both := set(self.holidays) & set(self.made_up):
            raise ValueError(f"`calendar`: {min(both)} is a holiday and a made-up working day; take it out of one of them")


class HallTable(Settings, frozen=True, kw_only=True):
    """Who the hall is."""

    id: Id
    name: Names
    timezone: str = "Asia/Shanghai"
    hours: Hours = Hours()
    calendar: Calendar = Calendar()
    idle: Names = Names(zh="欢迎光临，请先取号", en="Welcome, please take a ticket")

    def __post_init__(self) -> None:
        refuse_unknown_zone("hall.timezone", self.timezone)


class Zone(Settings, frozen=True, kw_only=True):
    """A part of the hall."""

    id: Id
    name: Names


class Appointments(Settings, frozen=True, kw_only=True):
    """How a service takes appointments (预约)."""

    minutes: Annotated[int, Meta(ge=5, le=480)] = 30
    """Length of a slot; slots follow one another from each opening."""
    places: Annotated[int, Meta(ge=1, le=1000)] = 2
    """People in one slot."""
    days: Annotated[int, Meta(ge=0, le=90)] = 14
    """So many days ahead may be booked."""
    early: Annotated[float, Meta(ge=0, le=1440)] = 30.0
    """Minutes before the slot from which one may check in."""
    late: Annotated[float, Meta(ge=0, le=1440)] = 10.0
    """Minutes after the slot's beginning at which it is given up."""
    remind: Annotated[float, Meta(ge=0, le=336)] = 24.0
    """Hours before the slot at which a reminder is due."""


class Service(Settings, frozen=True, kw_only=True):
    """What citizens come for; `prefix` begins its numbers."""

    id: Id
    name: Names
    prefix: Prefix
    zone: Id
    expected: Seconds = 300.0
    """How long one takes before the hall has figures of its own."""
    goal: Annotated[float, Meta(gt=0, le=240)] = 10.0
    """Minutes that people should wait on average: what the advice on staffing goes by."""
    daily_quota: Annotated[int, Meta(ge=1)] | None = None
    hourly_quota: Annotated[int, Meta(ge=1)] | None = None
    """Tickets given out in one hour of the clock."""
    appointments: Appointments | None = None
    """Absent: it takes none."""
    hours: Hours | None = None
    """Its own opening hours, where they are not the hall's: self-service round the clock, say."""


class Window(Settings, frozen=True, kw_only=True):
    """A counter. It serves `services`, all alike: whoever came first."""

    id: Id
    name: Names
    zone: Id
    services: Annotated[tuple[Id, ...], Meta(min_length=1)]
    type: Literal["general", "special", "assisted", "green-channel", "minority-language"] = "general"
    open: bool = False
    """Whether it is open when a new day begins."""
    transfer_key: Id | None = None
    """The service to which its caller's transfer key sends people; a key cannot say where."""


class Staff(Settings, frozen=True, kw_only=True):
    """Somebody who serves at windows, with what stands on the name plate (工作人员公示牌)."""

    id: Id
    """A staff number such as `staff-07`; never a name, since ids stand in topics."""
    name: Names
    duty: Names | None = None
    substitutes: tuple[Id, ...] = ()
    """Who may take this person's place (AB 岗); anybody when none is named."""


class Board(Settings, frozen=True, kw_only=True):
    """What a board is about: one window, some zones, or the whole hall when neither is given."""

    id: Id
    window: Id | None = None
    zones: tuple[Id, ...] = ()
    lines: Annotated[int, Meta(ge=1, le=20)] = 5
    """How many recent calls it remembers."""
    idle: Names | None = None


class Kiosk(Settings, frozen=True, kw_only=True):
    """A kiosk and what it offers (everything when `services` is empty)."""

    id: Id
    services: tuple[Id, ...] = ()


class Room(Settings, frozen=True, kw_only=True):
    """A mother-and-baby room."""

    id: Id
    name: Names


class PlannedNode(Settings, frozen=True, kw_only=True):
    """A node and its devices, as they will stand in its node.toml."""

    id: Id
    place: str = ""
    device: tuple[dict[str, Any], ...] = ()


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


class Duty(Settings, frozen=True, kw_only=True):
    """A leader on duty, as the public reads it."""

    name: Names
    phone: str = ""
    days: tuple[Weekday, ...] = ()
    """On these, unless the hall does not work."""
    dates: tuple[date, ...] = ()
    """Whoever names a date has that day, whatever the days of the week say; on holidays too."""

    def __post_init__(self) -> None:
        if not self.days and not self.dates:
            raise ValueError(f"`duty`: {self.name.en} is never on duty; write `days` or `dates`")


class Retention(Settings, frozen=True, kw_only=True):
    """After how many days what is over is deleted; absent days: never."""

    contacts: Annotated[int, Meta(ge=1, le=3650)] | None = 30
    """Where reminders of appointments went, counted from the appointment."""
    rows: Annotated[int, Meta(ge=31, le=36500)] | None = None
    """Tickets, calls, ratings, stays, events, audit log and journal; reports keep their figures."""


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


class Http(Settings, frozen=True, kw_only=True):
    """Where the controller's pages are served; `public_url` stands in QR codes."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""


class Trust(Settings, frozen=True, kw_only=True):
    """Certificates for everybody at the broker; without this table nodes come by name and password."""

    host: Annotated[str, Meta(min_length=1)]
    """This machine as the nodes reach it: a name or an address, of those in its certificate."""
    broker_port: Port = 8883
    enrolment_port: Port = 8884
    ca: Path = Path("/etc/hallware/trust")
    """Folder of the hall's CA."""
    certificate: Path = Path("/etc/hallware/registrar/registrar.crt")
    key: Path = Path("/etc/hallware/registrar/registrar.key")
    loopback: BrokerAddress = BrokerAddress(username="registrar", password_file=Path("/etc/hallware/registrar/broker.password"))
    """The door through which the registrar closes the connections of the revoked."""
    reload: tuple[str, ...] = ()
    """A command that makes the broker read the list of the revoked; none where systemd watches it."""


class HallConfig(Settings, frozen=True, kw_only=True):
    """The whole of hall.toml."""

    hall: HallTable
    store: str = "sqlite:////var/lib/hallware/hall.db"
    """An SQLAlchemy URL: `sqlite:////path/hall.db` or `postgresql+psycopg://…`."""
    broker: BrokerAddress = BrokerAddress()
    http: Http = Http()
    calling: CallingRules = CallingRules()
    rating: RatingRules = RatingRules()
    cases: CaseRules = CaseRules()
    notices: StandingNotices = StandingNotices()
    duty: tuple[Duty, ...] = ()
    retention: Retention = Retention()
    lease: Leases = Leases()
    away: AwayCalls = AwayCalls()
    zone: Annotated[tuple[Zone, ...], Meta(min_length=1)]
    service: Annotated[tuple[Service, ...], Meta(min_length=1)]
    window: Annotated[tuple[Window, ...], Meta(min_length=1)]
    board: tuple[Board, ...] = ()
    kiosk: tuple[Kiosk, ...] = ()
    room: tuple[Room, ...] = ()
    staff: tuple[Staff, ...] = ()
    dispatcher: tuple[Id, ...] = ("dispatch",)
    """User names at the broker that may send dispatch requests."""
    node: tuple[PlannedNode, ...] = ()
    trust: Trust | None = None

    def __post_init__(self) -> None:
        if not STORE.fullmatch(self.store):
            raise ValueError(
                f"`store`: `{self.store.partition('://')[0]}` is no database a hall can be kept in; "
                "write sqlite:////path/hall.db or postgresql+psycopg://user@host/database"
            )
        zones, services, windows = ({part.id for part in parts} for parts in (self.zone, self.service, self.window))
        for name, parts in (
            ("zone", self.zone), ("service", self.service), ("window", self.window), ("board", self.board),
            ("kiosk", self.kiosk), ("room", self.room), ("node", self.node), ("staff", self.staff),
        ):  # fmt: skip
            refuse_twice(name, [part.id for part in parts])
        people = ["controller", "registrar", *self.dispatcher]
        refuse_twice("name at the broker", [*people, *(node.id for node in self.node)])
        refuse_twice("service prefix", [service.prefix for service in self.service])
        for service in self.service:
            _known(f"service `{service.id}`", "zone", {service.zone}, zones)
        for window in self.window:
            _known(f"window `{window.id}`", "zone", {window.zone}, zones)
            _known(f"window `{window.id}`", "service", set(window.services), services)
            _known(f"window `{window.id}`: `transfer_key`", "service", {window.transfer_key} - {None}, services)
        for person in self.staff:
            _known(f"staff `{person.id}`: `substitutes`", "staff", set(person.substitutes), {other.id for other in self.staff})
        for board in self.board:
            _known(f"board `{board.id}`", "zone", set(board.zones), zones)
            _known(f"board `{board.id}`", "window", {board.window} - {None}, windows)
        for kiosk in self.kiosk:
            _known(f"kiosk `{kiosk.id}`", "service", set(kiosk.services), services)


def _known(where: str, what: str, used: set[Any], known: set[str]) -> None:
    if missing := sorted(used - known):
        raise ValueError(f"{where}: there is no {what} `{missing[0]}`; known are {', '.join(sorted(known))}")


def parse_hall(text: str, *, name: str) -> HallConfig:
    """Read the text of a hall.toml. Raises `BadSettings`."""
    return parse(text, HallConfig, name=name)


def load(path: Path) -> HallConfig:
    """Read hall.toml. Raises `BadSettings`."""
    return read(path, HallConfig)
