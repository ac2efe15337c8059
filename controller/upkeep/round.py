"""The round through the hall: everything that needs a hand now, place by place in the order in which one walks. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zlib import crc32

from contract.health import WANTING
from controller.view import HallView, NodeView, RoomView
from controller.view_upkeep import DescribedView, JobView, SupplyView, TaskView, TickView, UpkeepView

Kind = Literal["lost", "never", "node", "ill", "room", "job", "task", "supply"]


@dataclass(frozen=True)
class Thing:
    """One thing to do at a place; its id stays the same until the trouble is another one."""

    id: str
    kind: Kind
    of: str
    """The device, the room or the job."""
    about: Any
    """The state, task, consumable, room or job itself; for a node that is lost, was never seen or is in trouble the node."""
    late: bool = False
    ticked: TickView | None = None


@dataclass(frozen=True)
class Stop:
    """A place on the way, and what there is to do there."""

    id: str
    place: str
    zone: str | None
    room: str | None
    things: tuple[Thing, ...]


def stops(view: HallView, whole: UpkeepView) -> tuple[Stop, ...]:
    """The stops at which there is anything to do; what belongs to no device comes last."""
    ticked = {tick.item: tick for tick in whole.ticked}
    left = {name: list(things) for name, things in _by_stop(view, whole, ticked).items()}
    found = [
        Stop(name, one.place, one.zone, one.room, tuple(left.pop(name)))
        for name, one in _walk(whole.devices)
        if name in left
    ]  # fmt: skip
    return (*found, *(Stop(name, name, None, None, tuple(things)) for name, things in left.items()))


def to_do(found: Iterable[Stop]) -> int:
    """How much of it nobody has ticked off."""
    return sum(thing.ticked is None for stop in found for thing in stop.things)


def _walk(devices: Iterable[DescribedView]) -> Iterator[tuple[str, DescribedView]]:
    """Each stop once: a room by itself, all other devices with their node."""
    seen = set()
    for one in devices:
        name = _stop_of(one)
        if name not in seen:
            seen.add(name)
            yield name, one


def _stop_of(one: DescribedView) -> str:
    return one.room or one.node


def _by_stop(view: HallView, whole: UpkeepView, ticked: dict[str, TickView]) -> dict[str, list[Thing]]:
    where = {one.device: _stop_of(one) for one in whole.devices}
    found: dict[str, list[Thing]] = {}
    for thing in (*_ill(view.nodes), *_rooms(view.rooms), *_jobs(whole.jobs), *_tasks(whole.tasks), *_low(whole.supplies)):
        stop = thing.about.place if thing.kind == "job" else thing.of
        tick = ticked.get(thing.id)
        found.setdefault(where.get(stop, stop), []).append(
            Thing(thing.id, thing.kind, thing.of, thing.about, thing.late, tick)
        )  # fmt: skip
    return found


def _ill(nodes: Iterable[NodeView]) -> Iterator[Thing]:
    for node in nodes:
        state = "never" if node.status is None else node.status.state
        if state == "lost":
            since = "" if node.away is None else _mark(node.away)
            yield Thing(f"lost:{node.node}:{since}", "lost", node.node, node, late=True)
        elif state == "never":
            yield Thing(f"never:{node.node}", "never", node.node, node)
        elif state == "online":
            if node.status is not None and (trouble := node.status.trouble) is not None:
                yield Thing(f"node:{node.node}:{crc32(trouble.en.encode()):08x}", "node", node.node, node, late=True)
            for device in node.devices:
                if device.condition in WANTING:
                    name = f"ill:{device.device}:{device.code}:{_mark(device.since)}"
                    yield Thing(name, "ill", device.device, device, device.condition == "fault")


def _mark(moment: datetime) -> str:
    return str(round(moment.timestamp()))


def _rooms(rooms: Iterable[RoomView]) -> Iterator[Thing]:
    for room in rooms:
        if room.due is not None:
            yield Thing(f"room:{room.room}:{_mark(room.due)}", "room", room.room, room, room.late)


def _jobs(jobs: Iterable[JobView]) -> Iterator[Thing]:
    return (Thing(f"job:{job.job}", "job", job.job, job) for job in jobs)


def _tasks(tasks: Iterable[TaskView]) -> Iterator[Thing]:
    return (
        Thing(f"task:{task.device}:{task.task}:{task.on}", "task", task.device, task, task.late)
        for task in tasks
        if task.now
    )  # fmt: skip


def _low(supplies: Iterable[SupplyView]) -> Iterator[Thing]:
    return (
        Thing(f"supply:{supply.device}:{supply.supply}", "supply", supply.device, supply) for supply in supplies if supply.low
    )
