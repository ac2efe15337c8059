"""The plug is pulled at random, again and again, under load: no accepted event is lost, and the machine always starts again.

`make vm-test KILLS=100`: so many in all, of which one in ten under full systemd; the others with a start of two seconds, of
the same disk with the same node program and outbox. SEED repeats a run's choices.
"""

import asyncio
import os
import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from hardware_sim.machine.machine import Machine, Plan
from hardware_sim.machine.problems import MachineEnded
from tests.runtime.waiting import until
from tests.vm.host_folder import seen
from tests.vm.node import VmNode
from tests.vm.stage import HostHall

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(7200)]

KILLS = int(os.environ.get("KILLS") or 20)
SEED = int(os.environ.get("SEED") or 1)
HELP_LINE = 21
QUICK = ("init=/usr/local/lib/machine/quick-init",)
WHOLE = ("cloud-init=disabled",)
TOOLS = "/run/inside"
MOUNT = seen(Path(__file__).parent, TOOLS)
WITNESS = (
    f"setpriv --reuid hallware --regid hallware --clear-groups python3 {TOOLS}/inside_witness.py /var/lib/hallware/outbox.db"
)
PRESSER = f"python3 {TOOLS}/inside_presser.py {HELP_LINE}"
STARTS_WITHIN = 120.0


class Seen(msgspec.Struct, frozen=True):
    """An event that was on the node's disk, as the witness read it there."""

    epoch: str
    number: int
    device: str
    fact: str


@dataclass
class Tally:
    """What was pressed at most, and what the node had accepted, over all starts."""

    seen: dict[tuple[str, int], Seen] = field(default_factory=dict)
    pressed: dict[str, int] = field(default_factory=lambda: {"keypad": 0, "help": 0})
    starts: int = 0
    of_this_start: int = 0
    contradictions: list[str] = field(default_factory=list)

    def hear_witness(self, line: str) -> None:
        event = msgspec.json.decode(line, type=Seen)
        self.of_this_start += (event.epoch, event.number) not in self.seen  # others were waiting when it started
        before = self.seen.setdefault((event.epoch, event.number), event)
        if before != event:
            self.contradictions.append(f"{event.number} was {before} and is {event}")

    def hear_presser(self, line: str) -> None:
        kind, _, _ = line.partition(" ")
        self.pressed[kind] += 1


async def one_life(plan: Plan, tally: Tally, chance: random.Random, seed: int) -> None:
    """Start the machine, press, and pull its plug: while it starts, or within four seconds of the first event on the disk."""
    tally.starts, tally.of_this_start = tally.starts + 1, 0
    async with Machine(plan) as machine:
        if chance.random() < 0.15 and tally.seen:  # there is something to lose
            await asyncio.sleep(chance.uniform(0.1, 3))
            return
        await machine.greeted(STARTS_WITHIN)
        await machine.run(MOUNT)
        following = [
            asyncio.ensure_future(machine.follow(WITNESS, tally.hear_witness)),
            asyncio.ensure_future(machine.follow(f"{PRESSER} {seed}", tally.hear_presser)),
        ]
        try:
            await until(lambda: tally.of_this_start > 0, within=STARTS_WITHIN)
            await asyncio.sleep(chance.uniform(0, 4))
        finally:
            await machine.kill()
            ends = await asyncio.gather(*following, return_exceptions=True)
        assert all(isinstance(end, MachineEnded) for end in ends), ends


async def all_is_stored(plan: Plan, hall: HostHall, tally: Tally) -> None:
    """Start once more, wait until the controller has all that the node has, and hold it against what was seen on the disk."""
    async with Machine(plan) as machine:
        await machine.greeted(STARTS_WITHIN)
        last = max(tally.seen)
        await until(lambda: last in {(event.epoch, event.number) for event in hall.events()}, within=STARTS_WITHIN)
    stored = {(event.epoch, event.number): event for event in hall.events()}
    lost = [seen for key, seen in tally.seen.items() if key not in stored]
    assert not lost, f"{len(lost)} of {len(tally.seen)} accepted events are lost: {lost[:5]}"
    other = [seen for key, seen in tally.seen.items() if stored[key].body != msgspec.json.decode(seen.fact)]
    assert not other, f"{len(other)} are stored as something else: {other[:5]}"
    assert not tally.contradictions
    for epoch in {epoch for epoch, _ in stored}:
        numbers = sorted(number for each, number in stored if each == epoch)
        assert numbers == list(range(numbers[0], numbers[-1] + 1)), f"gaps in epoch {epoch}"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def plan(node: VmNode, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The node of the other tests, shut down, on a disk that may be broken; all power cuts go on with the same."""
    await rest(node)
    folder = tmp_path_factory.mktemp("cuts")
    await copied(node.plan.disk, folder / "disk")
    return replace(node.plan, disk=folder / "disk", log=folder / "console.log")


@pytest.mark.parametrize(("how", "words", "kills"), [("quick", QUICK, KILLS - KILLS // 10), ("systemd", WHOLE, KILLS // 10)])
async def test_a_power_cut_loses_no_accepted_event_and_the_machine_starts_again(
    hall: HostHall, plan: Plan, how: str, words: tuple[str, ...], kills: int
) -> None:
    plan = replace(plan, words=words)
    before, chance, tally = len(hall.events()), random.Random(f"{SEED} {how}"), Tally()
    for life in range(kills):
        await one_life(plan, tally, chance, 1000 * SEED + life)
    await all_is_stored(plan, hall, tally)
    fresh = hall.events()[before:]
    assert len({event.epoch for event in hall.events()}) == 1, "the node began a new outbox: the old one was damaged"
    for kind, type_ in (("keypad", "key-pressed"), ("help", "help-asked")):
        assert sum(event.body["type"] == type_ for event in fresh) <= tally.pressed[kind], "more events than presses"
    pressed, seen = sum(tally.pressed.values()), len(tally.seen)
    print(f"{how}: {tally.starts} starts, {pressed} presses at most, {seen} accepted events seen on the disk, 0 lost")
    assert len(tally.seen) > 5 * kills


async def copied(disk: Path, to: Path) -> None:
    """A disk with its holes."""
    copying = await asyncio.create_subprocess_exec("cp", "--sparse=always", str(disk), str(to))
    assert await copying.wait() == 0


async def rest(node: VmNode) -> None:
    """Let the node of the other tests shut down, once; its disk is the pattern."""
    if node.machine.running:
        await node.machine.run("systemctl stop hallware-node && sync")
        await node.machine.kill()
    await until(lambda: not node.machine.running)
