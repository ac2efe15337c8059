"""Restored: what must hold in a hall that goes on from a backup, because people and nodes know more than its database.

A number belongs to one person. Numbers that were given out after the backup stand on tickets in people's hands, and kiosks
hold leased ones, so neither may be given again today. Where the lost database can still be read it says which; otherwise so
many are left out as were hardly used. A ticket from such a block that a kiosk still reports is taken in as its own.

Slips lie in files for years, so no guess will do: their numbers go on behind those that the lost database knows, or in a series
of their own.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from controller import slips
from controller.draft import Draft
from controller.hall_rules import HallRules
from controller.presence import Presence
from controller.queue.facts import BlockLeased
from controller.queue.rules import Rules
from controller.queue.values import LOST, QueueState
from controller.service import new_id
from controller.slips import SlipsRestored
from controller.state import HallState, apply, sweep
from controller.store import questions
from controller.store.errors import StoreError
from controller.store.reading import reading
from controller.store.store import Store, fact_of


@dataclass(frozen=True)
class Known:
    """How far the numbers of one prefix had come: the last one given, and the last one leased."""

    given: int
    leased: int


def make_ready(
    store: Store, rules: HallRules, taken: datetime | None, now: datetime, lost: HallState | None, leave_out: int
) -> tuple[tuple[BlockLeased, ...], SlipsRestored]:
    """Let the restored hall come to the present day; gives the numbers that are left out from now on, and how slips go on.

    `taken` is the moment of the backup, where it is known. Raises `StoreError`.
    """
    loaded = store.load()
    state = HallState()
    for fact in loaded.facts:
        state = apply(state, fact)
    draft = Draft(state=state, rules=rules, now=now, new_id=new_id, presence=Presence(), counts=Counter())
    draft.add(sweep(state, now, rules.queue, rules.config.rating))
    blocks = left_out(draft.state.queue, None if lost is None else lost.queue, now, rules.queue, leave_out)
    numbers = slips.goes_on(draft.state.slips, None if lost is None else lost.slips, now, rules.queue.timezone)
    draft.add((*blocks, numbers))
    of = "a backup" if taken is None else f"the backup of {taken:%Y-%m-%d %H:%M:%S} UTC"
    draft.note("restore", f"恢复备份 · restored from {of}", "ok")
    store.commit(draft.batch)
    return blocks, numbers


def state_of(database: Path, backup: Path, hall: str) -> HallState | None:
    """The hall as a database knows it that is about to be replaced; None when it cannot be read or does not go on from `backup`.

    A hall that was begun anew after its database had been lost, say, does not know what had been given before.
    """
    try:
        with reading(f"sqlite:///{backup}") as connection:
            newest = questions.newest_line(connection, hall)
        with reading(f"sqlite:///{database}") as connection:
            if newest is not None and questions.newest_line(connection, hall, newest[0]) != newest:
                return None
            lines = questions.last_day(connection, hall)
        state = HallState()
        for _, body in lines:
            state = apply(state, fact_of(body))
    except (StoreError, msgspec.DecodeError, LookupError):
        return None
    return state


def left_out(state: QueueState, lost: QueueState | None, now: datetime, rules: Rules, leave_out: int) -> tuple[BlockLeased, ...]:
    """The blocks of numbers that nobody may get anew today."""
    found: list[BlockLeased] = []
    for service in rules.services.values():
        prefix, here = service.prefix, _known(state, service.prefix, rules)
        if lost is None:
            there = Known(here.given + leave_out, here.leased + 2 * rules.leases.size * max(1, len(rules.kiosks)))
        else:
            there = _known(lost, prefix, rules) if lost.day == state.day else here
        ranges = [(here.given + 1, there.given), (here.leased + 1, there.leased), *_left_out_before(state, lost, prefix)]
        found += [
            BlockLeased(at=now, kiosk=LOST, service=service.id, prefix=prefix, first=first, last=last)
            for first, last in ranges
            if first <= last
        ]
    return tuple(found)


def _known(state: QueueState, prefix: str, rules: Rules) -> Known:
    leased = max((block.last for block in state.blocks.get(prefix, ()) if block.kiosk != LOST), default=0)
    return Known(given=state.counters.get(prefix, 0), leased=max(leased, rules.leases.start - 1))


def _left_out_before(state: QueueState, lost: QueueState | None, prefix: str) -> list[tuple[int, int]]:
    """What an earlier restore of today had left out."""
    if lost is None or lost.day != state.day:
        return []
    return [(b.first, b.last) for b in lost.blocks.get(prefix, ()) if b.kiosk == LOST and b not in state.blocks.get(prefix, ())]
