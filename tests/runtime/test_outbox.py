"""The outbox loses nothing that it said it kept, sends in order, and deletes only what the controller has committed."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.events import Ack, DeviceTrouble, Event, Fact, HelpAsked, KeyPressed
from contract.values import Text
from firmware.outbox import FULL, SET_ASIDE, Limits, Outbox
from firmware.outbox_store import Draft, OutboxStore
from firmware.station import OutboxFull
from tests.runtime.waiting import until

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class HandClock:
    """Time that stands until the test moves it."""

    def __init__(self) -> None:
        self.tick = 1000.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.tick - 1000.0)

    def monotonic(self) -> float:
        return self.tick


class Controller:
    """Stores events once and in order, and acknowledges; a test says what of the way between fails."""

    def __init__(self, *, loses: float = 0.0, repeats: float = 0.0, seed: int = 0) -> None:
        self.stored: dict[str, list[Fact]] = {}
        self.events: list[Event] = []
        self.outbox: Outbox | None = None
        self.deaf = False
        self._loses, self._repeats = loses, repeats
        self._chance = random.Random(seed)

    async def hear(self, event: Event) -> bool:
        await asyncio.sleep(0)
        for _ in range(2 if self._chance.random() < self._repeats else 1):
            if not self.deaf and self._chance.random() >= self._loses:
                self._take(event)
        return True

    def _take(self, event: Event) -> None:
        self.events.append(event)
        stored = self.stored.setdefault(event.epoch, [])
        if event.number == len(stored) + 1:
            stored.append(event.fact)
        if self._chance.random() >= self._loses and self.outbox is not None:
            self.outbox.acked(Ack(epoch=event.epoch, stored=len(stored), resend=event.number > len(stored)))

    @property
    def facts(self) -> list[Fact]:
        return [fact for stored in self.stored.values() for fact in stored]


def fact(number: int) -> HelpAsked:
    return HelpAsked(place=f"desk-{number}")


def outbox(path: Path, controller: Controller, **rest: object) -> Outbox:
    made = Outbox(path / "outbox.db", "node-1", rest.pop("clock", HandClock()), boot="boot-1", send=controller.hear, **rest)  # type: ignore[arg-type]
    controller.outbox = made
    return made


async def test_a_fact_is_sent_stored_acknowledged_and_deleted(tmp_path: Path) -> None:
    controller = Controller()
    async with outbox(tmp_path, controller, tidy=0.01) as box:
        box.presence(True)
        await box.record("desk-1", fact(1))
        await until(lambda: controller.facts == [fact(1)])
        await until(lambda: not box.waiting)
        await until(lambda: count(tmp_path) == 0)
    assert controller.events[0].node == "node-1"
    assert controller.events[0].device == "desk-1"
    assert controller.events[0].at == NOON


def count(path: Path) -> int:
    base = sqlite3.connect(path / "outbox.db")
    try:
        return int(base.execute("SELECT count(*) FROM event").fetchone()[0])
    finally:
        base.close()


async def test_nothing_is_sent_while_nobody_is_there_and_all_of_it_in_order_afterwards(tmp_path: Path) -> None:
    controller = Controller()
    async with outbox(tmp_path, controller) as box:
        for number in range(200):
            await box.record("desk-1", fact(number))
        assert (controller.events, box.waiting) == ([], 200)
        box.presence(True)
        await until(lambda: not box.waiting)
    assert controller.facts == [fact(number) for number in range(200)]


async def test_what_was_not_acknowledged_is_sent_again_by_the_next_process(tmp_path: Path) -> None:
    deaf = Controller()
    deaf.deaf = True
    async with outbox(tmp_path, deaf) as box:
        box.presence(True)
        await asyncio.gather(*(box.record("desk-1", fact(number)) for number in range(10)))
        epoch = box.epoch
    controller = Controller()
    async with outbox(tmp_path, controller) as box:
        await until(lambda: box.waiting == 10)
        box.presence(True)
        await until(lambda: not box.waiting)
        await box.record("desk-1", fact(10))
        await until(lambda: not box.waiting)
    assert controller.stored == {epoch: [fact(number) for number in range(11)]}


async def test_numbers_go_on_after_everything_was_deleted(tmp_path: Path) -> None:
    controller = Controller()
    for start in range(3):
        async with outbox(tmp_path, controller, tidy=0.01) as box:
            box.presence(True)
            await box.record("desk-1", fact(start))
            await until(lambda: count(tmp_path) == 0)
    assert [event.number for event in controller.events] == [1, 2, 3]


async def test_the_age_is_monotonic_while_the_machine_runs_and_unknown_afterwards(tmp_path: Path) -> None:
    controller, clock = Controller(), HandClock()
    async with outbox(tmp_path, controller, clock=clock) as box:
        await box.record("desk-1", fact(1))
        clock.tick += 90
        box.presence(True)
        await until(lambda: controller.events)
        controller.deaf = True
        await box.record("desk-1", fact(2))
    later = Outbox(tmp_path / "outbox.db", "node-1", clock, boot="boot-2", send=controller.hear)
    controller.outbox, controller.deaf = later, False
    async with later:
        later.presence(True)
        await until(lambda: fact(2) in controller.facts)
    assert controller.events[0].age == 90
    assert controller.events[-1].age is None


@pytest.mark.parametrize("seed", range(5))
async def test_lost_and_repeated_events_and_acknowledgements_end_as_one_complete_stream(tmp_path: Path, seed: int) -> None:
    controller, clock = Controller(loses=0.3, repeats=0.3, seed=seed), HandClock()
    async with outbox(tmp_path, controller, clock=clock) as box:
        box.presence(True)
        for number in range(150):
            await box.record("desk-1", fact(number))
        async with asyncio.timeout(20):
            while box.waiting:
                clock.tick += 5
                box.presence(True)
                await asyncio.sleep(0.001)
    assert controller.facts == [fact(number) for number in range(150)]


async def test_without_an_answer_all_is_sent_again_by_itself(tmp_path: Path) -> None:
    controller = Controller()
    async with Outbox(tmp_path / "outbox.db", "node-1", _fast(), boot="b", send=controller.hear) as box:
        box.presence(True)
        controller.deaf, controller.outbox = True, box
        await box.record("desk-1", fact(1))
        controller.deaf = False
        await until(lambda: not box.waiting)
    assert controller.facts == [fact(1)]


class _fast(HandClock):  # noqa: N801
    """A clock on which a real second is a minute."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() * 60


