"""The outbox: a fact is on the disk before anybody is thanked, and stays there until the controller has committed it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from contract.codec import encode
from contract.events import Ack, DeviceTrouble, Event, Fact, KeyPressed
from contract.values import Text
from devices.errors import DeviceTimeout
from firmware.outbox_file import DISK, OutboxFile
from firmware.outbox_store import Draft, OutboxStore, Row, StoreFull, StoreProblem
from firmware.outbox_window import Window
from firmware.station import Clock, OutboxFull
from firmware.stream import Place

log = logging.getLogger(__name__)

TIDY = 30.0
"""Seconds after which acknowledged events are deleted when no new one takes them along, sparing the card a write."""

ROUTINE = (KeyPressed, DeviceTrouble)
"""Facts that give way: they may fill half of the outbox, so that tickets, ratings, stays and calls for help keep the rest."""

FULL = Text(zh="待发记录已满，新的记录无法保存", en="The store of waiting records is full; new ones cannot be kept")
BROKEN = Text(zh="存储卡写入失败，新的记录无法保存", en="The memory card does not take data; new records cannot be kept")
SET_ASIDE = Text(
    zh="待发记录文件损坏，已另存，从新文件继续",
    en="The file of waiting records was damaged; it was set aside and a new one begun",
)
UNREADABLE = Text(zh="一条记录已无法读取", en="A record can no longer be read")


@dataclass(frozen=True)
class Limits:
    """How much may wait: events of all kinds, and megabytes on the disk."""

    events: int = 100_000
    megabytes: float = 64.0


class _Waiting(msgspec.Struct, frozen=True):
    draft: Draft
    routine: bool
    kept: asyncio.Future[None]

    def fail(self, why: str) -> None:
        if not self.kept.done():
            self.kept.set_exception(OutboxFull(why))


class Outbox:
    """A node's stream of events. Recording works whatever the network does; sending goes on whenever the controller is there."""

    def __init__(
        self,
        path: Path,
        node: str,
        clock: Clock,
        *,
        boot: str,
        send: Callable[[Event], Awaitable[bool]],
        limits: Limits = Limits(),
        changed: Callable[[], None] = lambda: None,
        tidy: float = TIDY,
    ) -> None:
        """`boot` names this start of the machine; `changed` is told when `trouble` is another."""
        self._node, self._clock, self._boot = node, clock, boot
        self._send, self._limits, self._changed, self._tidy_after = send, limits, changed, tidy
        self._file = OutboxFile(path, limits.megabytes, clock.now, self._take)
        self._epoch = ""
        self._window = Window(0)
        self._last = self._deleted = 0
        self._present = self._idle = False
        self._acks: list[Ack] = []
        self._waiting: list[_Waiting] = []
        self._fresh: dict[int, Row] = {}
        self._to_keep, self._to_send = asyncio.Event(), asyncio.Event()
        self.trouble: Text | None = None
        """What is wrong with it, in words."""

    @property
    def waiting(self) -> int:
        """Events that the controller has not acknowledged."""
        return self._last - self._window.stored

    @property
    def newest(self) -> int:
        """The number of the newest event."""
        return self._last

    @property
    def epoch(self) -> str:
        """The present epoch; empty until the file is open."""
        return self._epoch

    @property
    def place(self) -> Place:
        """How far the stream has come."""
        return Place(self._epoch, self._last, self._window.stored)

    async def record(self, device: str, fact: Fact) -> None:
        """Keep a fact; it is on the disk when this returns. Raises `OutboxFull`."""
        draft = Draft(device, self._clock.now().isoformat(), self._boot, self._clock.monotonic(), encode(fact))
        waiting = _Waiting(draft, isinstance(fact, ROUTINE), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._to_keep.set()
        await waiting.kept

    def presence(self, present: bool) -> None:
        """Whether the controller is there to be sent to; each `True` begins with all that it has not acknowledged."""
        self._present = present
        if present:
            self._window.begin(self._clock.monotonic())
        self._to_send.set()

    def acked(self, ack: Ack) -> None:
        """The controller says what it has committed."""
        self._acks.append(ack)
        self._to_send.set()

    async def __aenter__(self) -> Self:
        parts = (("outbox keep", self._keep()), ("outbox send", self._deliver()))
        self._tasks = [asyncio.create_task(part, name=name) for name, part in parts]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        for waiting in self._waiting:
            waiting.fail("the node stops")
        await self._file.close()

    async def ended(self) -> None:
        """Wait for ever, or raise what broke the outbox, should it have a bug."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled():
                task.result()

    async def _keep(self) -> None:
        """Put on the disk what waits, all of it in one go: many facts at once cost one flush of the disk."""
        while True:
            await self._to_keep.wait()
            self._to_keep.clear()
            batch, self._waiting = self._waiting, []
            if taken := self._turn_away(batch):
                await self._keep_batch(taken)

    def _turn_away(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Refuse what has no room; returns the rest."""
        room = self._limits.events - self.waiting
        taken: list[_Waiting] = []
        for waiting in batch:
            reserved = self._limits.events // 2 if waiting.routine else 0
            if len(taken) < room - reserved:
                taken.append(waiting)
            else:
                waiting.fail("too many events wait for the controller")
        if len(taken) < len(batch):
            self._say(FULL)
        return taken

    async def _keep_batch(self, batch: list[_Waiting]) -> None:
        stored = self._window.stored
        try:
            first = await self._file.append([waiting.draft for waiting in batch], lambda: self._window.stored)
        except (StoreProblem, DeviceTimeout) as error:
            self._say(FULL if isinstance(error, StoreFull) else BROKEN, error)
            for waiting in batch:
                waiting.fail(str(error))
            return
        self._last = first + len(batch) - 1
        self._deleted = max(self._deleted, min(stored, self._window.stored))
        for number, waiting in enumerate(batch, first):
            if number <= self._window.stored + self._window.size:
                self._fresh[number] = Row(number, waiting.draft)
            if not waiting.kept.done():
                waiting.kept.set_result(None)
        if self.trouble in (FULL, BROKEN):
            self._say(None)
        self._to_send.set()

    def _take(self, store: OutboxStore, replaced: bool) -> None:
        """Go on with this file."""
        self._epoch, self._last = store.epoch, store.last
        self._window = Window(store.stored)
        self._window.begin(self._clock.monotonic())
        self._deleted = self._window.stored
        self._fresh.clear()
        if replaced:
            self._say(SET_ASIDE)

    def _say(self, trouble: Text | None, error: Exception | None = None) -> None:
        if trouble == self.trouble:
            return
        self.trouble = trouble
        if trouble is None:
            log.info("the outbox keeps records again")
        else:
            log.error("%s%s", trouble.en, f": {error}" if error else "")
        self._changed()

    async def _deliver(self) -> None:
        """Send what there is whenever there is somebody to send it to, and tidy up behind what was acknowledged."""
        await self._begin()
        while True:
            await self._woken()
            try:
                await self._take_acks()
                await self._tidy()
                if self._present:
                    self._window.overdue(self._clock.monotonic())
                    await self._send_some()
            except (StoreProblem, DeviceTimeout) as error:
                self._say(BROKEN, error)
                await asyncio.sleep(DISK)
                self._to_send.set()

    async def _begin(self) -> None:
        """Open the file at the start, so that what was left from the last time is sent before anything new happens."""
        while not self._epoch:
            try:
                await self._file.open()
            except (StoreProblem, DeviceTimeout) as error:
                self._say(BROKEN, error)
                await asyncio.sleep(DISK)

    async def _woken(self) -> None:
        """Wait for something to do: an event, an acknowledgement, the controller's coming, or the end of the patience."""
        due = self._window.due() if self._present else None
        waits = [] if due is None else [max(0.0, due - self._clock.monotonic())]
        if self._window.stored > self._deleted:
            waits.append(self._tidy_after)
        self._idle = False
        try:
            async with asyncio.timeout(min(waits, default=None)):
                await self._to_send.wait()
        except TimeoutError:
            self._idle = True
        self._to_send.clear()

    async def _take_acks(self) -> None:
        acks, self._acks = self._acks, []
        before = self.waiting
        for ack in acks:
            if ack.epoch == self._epoch:
                await self._take_ack(ack)
        if self.waiting != before:
            self._changed()

    async def _take_ack(self, ack: Ack) -> None:
        if ack.stored > self._last:
            # The file is an older copy, or the card has lost what it had promised to keep. Under the old epoch the
            # controller would take new facts for ones that it has already.
            log.error("the controller has event %d, this node remembers only %d: a new epoch begins", ack.stored, self._last)
            await self._file.renew()
            return
        if ack.resend and ack.stored < self._window.stored:
            await self._go_back(ack.stored)
        self._window.acked(ack.stored, self._clock.monotonic(), resend=ack.resend)
        for number in [number for number in self._fresh if number <= self._window.stored]:
            del self._fresh[number]

    async def _go_back(self, stored: int) -> None:
        """The controller's database is an older one: hand in again what this disk still has behind `stored`."""
        rows = await self._file.read(stored + 1, 1)
        if rows:
            self._window.back(rows[0].number - 1, self._clock.monotonic())

    async def _tidy(self) -> None:
        """Delete what is stored; a new event takes that along, so only an idle outbox does it for itself."""
        stored = self._window.stored
        if self._idle and stored > self._deleted:
            await self._file.forget(stored)
            self._deleted = stored

    async def _send_some(self) -> None:
        numbers = self._window.room(self._last)
        epoch, rows = self._epoch, await self._rows(numbers) if numbers else []
        if not rows or epoch != self._epoch:
            return
        self._window.sent(rows[-1].number, self._clock.monotonic())
        oldest = rows[0].number if numbers.start == self._window.stored + 1 else None
        # What is not said now goes again: when the controller is back, or when the patience ends.
        await asyncio.gather(*(self._send(self._event(row, row.number == oldest)) for row in rows))

    async def _rows(self, numbers: range) -> list[Row]:
        if all(number in self._fresh for number in numbers):
            return [self._fresh[number] for number in numbers]
        return await self._file.read(numbers.start, len(numbers))

    def _event(self, row: Row, oldest: bool) -> Event:
        draft = row.draft
        age = max(0.0, self._clock.monotonic() - draft.tick) if draft.boot == self._boot else None
        at, fact = datetime.fromisoformat(draft.at), _fact(row)
        return Event(
            node=self._node, epoch=self._epoch, number=row.number, device=draft.device, at=at, age=age, oldest=oldest, fact=fact
        )  # fmt: skip


def _fact(row: Row) -> Fact:
    """The fact of a row. One that nobody can read any more gives way to saying so, rather than stop the stream for ever."""
    try:
        return msgspec.json.decode(row.draft.fact, type=Fact)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.error("event %d cannot be read any more: %s", row.number, error)
        return DeviceTrouble(code="unreadable-record", what=UNREADABLE)
