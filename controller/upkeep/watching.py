"""What time and devices themselves bring: late checks of rooms, paper that came out, rolls that were put in. Pure."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from contract.health import DeviceState
from controller.hall_rules import HallRules
from controller.queue import Refusal
from controller.state import HallState
from controller.upkeep import checks, orders
from controller.upkeep.defaults import PAPER
from controller.upkeep.facts import PaperFed, RoomCheckLate, SupplyFilled, UpkeepBegan, UpkeepFact
from controller.upkeep.state import apply

FED, ROLLS, LEFT = "paper-mm", "new-roll", "paper-left-mm"
"""Counters of a kiosk."""
STEP_MM = 500
"""So much paper at least is one line of the journal: four or five tickets."""


def sweep(state: HallState, now: datetime, rules: HallRules) -> tuple[UpkeepFact, ...]:
    """What time brings."""
    began = () if state.upkeep.began is not None else (UpkeepBegan(at=now),)
    return (*began, *_late(state, now, rules))


def _late(state: HallState, now: datetime, rules: HallRules) -> Iterator[RoomCheckLate]:
    calendar = rules.queue.calendar()
    for room in rules.config.room:
        slot = checks.due(room, calendar, state.rooms.checked.get(room.id), now)
        if slot is not None and checks.is_late(room, slot, now) and state.upkeep.late.get(room.id) != slot:
            yield RoomCheckLate(at=now, room=room.id, slot=slot)


def said(state: HallState, device: DeviceState, now: datetime, rules: HallRules) -> tuple[PaperFed | SupplyFilled, ...]:
    """What a kiosk's counters say that was not known: they begin anew when it is started anew, and are told now and then."""
    if FED not in device.counts and ROLLS not in device.counts:
        return ()
    meter = state.upkeep.meter(device.device)
    reads, rolls = device.counts.get(FED, 0), device.counts.get(ROLLS, 0)
    anew = reads < meter.reads or rolls < meter.rolls
    mm, new = (reads, rolls) if anew else (reads - meter.reads, rolls - meter.rolls)
    if mm < STEP_MM and not new:
        return ()
    fed = PaperFed(at=now, device=device.device, day=rules.queue.day(now), mm=mm, reads=reads, rolls=rolls)
    if not new:
        return (fed,)
    after = replace(state, upkeep=apply(state.upkeep, fed))
    filled = orders.fill(after, device.device, PAPER, None, None, now, rules)
    return (fed,) if isinstance(filled, Refusal) else (fed, filled)
