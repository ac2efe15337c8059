"""The state of upkeep: what was done last, what was put in, what came out, what is still open; facts applied in their order."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from controller.queue.values import Frozen, replaced
from controller.upkeep.facts import (
    DeviceDescribed,
    JobClosed,
    JobOpened,
    PaperFed,
    RoomCheckLate,
    SupplyFilled,
    TickedOff,
    UpkeepBegan,
    UpkeepDone,
    UpkeepFact,
    UpkeepTested,
)

REMEMBERED_DAYS = 35
"""Days of which is known what came out of each kiosk."""


class Done(Frozen, frozen=True, kw_only=True):
    """When a task was done last at a device, and how often in all."""

    at: datetime
    by: str
    tickets: int
    times: int


class DayUse(Frozen, frozen=True, kw_only=True):
    """What came out of a kiosk on one day."""

    day: date
    mm: int = 0
    tickets: int = 0


class Meter(Frozen, frozen=True, kw_only=True):
    """What came out of a kiosk since this hall knows it; `reads` and `rolls` are where the kiosk's own counters stood."""

    mm: int = 0
    tickets: int = 0
    reads: int = 0
    rolls: int = 0
    days: tuple[DayUse, ...] = ()
    """The oldest first, without those on which nothing came out."""


class UpkeepState(Frozen, frozen=True, kw_only=True):
    """Everything about upkeep that is known now; keys of two names are joined by `/`."""

    began: datetime | None = None
    done: Mapping[str, Done] = {}
    """Device and task."""
    described: Mapping[str, DeviceDescribed] = {}
    filled: Mapping[str, SupplyFilled] = {}
    """Device and supply."""
    meters: Mapping[str, Meter] = {}
    jobs: Mapping[str, JobOpened] = {}
    ticked: Mapping[str, TickedOff] = {}
    """What was ticked off on today's rounds."""
    late: Mapping[str, datetime] = {}
    """Room to the check that was not made in time; until it is made."""

    def meter(self, device: str) -> Meter:
        """What came out of it."""
        return self.meters.get(device, Meter())

    def times(self, device: str, task: str) -> int:
        """How often a task was done there."""
        done = self.done.get(key(device, task))
        return 0 if done is None else done.times


def key(device: str, other: str) -> str:
    """Two ids as one key; ids have no `/`."""
    return f"{device}/{other}"


def apply(state: UpkeepState, fact: UpkeepFact) -> UpkeepState:
    """The state after `fact`."""
    match fact:
        case UpkeepBegan():
            return replace(state, began=fact.at)
        case UpkeepDone():
            times = state.times(fact.device, fact.task) + 1
            done = Done(at=fact.at, by=fact.by, tickets=fact.tickets, times=times)
            return replace(state, done=replaced(state.done, key(fact.device, fact.task), done))
        case UpkeepTested():
            return state
        case DeviceDescribed():
            return replace(state, described=replaced(state.described, fact.device, fact))
        case SupplyFilled():
            return replace(state, filled=replaced(state.filled, key(fact.device, fact.supply), fact))
        case PaperFed():
            return replace(state, meters=replaced(state.meters, fact.device, _fed(state.meter(fact.device), fact)))
        case JobOpened():
            return replace(state, jobs=replaced(state.jobs, fact.job, fact))
        case JobClosed():
            return replace(state, jobs={name: job for name, job in state.jobs.items() if name != fact.job})
        case TickedOff():
            return replace(state, ticked=replaced(state.ticked, fact.item, fact))
        case RoomCheckLate():
            return replace(state, late=replaced(state.late, fact.room, fact.slot))


def printed(state: UpkeepState, device: str, day: date) -> UpkeepState:
    """A kiosk has given out a ticket."""
    meter = state.meter(device)
    meter = replace(meter, tickets=meter.tickets + 1, days=_used(meter.days, day, 0, 1))
    return replace(state, meters=replaced(state.meters, device, meter))


def checked(state: UpkeepState, room: str) -> UpkeepState:
    """A room was checked: whatever was late is made good."""
    return replace(state, late={name: slot for name, slot in state.late.items() if name != room})


def next_day(state: UpkeepState, day: date) -> UpkeepState:
    """What a new day takes over: rounds begin anew, and old days of paper are let go."""
    first = day - timedelta(days=REMEMBERED_DAYS)
    meters = {
        name: replace(meter, days=tuple(use for use in meter.days if use.day >= first)) for name, meter in state.meters.items()
    }
    return replace(state, ticked={}, meters=meters)


def _fed(meter: Meter, fact: PaperFed) -> Meter:
    return replace(meter, mm=meter.mm + fact.mm, reads=fact.reads, rolls=fact.rolls, days=_used(meter.days, fact.day, fact.mm, 0))


def _used(days: tuple[DayUse, ...], day: date, mm: int, tickets: int) -> tuple[DayUse, ...]:
    if not mm and not tickets:
        return days
    own = next((use for use in days if use.day == day), DayUse(day=day))
    others = tuple(use for use in days if use.day != day)
    return (*others, replace(own, mm=own.mm + mm, tickets=own.tickets + tickets))
