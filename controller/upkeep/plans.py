"""Plans of maintenance (定期检修): which tasks a device has, and when each is due. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from controller.config_hours import WEEKDAYS
from controller.config_upkeep import Upkeep, UpkeepTask
from controller.upkeep.defaults import TASKS
from controller.upkeep.inventory import Appliance, concerns
from controller.upkeep.state import UpkeepState, key

DAY = timedelta(days=1)
Why = Literal["days", "tickets", "weekday"]


@dataclass(frozen=True)
class Due:
    """A task of a device and the day on which it is due."""

    appliance: Appliance
    task: UpkeepTask
    on: date
    why: Why
    last: datetime | None

    def at_hand(self, today: date) -> bool:
        """Whether it should be done today."""
        return self.on <= today

    def late(self, today: date) -> bool:
        """Whether its day is over."""
        return self.on < today


def tasks(config: Upkeep) -> tuple[UpkeepTask, ...]:
    """Those of hall.toml, and those that come with Hallware."""
    own = {task.id for task in config.task}
    return (*config.task, *(task for task in TASKS if config.defaults and task.id not in own))


def tasks_of(config: Upkeep, appliance: Appliance) -> tuple[UpkeepTask, ...]:
    """Those of one device."""
    return tuple(task for task in tasks(config) if concerns(task, appliance))


def due(
    state: UpkeepState, config: Upkeep, appliances: tuple[Appliance, ...], now: datetime, timezone: ZoneInfo
) -> tuple[Due, ...]:
    """Every task of every device, with the day on which it is due next; those that are due for longest first."""
    today = now.astimezone(timezone).date()
    began = today if state.began is None else state.began.astimezone(timezone).date()
    found = [
        _next(state, appliance, task, began, today, timezone) for appliance in appliances for task in tasks_of(config, appliance)
    ]
    return tuple(sorted(found, key=lambda each: each.on))


def _next(
    state: UpkeepState, appliance: Appliance, task: UpkeepTask, began: date, today: date, timezone: ZoneInfo
) -> Due:  # fmt: skip
    done = state.done.get(key(appliance.id, task.id))
    last = None if done is None else done.at.astimezone(timezone).date()
    printed = state.meter(appliance.id).tickets - (0 if done is None else done.tickets)
    on, why = min(_reasons(task, last, began, printed, today))
    return Due(appliance, task, on, why, None if done is None else done.at)


def _reasons(task: UpkeepTask, last: date | None, began: date, printed: int, today: date) -> Iterator[tuple[date, Why]]:
    """Each way in which it comes due; one that cannot be foreseen is far away."""
    if task.days is not None:
        yield (last or began) + timedelta(days=task.days), "days"
    if task.tickets is not None:
        yield (today if printed >= task.tickets else date.max), "tickets"
    if task.weekdays:
        yield _weekday_after(began - DAY if last is None else last, task.weekdays), "weekday"


def _weekday_after(day: date, weekdays: tuple[str, ...]) -> date:
    """The first of these days of the week that comes after `day`."""
    return next(later for n in range(1, 8) if WEEKDAYS[(later := day + n * DAY).weekday()] in weekdays)
