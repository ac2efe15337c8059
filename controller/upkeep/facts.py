"""What happens in upkeep, as the journal keeps it."""

from datetime import date, datetime

from contract.values import Text
from controller.queue.facts import Happened


class UpkeepBegan(Happened, frozen=True, kw_only=True, tag="upkeep-began"):
    """From here on plans count for devices at which nothing was ever recorded."""


class UpkeepDone(Happened, frozen=True, kw_only=True, tag="upkeep-done"):
    """A task was done at a device."""

    record: str
    device: str
    task: str
    by: str
    wrong: tuple[str, ...] = ()
    note: str = ""
    tickets: int = 0
    """The tickets that the device had printed by then."""


class UpkeepTested(Happened, frozen=True, kw_only=True, tag="upkeep-tested"):
    """What a device answered to the self-test of a record."""

    record: str
    outcome: str
    what: Text


class DeviceDescribed(Happened, frozen=True, kw_only=True, tag="device-described"):
    """What the inventory says of a device from now on."""

    device: str
    by: str
    serial: str = ""
    asset: str = ""
    place: str = ""
    bought: date | None = None
    warranty: date | None = None
    notes: str = ""


class SupplyFilled(Happened, frozen=True, kw_only=True, tag="supply-filled"):
    """A consumable was put in anew; the device's own meter stood at these figures."""

    device: str
    supply: str
    amount: float
    by: str | None = None
    """None when the device itself has seen it."""
    mm: int = 0
    tickets: int = 0
    times: int = 0


class PaperFed(Happened, frozen=True, kw_only=True, tag="paper-fed"):
    """So much paper more came out of a kiosk, whose own counters stand at these figures."""

    device: str
    day: date
    mm: int
    reads: int
    rolls: int = 0


class JobOpened(Happened, frozen=True, kw_only=True, tag="job-opened"):
    """Something wants to be put right."""

    job: str
    place: str
    """A device, a room, or another place."""
    note: str
    by: str
    wrong: tuple[str, ...] = ()
    """The lines of the check list that were not in order."""
    task: str | None = None
    """The task of maintenance whose check list that was; None for a room's."""


class JobClosed(Happened, frozen=True, kw_only=True, tag="job-closed"):
    """It is put right."""

    job: str
    by: str
    note: str = ""


class TickedOff(Happened, frozen=True, kw_only=True, tag="ticked-off"):
    """Somebody on a round has been there."""

    item: str
    by: str


class RoomCheckLate(Happened, frozen=True, kw_only=True, tag="room-check-late"):
    """A room was not checked in time."""

    room: str
    slot: datetime


UpkeepFact = (
    UpkeepBegan
    | UpkeepDone
    | UpkeepTested
    | DeviceDescribed
    | SupplyFilled
    | PaperFed
    | JobOpened
    | JobClosed
    | TickedOff
    | RoomCheckLate
)