async def test_routine_gives_way_to_what_matters(tmp_path: Path) -> None:
    key = KeyPressed(window="w1", key="next", not_after=NOON)
    async with outbox(tmp_path, Controller(), limits=Limits(events=10)) as box:
        for _ in range(5):
            await box.record("caller-1", key)
        with pytest.raises(OutboxFull):
            await box.record("caller-1", key)
        assert box.trouble == FULL
        for number in range(5):
            await box.record("desk-1", fact(number))
        with pytest.raises(OutboxFull, match="too many events wait"):
            await box.record("desk-1", fact(6))
        assert box.waiting == 10


async def test_a_full_disk_is_said_and_is_over_when_there_is_room_again(tmp_path: Path) -> None:
    controller, big = Controller(), DeviceTrouble(code="x", what=Text(zh="长" * 400, en="l" * 400))
    async with outbox(tmp_path, controller, limits=Limits(megabytes=0.06)) as box:
        kept = await record_until_full(box, big)
        assert str(box.trouble) == str(FULL)
        assert kept > 5
        box.presence(True)
        await until(lambda: not box.waiting)
        await box.record("desk-1", fact(1))
        assert box.trouble is None
        await until(lambda: len(controller.facts) == kept + 1)


async def record_until_full(box: Outbox, fact: Fact) -> int:
    kept = 0
    with suppress(OutboxFull):
        while kept < 10_000:
            await box.record("desk-1", fact)
            kept += 1
    return kept


