"""Tables of hall.toml that name its parts: zones, services, windows, people and devices."""

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta

from contract.settings import Seconds, Settings, TimeOfDay, Weekday
from contract.values import Id, Prefix
from controller.config_hours import Hours, Names
from controller.config_upkeep import CheckItem


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
    """A counter. It serves `services`, all alike: whoever came first; those named in `first` before the others."""

    id: Id
    name: Names
    zone: Id
    services: Annotated[tuple[Id, ...], Meta(min_length=1)]
    first: tuple[Id, ...] = ()
    """Services whose ordinary tickets are called here before those of its others, in this order; at most `first_run` times in a
    row while somebody who came earlier waits for the same window."""
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


class Board(Settings, frozen=True, kw_only=True):
    """What a board is about: one window, some zones, or the whole hall when neither is given."""

    id: Id
    window: Id | None = None
    zones: tuple[Id, ...] = ()
    lines: Annotated[int, Meta(ge=0, le=20)] = 5
    """How many recent calls it remembers; 0: it shows notices alone, and nobody waits for it to show a call."""
    idle: Names | None = None


class Kiosk(Settings, frozen=True, kw_only=True):
    """A kiosk and what it offers (everything when `services` is empty)."""

    id: Id
    services: tuple[Id, ...] = ()


class Room(Settings, frozen=True, kw_only=True):
    """A mother-and-baby room."""

    id: Id
    name: Names
    checks: tuple[TimeOfDay, ...] = ()
    """When it is to be checked and cleaned, such as `["08:30", "12:00", "16:00"]`, on days on which the hall works."""
    grace: Annotated[float, Meta(ge=0, le=480)] = 30.0
    """Minutes after such a time at which staff are reminded."""
    items: tuple[CheckItem, ...] = ()
    """What is looked at; when empty what comes with Hallware."""


class PlannedNode(Settings, frozen=True, kw_only=True):
    """A node and its devices, as they will stand in its node.toml."""

    id: Id
    place: str = ""
    device: tuple[dict[str, Any], ...] = ()
