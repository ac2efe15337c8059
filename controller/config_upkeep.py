"""hall.toml: how devices are looked after: inventory, plans of maintenance, consumables, and what is looked at in a room."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from contract.settings import Settings, Weekday
from contract.values import Id
from controller.config_hours import Names

Much = Annotated[float, Meta(gt=0, le=1e9)]


class CheckItem(Settings, frozen=True, kw_only=True):
    """A line of a check list."""

    id: Id
    name: Names


class UpkeepTask(Settings, frozen=True, kw_only=True):
    """A task of maintenance: for whom, how often, and what is to be done. It is due by whichever comes first."""

    id: Id
    name: Names
    kinds: tuple[Id, ...] = ()
    """Such as `kiosk`; `node` is the small computer itself."""
    devices: tuple[Id, ...] = ()
    days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    """Every so many days."""
    tickets: Annotated[int, Meta(ge=1)] | None = None
    """Every so many tickets of a kiosk."""
    weekdays: tuple[Weekday, ...] = ()
    """On each of these."""
    steps: tuple[CheckItem, ...] = ()
    test: bool = False
    """Whether the device is asked to test itself when it is recorded."""

    def __post_init__(self) -> None:
        if not self.kinds and not self.devices:
            raise ValueError(f"`upkeep.task` `{self.id}` is for nobody; write `kinds` or `devices`")
        if self.days is None and self.tickets is None and not self.weekdays:
            raise ValueError(f"`upkeep.task` `{self.id}` is never due; write `days`, `tickets` or `weekdays`")


class Asset(Settings, frozen=True, kw_only=True):
    """What the inventory says of a device, until somebody changes it on its page."""

    device: Id
    serial: str = ""
    asset: str = ""
    """The number on its label (资产编号)."""
    place: str = ""
    bought: date | None = None
    warranty: date | None = None
    notes: str = ""


class Supply(Settings, frozen=True, kw_only=True):
    """A consumable, or a part that wears out: how much of what it lasts for."""

    id: Id
    name: Names
    kinds: tuple[Id, ...] = ()
    devices: tuple[Id, ...] = ()
    per: Literal["metre", "ticket", "task"]
    """What uses it up: metres of paper, tickets, or each time that `task` is done."""
    task: Id | None = None
    lasts: Much
    warn: Annotated[float, Meta(ge=0)]
    """It is low when no more than so much is left."""

    def __post_init__(self) -> None:
        if not self.kinds and not self.devices:
            raise ValueError(f"`upkeep.supply` `{self.id}` is for nobody; write `kinds` or `devices`")
        if (self.per == "task") != (self.task is not None):
            raise ValueError(f'`upkeep.supply` `{self.id}`: `task` belongs to `per = "task"`, and only there')


class Upkeep(Settings, frozen=True, kw_only=True):
    """How the hall's devices are looked after."""

    defaults: bool = True
    """Whether the tasks and consumables hold that come with Hallware; one of the same id here takes the place of that one."""
    roll: Annotated[float, Meta(gt=0, le=1000)] = 80.0
    """Metres of paper on a new roll."""
    ticket: Annotated[float, Meta(gt=0, le=1000)] = 110.0
    """Millimetres of paper that a ticket takes, until the kiosk's own figures say better."""
    few: Annotated[int, Meta(ge=1)] = 150
    """Paper is low when it is enough for no more than so many tickets."""
    task: tuple[UpkeepTask, ...] = ()
    supply: tuple[Supply, ...] = ()
    asset: tuple[Asset, ...] = ()
