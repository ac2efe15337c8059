"""Orders of staff about upkeep, turned into facts and an answer in words, or a refusal. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, get_args

from contract import upkeep as wanted
from contract.values import Text
from controller import rooms
from controller.config_upkeep import CheckItem
from controller.hall_rules import HallRules
from controller.outcome import Done, NewId
from controller.queue import Refusal
from controller.state import HallState
from controller.upkeep import checks, inventory, plans, supplies
from controller.upkeep.facts import DeviceDescribed, JobClosed, JobOpened, SupplyFilled, TickedOff, UpkeepDone

ORDERS: tuple[type[Any], ...] = get_args(wanted.UpkeepAction)


def _refusal(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, Text(zh=zh, en=en))


NO_TASK = _refusal("unknown-task", "该设备没有这项检修任务", "the device has no such task")
NO_SUPPLY = _refusal("unknown-supply", "该设备没有这种耗材", "the device has no such consumable")
NO_ITEM = _refusal("unknown-item", "检查表中没有这一项", "the check list has no such line")
NO_ROOM = _refusal("unknown-room", "没有这个房间", "there is no such room")
NO_PLACE = _refusal("unknown-place", "没有这个设备或地点", "there is no such device or place")
NO_JOB = _refusal("unknown-job", "没有这项任务或已完成", "there is no such job, or it is done")


def carry_out(state: HallState, order: Any, actor: str, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    """What `order` of `actor` makes happen at `now`. A self-test that goes with it is sent by whoever carries it out."""
    return _ORDERS[type(order)](state, order, actor, now, rules, new_id)


def no_device(device: str) -> Refusal:
    """It is not in hall.toml."""
    return _refusal("unknown-device", f"没有设备 {device}", f"there is no device {device}")


def _record(
    state: HallState, order: wanted.RecordUpkeep, by: str, now: datetime, rules: HallRules, new_id: NewId
) -> Done | Refusal:  # fmt: skip
    appliance = inventory.named(rules.config, order.device)
    if appliance is None:
        return no_device(order.device)
    task = next((t for t in plans.tasks_of(rules.config.upkeep, appliance) if t.id == order.task), None)
    if task is None:
        return NO_TASK
    if not _on_list(order.wrong, task.steps):
        return NO_ITEM
    done = UpkeepDone(
        at=now, record=new_id(), device=order.device, task=order.task, by=by, wrong=order.wrong, note=order.note,
        tickets=state.upkeep.meter(order.device).tickets,
    )  # fmt: skip
    what = Text(zh=f"已记录：{task.name.zh}（{order.device}）", en=f"noted: {task.name.en}, {order.device}")
    return Done(facts=(done, *_job(order.device, order.wrong, order.note, by, now, new_id, task.id)), what=what)


def _describe(
    _: HallState, order: wanted.DescribeDevice, by: str, now: datetime, rules: HallRules, __: NewId
) -> Done | Refusal:  # fmt: skip
    if inventory.named(rules.config, order.device) is None:
        return no_device(order.device)
    said = DeviceDescribed(
        at=now, device=order.device, by=by, serial=order.serial, asset=order.asset, place=order.place, bought=order.bought,
        warranty=order.warranty, notes=order.notes,
    )  # fmt: skip
    return Done(facts=(said,), what=Text(zh=f"{order.device} 的资料已更新", en=f"what is known of {order.device} is changed"))


def _fill(state: HallState, order: wanted.FillSupply, by: str, now: datetime, rules: HallRules, __: NewId) -> Done | Refusal:
    filled = fill(state, order.device, order.supply, order.amount, by, now, rules)
    if isinstance(filled, Refusal):
        return filled
    name = next(s.name for s in supplies.supplies(rules.config.upkeep) if s.id == order.supply)
    return Done(facts=(filled,), what=Text(zh=f"{order.device} 已更换{name.zh}", en=f"{name.en} of {order.device} put in anew"))


def fill(
    state: HallState, device: str, supply: str, amount: float | None, by: str | None, now: datetime, rules: HallRules
) -> SupplyFilled | Refusal:  # fmt: skip
    """A consumable is as good as new."""
    appliance = inventory.named(rules.config, device)
    if appliance is None:
        return no_device(device)
    known = next((s for s in supplies.supplies(rules.config.upkeep) if s.id == supply and inventory.concerns(s, appliance)), None)
    if known is None:
        return NO_SUPPLY
    meter = state.upkeep.meter(device)
    return SupplyFilled(
        at=now, device=device, supply=supply, by=by, mm=meter.mm, tickets=meter.tickets,
        amount=supplies.full(rules.config.upkeep, known) if amount is None else amount,
        times=state.upkeep.times(device, known.task or ""),
    )  # fmt: skip


def _check(_: HallState, order: wanted.CheckRoom, by: str, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    room = next((room for room in rules.config.room if room.id == order.room), None)
    if room is None:
        return NO_ROOM
    if not _on_list(order.wrong, checks.items(room)):
        return NO_ITEM
    seen = rooms.RoomWasChecked(at=now, room=room.id, by=by, wrong=order.wrong, note=order.note)
    jobs = _job(room.id, order.wrong, order.note, by, now, new_id, None)
    return Done(facts=(seen, *jobs), what=Text(zh=f"{room.name.zh}检查已记录", en=f"{room.name.en}: the check is noted"))


def _job(
    place: str, wrong: tuple[str, ...], note: str, by: str, now: datetime, new_id: NewId, task: str | None
) -> tuple[JobOpened, ...]:  # fmt: skip
    """A job for what was not in order."""
    return (JobOpened(at=now, job=new_id(), place=place, note=note, by=by, wrong=wrong, task=task),) if wrong else ()


def _on_list(wrong: Iterable[str], items: Iterable[CheckItem]) -> bool:
    return set(wrong) <= {item.id for item in items}


def _open(_: HallState, order: wanted.OpenJob, by: str, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    config = rules.config
    places = {part.id for parts in (config.zone, config.window, config.room) for part in parts}
    if order.place not in places and inventory.named(config, order.place) is None:
        return NO_PLACE
    job = JobOpened(at=now, job=new_id(), place=order.place, note=order.note, by=by)
    return Done(facts=(job,), what=Text(zh="已报修", en="the job is noted"))


def _close(state: HallState, order: wanted.CloseJob, by: str, now: datetime, _: HallRules, __: NewId) -> Done | Refusal:
    if order.job not in state.upkeep.jobs:
        return NO_JOB
    return Done(facts=(JobClosed(at=now, job=order.job, by=by, note=order.note),), what=Text(zh="已完成", en="done"))


def _tick(_: HallState, order: wanted.TickOff, by: str, now: datetime, __: HallRules, ___: NewId) -> Done | Refusal:
    return Done(facts=(TickedOff(at=now, item=order.item, by=by),), what=Text(zh="已看过", en="somebody has been there"))


_ORDERS: Mapping[type[Any], Callable[[HallState, Any, str, datetime, HallRules, NewId], Done | Refusal]] = {
    wanted.RecordUpkeep: _record,
    wanted.DescribeDevice: _describe,
    wanted.FillSupply: _fill,
    wanted.CheckRoom: _check,
    wanted.OpenJob: _open,
    wanted.CloseJob: _close,
    wanted.TickOff: _tick,
}
