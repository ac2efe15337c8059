"""Consumables: how much is left of each, for how many tickets, and until about when. Pure.

Paper is reckoned from what was put in and what the kiosk says came out; a kiosk at which nobody ever noted a roll is believed
when it says itself what is left. A hall's usage a day is the mean of the days on which it was used.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from controller.config_upkeep import Supply, Upkeep
from controller.upkeep.defaults import PAPER, SUPPLIES
from controller.upkeep.inventory import Appliance, concerns
from controller.upkeep.state import DayUse, Meter, UpkeepState, key

DAY = timedelta(days=1)
LEARNT_FROM = 14
"""The last days of use by which a day's usage is known."""
ENOUGH = 20
"""Tickets from which on a kiosk's own length of a ticket is believed."""
FARTHEST = 60
"""Days within which it is said when something is used up."""


class WorkingDays(Protocol):
    """Which days the hall works."""

    def is_working_day(self, day: date) -> bool:
        """Whether it works on `day`."""
        ...


@dataclass(frozen=True)
class Left:
    """What is left of a consumable at a device."""

    appliance: Appliance
    supply: Supply
    of: float
    """As much as there was when it was put in."""
    left: float | None
    """In metres, tickets or times; None where nobody knows."""
    tickets: int | None = None
    """Paper: enough for about so many."""
    until: date | None = None
    """About until this day, by what the hall uses; None when it is farther away or not known."""
    low: bool = False
    filled: datetime | None = None


def supplies(config: Upkeep) -> tuple[Supply, ...]:
    """Those of hall.toml, and those that come with Hallware."""
    own = {supply.id for supply in config.supply}
    return (*config.supply, *(supply for supply in SUPPLIES if config.defaults and supply.id not in own))


def full(config: Upkeep, supply: Supply) -> float:
    """How much there is when it is new."""
    return config.roll if supply in SUPPLIES and supply.id == PAPER else supply.lasts


def left(
    state: UpkeepState, config: Upkeep, appliance: Appliance, supply: Supply, now: datetime, timezone: ZoneInfo,
    calendar: WorkingDays, said_mm: int | None = None,
) -> Left:  # fmt: skip
    """How one consumable stands; `said_mm` is what the kiosk itself says of its roll."""
    filled = state.filled.get(key(appliance.id, supply.id))
    amount = full(config, supply) if filled is None else filled.amount
    meter, today = state.meter(appliance.id), now.astimezone(timezone).date()
    used = _used(state, appliance, supply, meter)
    rest: float | None = max(0.0, amount - used)
    if supply.id == PAPER and filled is None:
        rest = None if said_mm is None else said_mm / 1000
    tickets = None
    if supply.id == PAPER and rest is not None:
        tickets = int(1000 * rest / ticket_mm(meter, config))
    low = rest is not None and (rest <= supply.warn or (tickets is not None and tickets <= config.few))
    until = None if rest is None else _until(rest, _a_day(supply, meter, today), _today(supply, meter, today), today, calendar)
    return Left(appliance, supply, amount, rest, tickets, until, low, None if filled is None else filled.at)


def ticket_mm(meter: Meter, config: Upkeep) -> float:
    """The paper of a ticket, with all slips and test pages in it, by what came out lately."""
    mm, tickets = sum(use.mm for use in meter.days), sum(use.tickets for use in meter.days)
    return mm / tickets if tickets >= ENOUGH and mm > 0 else config.ticket


def of_all(
    state: UpkeepState, config: Upkeep, appliances: tuple[Appliance, ...], now: datetime, timezone: ZoneInfo,
    calendar: WorkingDays, said_mm: dict[str, int],
) -> tuple[Left, ...]:  # fmt: skip
    """Every consumable of every device."""
    return tuple(
        left(state, config, appliance, supply, now, timezone, calendar, said_mm.get(appliance.id))
        for appliance in appliances
        for supply in supplies(config)
        if concerns(supply, appliance)
    )


def _used(state: UpkeepState, appliance: Appliance, supply: Supply, meter: Meter) -> float:
    filled = state.filled.get(key(appliance.id, supply.id))
    if supply.per == "metre":
        return (meter.mm - (0 if filled is None else filled.mm)) / 1000
    if supply.per == "ticket":
        return meter.tickets - (0 if filled is None else filled.tickets)
    return state.times(appliance.id, supply.task or "") - (0 if filled is None else filled.times)


def _a_day(supply: Supply, meter: Meter, today: date) -> float:
    """What is used on a day of use; 0 while no day is over."""
    days = [_of(supply, use) for use in meter.days if use.day < today][-LEARNT_FROM:]
    return sum(days) / len(days) if days else 0.0


def _today(supply: Supply, meter: Meter, today: date) -> float:
    return sum(_of(supply, use) for use in meter.days if use.day == today)


def _of(supply: Supply, use: DayUse) -> float:
    return {"metre": use.mm / 1000, "ticket": float(use.tickets), "task": 0.0}[supply.per]


def _until(rest: float, a_day: float, today_used: float, today: date, calendar: WorkingDays) -> date | None:
    """The day on which it is used up, working days alone counted; what of today's usual is used already is not used again."""
    if a_day <= 0:
        return None
    rest -= max(0.0, a_day - today_used)
    for day in (today + n * DAY for n in range(FARTHEST)):
        if day > today and calendar.is_working_day(day):
            rest -= a_day
        if rest <= 0:
            return day
    return None
