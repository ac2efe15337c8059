"""Upkeep: what staff say of devices, consumables and rooms that they looked after."""

from typing import Annotated

from msgspec import Meta

from contract.values import Day, Id, Token, Value

Note = Annotated[str, Meta(max_length=400)]
Wrong = Annotated[tuple[Id, ...], Meta(max_length=40)]
"""What of a check list was not in order."""


class RecordUpkeep(Value, frozen=True, kw_only=True, tag="record-upkeep"):
    """A task of maintenance (定期检修) was done at a device, with what was found."""

    device: Id
    task: Id
    wrong: Wrong = ()
    note: Note = ""
    test: bool = False
    """Let the device test itself now; what it answers is put to this record."""


class DescribeDevice(Value, frozen=True, kw_only=True, tag="describe-device"):
    """What the inventory says of a device, whole: what is left out is empty from now on."""

    device: Id
    serial: Annotated[str, Meta(max_length=60)] = ""
    asset: Annotated[str, Meta(max_length=60)] = ""
    """The number on its label (资产编号)."""
    place: Annotated[str, Meta(max_length=80)] = ""
    bought: Day | None = None
    warranty: Day | None = None
    """The last day on which somebody else pays for its repair."""
    notes: Note = ""


class FillSupply(Value, frozen=True, kw_only=True, tag="fill-supply"):
    """A consumable of a device was put in anew, such as a roll of paper."""

    device: Id
    supply: Id
    amount: Annotated[float, Meta(gt=0, le=1e9)] | None = None
    """How much there is now, where it is not as much as usual: metres of paper, say."""


class CheckRoom(Value, frozen=True, kw_only=True, tag="check-room"):
    """A room was checked and cleaned. What was not in order opens a job."""

    room: Id
    wrong: Wrong = ()
    note: Note = ""


class OpenJob(Value, frozen=True, kw_only=True, tag="open-job"):
    """Something at a device, in a room or at another place wants to be put right (报修)."""

    place: Id
    note: Annotated[str, Meta(min_length=1, max_length=400)]


class CloseJob(Value, frozen=True, kw_only=True, tag="close-job"):
    """A job is done."""

    job: Token
    note: Note = ""


class TickOff(Value, frozen=True, kw_only=True, tag="tick-off"):
    """Somebody on a round has been there. It is ticked for today, or until it is another trouble."""

    item: Annotated[str, Meta(min_length=1, max_length=160)]


UpkeepAction = RecordUpkeep | DescribeDevice | FillSupply | CheckRoom | OpenJob | CloseJob | TickOff
