"""One device's talk on a shared serial line: its frames out of what comes in, and the newest of what it shall show.

Answers to the device go first. What it shall show is kept by slot, and of each slot only the newest is sent. A device that
repeats what it is told is told again when it does not, and is then known to be silent; a line that takes nothing is known to be
blocked. Both are tried again on schedule, and neither keeps what the device says from being heard.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Generic, Literal, TypeVar

import msgspec

from devices.errors import DeviceError, DeviceTimeout
from devices.framing import Encoded, Frames
from devices.serial_bus import SerialBus
from devices.spoken import BACK_WITHIN, Spoken

F = TypeVar("F", bound=Encoded)
H = TypeVar("H")

QUIET = 0.05
"""Seconds of silence after which the rest of a frame comes no more; more than forty bytes take at 9600 baud."""
_MOST_WAITING = 64


class Pace(msgspec.Struct, frozen=True):
    """Seconds: what is shown is sent again after `refresh` (None: never), a device has `answer` to repeat what it was told, and
    a silent one is tried again after `again`."""

    refresh: float | None = 30.0
    answer: float = 0.4
    again: float = 3.0
    tries: int = 3


class Reached(msgspec.Struct, frozen=True):
    """Whether the device can be reached: it is `there`, it is `silent`, or the line is `blocked`."""

    how: Literal["there", "silent", "blocked"]


class Talk(Generic[F, H]):
    """`take` says what a frame from the line comes to; with `answered` the device repeats whatever it is told."""

    def __init__(
        self, bus: SerialBus, frames: Frames[F], take: "Callable[[Talk[F, H], F], H | None]", *, answered: bool, pace: Pace
    ) -> None:
        """Use `talking`."""
        self._bus, self._frames, self._take, self._answered, self._pace = bus, frames, take, answered, pace
        self._spoken = Spoken.on(bus)
        self._within = pace.answer if answered else BACK_WITHIN
        self._came_back: set[int] = set()
        self._happenings: asyncio.Queue[H | Reached | DeviceError] = asyncio.Queue()
        self._answers: deque[bytes] = deque(maxlen=_MOST_WAITING)
        self._wanted: dict[str, bytes] = {}
        self._sent: dict[str, bytes] = {}
        self._wake = asyncio.Event()
        self._back = asyncio.Event()
        self._reached = Reached("there")
        self._again_at = 0.0
        self._counts = Counter[str]()

    def answer(self, frame: F) -> None:
        """Say something once, before all else."""
        self._answers.append(frame.encode())
        self._wake.set()

    def show(self, slot: str, frame: F | None) -> None:
        """Have the device show this in place of what was to be shown in the slot before."""
        if frame is None:
            self._wanted.pop(slot, None)
            self._sent.pop(slot, None)
        else:
            self._wanted[slot] = frame.encode()
        self._wake.set()

    def take_counts(self) -> dict[str, int]:
        """What was refused or lost since this was last asked, by word."""
        counts, self._counts = self._counts, Counter()
        return dict(counts + Counter(self._frames.take_counts()))

    async def happenings(self) -> AsyncIterator[H | Reached]:
        """What the device does. Raises `DeviceError` when its line breaks."""
        while True:
            happening = await self._happenings.get()
            if isinstance(happening, DeviceError):
                raise happening
            yield happening

    async def listen(self, chunks: AsyncIterator[bytes]) -> None:
        """Take in what the line carries, for as long as it is there."""
        reading = asyncio.ensure_future(anext(chunks))
        try:
            while True:
                await asyncio.wait({reading}, timeout=QUIET if self._frames.waits else None)
                if not reading.done():
                    self._hear(self._frames.give_up())
                    continue
                chunk = reading.result()
                reading = asyncio.ensure_future(anext(chunks))
                self._hear(self._frames.feed(chunk))
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError, DeviceError):
                await reading

    async def speak(self) -> None:
        """Send what is due, for as long as the line is there."""
        while True:
            if self._answers:
                await self._send(self._answers.popleft())
            elif self._reached.how == "there" and (slot := self._due()) is not None:
                await self._show(slot)
            else:
                await self._rest()

    async def watched(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do `work`; what breaks the line becomes the last happening."""
        try:
            await work()
        except DeviceError as error:
            self._happenings.put_nowait(error)

    def _hear(self, frames: list[F]) -> None:
        for frame in frames:
            if self._spoken.find(frame.encode(), self._came_back, self._within):
                self._back.set()
            elif (happening := self._take(self, frame)) is not None:
                if self._reached.how == "silent":
                    self._is(Reached("there"))
                self._happen(happening)

    def _happen(self, happening: H | Reached) -> None:
        if self._happenings.qsize() < _MOST_WAITING:
            self._happenings.put_nowait(happening)
        else:
            self._counts["lost-press"] += 1

    def _due(self) -> str | None:
        return next((slot for slot, frame in self._wanted.items() if self._sent.get(slot) != frame), None)

    async def _rest(self) -> None:
        """Wait until something is to be said, or something said must be said again."""
        self._wake.clear()
        try:
            async with asyncio.timeout_at(self._next_time()):
                await self._wake.wait()
        except TimeoutError:
            self._sent.clear()
            if self._reached.how != "there":
                await self._try_again()

    def _next_time(self) -> float | None:
        if self._reached.how != "there":
            return self._again_at
        return None if self._pace.refresh is None else asyncio.get_running_loop().time() + self._pace.refresh

    async def _try_again(self) -> None:
        self._again_at = asyncio.get_running_loop().time() + self._pace.again
        frame = next(iter(self._wanted.values()), None)
        if frame is None or await self._told(frame):
            self._is(Reached("there"))

    async def _show(self, slot: str) -> None:
        for _ in range(self._pace.tries):
            frame = self._wanted.get(slot)
            if frame is None:
                return
            if await self._told(frame):
                self._sent[slot] = frame
                return
            if self._reached.how == "blocked":
                return
            self._counts["unanswered"] += 1
        self._is(Reached("silent"))

    async def _told(self, frame: bytes) -> bool:
        """Whether the frame went out, and came back where it must."""
        self._back.clear()
        if not await self._send(frame):
            return False
        if not self._answered:
            return True
        try:
            async with asyncio.timeout(self._pace.answer):
                await self._back.wait()
        except TimeoutError:
            return False
        return True

    async def _send(self, frame: bytes) -> bool:
        try:
            with self._spoken.saying(frame):
                await self._bus.send(frame)
        except DeviceTimeout:
            self._counts["blocked-write"] += 1
            self._is(Reached("blocked"))
            return False
        if self._reached.how == "blocked":
            self._is(Reached("there"))
        return True

    def _is(self, reached: Reached) -> None:
        if reached != self._reached:
            self._reached = reached
            self._again_at = asyncio.get_running_loop().time() + self._pace.again
            self._sent.clear()
            self._happen(reached)
            self._wake.set()


@asynccontextmanager
async def talking(
    bus: SerialBus, frames: Frames[F], take: Callable[[Talk[F, H], F], H | None], *, answered: bool, pace: Pace
) -> AsyncIterator[Talk[F, H]]:
    """A device's talk on a line, for the length of a block."""
    talk = Talk(bus, frames, take, answered=answered, pace=pace)
    chunks = bus.received()
    work = [asyncio.create_task(talk.watched(each)) for each in (lambda: talk.listen(chunks), talk.speak)]
    try:
        yield talk
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