@pytest.mark.parametrize("harm", ["header", "middle", "truncated", "noise"])
async def test_a_damaged_file_is_set_aside_and_a_new_epoch_begins(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "outbox.db"
    async with outbox(tmp_path, Controller()) as box:
        await asyncio.gather(*(box.record("desk-1", fact(number)) for number in range(400)))
        epoch = box.epoch
    content = bytearray(path.read_bytes())
    match harm:
        case "header":
            content[0:16] = b"not a database!!"
        case "middle":
            content[4096:12288] = b"\xff" * 8192
        case "truncated":
            del content[len(content) // 2 :]
        case "noise":
            content[:] = b"\x00" * len(content)
    path.write_bytes(content)
    controller = Controller()
    async with outbox(tmp_path, controller) as box:
        box.presence(True)
        await box.record("desk-1", fact(1))
        await until(lambda: controller.facts == [fact(1)])
        assert box.epoch != epoch
        assert box.trouble == SET_ASIDE
    assert f"it is kept as {path}.damaged-" in caplog.text


async def test_a_file_damaged_while_it_is_open_costs_no_new_fact(tmp_path: Path) -> None:
    path, controller = tmp_path / "outbox.db", Controller()
    async with outbox(tmp_path, controller) as box:
        await asyncio.gather(*(box.record("desk-1", fact(number)) for number in range(2000)))
        for name in ("outbox.db", "outbox.db-wal"):
            path.with_name(name).write_bytes(b"\xff" * 300_000)
        with suppress(OutboxFull):
            await box.record("desk-1", fact(7))
        await box.record("desk-1", fact(8))
        box.presence(True)
        await until(lambda: fact(8) in controller.facts)


async def test_a_disk_that_cannot_be_written_is_said_and_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be")
    async with Outbox(blocked / "outbox.db", "node-1", HandClock(), boot="b", send=Controller().hear) as box:
        with pytest.raises(OutboxFull):
            await box.record("desk-1", fact(1))
        assert box.trouble is not None
        blocked.unlink()
        await box.record("desk-1", fact(1))
        assert box.trouble is None


async def test_a_controller_that_has_more_than_the_file_ever_held_makes_it_begin_a_new_epoch(tmp_path: Path) -> None:
    controller = Controller()
    async with outbox(tmp_path, controller) as box:
        await box.record("desk-1", fact(1))
        old = box.epoch
        controller.stored[old] = [fact(n) for n in range(100, 105)]
        box.presence(True)
        await until(lambda: not box.waiting and box.epoch != old)
        assert controller.stored[box.epoch] == [fact(1)]


async def test_a_row_that_nobody_can_read_does_not_stop_the_stream(tmp_path: Path) -> None:
    store = OutboxStore(tmp_path / "outbox.db")
    store.append([Draft("desk-1", NOON.isoformat(), "boot-1", 1.0, b'{"type":"from-the-future"}')], 0)
    store.close()
    controller = Controller()
    async with outbox(tmp_path, controller) as box:
        box.presence(True)
        await box.record("desk-1", fact(1))
        await until(lambda: not box.waiting)
    assert isinstance(controller.facts[0], DeviceTrouble)
    assert controller.facts[1] == fact(1)


async def test_facts_that_come_together_share_one_flush(tmp_path: Path) -> None:
    wal = tmp_path / "outbox.db-wal"
    async with outbox(tmp_path, Controller()) as box:
        await box.record("desk-1", fact(0))
        before = size(wal)
        await asyncio.gather(*(box.record("desk-1", fact(number)) for number in range(500)))
        assert size(wal) - before < 100 * 4096, "500 transactions would have written 1,000 pages at least"


def size(path: Path) -> int:
    return path.stat().st_size


KILLED = """
    import asyncio, sys
    from datetime import UTC, datetime
    from pathlib import Path
    import time
    from contract.events import HelpAsked
    from firmware.outbox import Outbox

    class Clock:
        def now(self): return datetime.now(UTC)
        def monotonic(self): return time.monotonic()

    async def send(event): return True

    async def main():
        async with Outbox(Path(sys.argv[1]), "node-1", Clock(), boot="b", send=send) as box:
            number = 0
            while True:
                await box.record("desk-1", HelpAsked(place=f"desk-{number}"))
                print(number, flush=True)
                number += 1

    asyncio.run(main())
"""


def thanked_until_killed(path: Path) -> int:
    """Let a child record as fast as it can, kill it, and return the last number for which it said that it was kept."""
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(KILLED), str(path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout as said:
        thanked = next(number for number in map(int, said) if number >= 50)
        os.kill(child.pid, signal.SIGKILL)
        thanked = max([thanked, *map(int, said.read().split())])
    child.wait()
    return thanked


async def test_what_was_thanked_for_survives_kill_9(tmp_path: Path) -> None:
    thanked = thanked_until_killed(tmp_path / "outbox.db")
    controller = Controller()
    async with outbox(tmp_path, controller) as box:
        await until(lambda: box.waiting)
        box.presence(True)
        await until(lambda: not box.waiting)
    assert controller.facts[: thanked + 1] == [fact(number) for number in range(thanked + 1)]
