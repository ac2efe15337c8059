"""Upkeep as pages, API and terminal see it, drawn from the state. Pure."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from contract.values import Text
from controller.config import HallConfig
from controller.hall_rules import HallRules
from controller.presence import Presence
from controller.state import HallState
from controller.upkeep import checks, inventory, plans, supplies
from controller.upkeep.facts import DeviceDescribed, JobOpened
from controller.upkeep.inventory import Appliance
from controller.upkeep.watching import LEFT
from controller.view_upkeep import DescribedView, JobView, SupplyView, TaskView, TickView, UpkeepView


def view(state: HallState, presence: Presence, rules: HallRules, now: datetime) -> UpkeepView:
    """All of it."""
    config, upkeep = rules.config, state.upkeep
    appliances, timezone = inventory.of(config), rules.queue.timezone
    today = now.astimezone(timezone).date()
    due = plans.due(upkeep, config.upkeep, appliances, now, timezone)
    left = supplies.of_all(upkeep, config.upkeep, appliances, now, timezone, rules.queue.calendar(), _said(presence))
    return UpkeepView(
        devices=tuple(described(one, upkeep.described.get(one.id), config) for one in appliances),
        tasks=tuple(
            TaskView(device=d.appliance.id, task=d.task.id, name=d.task.name.text, on=d.on, now=d.at_hand(today),
                     late=d.late(today), last=d.last)
            for d in due
        ),
        supplies=tuple(
            SupplyView(
                device=x.appliance.id, supply=x.supply.id, name=x.supply.name.text, per=x.supply.per, of=x.of, left=x.left,
                tickets=x.tickets, until=x.until, low=x.low, filled=x.filled,
            )
            for x in left
        ),
        jobs=tuple(_job(job, config) for job in upkeep.jobs.values()),
        ticked=tuple(TickView(item=tick.item, at=tick.at, by=tick.by) for tick in upkeep.ticked.values()),
        written=max((one.at for kept in (upkeep.done, upkeep.described, upkeep.filled) for one in kept.values()), default=None),
    )  # fmt: skip


def described(one: Appliance, said: DeviceDescribed | None, config: HallConfig) -> DescribedView:
    """What the inventory says of a device: what was said on its page, else what stands in hall.toml."""
    source = said or next((asset for asset in config.upkeep.asset if asset.device == one.id), None)
    planned = DescribedView(
        device=one.id, kind=one.kind, driver=one.driver, node=one.node, zone=one.zone, room=one.room, place=one.place
    )
    if source is None:
        return planned
    return replace(
        planned, place=source.place or one.place, serial=source.serial, asset=source.asset, bought=source.bought,
        warranty=source.warranty, notes=source.notes,
    )  # fmt: skip


def brief(whole: UpkeepView) -> UpkeepView:
    """What wants somebody now, for a picture of the hall that goes out at every change."""
    return replace(
        whole, devices=(), tasks=tuple(task for task in whole.tasks if task.now),
        supplies=tuple(supply for supply in whole.supplies if supply.low),
    )  # fmt: skip


def _said(presence: Presence) -> dict[str, int]:
    """What kiosks say themselves of their rolls."""
    return {
        device.device: device.counts[LEFT]
        for devices in presence.devices.values()
        for device in devices.values()
        if LEFT in device.counts
    }


def _job(job: JobOpened, config: HallConfig) -> JobView:
    names = wrong_names(config, job.place, job.task, job.wrong)
    return JobView(job=job.job, place=job.place, opened=job.at, by=job.by, note=job.note, wrong=names)


def wrong_names(config: HallConfig, place: str, task: str | None, wrong: Iterable[str]) -> tuple[Text, ...]:
    """Lines of a check list in words: of a task, or of a room's list; what is not on it any more stands as it is."""
    known = next((t.steps for t in plans.tasks(config.upkeep) if t.id == task), None)
    if known is None:
        known = next((checks.items(room) for room in config.room if room.id == place), ())
    names = {item.id: item.name.text for item in known}
    return tuple(names.get(item, Text(zh=item, en=item)) for item in wrong)
